"""Throughput and latency beside nginx. Each scenario is a function from a rig to figures."""

import time
from collections.abc import Iterator
from typing import Any

from bench.figures import Figure, Goal, figure
from bench.rig import Invalid, Rig, Target, job
from bench.runs import BODY, FIXED, STREAM, always, in_turns, p50s, rates, ratios, shares
from gateway.local.logqueue import LOGS_KEPT

Json = Any
CROWD = 64


def ceiling(rig: Rig) -> Iterator[Figure]:
    """What the load generator reaches where the answer costs nothing."""
    section = "The load generator itself, 64 connections"
    for target in rig.by_nginx("null", passes=None):
        measured = in_turns(rig, [target], always(_work(fixed=True)), rounds=3)
        yield figure(section, "answers from nginx itself", "req/s", rates(measured[0]))


def hits(rig: Rig) -> Iterator[Figure]:
    """Answers from the cache, nginx's and ours."""
    mine = rig.through("ours", passes=False, cached=True)
    theirs = rig.by_nginx("cached/chat/completions", passes=False)
    for target in (mine, *theirs):
        rig.fill(target, FIXED)
    yield from _beside_nginx(rig, "Cache hits", mine, theirs, share=0.3, times=1.5)


def passed(rig: Rig) -> Iterator[Figure]:
    """Answers that are passed through, not cached and not streamed."""
    theirs = rig.by_nginx("pass/chat/completions")
    mine = rig.through("ours")
    yield from _beside_nginx(rig, "Pass-through", mine, [rig.direct(), *theirs], share=0.1, times=2)


def stored(rig: Rig) -> Iterator[Figure]:
    """Answers that are passed through and left in the cache on the way."""
    target, turn = rig.through("ours", cached=True), 0

    def work(_: Target) -> Json:
        nonlocal turn
        turn += 1
        # A question of its own for each turn, so that no turn hits what an earlier one has stored.
        return _work(body=BODY.replace("Please", f"In turn {turn}, please"))

    (measured,) = in_turns(rig, [target], work, rounds=3)
    yield from shares("Misses that are stored, 64 connections", target, measured)


def logging(rig: Rig) -> Iterator[Figure]:
    """What the log costs: the same requests with and without a row."""
    section = "Logging, 64 connections"
    for name, cached in (("cache hits", True), ("pass-through", False)):
        way = {"passes": not cached, "cached": cached}
        with_log, without = rig.through("on", **way), rig.through("off", logs=False, **way)
        if cached:
            rig.fill(with_log, FIXED)
        on, off = in_turns(rig, [with_log, without], always(_work(fixed=cached)), rounds=5)
        cost = [1 - ratio for ratio in ratios(rates(on), rates(off))]
        goal = Goal(bound=0.15)
        yield figure(section, f"{name}: throughput that the log takes", "share", cost, goal)
        # The same by processor time, which doesn't depend on who else uses the machine.
        used = ratios([each.cpu_us for each in off], [each.cpu_us for each in on])
        less = [1 - ratio for ratio in used]
        yield figure(section, f"{name}: processor time that the log takes", "share", less)
    yield from _rows(rig, section)


def simulated(rig: Rig) -> Iterator[Figure]:
    """The simulated provider without its waiting: how fast it can talk."""
    section = "Simulated provider that never waits, 64 connections"
    with rig.gateway(instant=True) as server:
        target = Target(
            name="simulated",
            url=f"{server.gateway_url()}/openai/chat/completions",
            headers={"cf-aig-skip-cache": "true"},
            passes=None,
            pid=server.pid,
        )
        for name, body, expect in (
            ("whole answers", BODY, '"chat.completion"'),
            ("streams", STREAM, "data: [DONE]"),
        ):
            work = always(_work(body=body, expect=expect))
            (measured,) = in_turns(rig, [target], work, rounds=3)
            yield figure(section, name, "req/s", rates(measured))


def _beside_nginx(
    rig: Rig, section: str, mine: Target, others: list[Target], *, share: float, times: float
) -> Iterator[Figure]:
    """Yield throughput at 64 connections and latency at one, with their goals.

    Args:
        others: nginx last; without it there is nothing to be compared with.
        share: Of nginx's throughput that ours should reach.
        times: How often nginx's median latency ours may take.
    """
    targets, fixed = [*others, mine], mine.passes is False
    compared = any(target.name == "nginx" for target in others)
    place = f"{section}, 64 connections"
    taken = in_turns(rig, targets, always(_work(fixed=fixed)), rounds=5)
    for target, measured in zip(targets, taken, strict=True):
        yield from shares(place, target, measured)
    if compared:
        found = ratios(rates(taken[-1]), rates(taken[-2]))
        goal = Goal(bound=share, at_least=True)
        yield figure(place, f"{section}: throughput, ours by nginx's", "x", found, goal)
        used = [[each.cpu_us for each in taken[at]] for at in (-2, -1)]
        found = ratios(*used)
        yield figure(place, f"{section}: by processor time, nginx's by ours", "x", found)
    place = f"{section}, one connection"
    work = always(job(body=BODY, seconds=0.6, fixed=fixed))
    taken = in_turns(rig, targets, work, rounds=7)
    for target, measured in zip(targets, taken, strict=True):
        yield figure(place, f"{target.name}, p50", "ms", p50s(measured))
        p99s = [each.total.p99_ms for each in measured]
        yield figure(place, f"{target.name}, p99", "ms", p99s)
    if compared:
        found = ratios(p50s(taken[-1]), p50s(taken[-2]))
        yield figure(place, f"{section}: p50, ours by nginx's", "x", found, Goal(bound=times))


def _work(*, body: str = BODY, fixed: bool = False, **more: Any) -> Json:
    return job(body=body, connections=CROWD, seconds=0.8, fixed=fixed, **more)


def _rows(rig: Rig, section: str) -> Iterator[Figure]:
    """Prove that logging was on: every request has its row, up to the log's cap."""
    started = time.monotonic()
    rows = rig.logged()
    waited_s = time.monotonic() - started
    if rows < min(rig.served, LOGS_KEPT):
        raise Invalid(f"{rows} log rows for {rig.served} requests")
    yield Figure(section=section, name="log rows kept", value=rows, unit="rows")
    yield Figure(section=section, name="until the last row was written", value=waited_s, unit="s")
