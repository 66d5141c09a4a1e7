"""What goes wrong on a wire, in sentences of our own: a library's message may quote a header."""

import os
import re
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from gateway.errors import TimedOut, Unreachable

_UNSENDABLE = re.compile(r"[^!-~]")
"""What a URL can't hold: a line break would begin a header of someone else's choice."""


def place_of(url: str) -> str:
    """Host and port: all of a URL that a sentence may show, since keys can be in the rest.

    Raises:
        Unreachable: it isn't the address of a web server.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        usable = usable and not _UNSENDABLE.search(url)
    except ValueError:
        usable = False
    if not usable:
        raise Unreachable(
            "The request can't be sent: its address must be http(s)://host/path, without spaces."
        )
    return parts.netloc.rpartition("@")[2]


def silent(place: str, patience_s: float | None) -> TimedOut:
    """Nothing came, before the headers or after."""
    return TimedOut(f"{place} sent nothing for {patience_s or 0:g} s.")


def no_connection_in(patience_s: float, place: str) -> TimedOut:
    """The connection wasn't there in time."""
    return TimedOut(f"No connection to {place} within {patience_s:g} s.")


def no_connection(error: BaseException, place: str) -> Unreachable:
    """There is no connection."""
    return Unreachable(f"No connection to {place}: {_reason(error)}.")


def no_answer(error: BaseException, place: str) -> Unreachable:
    """There was a connection, but no headers came."""
    return Unreachable(f"{place} gave no answer: {_reason(error)}.")


def broke_off(place: str) -> Unreachable:
    """Headers came, but not the whole body."""
    return Unreachable(f"{place} broke off in the middle of its answer.")


def unsendable(place: str) -> Unreachable:
    """Nothing was sent."""
    return Unreachable(
        f"The request to {place} can't be sent: "
        "its address or a header holds characters that HTTP doesn't allow."
    )


def _reason(error: BaseException) -> str:
    """Say why in a few words of our own: a library's message may quote a header."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"its certificate can't be verified ({cause.verify_message})"
            case ssl.SSLError():
                return "it doesn't speak TLS as expected"
            case socket.gaierror():
                return "its name can't be found"
            case OSError(errno=int(number)) if number > 0:
                return os.strerror(number).lower()
    return "it closed the connection or doesn't speak HTTP"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what led to an error, the deepest cause first."""
    inner = error.__cause__ or error.__context__
    if isinstance(error, BaseExceptionGroup):
        inner = error.exceptions[0]
    if inner is not None:
        yield from _causes(inner)
    yield error
