"""What clients put on the wire, byte for byte where it matters: paths, headers, streams."""

import json
import re

import httpx
import pytest

from tests.clients.conftest import UUID7

QUESTION = [{"role": "user", "content": "What is an AI gateway?"}]
CHAT = {"model": "gpt-4o-mini", "messages": QUESTION}
GROQ = {"model": "llama-3.3-70b-versatile", "messages": QUESTION}
CLAUDE = {"model": "claude-sonnet-4-5", "max_tokens": 500, "messages": QUESTION}
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "What is an AI gateway?"}]}]}
LLAMA = "@cf/meta/llama-3.1-8b-instruct"
BEARER = {"authorization": "Bearer anything"}
CLAUDE_HEADERS = {"anthropic-version": "2026-10-21"}
GOOGLE = {"x-goog-api-key": "anything"}


def gemini(version, verb):
    return f"google-ai-studio/{version}/models/gemini-2.5-flash:{verb}"


# path, body, headers, what the answer has
SENT = [
    ("openai/chat/completions", CHAT, BEARER, "choices"),
    ("openai/v1/chat/completions", CHAT, BEARER, "choices"),
    ("openai/chat/completions", CHAT, {"api-key": "anything"}, "choices"),
    ("groq/chat/completions", GROQ, BEARER, "choices"),
    ("groq/openai/v1/chat/completions", GROQ, BEARER, "choices"),
    ("anthropic/v1/messages", CLAUDE, {**CLAUDE_HEADERS, **BEARER}, "content"),
    ("anthropic/v1/messages", CLAUDE, {**CLAUDE_HEADERS, "x-api-key": "any"}, "content"),
    ("anthropic/v1/messages?beta=true", CLAUDE, {**CLAUDE_HEADERS, **BEARER}, "content"),
    (gemini("v1", "generateContent"), GEMINI, GOOGLE, "candidates"),
    (gemini("v1beta", "generateContent"), GEMINI, GOOGLE, "candidates"),
    (gemini("v1beta", "generateContent") + "?key=anything", GEMINI, {}, "candidates"),
    (f"workers-ai/{LLAMA}", {"messages": QUESTION}, BEARER, "result"),
    (f"workers-ai/run/{LLAMA}", {"messages": QUESTION}, BEARER, "result"),
    ("workers-ai/v1/chat/completions", {**CHAT, "model": LLAMA}, BEARER, "choices"),
    ("mistral/v1/chat/completions", {**CHAT, "model": "mistral-large-latest"}, BEARER, "choices"),
    ("cohere/v2/chat", {**CHAT, "model": "command-a-03-2025"}, BEARER, "message"),
    ("compat/chat/completions", {**CHAT, "model": "grok/grok-4"}, BEARER, "choices"),
]
STREAMED = [
    ("openai/chat/completions", {**CHAT, "stream": True}, BEARER),
    ("openai/responses", {"model": "gpt-4o-mini", "input": "Hello", "stream": True}, BEARER),
    ("groq/openai/v1/chat/completions", {**GROQ, "stream": True}, BEARER),
    ("mistral/v1/chat/completions", {**CHAT, "model": "x", "stream": True}, BEARER),
    ("anthropic/v1/messages", {**CLAUDE, "stream": True}, BEARER),
    (gemini("v1", "streamGenerateContent") + "?alt=sse", GEMINI, GOOGLE),
    (gemini("v1beta", "streamGenerateContent") + "?alt=sse", GEMINI, GOOGLE),
    (f"workers-ai/run/{LLAMA}", {"messages": QUESTION, "stream": True}, BEARER),
    ("cohere/v2/chat", {**CHAT, "model": "command-a-03-2025", "stream": True}, BEARER),
    ("compat/chat/completions", {**CHAT, "model": "anthropic/x", "stream": True}, BEARER),
]
each_stream = pytest.mark.parametrize(("path", "body", "headers"), STREAMED)
IDS = ("id", "responseId", "response_id")


@pytest.fixture(scope="module")
def http(gateway):
    """A plain client at gateway ``demo``."""
    with httpx.Client(base_url=gateway.gateway_url(), timeout=20) as client:
        yield client


@pytest.mark.rule("clients.groq_prefix", "clients.google_versions", "clients.workers_run")
@pytest.mark.parametrize(("path", "body", "headers", "member"), SENT)
def test_request_is_answered_as_sent(http, path, body, headers, member):
    """Paths that the docs print, those that packages make of them, and keys in any header."""
    answer = http.post(f"/{path}", json=body, headers=headers)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert "content-encoding" not in answer.headers
    assert UUID7.fullmatch(answer.headers["cf-aig-log-id"])
    assert answer.json()[member]


