"""The non-realtime WebSocket."""

import json

from websockets.exceptions import InvalidStatus

from tests.conformance.probe import Probe, code_in
from tests.conformance.target import BROKEN, TIMEOUT_S, question

METADATA = ["cacheStatus", "contentType", "eventId", "logId", "step"]


def whole(target):
    (message,) = target.talk(target.step(eventId="mine"), last="universal.created")
    metadata = message["metadata"]
    return {
        "type": message["type"],
        "metadata": sorted(metadata),
        "step": metadata.get("step"),
        "event": metadata.get("eventId"),
        "response": "response" in message,
    }


def stream(target):
    heard = target.talk(
        target.step(eventId="mine", query=question(stream=True)), last="universal.done"
    )
    types = [message["type"] for message in heard]
    return {
        "first": types[0],
        "between": sorted(set(types[1:-1])),
        "last": types[-1],
        "response at first": "response" in heard[0],
        "metadata of a chunk": sorted(heard[1]["metadata"]),
        "type": heard[0]["metadata"].get("contentType", "").partition(";")[0],
    }


def unknown_provider(target):
    (message,) = target.talk(target.step(eventId="mine", provider="nobody"), last="universal.error")
    return {"type": message["type"], "code": code_in(message.get("response"))}


def steps(target):
    first = {**BROKEN, "eventId": "mine"}
    (message,) = target.talk([first, target.step()], last="universal.created")
    return {name: message["metadata"].get(name) for name in ("step", "eventId")}


def providers_error(target):
    (message,) = target.talk({**BROKEN, "eventId": "mine"}, last="universal.created")
    return {"type": message["type"], "response": "response" in message}


def two_at_once(target):
    with target.socket() as socket:
        for name in ("one", "two"):
            request = target.step(eventId=name)
            socket.send(json.dumps({"type": "universal.create", "request": request}))
        heard = [json.loads(socket.recv(timeout=TIMEOUT_S)) for _ in range(2)]
    return sorted(message["metadata"]["eventId"] for message in heard)


def ping(target):
    with target.socket() as socket:
        return socket.ping().wait(TIMEOUT_S)


def wrong_token(target):
    target.must_be_guarded()
    try:
        with target.socket(token="of-somebody-else"):
            return "opened"
    except InvalidStatus as refused:
        return refused.response.status_code


def sub_protocol(target):
    offered = f"cf-aig-authorization.{target.token}"
    with target.socket(subprotocols=[offered]) as socket:
        return {"echoed": socket.subprotocol == offered}


PROBES = (
    Probe(
        "a whole answer by WebSocket",
        ("ws.create", "ws.whole", "ws.metadata", "ws.header"),
        whole,
        {
            "type": "universal.created",
            "metadata": METADATA,
            "step": "0",
            "event": "mine",
            "response": True,
        },
    ),
    Probe(
        "a stream by WebSocket",
        ("ws.stream", "ws.done_not_relayed"),
        stream,
        {
            "first": "universal.created",
            "between": ["universal.stream"],
            "last": "universal.done",
            "response at first": False,
            "metadata of a chunk": ["eventId"],
            "type": "text/event-stream",
        },
    ),
    Probe(
        "an unknown provider by WebSocket",
        ("ws.errors",),
        unknown_provider,
        {"type": "universal.error", "code": 2008},
    ),
    Probe(
        "an array of steps by WebSocket",
        ("ws.array",),
        steps,
        {"step": "1", "eventId": "mine"},
    ),
    Probe(
        "an error of the provider's by WebSocket",
        ("ws.provider_errors",),
        providers_error,
        {"type": "universal.created", "response": True},
    ),
    Probe("two requests at once by WebSocket", ("ws.in_flight",), two_at_once, ["one", "two"]),
    Probe("a ping by WebSocket", ("ws.ping",), ping, True),
    Probe("a WebSocket with a wrong token", ("ws.refused_before_upgrade",), wrong_token, 401),
    Probe(
        "a WebSocket with the token as sub-protocol",
        ("ws.sub_protocol", "ws.sub_protocol_everywhere"),
        sub_protocol,
        {"echoed": True},
    ),
)
