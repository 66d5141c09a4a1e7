"""drift: a wall clock that jumps is seen, one that is merely set right is not."""

import pytest

from gateway.experiments.drift import Drift, told


class Clock:
    """A clock that says what it is told."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.mark.parametrize(
    ("steady_s", "wall_s", "jump"),
    [(0.5, 0.5, None), (0.5, 0.6, None), (0.5, 3600.5, 3600.0), (0.5, -59.5, -60.0)],
)
def test_jumps_are_seen_once(steady_s, wall_s, jump):
    """In both directions; what is slewed isn't a jump."""
    wall, steady = Clock(1_000_000.0), Clock(5.0)
    drift = Drift(wall, steady)
    wall.now, steady.now = wall.now + wall_s, steady.now + steady_s

    assert drift.jumped_s() == (None if jump is None else pytest.approx(jump))
    assert drift.jumped_s() is None


def test_jump_is_told_with_its_place():
    """How far, and after how many requests."""
    assert "jumped by -60 s after 1,200 requests" in told(-60.2, 1200)