@pytest.mark.rule("clients.sse_form", "clients.one_id", "clients.headers_on_streams")
@each_stream
def test_stream_is_well_formed(http, path, body, headers):
    """``data: `` with the space, no comments, one style of line ends, one id, JSON to the end."""
    answer = http.post(f"/{path}", json=body, headers={"accept": "application/json", **headers})
    text = answer.content.decode()
    lines = [line for line in text.split("\n") if line]
    data = [line[6:] for line in lines if line.startswith("data: ")]
    events = [json.loads(each) for each in data if each != "[DONE]"]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert UUID7.fullmatch(answer.headers["cf-aig-log-id"])
    assert "\r" not in text
    assert text.endswith("\n\n")
    assert [line for line in lines if not re.match("data: |event: ", line)] == []
    assert len(events) > 3
    ids = {event[name] for event in events for name in IDS if event.get(name)}
    assert len(ids) <= 1


@pytest.mark.rule("clients.stream_by_body")
@pytest.mark.parametrize("stream", [False, None], ids=["false", "null"])
def test_accept_makes_no_stream(http, stream):
    """A client that takes streams isn't one that asks for one."""
    answer = http.post(
        "/openai/chat/completions",
        json={**CHAT, "stream": stream, "stop": None, "tools": None},
        headers={"accept": "text/event-stream", **BEARER},
    )

    assert answer.json()["object"] == "chat.completion"


@pytest.mark.rule("clients.universal_v1")
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("endpoint", ["chat/completions", "v1/chat/completions"])
def test_universal_endpoint_of_a_step(gateway, http, endpoint, slash):
    """With the version that the providers' own base URLs end in, and without it."""
    step = {"provider": "openai", "endpoint": endpoint, "headers": BEARER, "query": CHAT}

    answer = http.post(f"{gateway.gateway_url()}{slash}", json=[step])

    assert answer.json()["object"] == "chat.completion"


@pytest.mark.rule("clients.bearer_undefined")
@pytest.mark.parametrize("path", ["openai/chat/completions", ""], ids=["native", "universal"])
def test_bearer_undefined_is_no_token(gateway, http, path):
    """What a package makes of an API key that nobody gave: no harm where none is needed."""
    body = (
        CHAT
        if path
        else [
            {"provider": "openai", "endpoint": "chat/completions", "headers": BEARER, "query": CHAT}
        ]
    )
    headers = {"cf-aig-authorization": "Bearer undefined", **BEARER}

    open_one = http.post(f"{gateway.gateway_url()}/{path}", json=body, headers=headers)
    closed = http.post(f"{gateway.gateway_url('default')}/{path}", json=body, headers=headers)

    assert open_one.status_code == 200
    assert (closed.status_code, closed.json()["error"][0]["code"]) == (401, 2009)


def test_noise_of_clients_makes_no_other_question(http):
    """Their version, their count of tries and their traces change from call to call."""
    noise = [
        {"user-agent": "one/1", "x-stainless-retry-count": "0", "traceparent": "00-1-1-00"},
        {"user-agent": "two/2", "x-stainless-retry-count": "1", "cf-aig-metadata": '{"a":1}'},
    ]
    body = {**CHAT, "temperature": 0.31}

    seen = [
        http.post("/openai/chat/completions", json=body, headers={**BEARER, **each})
        for each in noise
    ]

    assert [each.headers["cf-aig-cache-status"] for each in seen] == ["MISS", "HIT"]
    assert len({each.headers["cf-aig-log-id"] for each in seen}) == 2


@pytest.mark.parametrize(
    "query",
    [
        "filters.key=model&filters.operator=eq&filters.value=MODEL"
        "&filters.key=success&filters.operator=eq&filters.value=true",
        "filters.key=model&filters.key=success&filters.operator=eq&filters.operator=eq"
        "&filters.value=MODEL&filters.value=true",
    ],
    ids=["interleaved", "grouped"],
)
def test_filters_in_both_spellings(gateway, http, query):
    """As Cloudflare's package for Node writes a list of filters, and as that for Python does."""
    model = "gpt-4.1-nano"
    wrong = {"authorization": "Bearer sk-wrong"}
    asked = http.post("/openai/chat/completions", json={**CHAT, "model": model}, headers=BEARER)
    http.post("/openai/chat/completions", json={**CHAT, "model": model}, headers=wrong)
    url = f"{gateway.url}/client/v4/accounts/local/ai-gateway/gateways/demo/logs"

    rows = httpx.get(
        f"{url}?{query.replace('MODEL', f'openai/{model}')}",
        headers={"authorization": f"Bearer {gateway.token}"},
    ).json()["result"]

    assert asked.headers["cf-aig-log-id"] in [row["id"] for row in rows]
    assert {(row["model"], row["success"]) for row in rows} == {(f"openai/{model}", True)}
