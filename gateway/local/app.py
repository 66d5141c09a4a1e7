"""The data plane as raw ASGI: bytes in, pipeline, bytes out. The hot path; nothing on it twice."""

import asyncio
import logging
from collections.abc import Awaitable

from gateway.errors import BadAnswer, Unreachable
from gateway.local import rest
from gateway.local.asgi import App, Receive, Scope, Send, headers_of
from gateway.local.dialing import Dialer
from gateway.local.guard import is_foreign
from gateway.local.pipeline import Pipeline
from gateway.local.realtime import Realtime
from gateway.local.refusals import Refusal
from gateway.local.relay import RawHeaders
from gateway.local.routing import Route, route_of
from gateway.local.state import State
from gateway.local.steps import Request
from gateway.local.websocket import Sockets

log = logging.getLogger(__name__)
BODY_LIMIT = 100 * 1024 * 1024
"""Bytes of a request that are accepted (ASSUMPTION: no limit is documented; 25 MB is cacheable)."""


class Gone(Exception):
    """The client went away before its request was complete."""


class Connection:
    """The caller's side of one call, over ASGI."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.began = False

    async def start(self, status: int, headers: RawHeaders) -> None:
        """Send status and headers."""
        self.began = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def send(self, chunk: bytes) -> None:
        """Send a piece of the body, at once."""
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def end(self, chunk: bytes = b"") -> None:
        """Send the last piece of the body."""
        await self._send({"type": "http.response.body", "body": chunk, "more_body": False})


class LocalGateway:
    """The ASGI application: the data plane here, everything else by ``others``.

    Args:
        dialer: Opens the provider's side of realtime sessions.
        public: It listens on more than the loopback.
    """

    def __init__(self, state: State, others: App, dialer: Dialer, *, public: bool = False) -> None:
        self._pipeline = Pipeline(state)
        self._token = state.token
        self._others = others
        self._sockets = Sockets(state, self._pipeline, Realtime(state, dialer), public=public)
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = scope["type"] == "http" and scope["raw_path"].startswith(b"/v1/")
        rest_route = None if plain else _rest_route(scope)
        if not plain and rest_route is None:
            other = self._sockets if scope["type"] == "websocket" else self._others
            await other(scope, receive, send)
            return
        connection = Connection(send)
        try:
            if rest_route is None:
                await self._serve(scope, receive, connection)
            else:
                await self._serve_rest(rest_route, scope, receive, connection)
        except Refusal as refusal:
            await _answer_whole(connection, refusal.status, refusal.body())
        except Gone:
            return
        except (Unreachable, BadAnswer):
            # The answer had begun and can't be completed: returning without an end makes the
            # server drop the connection, so that the client sees a broken stream, not a short one.
            return
        except Exception:
            log.exception("A call ended in an error of the local gateway itself.")
            if not connection.began:
                own = Refusal(None, "Internal error of the local gateway", status=500)
                await _answer_whole(connection, own.status, own.body())

    async def _serve(self, scope: Scope, receive: Receive, connection: Connection) -> None:
        route = route_of(
            scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        )
        if route is None:
            raise Refusal(2001)
        headers = headers_of(scope["headers"])
        if is_foreign(headers, public=self._public):
            raise Refusal(None, "Pages of other sites can't use this gateway", status=403)
        request = Request(
            route=route,
            method=scope["method"],
            headers=headers,
            body=await _body(receive),
        )
        await _while_there(self._pipeline.serve(request, connection), receive)

    async def _serve_rest(
        self, route: Route, scope: Scope, receive: Receive, connection: Connection
    ) -> None:
        headers = headers_of(scope["headers"])
        try:
            if is_foreign(headers, public=self._public):
                raise Refusal(None, "Pages of other sites can't use this gateway", status=403)
            request = Request(
                route=route,
                method=scope["method"],
                headers=rest.admitted(route, headers, self._token),
                body=await _body(receive),
            )
            client = connection if route.gateway else rest.Unmarked(connection)
            await _while_there(self._pipeline.serve(request, client), receive)
        except Refusal as refusal:
            raise rest.RestRefusal(refusal) from refusal


def _rest_route(scope: Scope) -> Route | None:
    """Return what a call asks for on the second data plane; ``None`` where it is none of its."""
    if scope["type"] != "http" or b"/ai/" not in scope["raw_path"]:
        return None
    return rest.route_of(scope["raw_path"].decode("latin-1"), headers_of(scope["headers"]))


async def _answer_whole(connection: Connection, status: int, body: bytes) -> None:
    await connection.start(
        status,
        [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
    )
    await connection.end(body)


async def _while_there(work: Awaitable[None], receive: Receive) -> None:
    """Do the work for as long as the client is there.

    Raises:
        Gone: the client went away, and the work was cancelled.
    """
    doing = asyncio.ensure_future(work)
    # A hit or a refusal is often done within its first turn; only what isn't needs watching.
    await asyncio.sleep(0)
    if doing.done():
        return doing.result()
    watching = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((doing, watching), return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        doing.cancel()
        await asyncio.wait((doing,))
        raise Gone
    finally:
        watching.cancel()
        doing.cancel()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(receive: Receive) -> bytes:
    """Read the whole request body.

    Raises:
        Gone: the client went away in the middle.
        Refusal: the body is larger than we take.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            raise Refusal(None, "The request is larger than 100 MB", status=413)
        if not message.get("more_body", False):
            return b"".join((*parts, part)) if parts else part
        parts.append(part)
