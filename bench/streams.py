"""Paced streams: what the gateway, and nginx, add to the first chunk and to each later one.

The stub stamps each chunk with the machine's monotonic clock; its own time before the first chunk
is taken off. "Forwarded at once" is read as: half of all later chunks, and 99 of 100, arrive less
than a millisecond later than they do without a gateway.
"""

from collections.abc import Iterator

from bench.figures import Figure, Goal
from bench.load import Measured, Spread
from bench.rig import Rig, job
from bench.runs import STREAM, added, always, in_turns
from bench.upstream import CHUNKS, FIRST_S, GAP_S

PACE = f"{CHUNKS} chunks, the first after {FIRST_S * 1000:g} ms, then one every {GAP_S * 1000:g} ms"
WHOLE_S = FIRST_S + CHUNKS * GAP_S
"""What a stream takes."""


def single(rig: Rig) -> Iterator[Figure]:
    """One stream at a time."""
    yield from _streams(
        rig,
        "one",
        connections=1,
        requests=10,
        first={("ours", "p50"): Goal(bound=1.0)},
        later={("ours", "p50"): Goal(bound=1.0), ("ours", "p99"): Goal(bound=1.0)},
    )


def crowd(rig: Rig) -> Iterator[Figure]:
    """64 streams at once: begun one after another, and all of them in the same moment."""
    for begun, stagger_s in (("one after another", WHOLE_S), ("in one moment", 0.0)):
        yield from _streams(
            rig,
            f"64 begun {begun}",
            connections=64,
            requests=256,
            stagger_s=stagger_s,
            first={("ours", "p99"): Goal(bound=10.0)},
            later={},
        )


def _streams(
    rig: Rig,
    name: str,
    *,
    connections: int,
    requests: int,
    stagger_s: float = 0.0,
    first: dict[tuple[str, str], Goal],
    later: dict[tuple[str, str], Goal],
) -> Iterator[Figure]:
    section = f"Streams: {name} ({PACE})"
    targets = [rig.direct(), *rig.by_nginx("pass/chat/completions"), rig.through("ours")]
    work = job(
        body=STREAM,
        connections=connections,
        requests=requests,
        streamed=True,
        stagger_s=stagger_s,
    )
    source, *taken = in_turns(rig, targets, always(work), rounds=5)
    names = [target.name for target in targets[1:]]
    firsts = dict(zip(names, map(_firsts, taken), strict=True))
    yield from added(section, f"{name}: first chunk", _firsts(source), firsts, first)
    chunks = dict(zip(names, map(_chunks, taken), strict=True))
    yield from added(section, f"{name}: later chunk", _chunks(source), chunks, later)


def _firsts(measured: list[Measured]) -> list[Spread]:
    return [each.first for each in measured if each.first is not None]


def _chunks(measured: list[Measured]) -> list[Spread]:
    return [each.chunks for each in measured if each.chunks is not None]
