"""The stub provider: answers at once, counts every request, stamps every chunk it streams.

POST anything                  an OpenAI-style answer that repeats the request's serial number
POST with "stream": true       CHUNKS paced chunks; each holds when the request came and when the
                               chunk left, in nanoseconds of the machine's monotonic clock
GET  /count                    {"requests": N}, without counting itself
GET  /stamps                   {"serial": [came, left]}: of each stream since they were last asked
                               for, when its request came and when its first chunk left
"""

import asyncio
import json
import re
import sys
import threading
import time
from typing import ClassVar, cast

import httptools
from uvicorn.config import Config

CHUNKS = 20
FIRST_S = 0.02
GAP_S = 0.01
STREAMED = re.compile(rb'"stream": ?true')
SERIAL = b"serial "
DIGITS = 12
ANSWER = (
    b'{"id":"chatcmpl-bench","object":"chat.completion","created":1795392000,"model":"bench",'
    b'"choices":[{"index":0,"message":{"role":"assistant","content":"serial %s: the quick brown '
    b"fox jumps over the lazy dog and comes back to tell the others, who had been waiting beside "
    b'the river all morning."},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":12,"completion_tokens":30,"total_tokens":42}}'
)
CHUNK = (
    b'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1795392000,'
    b'"model":"bench","choices":[{"index":0,"delta":{"content":"%d %d"},'
    b'"finish_reason":null}]}\n\n'
)
LAST = (
    b'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1795392000,'
    b'"model":"bench","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    b"data: [DONE]\n\n"
)


class Stub(asyncio.Protocol):
    """One connection to the stub."""

    requests = 0
    stamps: ClassVar[dict[str, tuple[int, int]]] = {}

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._timer: asyncio.TimerHandle | None = None
        self._body: list[bytes] = []
        self._url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url, self._body = b"", []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        came_ns = time.monotonic_ns()
        if self._url == b"/count":
            self._answer(json.dumps({"requests": Stub.requests}).encode())
            return
        if self._url == b"/stamps":
            self._answer(json.dumps(Stub.stamps).encode())
            Stub.stamps.clear()
            return
        Stub.requests += 1
        body = b"".join(self._body)
        start = body.find(SERIAL) + len(SERIAL)
        self._serial = body[start : start + DIGITS]
        if STREAMED.search(body):
            self._transport.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                b"transfer-encoding: chunked\r\n\r\n"
            )
            self._later(0, came_ns, asyncio.get_running_loop().time() + FIRST_S)
            return
        self._answer(ANSWER % self._serial)

    def _answer(self, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            % (len(body), body)
        )

    def _later(self, number: int, came_ns: int, due_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(due_s, self._chunk, number, came_ns, due_s)

    def _chunk(self, number: int, came_ns: int, due_s: float) -> None:
        if number == CHUNKS:
            self._transport.write(_framed(LAST) + b"0\r\n\r\n")
            return
        left_ns = time.monotonic_ns()
        self._transport.write(_framed(CHUNK % (came_ns, left_ns)))
        if number == 0:
            Stub.stamps[self._serial.decode()] = came_ns, left_ns
        self._later(number + 1, came_ns, due_s + GAP_S)


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def serve() -> None:
    """Listen on a free port, say where, and serve until the parent is gone."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stub, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()
    gone = asyncio.Event()

    def watch() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(gone.set)

    threading.Thread(target=watch, daemon=True).start()
    await gone.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=Config(app="").get_loop_factory()) as runner:
        runner.run(serve())
