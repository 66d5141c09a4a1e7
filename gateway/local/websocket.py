"""WebSockets of the data plane: refused or accepted, then spoken with message by message.

/v1/{account}/{gateway}[/]                  many ordinary requests over one connection, here
/v1/{account}/{gateway}/{provider}...       a provider's own frames, relayed: see ``realtime``
"""

import asyncio
import logging

from gateway.errors import BadAnswer, Unreachable
from gateway.local.asgi import Receive, Scope, Send
from gateway.local.attempts import LEFT
from gateway.local.credentials import caller
from gateway.local.faults import FAULT_HEADER
from gateway.local.handshake import Handshake, handshake_of
from gateway.local.lines import Rejected
from gateway.local.messages import Answering, Create, Unreadable, read
from gateway.local.pipeline import Pipeline
from gateway.local.realtime import Realtime
from gateway.local.refusals import Refusal
from gateway.local.state import State
from gateway.local.steps import Request

log = logging.getLogger(__name__)
IN_FLIGHT = 256
"""Requests that one connection may have open. Further ones are refused, not left waiting: who
stops reading a connection doesn't notice that its client left."""


class Left(Exception):
    """The client is gone: nothing can be put on its connection any more."""


class Sockets:
    """The ASGI application of WebSockets."""

    def __init__(
        self, state: State, pipeline: Pipeline, realtime: Realtime, *, public: bool
    ) -> None:
        self._state = state
        self._pipeline = pipeline
        self._realtime = realtime
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        try:
            handshake = handshake_of(scope, public=self._public)
            request = Request(
                route=handshake.route, method="GET", headers=handshake.headers, body=b""
            )
            policy = self._state.gateway_for(request)
            known = caller(request.headers, policy, self._state.token)
            if handshake.route.kind == "universal":
                await send({"type": "websocket.accept", "subprotocol": handshake.echoed})
                await Session(self._state, self._pipeline, handshake, send).run(receive)
            else:
                await self._realtime.serve(handshake, policy, known, receive, send)
        except Refusal as refusal:
            await _refuse(send, refusal.status, "application/json", refusal.body())
        except Rejected as rejected:
            await _refuse(send, rejected.status, rejected.content_type, rejected.body)
        except OSError:
            # The client left before it was answered.
            return
        except Exception:
            log.exception("A WebSocket ended in an error of the local gateway itself.")


class Session:
    """One open connection of the non-realtime protocol."""

    def __init__(self, state: State, pipeline: Pipeline, handshake: Handshake, send: Send) -> None:
        self._state = state
        self._pipeline = pipeline
        self._handshake = handshake
        self._send = send
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, receive: Receive) -> None:
        """Serve until the client leaves; then everything that it asked for is cancelled."""
        try:
            while (event := await receive())["type"] == "websocket.receive":
                text = event.get("text")
                await self._take(event["bytes"] if text is None else text)
        except Left:
            return
        finally:
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    async def _take(self, message: str | bytes) -> None:
        try:
            create = read(message)
        except Unreadable as unreadable:
            await self._refuse(unreadable.event_id, unreadable.refusal)
            return
        if len(self._tasks) >= IN_FLIGHT:
            words = f"More than {IN_FLIGHT} requests are open on this connection"
            await self._refuse(create.event_id, Refusal(None, words, status=429))
            return
        task = asyncio.create_task(self._serve(create))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _refuse(self, event_id: str | None, refusal: Refusal) -> None:
        answering = Answering(self._put, event_id or self._state.ids.new())
        await answering.fail(refusal.body())

    async def _serve(self, create: Create) -> None:
        event_id = create.event_id or self._state.ids.new()
        answering = Answering(self._hand, event_id)
        headers = {**self._handshake.headers, "cf-aig-event-id": event_id}
        if create.fault is not None:
            headers[FAULT_HEADER] = create.fault
        request = Request(
            route=self._handshake.route,
            method="POST",
            headers=headers,
            body=create.body,
            request_type="WebSockets",
        )
        try:
            await self._pipeline.serve(request, answering)
        except Refusal as refusal:
            await answering.fail(refusal.body())
        except (Unreachable, BadAnswer):
            # Part of the answer is out; over HTTP the connection would break off here.
            await answering.fail(Refusal(2005).body())
        except Exception:
            log.exception("A request over WebSocket ended in an error of the gateway itself.")
            own = Refusal(None, "Internal error of the local gateway", status=500)
            await answering.fail(own.body())

    async def _put(self, message: str) -> None:
        try:
            await self._send({"type": "websocket.send", "text": message})
        except (OSError, RuntimeError) as error:
            # What the server raises once the connection is closed, by the client or by itself.
            raise Left from error

    async def _hand(self, message: str) -> None:
        try:
            await self._put(message)
        except Left:
            # To the pipeline, a client that left is a call that was cancelled.
            raise asyncio.CancelledError(LEFT) from None


async def _refuse(send: Send, status: int, content_type: str, body: bytes) -> None:
    """Answer the handshake with an HTTP error instead of the upgrade."""
    headers = [(b"content-type", content_type.encode("latin-1"))]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
