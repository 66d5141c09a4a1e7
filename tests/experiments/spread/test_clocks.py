"""Clocks: what is said of the error holds, however a network delays."""

import pytest

from gateway.experiments.spread import clocks
from gateway.experiments.spread.clocks import Offset, Sample

AHEAD_S = 1000.0


def samples(trips):
    """Questions to a worker whose clock is ahead, with the way there and back of each."""
    found, now = [], 5.0
    for there_s, back_s in trips:
        told = now + there_s + AHEAD_S
        found.append(Sample(asked_s=now, told_s=told, here_s=now + there_s + back_s))
        now += 1
    return found


@pytest.mark.parametrize(
    "trips",
    [
        [(0.001, 0.001)],
        [(0.010, 0.001), (0.030, 0.002)],
        [(0.000, 0.008), (0.2, 0.2)],
        [(0.5, 0.5), (0.0001, 0.004), (0.3, 0.0)],
    ],
)
def test_truth_lies_within_the_error(trips):
    """Also where one way takes longer than the other."""
    found = clocks.offset(samples(trips))

    assert abs(found.offset_s - AHEAD_S) <= found.error_s + 1e-9
    assert found.error_s == pytest.approx(min(there + back for there, back in trips) / 2)


@pytest.mark.parametrize(
    ("after", "error_s"),
    [
        (Offset(offset_s=10.0, error_s=0.002), 0.002),
        (Offset(offset_s=10.0, error_s=0.0005), 0.001),
        (Offset(offset_s=10.003, error_s=0.001), 0.004),
        (None, 0.001),
    ],
)
def test_drift_counts_as_error(after, error_s):
    """What a clock has moved between start and end may be wrong anywhere in between."""
    before = Offset(offset_s=10.0, error_s=0.001)

    assert clocks.error_s(before, after) == pytest.approx(error_s)
