"""What is measured. Each scenario is a function from a rig to figures.

Targets take turns within a round, and a figure is the median of its rounds: what disturbs the
machine for a second disturbs all targets alike, or one round only.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import SERIAL_MARK, Measured, Spread
from bench.rig import ROOT, Invalid, Rig, Target, job
from bench.upstream import CHUNKS, FIRST_S, GAP_S
from gateway.local.server import LocalServer
from gateway.local.store import LOGS_KEPT

Json = Any
BODY = json.dumps(
    {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": f"Please answer with serial {SERIAL_MARK}."}],
    }
)
STREAM = json.dumps({**json.loads(BODY), "stream": True})
APP_PACKAGE = "gateway.workbench"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured value, with the values of the rounds that it is the median of."""

    section: str
    name: str
    value: float
    unit: str
    rounds: tuple[float, ...] = ()


def latency(rig: Rig) -> Iterator[Figure]:
    """One connection, answers that aren't streamed: what the gateway adds to each."""
    section = "Latency of one call at a time, not streamed, not cached"
    direct, through = in_turns(
        rig,
        [rig.direct(), rig.through("pass-through")],
        always(job(body=BODY, seconds=0.6)),
        rounds=7,
    )
    yield from _compared(section, "", _totals(direct), _totals(through))


def throughput(rig: Rig) -> Iterator[Figure]:
    """64 connections: direct, passed through, stored on the way, and answered by the cache."""
    section = "Throughput at 64 connections"
    stored = rig.through("miss, stored in the cache", cached=True)
    hit = rig.through("cached hit", passes=False, cached=True)
    targets = [rig.direct(), rig.through("pass-through"), stored, hit]
    rig.run(stored, job(body=BODY, requests=1, fixed=True))
    turn = 0

    def work(target: Target) -> Json:
        nonlocal turn
        turn += 1
        # A question of its own for each turn, so that no turn hits what an earlier one has stored.
        body = BODY if target is hit else BODY.replace("Please", f"In turn {turn}, please")
        return job(body=body, connections=64, seconds=0.8, fixed=target is hit)

    direct, *others = in_turns(rig, targets, work, rounds=5)
    reference = _rates(direct)
    yield _figure(section, "direct", "req/s", reference)
    for target, measured in zip(targets[1:], others, strict=True):
        rates = _rates(measured)
        yield _figure(section, target.name, "req/s", rates)
        ratios = [mine / theirs for mine, theirs in zip(rates, reference, strict=True)]
        yield _figure(section, f"{target.name}, share of direct", "x", ratios)
        cpu_us = [each.gateway_cpu_us for each in measured]
        yield _figure(section, f"{target.name}, processor time of the gateway", "us", cpu_us)
    yield from _logged(rig, section)


def streams(rig: Rig) -> Iterator[Figure]:
    """Paced streams: what the gateway adds to the first chunk, and to each later one.

    The stub stamps each chunk with the machine's monotonic clock; its own time before the first
    chunk is taken off.
    """
    for connections, requests, name in ((1, 5, "one stream"), (32, 96, "32 streams at once")):
        section = (
            f"Streaming, {name} ({CHUNKS} chunks, the first after {FIRST_S * 1000:g} ms, "
            f"then one every {GAP_S * 1000:g} ms)"
        )
        work = job(body=STREAM, connections=connections, requests=requests, streamed=True)
        direct, through = in_turns(
            rig,
            [rig.direct(), rig.through("pass-through")],
            always(work),
            rounds=5,
        )
        for what, pick in (("time to first chunk", _firsts), ("delay of a later chunk", _chunks)):
            yield from _compared(section, f"{what}, ", pick(direct), pick(through))


def simulated(rig: Rig) -> Iterator[Figure]:
    """The simulated provider without its waiting: how fast it can talk."""
    section = "Simulated provider that never waits, 64 connections"
    with LocalServer.start(instant=True) as server:
        target = Target(
            name="simulated",
            url=f"{server.gateway_url()}/openai/chat/completions",
            headers={"cf-aig-skip-cache": "true"},
            passes=None,
        )
        for name, body, expect in (
            ("whole answers", BODY, '"chat.completion"'),
            ("streams", STREAM, "data: [DONE]"),
        ):
            work = job(body=body, connections=64, seconds=0.8, expect=expect)
            (measured,) = in_turns(rig, [target], always(work), rounds=3)
            yield _figure(section, name, "req/s", _rates(measured))


