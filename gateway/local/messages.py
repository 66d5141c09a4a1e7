"""The messages of the non-realtime WebSocket (contract: websocket, 3).

universal.create  ->  universal.created                                    an answer in one piece
                      universal.created, universal.stream ..., universal.done        a stream
                      universal.error                                      the gateway's own error

ASSUMPTIONS of the contract are taken here: arrays of steps, ids for those who give none, one
``universal.stream`` for each event, ``[DONE]`` not relayed, text and binary bodies as JSON text.
"""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.errors import BadAnswer
from gateway.local.faults import FAULT_HEADER
from gateway.local.refusals import Refusal
from gateway.local.relay import RawHeaders
from gateway.sse import Decoder, Event

Json = Any
Put = Callable[[str], Awaitable[None]]

CREATE = "universal.create"
BAD_FORMAT = 2019
EVENT_ID_LIMIT = 1024
"""Characters of an ``eventId``: it comes back in every message of its answer."""
ANSWER_LIMIT = 64 * 1024 * 1024
"""Bytes of an answer, or of one event of a stream, that go into one message."""
DONE = "[DONE]"
BINARY = ("audio/", "image/", "video/", "application/octet-stream")


class Unreadable(Exception):
    """A message that asks for nothing we know.

    Attributes:
        event_id: The client's, where the message has one.
    """

    def __init__(self, reason: str, event_id: str | None = None) -> None:
        self.event_id = event_id
        self.refusal = Refusal(BAD_FORMAT, reason)
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """One request of a client.

    Attributes:
        event_id: ``None`` where the client gave none.
        body: Its steps, as the universal endpoint takes them.
        fault: What shall go wrong, in the words of ``FAULT_HEADER``.
    """

    event_id: str | None
    body: bytes
    fault: str | None = None


def read(message: str | bytes) -> Create:
    """Read a message of a client.

    Raises:
        Unreadable: it isn't a request.
    """
    try:
        data = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"The message isn't JSON: {error}") from error
    if not isinstance(data, dict):
        raise Unreadable("The message must be a JSON object")
    request = data.get("request")
    steps = request if isinstance(request, list) else [request]
    first = steps[0] if steps else None
    event_id = _event_id(first.get("eventId")) if isinstance(first, dict) else None
    if data.get("type") != CREATE:
        raise Unreadable(f"The type must be {CREATE!r}", event_id)
    if not isinstance(first, dict):
        raise Unreadable("The request must be a step, or a list of steps", event_id)
    try:
        body = orjson.dumps(steps)
    except orjson.JSONEncodeError as error:
        raise Unreadable("The request is nested too deeply", event_id) from error
    return Create(event_id=event_id, body=body, fault=_fault(first.get("headers")))


def _event_id(given: Json) -> str | None:
    if given is None or given == "":
        return None
    if not isinstance(given, str) or len(given) > EVENT_ID_LIMIT:
        raise Unreadable(f"The eventId must be text of at most {EVENT_ID_LIMIT} characters")
    return given


def _fault(headers: Json) -> str | None:
    """Return the fault that the first step's headers ask for: a message has none of its own."""
    for name, value in headers.items() if isinstance(headers, dict) else ():
        if name.lower() == FAULT_HEADER and isinstance(value, str):
            return value
    return None


class Answering:
    """The caller's side of one request: what the pipeline hands on becomes messages.

    Args:
        put: Sends one message to the client.
        limit: Bytes that go into one message.
    """

    def __init__(self, put: Put, event_id: str, *, limit: int = ANSWER_LIMIT) -> None:
        self._put = put
        self._limit = limit
        self._event_id = event_id
        self._metadata: dict[str, Json] = {}
        self._binary = False
        self._decoder: Decoder | None = None
        self._undecoded = 0
        self._parts: list[bytes] = []

    async def start(self, status: int, headers: RawHeaders) -> None:
        """Take status and headers; where a stream follows, announce it."""
        given = dict(headers)
        kind = given.get(b"content-type", b"application/octet-stream").decode("latin-1")
        kind = kind.partition(";")[0].strip().lower()
        self._binary = kind.startswith(BINARY)
        self._metadata = {
            "cacheStatus": given[b"cf-aig-cache-status"].decode(),
            "eventId": self._event_id,
            "logId": given[b"cf-aig-log-id"].decode(),
            "step": given[b"cf-aig-step"].decode(),
            "contentType": kind,
        }
        if kind == "text/event-stream":
            self._decoder = Decoder()
            await self._say("universal.created", self._metadata)

    async def send(self, chunk: bytes) -> None:
        """Take a piece of the body; the events that it completes go out at once.

        Raises:
            BadAnswer: the answer, or one event, is larger than a message may be.
        """
        self._undecoded += len(chunk)
        if self._decoder is None:
            self._parts.append(chunk)
        else:
            events = self._decoder.feed(chunk)
            if events:
                self._undecoded = 0
            await self._stream(events)
        if self._undecoded > self._limit:
            self._parts = []
            raise BadAnswer(f"More than {self._limit} bytes for one message.")

    async def end(self, chunk: bytes = b"") -> None:
        """Take the last piece, and end the answer."""
        if chunk:
            await self.send(chunk)
        if self._decoder is None:
            body = b"".join(self._parts)
            await self._say("universal.created", self._metadata, _spelled(body, self._binary))
        else:
            await self._stream(self._decoder.close())
            await self._say("universal.done", self._metadata)

    async def fail(self, envelope: bytes) -> None:
        """End the answer with an error of the gateway's own."""
        metadata = {"eventId": self._event_id}
        await self._say("universal.error", metadata, orjson.Fragment(envelope))

    async def _stream(self, events: list[Event]) -> None:
        for event in events:
            if event.data != DONE:
                response = _spelled(event.data.encode("utf-8", "replace"), False)
                await self._say("universal.stream", {"eventId": self._event_id}, response)

    async def _say(self, kind: str, metadata: dict[str, Json], *response: Json) -> None:
        message = {"type": kind, "metadata": metadata}
        if response:
            message["response"] = response[0]
        await self._put(orjson.dumps(message).decode())


def _spelled(body: bytes, binary: bool) -> Json:
    """Return a body as it stands in ``response``: JSON as it is, text, or Base64."""
    if binary:
        return base64.b64encode(body).decode()
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(body).decode()
    return orjson.Fragment(body)
