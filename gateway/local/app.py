"""The data plane: a request in, the pipeline, its answer out. The hot path; nothing on it twice."""

import logging
from typing import Protocol

from gateway.errors import BadAnswer, Unreachable
from gateway.local import rest
from gateway.local.asgi import App, Receive, Scope, Send, headers_of
from gateway.local.dialing import Dialer
from gateway.local.guard import is_foreign
from gateway.local.pipeline import Pipeline
from gateway.local.realtime import Realtime
from gateway.local.refusals import Refusal
from gateway.local.relay import Client
from gateway.local.repeats import Repeats
from gateway.local.routing import Route, route_of
from gateway.local.state import State
from gateway.local.steps import Request
from gateway.local.websocket import Sockets

log = logging.getLogger(__name__)
BODY_LIMIT = 100 * 1024 * 1024
"""Bytes of a request that are accepted (ASSUMPTION: no limit is documented; 25 MB is cacheable)."""


class Gone(Exception):
    """The client went away before its request was complete."""


class Connection(Client, Protocol):
    """The caller's side of one call.

    Attributes:
        began: Status and headers are out.
        raw: The whole request as it came, where the same bytes can come again; else empty.
    """

    began: bool
    raw: bytes


class LocalGateway:
    """The data plane, and the ASGI application of WebSockets and of all that ``others`` serves.

    Attributes:
        repeats: Requests that needn't come here again.

    Args:
        dialer: Opens the provider's side of realtime sessions.
        public: It listens on more than the loopback.
    """

    def __init__(self, state: State, others: App, dialer: Dialer, *, public: bool = False) -> None:
        self.repeats = Repeats(state)
        self._pipeline = Pipeline(state, self.repeats)
        self._token = state.token
        self._others = others
        self._sockets = Sockets(state, self._pipeline, Realtime(state, dialer), public=public)
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        other = self._sockets if scope["type"] == "websocket" else self._others
        await other(scope, receive, send)

    def takes(self, scope: Scope) -> bool:
        """Whether an HTTP request is the data plane's."""
        path: bytes = scope["raw_path"]
        return path.startswith(b"/v1/") or (b"/ai/" in path and _rest_route(scope) is not None)

    async def serve(self, scope: Scope, receive: Receive, client: Connection) -> None:
        """Answer a request of the data plane.

        One whose answer had begun and can't be completed is left without an end: the connection
        is dropped then, so that the client sees a broken stream, not a short one.

        Args:
            scope: As in ASGI.
            receive: As in ASGI; it is read to the end of the body and no further.
        """
        plain = scope["raw_path"].startswith(b"/v1/")
        try:
            await (self._serve if plain else self._serve_rest)(scope, receive, client)
        except Refusal as refusal:
            await _refuse(client, refusal)
        except (Gone, Unreachable, BadAnswer):
            return
        except Exception:
            log.exception("A call ended in an error of the local gateway itself.")
            if not client.began:
                own = Refusal(None, "Internal error of the local gateway", status=500)
                await _refuse(client, own)

    async def _serve(self, scope: Scope, receive: Receive, client: Connection) -> None:
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
            raw=client.raw,
        )
        await self._pipeline.serve(request, client)

    async def _serve_rest(self, scope: Scope, receive: Receive, client: Connection) -> None:
        headers = headers_of(scope["headers"])
        route = _rest_route(scope)
        assert route is not None  # what ``takes`` says
        try:
            if is_foreign(headers, public=self._public):
                raise Refusal(None, "Pages of other sites can't use this gateway", status=403)
            request = Request(
                route=route,
                method=scope["method"],
                headers=rest.admitted(route, headers, self._token),
                body=await _body(receive),
            )
            marked = client if route.gateway else rest.Unmarked(client)
            await self._pipeline.serve(request, marked)
        except Refusal as refusal:
            if not route.gateway:
                refusal.headers = ()  # no gateway has a part in it
            raise rest.RestRefusal(refusal) from refusal


def _rest_route(scope: Scope) -> Route | None:
    """Return what a call asks for on the second data plane; ``None`` where it is none of its."""
    return rest.route_of(scope["raw_path"].decode("latin-1"), headers_of(scope["headers"]))


async def _refuse(client: Client, refusal: Refusal) -> None:
    body = refusal.body()
    await client.start(
        refusal.status,
        [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *refusal.headers,
        ],
    )
    await client.end(body)


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
