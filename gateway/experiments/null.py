"""An endpoint that does nothing: how many requests could our own generator send at most?

Run as a process of its own, it answers everything at once, and says its port on its first line.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from gateway.wire.fast import FastWire

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
END = b"\r\n\r\n"


class Nothing(asyncio.Protocol):
    """Answers each request whose headers have come; what their bodies hold doesn't matter."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for _ in range(data.count(END)):
            self._transport.write(ANSWER)


async def serve() -> None:
    """Serve until the standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Nothing, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.read)


async def ceiling_rps(
    concurrency: int, *, seconds: float = 0.5, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return how many requests a second our wire sends to an endpoint that does nothing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __spec__.name if __spec__ else "gateway.experiments.null",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    port = int(await process.stdout.readline())
    wire = FastWire()
    sent = 0

    async def ask() -> None:
        nonlocal sent
        incoming = await wire.open("GET", f"http://127.0.0.1:{port}/", headers=())
        await incoming.read()
        await incoming.aclose()
        sent += 1

    try:
        await _repeat(ask, concurrency, clock() + 0.1, clock)  # connections and caches get warm
        sent, began = 0, clock()
        await _repeat(ask, concurrency, began + seconds, clock)
        return sent / (clock() - began)
    finally:
        await wire.aclose()
        process.stdin.close()
        await process.wait()


async def _repeat(
    work: Callable[[], Awaitable[None]], lanes: int, until: float, clock: Callable[[], float]
) -> None:
    async def lane() -> None:
        while clock() < until:
            await work()

    await asyncio.gather(*(lane() for _ in range(lanes)))


if __name__ == "__main__":
    asyncio.run(serve())
