"""address: a URL leads to a route, a provider and a path."""

import pytest

from gateway.paste.address import place_of

GATEWAY = "https://gateway.ai.cloudflare.com/v1/acc/gw"
PLACES = [
    (f"{GATEWAY}/openai/chat/completions", "native", "openai", "chat/completions", "gw"),
    (f"{GATEWAY}/openai/v1/x?a=1&key=abc", "native", "openai", "v1/x?a=1", "gw"),
    (f"{GATEWAY}/compat/chat/completions", "compat", "", "chat/completions", "gw"),
    (GATEWAY, "universal", "", "", "gw"),
    (f"{GATEWAY}/", "universal", "", "", "gw"),
    (f"{GATEWAY}/custom-mine/chat", "native", "custom-mine", "chat", "gw"),
    ("https://api.openai.com/v1/chat/completions", "native", "openai", "v1/chat/completions", None),
    ("https://mine.openai.azure.com/openai/x", "native", "azure-openai", "openai/x", None),
    ("https://ai.example.com/groq/chat/completions", "native", "groq", "chat/completions", None),
    ("https://ai.example.com/compat/chat/completions", "compat", "", "chat/completions", None),
    ("http://localhost:8787/v1/a/g/openai/x", "native", "openai", "x", "g"),
    (
        "https://api.cloudflare.com/client/v4/accounts/acc/ai/v1/chat/completions",
        "rest",
        "",
        "v1/chat/completions",
        "named",
    ),
]


@pytest.mark.parametrize(("url", "route", "provider", "endpoint", "gateway"), PLACES)
def test_url_leads_somewhere(url, route, provider, endpoint, gateway):
    """Gateways, custom domains, providers, the API host."""
    unread = []

    place = place_of(url, {"cf-aig-gateway-id": "named"}, unread)

    assert (place.route, place.provider, place.endpoint) == (route, provider, endpoint)
    assert place.gateway == gateway
    assert not unread


@pytest.mark.parametrize("url", ["https://example.com/api", "https://x", "nonsense"])
def test_foreign_url_is_said(url):
    """The headers can be used all the same."""
    unread = []

    assert place_of(url, {}, unread) is None
    assert unread[0].what == "The address"


def test_no_url_is_nobodys_fault():
    """Header lines have none."""
    unread = []

    assert place_of(None, {}, unread) is None
    assert not unread
