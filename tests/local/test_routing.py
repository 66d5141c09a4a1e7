"""routing: which endpoint a URL means, on the raw path."""

import pytest

from gateway.local.refusals import Refusal
from gateway.local.routing import Route, known_provider, route_of


def route(kind, provider="", endpoint=""):
    return Route(account="a", gateway="g", kind=kind, provider=provider, endpoint=endpoint)


URLS = [
    ("/v1/a/g", "", route("universal")),
    ("/v1/a/g/", "", route("universal")),
    ("/v1/a/g/compat/chat/completions", "", route("compat", "compat", "chat/completions")),
    ("/v1/a/g/compat/chat/completions/", "", route("compat", "compat", "chat/completions/")),
    ("/v1/a/g/compat/models", "", route("native", "compat", "models")),
    ("/v1/a/g/openai/chat/completions", "", route("native", "openai", "chat/completions")),
    ("/v1/a/g/openai", "", route("native", "openai", "")),
    (
        "/v1/a/g/workers-ai/@cf/meta/llama-3.1-8b-instruct",
        "",
        route("native", "workers-ai", "@cf/meta/llama-3.1-8b-instruct"),
    ),
    (
        "/v1/a/g/google-ai-studio/v1beta/models/m:streamGenerateContent",
        "alt=sse",
        route("native", "google-ai-studio", "v1beta/models/m:streamGenerateContent?alt=sse"),
    ),
    ("/v1/a", "", None),
    ("/v1//g/openai/x", "", None),
    ("/v2/a/g/openai/x", "", None),
    ("/v1/", "", None),
]


@pytest.mark.rule("url.native", "url.raw_path", "universal.slash")
@pytest.mark.parametrize(("path", "query", "expected"), URLS)
def test_url_means(path, query, expected):
    """Models hold slashes and ``@``, Google's verbs a colon, and query strings pass through."""
    assert route_of(path, query) == expected


@pytest.mark.rule("url.double_slash")
@pytest.mark.parametrize("rest", ["openai/chat/completions", "compat/chat/completions", ""])
def test_second_slash_after_the_gateway_means_nothing(rest):
    """A base URL with a slash at its end, and a path with one at its start."""
    assert route_of(f"/v1/a/g//{rest}", "") == route_of(f"/v1/a/g/{rest}", "")


def test_account_and_gateway_are_decoded():
    """Only these two: the rest goes to the provider as it came."""
    found = route_of("/v1/an%20account/my%20gateway/openai/a%20b", "")

    assert found == Route(
        account="an account",
        gateway="my gateway",
        kind="native",
        provider="openai",
        endpoint="a%20b",
    )


@pytest.mark.rule("providers.unknown")
@pytest.mark.parametrize("slug", ["nobody", "compat", "OpenAI", ""])
def test_unknown_provider_is_refused(slug):
    """``compat`` is one only with its chat path, as ``GET /compat/models`` shows."""
    with pytest.raises(Refusal) as refused:
        known_provider(slug)

    assert (refused.value.status, refused.value.code) == (400, 2008)


def test_custom_provider_is_known_by_its_prefix():
    """Whether it is registered is another question: see ``customs``."""
    assert known_provider("custom-acme").slug.startswith("custom-")
