"""Drift: whether this machine's wall clock moves as its steady one does.

Runs are timed on a clock that never jumps. A wall clock that does was set by somebody, or the
machine slept: what was measured stands, but whoever reads it has to know.
"""

from collections.abc import Callable

JUMP_S = 1.0
"""Seconds between two looks by which the clocks may part; slewing is far slower."""


class Drift:
    """Two clocks that are compared now and then.

    Args:
        wall: Seconds since the epoch, which may jump.
        steady: Seconds from any fixed point, which don't.
    """

    def __init__(self, wall: Callable[[], float], steady: Callable[[], float]) -> None:
        self._wall, self._steady = wall, steady
        self._apart_s = wall() - steady()

    def jumped_s(self) -> float | None:
        """Return by how much the wall clock jumped since the last look; ``None`` if it didn't."""
        apart_s = self._wall() - self._steady()
        jump_s, self._apart_s = apart_s - self._apart_s, apart_s
        return jump_s if abs(jump_s) > JUMP_S else None


def told(jump_s: float, done: int) -> str:
    """Say what a jump means for a run.

    Args:
        done: Requests that were finished when it was seen.
    """
    return (
        f"This machine's clock jumped by {jump_s:+,.0f} s after {done:,} requests, or the machine "
        "slept. Latencies don't depend on that clock; what a hosted gateway stored has aged."
    )