def start(rig: Rig) -> Iterator[Figure]:
    """How long a gateway takes from nothing to its first answer, with a fresh data directory."""
    section = "Start"
    seconds = [_until_first_answer() for _ in range(5)]
    yield _figure(section, "gateway process until its first answer", "s", seconds)


def imports(rig: Rig) -> Iterator[Figure]:
    """How long the app's own package takes to import, everything it needs included."""
    section = "Import of " + APP_PACKAGE
    cold, warm = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as place:
            shutil.copytree(
                ROOT / "gateway",
                Path(place) / "gateway",
                ignore=shutil.ignore_patterns("__pycache__"),
            )
            cold.append(_import_s(place))
            warm.append(_import_s(place))
    yield _figure(section, "cold: our modules not compiled yet", "s", cold)
    yield _figure(section, "warm", "s", warm)


def in_turns(
    rig: Rig, targets: list[Target], work: Callable[[Target], Json], *, rounds: int
) -> list[list[Measured]]:
    """Return what each target measured in each round, after one round to warm up."""
    for target in targets:
        rig.run(target, work(target))
    taken = [[rig.run(target, work(target)) for target in targets] for _ in range(rounds)]
    return [list(each) for each in zip(*taken, strict=True)]


def always(work: Json) -> Callable[[Target], Json]:
    """Return the choice of a job that is the same for every target and turn."""
    return lambda target: work


def _compared(
    section: str, what: str, direct: list[Spread], through: list[Spread]
) -> Iterator[Figure]:
    """Yield p50 and p99 of both ways, and the difference within each round."""
    for name in ("p50", "p99"):
        near = [getattr(each, f"{name}_ms") for each in direct]
        far = [getattr(each, f"{name}_ms") for each in through]
        added = [b - a for a, b in zip(near, far, strict=True)]
        yield _figure(section, f"{what}direct, {name}", "ms", near)
        yield _figure(section, f"{what}through the gateway, {name}", "ms", far)
        yield _figure(section, f"{what}ADDED, {name}", "ms", added)


def _logged(rig: Rig, section: str) -> Iterator[Figure]:
    """Prove that logging was on: every request has its row, up to the log's cap."""
    started = time.monotonic()
    rows = rig.logged()
    waited_s = time.monotonic() - started
    if rows < min(rig.served, LOGS_KEPT):
        raise Invalid(f"{rows} log rows for {rig.served} requests")
    yield Figure(section=section, name="log rows kept", value=rows, unit="rows")
    yield Figure(section=section, name="until the last row was written", value=waited_s, unit="s")


def _until_first_answer() -> float:
    body = BODY.replace(SERIAL_MARK, "1").encode()
    started = time.monotonic()
    with LocalServer.start(instant=True) as server:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(
            f"{server.gateway_url()}/openai/chat/completions",
            data=body,
            headers={"content-type": "application/json"},
        )
        with opener.open(request, timeout=30) as answer:
            answer.read()
        return time.monotonic() - started


def _import_s(place: str) -> float:
    code = (
        "import time; started = time.monotonic(); "
        f"import {APP_PACKAGE}; print(time.monotonic() - started)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def _figure(section: str, name: str, unit: str, rounds: list[float]) -> Figure:
    value = statistics.median(rounds)
    return Figure(section=section, name=name, value=value, unit=unit, rounds=tuple(rounds))


def _rates(measured: list[Measured]) -> list[float]:
    return [each.requests / each.elapsed_s for each in measured]


def _totals(measured: list[Measured]) -> list[Spread]:
    return [each.total for each in measured]


def _firsts(measured: list[Measured]) -> list[Spread]:
    return [each.first for each in measured if each.first is not None]


def _chunks(measured: list[Measured]) -> list[Spread]:
    return [each.chunks for each in measured if each.chunks is not None]


SCENARIOS = (latency, throughput, streams, simulated, start, imports)
