"""trouble: each cause has its words, and none of them comes from a library."""

import errno
import socket
import ssl

import pytest

from gateway.errors import TimedOut, Unreachable
from gateway.wire import trouble

KEY = "sk-marker-0123456789"
CAUSES = [
    (ConnectionRefusedError(errno.ECONNREFUSED, KEY), "connection refused"),
    (socket.gaierror(-2, KEY), "its name can't be found"),
    (ssl.SSLError(1, KEY), "it doesn't speak TLS as expected"),
    (OSError(KEY), "it closed the connection or doesn't speak HTTP"),
    (ExceptionGroup(KEY, [OSError(errno.ENETUNREACH, KEY)]), "network is unreachable"),
]


@pytest.mark.parametrize(("cause", "words"), CAUSES)
def test_deepest_cause_is_named(cause, words):
    """Clients wrap what the system said in errors of their own, several deep."""
    outer = RuntimeError(f"header {KEY}")
    outer.__cause__ = ValueError(KEY)
    outer.__cause__.__context__ = cause

    said = str(trouble.no_connection(outer, "host:1"))

    assert said == f"No connection to host:1: {words}."


def test_bad_certificate_is_explained():
    """Behind a company's proxy this is the usual reason."""
    error = ssl.SSLCertVerificationError(1, KEY)
    error.verify_message = "self-signed certificate"

    assert "its certificate can't be verified (self-signed" in str(trouble.no_answer(error, "h"))


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://api.openai.com/v1?key=" + KEY, "api.openai.com"),
        (f"http://user:{KEY}@127.0.0.1:8787/x", "127.0.0.1:8787"),
    ],
)
def test_place_is_host_and_port_only(url, place):
    """Keys can be anywhere else in a URL."""
    assert trouble.place_of(url) == place


@pytest.mark.parametrize("url", ["", "ftp://host/", "http://", "http://h:0/", "http://h/\r\nx: y"])
def test_what_is_no_address_is_refused(url):
    """A line break in a URL would begin a header of someone else's choice."""
    with pytest.raises(Unreachable, match=r"must be http\(s\)://host/path"):
        trouble.place_of(url)


def test_patience_is_stated():
    """Whoever waited in vain learns for how long."""
    assert isinstance(trouble.silent("h", 1.5), TimedOut)
    assert str(trouble.silent("h", 1.5)) == "h sent nothing for 1.5 s."
    assert str(trouble.no_connection_in(10, "h")) == "No connection to h within 10 s."
