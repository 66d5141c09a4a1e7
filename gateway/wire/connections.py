"""Connections of HTTP/1.1: requests out, answers in, kept open for the next call.

Address  ->  Pool.idle or Pool.connect  ->  Connection.ask  ->  Arriving: begin, read, read ...

Parsing is httptools', as on the server's side. What can't be parsed, and what comes unasked, ends
the connection: nothing of it can be taken for another call's answer.
"""

import asyncio
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

import httptools

from gateway.wire import trouble
from gateway.wire.network import trust
from gateway.wire.wires import KEEP_ALIVE_S, Headers

HEAD_LIMIT = 256 * 1024
"""Bytes of an answer's head that are read."""

WAITING_LIMIT = 256 * 1024
"""Bytes of an answer that may wait for their reader before the peer has to."""

JOINED = 64 * 1024
"""Bytes up to which a body is sent together with its head: a write less."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where connections lead that can be used for the same calls."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Address:
    """A URL, taken apart.

    Attributes:
        name: Host and port as the URL has them: what may be shown, and the Host header.
        target: The rest, as it stands in a request.
    """

    place: Place
    name: str
    target: str


@lru_cache(maxsize=256)
def address_of(url: str) -> Address:
    """Take a URL apart; errors as in ``trouble.place_of``."""
    name = trouble.place_of(url)
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    query = f"?{parts.query}" if parts.query else ""
    place = Place(parts.scheme, parts.hostname or "", port)
    return Address(place, name, f"{parts.path or '/'}{query}")


def request_of(method: str, address: Address, headers: Headers, body: bytes | None) -> bytes:
    """Return a request without its body.

    Raises:
        ValueError: it holds characters that HTTP doesn't allow.
    """
    lines = [f"{method} {address.target} HTTP/1.1\r\n"]
    given = set()
    for name, value in headers:
        if not (_TOKEN.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ValueError(f"the header {name!r} can't be sent")
        given.add(name.lower())
        lines.append(f"{name}: {value}\r\n")
    if "host" not in given:
        lines.insert(1, f"Host: {address.name}\r\n")
    if body is not None or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body or b'')}\r\n")
    if not _TOKEN.fullmatch(method) or given & {"content-length", "transfer-encoding"}:
        raise ValueError("the request can't be framed")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")


class Arriving:
    """One answer as it arrives: filled by its connection, emptied by its reader.

    Attributes:
        headers: Complete once ``begun`` is.
        begun: Becomes true when the headers are there.
        news_s: When bytes of it came last: set by its connection.
    """

    def __init__(self, connection: "Connection", *, bodiless: bool) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.bodiless = bodiless
        self.begun = False
        self.ended = False
        self.error: Exception | None = None
        self.news_s = 0.0
        self._connection = connection
        self._parts: list[bytes] = []
        self._size = 0
        self._begun_s = self._came_s = self._read_s = 0.0
        self._waiter: asyncio.Future[None] | None = None

    def begin_with(self, status: int) -> None:
        """Take in that the headers are there."""
        self.status, self.begun, self._begun_s = status, True, self.news_s

    async def begin(self) -> None:
        """Wait for the headers.

        Raises:
            OSError, HttpParserError: what came instead.
        """
        while not self.begun:
            await self._news()
        self._read_s = self._begun_s

    async def read(self) -> bytes:
        """Wait for the next piece of the body; empty at its end. Errors as in ``begin``."""
        while not self._parts:
            if self.ended:
                self._read_s = self.news_s
                return b""
            await self._news()
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._size, self._read_s = 0, self._came_s
        self._connection.resume(self)
        return data

    def arrived(self) -> float:
        """Return when that which was read last came in: of pieces read together, the first."""
        return self._read_s

    def add(self, piece: bytes) -> bool:
        """Take in a piece of the body and say whether there is room for more."""
        if not self._parts:
            self._came_s = self.news_s
        self._parts.append(piece)
        self._size += len(piece)
        self.wake()
        return self._size <= WAITING_LIMIT

    def wake(self) -> None:
        """Tell the reader that something has changed."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Give the connection up, unless the answer is whole."""
        if not self.ended:
            self._connection.abort()

    async def _news(self) -> None:
        if self.error is not None:
            raise self.error
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter


