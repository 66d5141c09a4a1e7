"""direct: simulated providers without a gateway in between."""

import time

import httpx
import pytest

from tests.local.conftest import HELLO

PATH = "/_local/direct"
PATH_AFTER = "v1/chat/completions"
"""Another spelling of the same path, for the journal to be searched by."""


def test_provider_answers_as_behind_the_gateway(gateway):
    """The same body, without any header of the gateway."""
    through = gateway.ask(body=HELLO).json()
    answer = gateway.http.post(f"{PATH}/openai/chat/completions", json=HELLO)

    assert answer.status_code == 200
    assert answer.json()["choices"] == through["choices"]
    assert not [name for name in answer.headers if name.startswith("cf-")]


def test_query_and_odd_paths_arrive(gateway):
    """Google names the model in the path, and streaming in the query."""
    body = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
    path = "v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    answer = gateway.http.post(f"{PATH}/google-ai-studio/{path}", json=body)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert '"modelVersion"' in answer.text


def test_faults_strike_here_too(gateway):
    """Else the two sides of a comparison would differ in their luck."""
    answer = gateway.http.post(
        f"{PATH}/openai/chat/completions", json=HELLO, headers={"x-local-fault": "status=503"}
    )

    assert answer.status_code == 503


def test_broken_connection_is_broken(gateway):
    """There is no gateway that could turn it into an error."""
    with pytest.raises(httpx.RemoteProtocolError):
        gateway.http.post(
            f"{PATH}/openai/chat/completions",
            json={**HELLO, "stream": True},
            headers={"x-local-fault": "reset;after=1"},
        )


def test_caller_s_wrong_key_is_refused(gateway):
    """A key that is given is the one that counts."""
    answer = gateway.http.post(
        f"{PATH}/openai/chat/completions", json=HELLO, headers={"authorization": "Bearer invalid"}
    )

    assert answer.status_code == 401


def test_who_leaves_ends_the_attempt(gateway):
    """As behind the gateway, nothing goes on for nobody."""
    with gateway.http.stream(
        "POST",
        f"{PATH}/openai/{PATH_AFTER}",
        json={**HELLO, "stream": True},
        headers={"x-local-fault": "stall"},
    ) as answer:
        next(answer.iter_raw())

    deadline = time.monotonic() + 10
    while not gateway.attempts(path=PATH_AFTER, state="aborted"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("provider", ["nobody", "custom-mine"])
def test_others_are_not_served(gateway, provider):
    """Real providers have an address of their own."""
    answer = gateway.http.post(f"{PATH}/{provider}/chat/completions", json=HELLO)

    assert answer.status_code == 404
