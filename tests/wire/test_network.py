"""network: which calls go through a proxy, and whom both wires trust."""

import ssl

import pytest

from gateway.wire.network import Proxies, trust

PROXY = "http://user:secret@proxy.test:3128"
ROUTES = [
    ("https://api.openai.com/v1", PROXY),
    ("http://api.openai.com/v1", None),
    ("https://inside.test/v1", None),
    ("https://127.0.0.1:8787/v1", None),
    ("https://127.8.9.1/v1", None),
    ("https://[::1]:8787/v1", None),
    ("https://localhost:8787/v1", None),
    ("https://demo.localhost/v1", None),
    ("https://localhost.example/v1", PROXY),
]


@pytest.mark.parametrize(("url", "proxy"), ROUTES)
def test_proxy_is_for_other_machines(monkeypatch, url, proxy):
    """By scheme, with the exceptions that the environment names, and never for this machine."""
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("https_proxy", PROXY)
    monkeypatch.setenv("no_proxy", "inside.test")

    assert Proxies().find(url) == proxy


def test_certificates_are_checked():
    """A key must not go to whoever happens to answer."""
    assert trust().verify_mode == ssl.CERT_REQUIRED
    assert trust().check_hostname
    assert trust() is trust()
