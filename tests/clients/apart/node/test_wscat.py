"""wscat, as one tries a WebSocket by hand: it sends lines of JSON and prints what comes back."""

import json
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

WSCAT = Path(__file__).parent / "node_modules/.bin/wscat"
LONGEST_S = 60
QUESTION = [{"role": "user", "content": "What is an AI gateway?"}]


def create(event, *, provider="openai", endpoint="chat/completions", **query):
    """One message of the gateway's protocol, as a line."""
    query = {"model": "gpt-4o-mini", "messages": QUESTION, **query}
    headers = {"Authorization": "Bearer sk-anything", "Content-Type": "application/json"}
    request = {"eventId": event, "provider": provider, "endpoint": endpoint}
    return json.dumps(
        {"type": "universal.create", "request": {**request, "headers": headers, "query": query}}
    )


@contextmanager
def connected(url, *lines, more=()):
    """Start it with lines to send; yields what it prints, message by message, for a while."""
    command = [str(WSCAT), "--connect", url.replace("http", "ws", 1), "--wait", "-1", *more]
    for line in lines:
        command += ["--execute", line]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        timer = threading.Timer(LONGEST_S, process.kill)
        timer.start()
        try:
            yield (json.loads(line) for line in process.stdout)
        finally:
            timer.cancel()
            process.kill()


def until(messages, ending, count=1):
    """Messages up to the last of so many with this ending."""
    found = []
    while count:
        found.append(next(messages))
        count -= found[-1]["type"] == ending
    return found


@pytest.mark.rule("ws.create", "ws.slash")
@pytest.mark.parametrize("slash", ["", "/"])
def test_request(gateway, slash):
    """One message there, one back, with what HTTP has in its headers."""
    with connected(gateway.gateway_url() + slash, create("one")) as messages:
        (answer,) = until(messages, "universal.created")

    assert answer["metadata"]["eventId"] == "one"
    assert answer["metadata"]["step"] == "0"
    assert answer["response"]["choices"][0]["message"]["content"]


@pytest.mark.rule("ws.stream")
def test_stream(gateway):
    """Created, pieces, done; the pieces carry the event's name and nothing else."""
    with connected(gateway.gateway_url(), create("two", stream=True)) as messages:
        created, *pieces, done = until(messages, "universal.done")

    assert (created["type"], "response" in created) == ("universal.created", False)
    assert created["metadata"] == done["metadata"]
    assert {piece["type"] for piece in pieces} == {"universal.stream"}
    assert all(piece["metadata"] == {"eventId": "two"} for piece in pieces)
    assert len(pieces) > 3


@pytest.mark.rule("ws.in_flight")
def test_two_at_once(gateway):
    """Told apart by their names."""
    lines = [create("three", stream=True), create("four", stream=True)]

    with connected(gateway.gateway_url(), *lines) as messages:
        found = until(messages, "universal.done", count=2)

    assert {message["metadata"]["eventId"] for message in found} == {"three", "four"}


@pytest.mark.rule("ws.header", "ws.sub_protocol")
@pytest.mark.parametrize(
    "way",
    [
        ["--header", "cf-aig-authorization:Bearer {token}"],
        ["--subprotocol", "cf-aig-authorization.{token}"],
    ],
    ids=["header", "subprotocol"],
)
def test_token(gateway, way):
    """As a program sends it, and as a browser must."""
    more = [word.format(token=gateway.token) for word in way]

    with connected(gateway.gateway_url("default"), create("five"), more=more) as messages:
        (answer,) = until(messages, "universal.created")

    assert answer["response"]["object"] == "chat.completion"


@pytest.mark.rule("ws.refused_before_upgrade")
def test_refused_before_it_opens(gateway):
    """Without the token the handshake fails, which is all that the program can say."""
    command = [str(WSCAT), "--connect", gateway.gateway_url("default").replace("http", "ws", 1)]

    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        said = process.stderr.read().decode()

    assert process.returncode != 0
    assert "401" in said


@pytest.mark.rule("realtime.relay")
def test_realtime_session(gateway):
    """A provider's own frames, relayed."""
    asked = {"type": "response.create", "response": {"output_modalities": ["text"]}}
    url = f"{gateway.gateway_url()}/openai?model=gpt-realtime"

    with connected(url, json.dumps(asked)) as messages:
        found = until(messages, "response.done")

    assert found[0]["type"] == "session.created"
