"""Clocks of workers beside ours: how far apart, and how sure that is.

A worker is asked for its moment; it told it somewhere between our question and its arrival here.
The middle is wrong by half of the round trip at most, so the shortest trip of several says most.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One question: when we asked and when the answer was here, by our clock, and the answer."""

    asked_s: float
    told_s: float
    here_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """What to add to a moment of ours to have the worker's; off by ``error_s`` at most."""

    offset_s: float
    error_s: float


def offset(samples: Sequence[Sample]) -> Offset:
    """Return the offset that the shortest round trip tells."""
    best = min(samples, key=lambda sample: sample.here_s - sample.asked_s)
    middle_s = (best.asked_s + best.here_s) / 2
    return Offset(offset_s=best.told_s - middle_s, error_s=(best.here_s - best.asked_s) / 2)


def error_s(before: Offset, after: Offset | None) -> float:
    """Return how far moments of a run may be off that was aligned by ``before``.

    Args:
        after: The offset at the run's end; what moved meanwhile (drift) counts as error.
            ``None`` where the worker couldn't be asked any more.
    """
    if after is None:
        return before.error_s
    drift_s = abs(after.offset_s - before.offset_s)
    return max(before.error_s, after.error_s) + drift_s
