"""The universal endpoint with httpx: an array of steps, tried in order, one URL."""

import json

import httpx
import pytest

from tests.clients.conftest import UUID7

QUESTION = [{"role": "user", "content": "What is an AI gateway?"}]
OPENAI = {
    "provider": "openai",
    "endpoint": "chat/completions",
    "headers": {"authorization": "Bearer sk-anything", "content-type": "application/json"},
    "query": {"model": "gpt-4o-mini", "messages": QUESTION},
}
ANTHROPIC = {
    "provider": "anthropic",
    "endpoint": "v1/messages",
    "headers": {"x-api-key": "sk-ant-anything", "anthropic-version": "2023-06-01"},
    "query": {"model": "claude-sonnet-4-5", "max_tokens": 500, "messages": QUESTION},
}
WORKERS_AI = {
    "provider": "workers-ai",
    "endpoint": "@cf/meta/llama-3.1-8b-instruct",
    "headers": {"authorization": "Bearer cf-anything"},
    "query": {"messages": QUESTION},
}
GEMINI_STREAM = {
    "provider": "google-ai-studio",
    "endpoint": "v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    "headers": {"x-goog-api-key": "anything"},
    "query": {"contents": [{"role": "user", "parts": [{"text": "What is an AI gateway?"}]}]},
}
COMPAT = {
    "provider": "compat",
    "endpoint": "chat/completions",
    "headers": {},
    "query": {"model": "anthropic/claude-sonnet-4-5", "messages": QUESTION},
}


@pytest.fixture
def ask(gateway):
    """Post steps to a gateway's universal endpoint."""
    with httpx.Client(timeout=20) as http:

        def asked(steps, *, to="demo", slash="", **headers):
            spelled = {name.replace("_", "-"): value for name, value in headers.items()}
            return http.post(f"{gateway.gateway_url(to)}{slash}", json=steps, headers=spelled)

        yield asked


@pytest.fixture
def fail(gateway):
    """Let the next call of a provider fail with a status."""
    with httpx.Client(base_url=gateway.url) as http:

        def failing(provider, status=503):
            rule = {"provider": provider, "kind": "status", "status": status, "times": 1}
            assert http.post("/_local/faults", json=rule).status_code == 200

        yield failing
        http.delete("/_local/faults")


@pytest.mark.rule(
    "fallback.step_header",
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_first_step_answers(ask, slash):
    """With and without the slash at the end; the body is the provider's own."""
    answer = ask([OPENAI, ANTHROPIC], slash=slash)

    assert answer.status_code == 200
    assert answer.headers["cf-aig-step"] == "0"
    assert UUID7.fullmatch(answer.headers["cf-aig-log-id"])
    assert answer.json()["object"] == "chat.completion"


@pytest.mark.rule("fallback.any_error", "universal.array")
@pytest.mark.parametrize(
    ("second", "place"),
    [
        (ANTHROPIC, ("content", 0, "text")),
        (WORKERS_AI, ("result", "response")),
        (COMPAT, ("choices", 0, "message", "content")),
    ],
    ids=lambda value: value["provider"] if isinstance(value, dict) else "",
)
def test_failing_step_hands_over(ask, fail, second, place):
    """The second step answers in its own provider's format, and the header says that it did."""
    fail("openai")

    answer = ask([OPENAI, second], cf_aig_skip_cache="true")
    found = answer.json()
    for member in place:
        found = found[member]

    assert answer.status_code == 200
    assert answer.headers["cf-aig-step"] == "1"
    assert found


@pytest.mark.rule("universal.answer", "universal.endpoint_query")
def test_streaming_step_after_a_failed_one(ask, fail):
    """Steps are independent: one is answered whole, the other as a stream."""
    fail("openai")

    answer = ask([OPENAI, GEMINI_STREAM], cf_aig_skip_cache="true")
    lines = [line for line in answer.text.splitlines() if line]

    assert answer.headers["cf-aig-step"] == "1"
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert all(line.startswith("data: ") for line in lines)
    assert len({json.loads(line[6:])["responseId"] for line in lines}) == 1


@pytest.mark.rule("fallback.all_fail")
def test_all_steps_fail(ask, fail):
    """The last step's answer comes back unchanged."""
    fail("openai")
    fail("anthropic", 529)

    answer = ask([OPENAI, ANTHROPIC], cf_aig_skip_cache="true")

    assert answer.status_code == 529
    assert answer.headers["cf-aig-step"] == "1"
    assert answer.json()["type"] == "error"


def test_repeat_is_a_hit(ask):
    """A universal call is cached like any other, under its step's own request."""
    question = {**OPENAI, "query": {**OPENAI["query"], "temperature": 0.25}}

    answers = [ask([question]) for _ in range(2)]

    assert [each.headers["cf-aig-cache-status"] for each in answers] == ["MISS", "HIT"]
    assert answers[0].content == answers[1].content


@pytest.mark.rule("clients.envelopes")
def test_default_gateway_wants_its_token(gateway, ask):
    """401 with code 2009 without it; with it, the providers' keys stay in the steps."""
    refused = ask([OPENAI], to="default")
    served = ask([OPENAI], to="default", cf_aig_authorization=f"Bearer {gateway.token}")

    assert (refused.status_code, refused.json()["error"][0]["code"]) == (401, 2009)
    assert served.status_code == 200


@pytest.mark.rule("errors.2001", "clients.envelopes")
def test_unknown_gateway(ask):
    """What ai-gateway-provider tests for: status 400 and code 2001."""
    refused = ask([OPENAI], to="no-such-gateway")

    assert (refused.status_code, refused.json()["error"][0]["code"]) == (400, 2001)


@pytest.mark.rule("clients.universal_v1")
@pytest.mark.parametrize("endpoint", ["responses", "v1/responses"])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_responses_are_a_step_too(ask, fail, endpoint, streamed):
    """As the AI SDK's gateway provider sends them; the step index tells it how to read."""
    fail("anthropic")
    query = {"model": "gpt-4o-mini", "input": "What is an AI gateway?", "stream": streamed}

    answer = ask([ANTHROPIC, {**OPENAI, "endpoint": endpoint, "query": query}])

    assert (answer.status_code, answer.headers["cf-aig-step"]) == (200, "1")
    last = answer.text.strip().rpartition("data: ")[2]
    told = json.loads(last)["response"] if streamed else answer.json()
    assert (told["object"], told["status"]) == ("response", "completed")
    assert told["usage"]["output_tokens"] > 0