class Connection(asyncio.Protocol):
    """One connection: asks, and hands what comes to the answer that it belongs to.

    Args:
        pool: Where it waits for the next call.

    Attributes:
        since: When it last became idle, in the loop's time.
    """

    def __init__(self, pool: "Pool", place: Place) -> None:
        self.place = place
        self.since = 0.0
        self._pool = pool
        self._clock = pool.clock
        self._answer: Arriving | None = None
        self._head_size = 0
        self._framed = False
        self._paused = False

    def ask(self, head: bytes, body: bytes | None, *, bodiless: bool) -> Arriving:
        """Send a request and return its answer, which is still to come."""
        self._answer = answer = Arriving(self, bodiless=bodiless)
        self._parser = httptools.HttpResponseParser(self)
        self._head_size, self._framed = 0, False
        if body is not None and len(body) > JOINED:
            self._transport.write(head)
            self._transport.write(body)
        else:
            self._transport.write(head + body if body else head)
        return answer

    def abort(self) -> None:
        """Close at once, without a goodbye."""
        self._transport.abort()

    def resume(self, answer: Arriving) -> None:
        """Read on: there is room again."""
        if answer is self._answer:
            self._read_on()

    # what the event loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:
            self._unasked()
            return
        answer.news_s = self._clock()
        if not answer.begun:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
            if not answer.begun and self._head_size > HEAD_LIMIT:
                raise httptools.HttpParserError("the head of the answer is too long")
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(error)
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._pool.forget(self)
        answer = self._answer
        if answer is not None and answer.begun and not self._framed and error is None:
            # The end of the connection is the end of this answer.
            answer.news_s = self._clock()
            self._end(answer)
        else:
            self._fail(error or ConnectionResetError())

    def _unasked(self) -> None:
        """Close: what came could be taken for the next call's answer."""
        self._pool.forget(self)
        self._transport.abort()

    # what the parser tells

    def on_message_begin(self) -> None:
        if self._answer is None:
            self._unasked()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._answer is not None:
            pair = (str(name, "latin-1"), str(value, "latin-1"))
            self._answer.headers.append(pair)
            if name.lower() in (b"content-length", b"transfer-encoding"):
                self._framed = True

    def on_headers_complete(self) -> None:
        answer, status = self._answer, self._parser.get_status_code()
        if answer is None or status < 200:
            return
        answer.begin_with(status)
        if answer.bodiless:
            # The parser would wait for a body: this connection is of no further use.
            self._end(answer)
            self._transport.abort()
        answer.wake()

    def on_body(self, body: bytes) -> None:
        if self._answer is not None and not self._answer.add(body):
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        answer = self._answer
        if answer is None:
            return
        if not answer.begun:
            # 100 Continue and its like: the answer itself is still to come.
            answer.headers.clear()
            return
        self._end(answer)
        # The answer is here as a whole, whether it is read or not: the next one must get through.
        self._read_on()
        if self._parser.should_keep_alive() and not self._transport.get_write_buffer_size():
            self._pool.keep(self)
        else:
            self._transport.close()

    def _read_on(self) -> None:
        if self._paused:
            self._paused = False
            self._transport.resume_reading()

    def _end(self, answer: Arriving) -> None:
        self._answer = None
        answer.ended = True
        answer.wake()

    def _fail(self, error: Exception) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.error = error
            answer.wake()


class Pool:
    """All open connections, and those among them that wait for a call.

    Args:
        keep_s: How long one waits before it is closed, at least.
        clock: Seconds from any fixed point: when bytes arrive.
    """

    def __init__(
        self,
        *,
        keep_s: float = KEEP_ALIVE_S,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.clock = clock
        self._keep_s = keep_s
        self._open: set[Connection] = set()
        self._idle: dict[Place, list[Connection]] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def idle(self, place: Place) -> Connection | None:
        """Return a connection that waits for a call, the one that was used last."""
        waiting = self._idle.get(place)
        return waiting.pop() if waiting else None

    def waiting(self, place: Place) -> int:
        """Return how many connections wait for a call."""
        return len(self._idle.get(place, ()))

    async def connect(self, place: Place) -> Connection:
        """Make a connection: at the first of the host's addresses where it can be made.

        Raises:
            OSError: at none; this is the last one's reason.
        """
        loop = asyncio.get_running_loop()
        secure = place.scheme == "https"
        found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        failure: OSError = ConnectionRefusedError()
        for family, _, _, _, address in found:
            try:
                _, made = await loop.create_connection(
                    lambda: Connection(self, place),
                    str(address[0]),
                    place.port,
                    family=family,
                    ssl=trust() if secure else None,
                    server_hostname=place.host if secure else None,
                )
            except OSError as error:
                failure = error
            else:
                self._open.add(made)
                return made
        raise failure

    def keep(self, connection: Connection) -> None:
        """Let a connection wait for the next call."""
        loop = asyncio.get_running_loop()
        connection.since = loop.time()
        self._idle.setdefault(connection.place, []).append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(self._keep_s, self._drop_old)

    def forget(self, connection: Connection) -> None:
        """Take out a connection that is closed."""
        self._open.discard(connection)
        waiting = self._idle.get(connection.place, [])
        if connection in waiting:
            waiting.remove(connection)

    def close(self) -> None:
        """Close every connection."""
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in tuple(self._open):
            connection.abort()

    def _drop_old(self) -> None:
        loop = asyncio.get_running_loop()
        oldest = loop.time() - self._keep_s
        for waiting in self._idle.values():
            for connection in [each for each in waiting if each.since <= oldest]:
                waiting.remove(connection)
                connection.abort()
        self._idle = {place: waiting for place, waiting in self._idle.items() if waiting}
        self._sweep = loop.call_later(self._keep_s, self._drop_old) if self._idle else None
