"""A tiny HTTP server on 127.0.0.1 whose answers a test writes byte by byte."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Request:
    """A request as it came in. Header names keep their case and order."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return one header by its lower-case name."""
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True)
class Peer:
    """The caller of one connection.

    Attributes:
        gone: Set when the caller has closed the connection.
    """

    writer: asyncio.StreamWriter
    gone: asyncio.Event

    async def send(self, *parts: str | bytes) -> None:
        """Send each part in a write of its own."""
        for part in parts:
            self.writer.write(part.encode() if isinstance(part, str) else part)
            await self.writer.drain()

    def reset(self) -> None:
        """Break the connection without a goodbye."""
        self.writer.transport.abort()


Answer = Callable[[Request, Peer], Awaitable[None]]


def whole(body: str | bytes = b"", *, status: str = "200 OK", headers: str = "") -> bytes:
    """Return a whole answer with its length; ``headers`` are lines that end in CRLF."""
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\n{headers}content-length: {len(content)}\r\n\r\n"
    return head.encode() + content


def stream_head(*, headers: str = "", content_type: str = "text/event-stream") -> str:
    """Return the head of an answer in chunks."""
    return (
        f"HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\n{headers}"
        "transfer-encoding: chunked\r\n\r\n"
    )


def chunk(text: str) -> str:
    """Return one chunk of such an answer; the empty one ends it."""
    return f"{len(text.encode()):x}\r\n{text}\r\n"


class RawServer:
    """Answers every request with one function.

    Args:
        tls: Speak TLS with this.

    Attributes:
        requests: What came in.
        connections: How many connections were opened.
        hung_up: Set when a caller has closed a connection while its answer was written.
    """

    def __init__(self, answer: Answer, *, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self.requests: list[Request] = []
        self.connections = 0
        self.hung_up = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, limit=1 << 26, backlog=512, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._tasks: set[asyncio.Task[None] | None] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        tasks = [task for task in self._tasks if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.add(asyncio.current_task())
        try:
            while request := await self._request(reader):
                self.requests.append(request)
                peer = Peer(writer, asyncio.Event())
                watch = asyncio.ensure_future(self._watch(reader, peer))
                with contextlib.suppress(ConnectionError):
                    await self._answer(request, peer)
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)
                if peer.gone.is_set():
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(asyncio.current_task())
            writer.close()

    async def _watch(self, reader: asyncio.StreamReader, peer: Peer) -> None:
        """Notice that the caller hangs up; it sends nothing while it is answered."""
        # Nothing is read here: the first bytes of a next request must stay where they are.
        # A stream reader has no event for its end.
        while not reader.at_eof() and reader.exception() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        peer.gone.set()
        self.hung_up.set()

    async def _request(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head[:-4].split("\r\n")
        method, target, _ = first.split(" ")
        headers = [
            (name, value.strip()) for name, _, value in (row.partition(":") for row in lines)
        ]
        length = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
        return Request(method, target, headers, await reader.readexactly(length))
