"""The load generator: one job a line on stdin, what was measured a line on stdout.

A closed loop: each connection sends its next request when the last answer is complete. Every
answer is checked: status 200, and the serial number of its own request in it.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import cast
from urllib.parse import urlsplit

import httptools
from uvicorn.config import Config

from bench.upstream import DIGITS

SERIAL_MARK = "%SERIAL%"
CONTENT = b'"content":"'
PATIENCE_S = 20.0
"""How long nobody may get an answer before the run has failed."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to send.

    Attributes:
        body: ``%SERIAL%`` in it becomes the request's number.
        fixed: Every request has number 0, so that all of them are alike.
        seconds: Nothing new is sent after so long.
        requests: Or after so many requests, all connections together.
        expect: Stands in every answer; ``%SERIAL%`` in it becomes the request's number.
        streamed: Answers are streams of the stub's stamped chunks.
        stagger_s: Connections begin one after another within this time, not all in one moment.
    """

    url: str
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    fixed: bool = False
    connections: int = 1
    seconds: float | None = None
    requests: int | None = None
    expect: str = f"serial {SERIAL_MARK}"
    streamed: bool = False
    stagger_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Median and 99th percentile of some durations, in milliseconds, and how many there were."""

    n: int
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What came of a job.

    Attributes:
        failures: One sentence for each request that failed; empty in a valid run.
        total: From request to complete answer.
        first: Streams: from request to first chunk, without the stub's own time before it.
        chunks: Streams: from a chunk's departure at the stub to its arrival here, first excepted.
        cpu_us: Processor time of the target per request, which doesn't depend on who else uses the
            machine; added by the rig, as is the next.
        generator_busy: Share of the time that this generator was at work; near 1 it is the limit.
    """

    requests: int
    failures: list[str]
    elapsed_s: float
    total: Spread
    first: Spread | None = None
    chunks: Spread | None = None
    cpu_us: float = float("nan")
    generator_busy: float = float("nan")


class Tally:
    """A job while it runs: what is still to be sent, and all that was measured."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.sent = 0
        self.failures: list[str] = []
        self.total_ns: list[int] = []
        self.first_ns: list[int] = []
        self.chunk_ns: list[int] = []
        self.started_ns = time.monotonic_ns()
        self.ended_ns = self.started_ns

    def take(self) -> int | None:
        """Return the number of the next request; ``None`` when enough have been sent."""
        job = self.job
        if job.requests is not None and self.sent >= job.requests:
            return None
        if job.seconds is not None and time.monotonic_ns() - self.started_ns > job.seconds * 1e9:
            return None
        self.sent += 1
        return 0 if job.fixed else self.sent

    def measured(self) -> Measured:
        """Sum up."""
        return Measured(
            requests=self.sent,
            failures=self.failures[:5],
            elapsed_s=(self.ended_ns - self.started_ns) / 1e9,
            total=spread(self.total_ns),
            first=spread(self.first_ns) if self.job.streamed else None,
            chunks=spread(self.chunk_ns) if self.job.streamed else None,
        )


class Connection(asyncio.Protocol):
    """One connection in its closed loop."""

    def __init__(self, tally: Tally) -> None:
        job = tally.job
        self.ended = asyncio.get_running_loop().create_future()
        self._tally = tally
        self._parser = httptools.HttpResponseParser(self)
        self._streamed = job.streamed
        self._request = _request(job)
        self._expect = job.expect.encode()
        self._body = b""
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def begin(self) -> None:
        """Send the next request, or close where enough have been sent."""
        number = self._tally.take()
        if number is None:
            self._transport.close()
            return
        self._serial = b"%0*d" % (DIGITS, number)
        self._waiting = True
        self._chunks_seen = 0
        self._sent_ns = time.monotonic_ns()
        self._transport.write(self._request.replace(SERIAL_MARK.encode(), self._serial))

    def data_received(self, data: bytes) -> None:
        self._now_ns = time.monotonic_ns()
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._body = b""

    def on_body(self, body: bytes) -> None:
        self._body += body
        if self._streamed:
            *events, self._body = self._body.split(b"\n\n")
            for event in events:
                self._event(event)

    def _event(self, event: bytes) -> None:
        start = event.find(CONTENT) + len(CONTENT)
        if start < len(CONTENT):
            return
        came_ns, left_ns = map(int, event[start : event.index(b'"', start)].split())
        if self._chunks_seen:
            self._tally.chunk_ns.append(self._now_ns - left_ns)
        else:
            self._tally.first_ns.append((self._now_ns - self._sent_ns) - (left_ns - came_ns))
        self._chunks_seen += 1

    def on_message_complete(self) -> None:
        tally, status = self._tally, self._parser.get_status_code()
        self._waiting = False
        tally.ended_ns = self._now_ns
        tally.total_ns.append(self._now_ns - self._sent_ns)
        expected = self._expect.replace(SERIAL_MARK.encode(), self._serial)
        if status != 200:
            tally.failures.append(f"status {status}: {self._body[:200]!r}")
        elif self._streamed and not self._chunks_seen:
            tally.failures.append("a stream without chunks")
        elif not self._streamed and expected not in self._body:
            tally.failures.append(f"not the answer to this request: {self._body[:200]!r}")
        self.begin()

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting:
            self._tally.failures.append(f"the connection broke: {error}")
        if not self.ended.done():
            self.ended.set_result(None)


def spread(durations_ns: list[int]) -> Spread:
    """Return median and 99th percentile; NaN where there is too little to tell."""
    if len(durations_ns) < 2:
        return Spread(n=len(durations_ns), p50_ms=float("nan"), p99_ms=float("nan"))
    cuts = statistics.quantiles(durations_ns, n=100, method="inclusive")
    return Spread(n=len(durations_ns), p50_ms=cuts[49] / 1e6, p99_ms=cuts[98] / 1e6)


async def measure(job: Job) -> Measured:
    """Run one job: connect first, then start the clock."""
    loop = asyncio.get_running_loop()
    address = urlsplit(job.url)
    host, port = address.hostname or "", address.port or 80
    tally = Tally(job)
    connections = [
        (await loop.create_connection(lambda: Connection(tally), host, port))[1]
        for _ in range(job.connections)
    ]
    tally.started_ns = time.monotonic_ns()
    for number, connection in enumerate(connections):
        loop.call_later(job.stagger_s * number / len(connections), connection.begin)
    late = {connection.ended for connection in connections}
    answered = -1
    while late and len(tally.total_ns) > answered:
        answered = len(tally.total_ns)
        _, late = await asyncio.wait(late, timeout=PATIENCE_S)
    if late:
        tally.failures.append(f"{len(late)} connections got no answer within {PATIENCE_S:g} s")
    return tally.measured()


def _request(job: Job) -> bytes:
    """Write the request once; its length doesn't depend on the serial number."""
    address = urlsplit(job.url)
    length = len(job.body.replace(SERIAL_MARK, "0" * DIGITS).encode())
    lines = [
        f"POST {address.path} HTTP/1.1",
        f"host: {address.netloc}",
        "content-type: application/json",
        f"content-length: {length}",
        *(f"{name}: {value}" for name, value in job.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + job.body).encode()


def main() -> None:
    """Do jobs until stdin ends."""
    with asyncio.Runner(loop_factory=Config(app="").get_loop_factory()) as runner:
        for line in sys.stdin:
            measured = runner.run(measure(Job(**json.loads(line))))
            sys.stdout.write(json.dumps(asdict(measured)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
