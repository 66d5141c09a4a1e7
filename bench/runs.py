"""What scenarios share: what is sent, targets in turns, and how their rounds become figures.

Targets take turns within a round, and a figure is the median of its rounds: what disturbs the
machine for a second disturbs all targets alike, or one round only.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench.figures import Figure, Goal, figure
from bench.load import SERIAL_MARK, Measured, Spread
from bench.rig import Rig, Target, job

Json = Any
BODY = json.dumps(
    {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": f"Please answer with serial {SERIAL_MARK}."}],
    }
)
FIXED = job(body=BODY, requests=1, fixed=True)
"""Asks once what hits ask for."""
STREAM = json.dumps({**json.loads(BODY), "stream": True})


def in_turns(
    rig: Rig, targets: Sequence[Target], work: Callable[[Target], Json], *, rounds: int
) -> list[list[Measured]]:
    """Return what each target measured in each round, after one round to warm up."""
    for target in targets:
        rig.run(target, work(target))
    taken = [[rig.run(target, work(target)) for target in targets] for _ in range(rounds)]
    return [list(each) for each in zip(*taken, strict=True)]


def always(work: Json) -> Callable[[Target], Json]:
    """Return the choice of a job that is the same for every target and turn."""
    return lambda target: work


def rates(measured: list[Measured]) -> list[float]:
    """Return requests per second, round by round."""
    return [each.requests / each.elapsed_s for each in measured]


def p50s(measured: list[Measured]) -> list[float]:
    """Return the median latency in ms, round by round."""
    return [each.total.p50_ms for each in measured]


def ratios(mine: list[float], theirs: list[float]) -> list[float]:
    """Return one by the other, within each round."""
    return [a / b for a, b in zip(mine, theirs, strict=True)]


def shares(section: str, target: Target, measured: list[Measured]) -> Iterator[Figure]:
    """Yield what a target did, and what it and the generator took for it."""
    yield figure(section, target.name, "req/s", rates(measured))
    cpu_us = [each.cpu_us for each in measured]
    yield figure(section, f"{target.name}, its processor time per request", "us", cpu_us)
    busy = [each.generator_busy for each in measured]
    yield figure(section, f"{target.name}, load generator busy", "share", busy)


def added(
    section: str,
    what: str,
    source: list[Spread],
    targets: dict[str, list[Spread]],
    goals: dict[tuple[str, str], Goal],
) -> Iterator[Figure]:
    """Yield p50 and p99 of the source and of each target, and what a target adds in each round.

    Args:
        goals: By target and ``"p50"`` or ``"p99"``.
    """
    for name in ("p50", "p99"):
        near = [getattr(each, f"{name}_ms") for each in source]
        yield figure(section, f"{what}, direct, {name}", "ms", near)
        for target, spreads in targets.items():
            far = [getattr(each, f"{name}_ms") for each in spreads]
            more = [b - a for a, b in zip(near, far, strict=True)]
            goal = goals.get((target, name))
            yield figure(section, f"{what}, ADDED by {target}, {name}", "ms", more, goal)
