"""HTTP on the data plane: uvicorn's connection, and our own way from a request to its answer.

Connections, parsing, pipelining, timeouts and the shutdown are uvicorn's. What goes through the
gateway leaves it where ASGI would begin, because ASGI was half of a cache hit's time: there is no
task to watch whether the client is there (the connection itself says so), and an answer's head is
written at once. All other requests, the management API's and WebSockets' too, go on over ASGI.

A hit that is repeated doesn't get that far: its bytes are known as they arrive, and its answer is
written before anything is parsed. Parsing and a task of its own were most of its time.
"""

import asyncio
import re
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from gateway.errors import GatewayError
from gateway.local.app import LocalGateway
from gateway.local.asgi import Receive, Scope
from gateway.local.relay import RawHeaders
from gateway.local.repeats import Ready

_NAMES = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]*")
_VALUES = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*")
HEAD_LIMIT = 1024 * 1024
"""Bytes that a request's head may have (ASSUMPTION: no limit is documented)."""
BODILESS = frozenset({204, 304})


class BadHeader(GatewayError):
    """A header of an answer holds what HTTP doesn't allow: nothing of the answer is sent."""

    def __init__(self) -> None:
        super().__init__("A header of the answer holds characters that HTTP doesn't allow.")


class DataPlane(HttpToolsProtocol):
    """One connection to the local gateway.

    Attributes:
        patience_s: Seconds that a request's head may take, and each pause in its body.
    """

    patience_s = 60.0
    _task: asyncio.Task[None] | None = None
    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _exchange: "Exchange | None" = None
    _inside = False
    """A request has begun and isn't complete."""
    _begun = 0
    """Requests that began in the bytes that came last."""
    _held = b""
    """The head of a known request, whose body is on its way."""
    _repeated_at = 0.0
    """When a hit was repeated last, by the loop's clock."""

    @property
    def _gateway(self) -> LocalGateway:
        return cast(LocalGateway, self.config.app)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.patience_s, self._give_up, 408)

    def data_received(self, data: bytes) -> None:
        if self._held:
            data, self._held = self._held + data, b""
        if not self._is_between():
            self._read(data)
            return
        repeats = self._gateway.repeats
        ready = repeats.answer(data)
        if ready is not None:
            self._forget_timer()
            self._repeat(ready)
            return
        if repeats.is_head(data):
            self._held = data
            self._unset_keepalive_if_required()
            self._forget_timer()
            self._timer = self.loop.call_later(self.patience_s, self._give_up, 408)
            return
        self._begun, self._exchange = 0, None
        self._read(data)
        if self._begun == 1 and not self._inside and self._exchange is not None:
            self._exchange.came_as(data)

    def on_message_begin(self) -> None:
        self._inside = True
        self._begun += 1
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._inside = False
        super().on_message_complete()

    def _is_between(self) -> bool:
        """Whether all that came so far is answered, and can be answered."""
        return (
            not self._inside
            and (self.cycle is None or self.cycle.response_complete)
            and not self.pipeline
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _repeat(self, ready: Ready) -> None:
        status, head, body = ready
        own = b"".join([b"%s: %s\r\n" % each for each in self.server_state.default_headers])
        self.transport.write(b"%s%s%s%s" % (STATUS_LINE[status], own, head, body))
        self.server_state.total_requests += 1
        self._repeated_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._expire_in(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        # Repeated hits let the timer run, instead of setting it anew each time.
        left_s = self._repeated_at + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._expire_in(left_s)
        else:
            super().timeout_keep_alive_handler()

    def _expire_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def _read(self, data: bytes) -> None:
        """Let the parser have bytes, which mustn't pause for long within a request."""
        super().data_received(data)
        scope, cycle = self.scope, self.cycle
        if scope is None or "method" not in scope:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT:
                self._give_up(431)
            elif self._timer is None:
                self._timer = self.loop.call_later(self.patience_s, self._give_up, 408)
        elif cycle is not None and cycle.more_body:
            self._forget_timer()
            self._timer = self.loop.call_later(self.patience_s, self._give_up, 408)
        elif self._timer is not None:
            self._forget_timer()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._head_bytes = None, 0

    def _give_up(self, status: int) -> None:
        """Close a connection whose request doesn't come to its end.

        One that never said anything is closed without a word: a client that opened it in advance
        would take the refusal for the answer to its first request.
        """
        cycle = self.cycle
        if self.transport.is_closing():
            return
        said = cycle is not None or self._head_bytes > 0 or self._held
        if said and (cycle is None or cycle.response_complete or not cycle.response_started):
            line = STATUS_LINE[status]
            self.transport.write(line + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        gateway = self._gateway
        if not gateway.takes(cast(Scope, cycle.scope)):
            super()._start_asgi_task(cycle, app)
            return
        self._exchange = Exchange(cycle)
        self._task = self.loop.create_task(self._exchange.run(gateway))
        self.tasks.add(self._task)
        self._task.add_done_callback(self.tasks.discard)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget_timer()
        if self._task is not None:
            # Whoever it was for is gone; a task that is done doesn't mind.
            self._task.cancel()


class Exchange:
    """One request and its answer: the caller's side of a call, straight on the connection.

    Args:
        cycle: uvicorn's account of the request; what its connection must know is noted there.
    """

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._head = b""
        self._chunked = False
        self._silent = cycle.scope["method"] == "HEAD"
        self.began = False
        self.raw = b""

    def came_as(self, data: bytes) -> None:
        """Take note of the request's bytes, unless its answer is of a kind that we don't repeat."""
        cycle = self._cycle
        plain = cycle.keep_alive and cycle.scope["http_version"] == "1.1"
        if plain and not cycle.waiting_for_100_continue and not self._silent:
            self.raw = data

    async def run(self, gateway: LocalGateway) -> None:
        """Serve the request. An answer that stays without its end ends the connection."""
        cycle = self._cycle
        try:
            await gateway.serve(cast(Scope, cycle.scope), cast(Receive, cycle.receive), self)
        finally:
            if not cycle.response_complete:
                cycle.transport.close()

    async def start(self, status: int, headers: RawHeaders) -> None:
        """Send status and headers; where the length is known, together with the body's first piece.

        Raises:
            BadHeader: one of them can't be sent; nothing was.
        """
        cycle = self._cycle
        names = [name for name, _ in headers]
        if not (
            _NAMES.fullmatch(b"".join(names))
            and _VALUES.fullmatch(b"".join([value for _, value in headers]))
        ):
            raise BadHeader
        lines = [b"%s: %s\r\n" % header for header in (*cycle.default_headers, *headers)]
        self._silent = self._silent or status in BODILESS
        if b"content-length" not in names and not self._silent:
            if cycle.scope["http_version"] == "1.0":
                cycle.keep_alive = False
            else:
                self._chunked = True
                lines.append(b"transfer-encoding: chunked\r\n")
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        self.began = cycle.response_started = True
        # Providers may answer with numbers that no table has, such as 999.
        line = STATUS_LINE.get(status) or b"HTTP/1.1 %d \r\n" % status
        head = b"%s%s\r\n" % (line, b"".join(lines))
        if self._chunked:
            cycle.transport.write(head)
        else:
            # Each write is a system call, and its body is there already.
            self._head = head

    async def send(self, chunk: bytes) -> None:
        """Send a piece of the body, at once."""
        await self._write(self._framed(chunk))

    async def end(self, chunk: bytes = b"") -> None:
        """Send the last piece of the body."""
        last = b"0\r\n\r\n" if self._chunked else b""
        await self._write(self._framed(chunk) + last)
        cycle = self._cycle
        if cycle.disconnected:
            return
        cycle.response_complete = True
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()

    def _framed(self, chunk: bytes) -> bytes:
        if self._silent or not chunk:
            return b""
        return b"%x\r\n%s\r\n" % (len(chunk), chunk) if self._chunked else chunk

    async def _write(self, data: bytes) -> None:
        cycle = self._cycle
        if cycle.disconnected:
            return
        head, self._head = self._head, b""
        if head or data:
            cycle.transport.write(head + data)
        if cycle.flow.write_paused:
            await cycle.flow.drain()
