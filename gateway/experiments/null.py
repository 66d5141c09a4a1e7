"""An endpoint that does nothing: how many requests could our own generator send at most?

Run as a process of its own, it answers everything at once, and says its port on its first line.
"""

import asyncio
import json
import sys

from gateway.chat import Target
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.runner import Runner
from gateway.experiments.site import HostedSite

BODY = json.dumps(
    {"choices": [{"message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}]}
).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(BODY),
    BODY,
)
END = b"\r\n\r\n"
WARM_S = 0.1
MOST_RPS = 20_000
"""More than any machine reaches: how many requests a plan holds for each second."""


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


async def ceiling_rps(concurrency: int, *, seconds: float = 0.5) -> float:
    """Return how many requests a second our runner sends to an endpoint that does nothing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __spec__.name if __spec__ else "gateway.experiments.null",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        url = f"http://127.0.0.1:{int(await process.stdout.readline())}"
        await reached_rps(url, concurrency, seconds=WARM_S)  # caches get warm
        return await reached_rps(url, concurrency, seconds=seconds)
    finally:
        process.stdin.close()
        await process.wait()


async def reached_rps(url: str, concurrency: int, *, seconds: float) -> float:
    """Return how many requests a second the runner finishes there, their rows included."""
    runner = Runner(
        _plan(concurrency, round(MOST_RPS * seconds)),
        HostedSite(Target(name="nothing", base_url=url)),
        run_id="null",
        keep=lambda batch: None,
    )
    asyncio.get_running_loop().call_later(seconds, runner.stop)
    progress = await runner.run()
    return progress.done / progress.elapsed_s


def _plan(concurrency: int, requests: int) -> Plan:
    asked = Variant(id="a", label="A", provider="openai", model="none", concurrency=concurrency)
    call = Call(seq=0, variant="a", prompt="Nothing.", prompt_id="p")
    return Plan(
        recipe=Recipe(preset="null", cap_usd=None),
        title="",
        question="",
        primary="throughput_s",
        variants=(asked,),
        calls=(call,) * requests,
    )


if __name__ == "__main__":
    asyncio.run(serve())
