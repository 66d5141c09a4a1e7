"""snippets: every snippet runs, and sends what our own client sends."""

import json
import shutil

import pytest

from gateway.client import request_of
from gateway.snippets import LANGUAGES, call_of, write
from gateway.snippets.call import OF_THE_CLIENT
from gateway.websocket.messages import message_of
from tests.snippets.conftest import CALLS, ENVIRONMENT, KEYS, TOKEN, target_of

ALL = set(CALLS)
OPENAI_SHAPED = {
    "openai", "openai-stream", "openai-stored-key", "openai-tools", "groq", "compat", "rest",
    "rest-workers", "long",
}  # fmt: skip
SPEAKS = {
    "curl": ALL,
    "python-httpx": ALL,
    "python-openai": OPENAI_SHAPED,
    "python-anthropic": {"anthropic", "anthropic-stream"},
    "js-fetch": ALL,
    "js-openai": OPENAI_SHAPED - {"openai-tools"},  # its seed is longer than JavaScript's numbers
    "js-ai-sdk": OPENAI_SHAPED - {"openai-tools"},
    "worker": ALL - {"openai-tools"},
    "python-websocket": ALL - {"rest", "rest-workers"},
    "js-websocket": ALL - {"rest", "rest-workers", "openai-tools"},
    "universal": ALL - {"rest", "rest-workers"},
}
"""Language -> the calls that it can make; for all others it says why not."""

IN_A_PROJECT = {"js-openai", "js-ai-sdk", "worker"}
"""These need packages of npm: see the tests of real clients."""

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
OVER_HTTP = [
    pytest.param(language, name, marks=[NODE] if language.startswith("js") else [])
    for language, names in SPEAKS.items()
    for name in sorted(names)
    if language not in IN_A_PROJECT and "websocket" not in language and language != "universal"
]
OVER_WEBSOCKET = [
    pytest.param(language, name, marks=[NODE] if language.startswith("js") else [])
    for language, names in SPEAKS.items()
    for name in sorted(names)
    if language == "python-websocket"
] + [
    pytest.param("js-websocket", name, marks=NODE)
    for name in ("openai-stream", "openai-stored-key", "universal")
]


@pytest.mark.parametrize(("language", "name"), OVER_HTTP)
def test_snippet_sends_what_our_client_sends(http_recorder, run, language, name):
    """Method, address, headers and body are those of our own client, keys included.

    Packages add headers of their own; ours are all there and equal. The body is equal byte for
    byte, or as JSON, as the language says of itself.
    """
    chat, options, keys = CALLS[name]
    target = target_of(http_recorder.url, keys)
    snippet = write(language, call_of(chat, options, target))

    said = run(snippet)

    assert "Hi." in said
    assert_ours(http_recorder, request_of(chat, options, target), snippet.language.body)


@pytest.mark.parametrize(("language", "name"), OVER_WEBSOCKET)
def test_snippet_sends_our_message(socket_recorder, run, language, name):
    """Over WebSocket the handshake carries the token, and the message is our client's."""
    chat, options, keys = CALLS[name]
    target = target_of(socket_recorder.url, keys)

    run(write(language, call_of(chat, options, target)))

    ours = request_of(chat, options, target)
    path, headers, message = socket_recorder.requests[-1]
    assert path == "/v1/acc/demo"
    assert headers["cf-aig-authorization"] == f"Bearer {TOKEN}"
    assert message == message_of(
        ours.url, ours.headers, ours.body, base=target.base_url, event_id="1"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CALLS)
def test_language_makes_the_call_or_says_why_not(language, name):
    """There is code for the calls of the table, and a sentence for all others."""
    chat, options, keys = CALLS[name]

    snippet = write(language, call_of(chat, options, target_of("http://gateway", keys)))

    assert (snippet.code is not None) == (name in SPEAKS[language])
    assert (snippet.code is None) == (snippet.why is not None and snippet.why.endswith("."))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CALLS)
def test_no_key_is_in_a_snippet(language, name):
    """Keys appear as variables, whose names the snippet lists."""
    chat, options, keys = CALLS[name]

    snippet = write(language, call_of(chat, options, target_of("http://gateway", keys)))

    code = snippet.code or ""
    assert not [secret for secret in (*KEYS.values(), TOKEN) if secret in code]
    assert not [secret[-4:] for secret in (*KEYS.values(), TOKEN) if secret[:12] in code]
    assert set(snippet.variables) <= set(ENVIRONMENT)


def assert_ours(recorder, ours, how):
    """Check what arrived against the request of our own client, keys that aren't sent included."""
    method, path, headers, body = recorder.requests[-1]
    expected = {n.lower(): v for n, v in ours.headers if n.lower() not in OF_THE_CLIENT}
    assert (method, recorder.url + path) == (ours.method, ours.url)
    assert {name: headers.get(name) for name in expected} == expected
    assert same(body, ours.body, how)
    assert not ({"x-api-key", "x-goog-api-key"} & set(headers)) - set(expected)
    assert "authorization" in expected or "authorization" not in headers


def same(body, ours, how):
    """Whether two bodies are equal; one that is too long for a shell has a newline at its end."""
    if how == "as JSON":
        return json.loads(body) == json.loads(ours)
    return body.rstrip(b"\n") == ours
