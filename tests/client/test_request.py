"""client.request: what each endpoint shape sends."""

import json
from dataclasses import replace

import pytest

from gateway.chat import Chat, Step, Target, say
from gateway.client import request_of
from gateway.errors import BadRequest
from gateway.headers import Options

KEY, OTHER_KEY, TOKEN = "sk-marker-Aa11bb22", "sk-marker-Cc33dd44", "cf-marker-Ee55ff66"
HELLO = Chat(provider="openai", model="gpt-5-mini", messages=say("Hello"))


def request(chat, options=Options(), **target):
    """What is sent for a chat, without sending it."""
    target = Target(name="local", base_url="http://gateway/v1/acc/demo", **target)
    return request_of(chat, options, target)


def test_native_request_is_the_provider_s_own():
    """Path, body and key header are the provider's; the token has a header of its own."""
    sent = request(HELLO, Options(cache_ttl=60), token=TOKEN, keys={"openai": KEY})
    headers = dict(sent.headers)

    assert sent.url == "http://gateway/v1/acc/demo/openai/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["cf-aig-authorization"] == f"Bearer {TOKEN}"
    assert headers["cf-aig-cache-ttl"] == "60"
    assert json.loads(sent.body)["model"] == "gpt-5-mini"


@pytest.mark.parametrize(
    ("provider", "model", "path", "header"),
    [
        ("anthropic", "claude-x", "/anthropic/v1/messages", ("x-api-key", KEY)),
        (
            "google-ai-studio",
            "gemini-x",
            "/google-ai-studio/v1beta/models/gemini-x:streamGenerateContent?alt=sse",
            ("x-goog-api-key", KEY),
        ),
        ("workers-ai", "@cf/a/b", "/workers-ai/@cf/a/b", ("Authorization", f"Bearer {KEY}")),
        (
            "custom-mine",
            "m",
            "/custom-mine/v1/chat/completions",
            ("Authorization", f"Bearer {KEY}"),
        ),
    ],
)
def test_native_request_of_other_providers(provider, model, path, header):
    """Each provider has its own path and its own header for the key."""
    chat = Chat(provider=provider, model=model, messages=say("Hello"))

    sent = request(chat, keys={provider: KEY})

    assert sent.url == "http://gateway/v1/acc/demo" + path
    assert header in sent.headers


def test_provider_s_version_header_is_sent():
    """Anthropic refuses calls without it."""
    chat = Chat(provider="anthropic", model="claude-x", messages=say("Hello"))

    assert ("anthropic-version", "2023-06-01") in request(chat).headers


def test_without_key_or_token_none_is_sent():
    """The gateway then uses its stored key; an empty header would count as a key."""
    names = {name.lower() for name, _ in request(HELLO).headers}

    assert not names & {"authorization", "cf-aig-authorization", "x-api-key"}


def test_token_never_travels_as_authorization():
    """That header belongs to the provider (contract: authentication)."""
    headers = dict(request(HELLO, token=TOKEN).headers)

    assert "Authorization" not in headers
    assert headers["cf-aig-authorization"] == f"Bearer {TOKEN}"


def test_compat_request_names_the_provider_in_the_model():
    """One address and one format for all; the key is always a bearer."""
    chat = Chat(provider="anthropic", model="claude-x", messages=say("Hello"), route="compat")

    sent = request(chat, keys={"anthropic": KEY})

    assert sent.url == "http://gateway/v1/acc/demo/compat/chat/completions"
    assert json.loads(sent.body)["model"] == "anthropic/claude-x"
    assert ("Authorization", f"Bearer {KEY}") in sent.headers


def test_universal_request_lists_the_steps():
    """Each step has its own key, settings and body; the request's options stay outside."""
    steps = (
        Step(provider="openai", model="gpt-x", options=Options(max_attempts=2, cache_ttl=120)),
        Step(provider="anthropic", model="claude-x"),
    )
    chat = Chat(provider="openai", model="", messages=say("Hello"), route="universal", steps=steps)

    sent = request(
        chat, Options(skip_cache=True), token=TOKEN, keys={"openai": KEY, "anthropic": OTHER_KEY}
    )
    first, second = json.loads(sent.body)

    assert sent.url == "http://gateway/v1/acc/demo/"
    assert dict(sent.headers)["cf-aig-skip-cache"] == "true"
    assert (first["provider"], first["endpoint"]) == ("openai", "chat/completions")
    assert first["config"] == {"maxAttempts": 2}
    assert first["headers"] == {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {KEY}",
        "cf-aig-cache-ttl": "120",
    }
    assert first["query"]["model"] == "gpt-x"
    assert second["headers"]["x-api-key"] == OTHER_KEY
    assert "config" not in second
    assert KEY not in str(sent.headers)


@pytest.mark.parametrize(
    ("chat", "sentence"),
    [
        (Chat(provider="nobody", model="m", messages=()), "Nobody knows the provider 'nobody'"),
        (Chat(provider="cohere", model="m", messages=()), "don't write Cohere's own chat format"),
        (
            Chat(provider="openrouter", model="m", messages=(), route="compat"),
            "OpenRouter isn't served by /compat",
        ),
        (Chat(provider="openai", model="m", messages=(), route="rest"), "REST endpoint needs"),
    ],
)
def test_what_can_t_be_sent_is_refused_first(chat, sentence):
    """The sentence says what to choose instead."""
    with pytest.raises(BadRequest, match=sentence):
        request(chat)


@pytest.mark.parametrize(
    ("provider", "model", "name"),
    [
        ("openai", "gpt-5-mini", "openai/gpt-5-mini"),
        ("anthropic", "claude-x", "anthropic/claude-x"),
        ("google-ai-studio", "gemini-x", "google/gemini-x"),
        ("workers-ai", "@cf/a/b", "@cf/a/b"),
    ],
)
def test_rest_request_names_gateway_and_author(provider, model, name):
    """The token stands where providers' keys do elsewhere, and no key of theirs travels."""
    chat = Chat(provider=provider, model=model, messages=say("Hello"), route="rest")

    sent = request(chat, token=TOKEN, rest_url="http://api/accounts/acc", keys={provider: KEY})
    headers = dict(sent.headers)

    assert sent.url == "http://api/accounts/acc/ai/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["cf-aig-gateway-id"] == "demo"
    assert "cf-aig-authorization" not in headers
    assert KEY not in str(sent.headers)
    assert json.loads(sent.body)["model"] == name


def test_rest_refuses_a_provider_without_an_author():
    """Only some providers are served there."""
    chat = Chat(provider="mistral", model="m", messages=say("Hello"), route="rest")

    with pytest.raises(BadRequest, match="Mistral AI isn't served by the REST endpoint"):
        request(chat, token=TOKEN, rest_url="http://api/accounts/acc")


def directly(chat, **target):
    """What is sent to a provider without a gateway."""
    bases = {"openai": "http://here/_local/direct/openai"}
    target = Target(name="direct", base_url="", bases=bases, **target)
    return request_of(chat, Options(cache_ttl=600), target)


def test_provider_itself_gets_nothing_that_is_meant_for_a_gateway():
    """No token, no options; its own path at the address that is given."""
    sent = directly(HELLO, token=TOKEN)

    assert sent.url == "http://here/_local/direct/openai/chat/completions"
    assert not [name for name, _ in sent.headers if name.lower().startswith("cf-")]
    assert TOKEN not in str(sent.headers)


def test_provider_with_a_key_is_asked_at_its_own_address():
    """Where no other address is given, that of the table holds."""
    sent = directly(replace(HELLO, provider="anthropic"), keys={"anthropic": KEY})

    assert sent.url == "https://api.anthropic.com/v1/messages"
    assert dict(sent.headers)["x-api-key"] == KEY


@pytest.mark.parametrize(
    ("chat", "sentence"),
    [
        (replace(HELLO, route="compat"), "choose Native"),
        (replace(HELLO, provider="anthropic"), "set ANTHROPIC_API_KEY in .env"),
        (replace(HELLO, provider="nobody"), "Nobody knows"),
    ],
)
def test_what_a_provider_itself_can_t_be_asked_is_refused(chat, sentence):
    """The sentence says what to do."""
    with pytest.raises(BadRequest, match=sentence):
        directly(chat)
