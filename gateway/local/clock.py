"""Time and chance, passed in: the gateway never reads a clock or a random source of its own.

All times of the local gateway are *emulated*: with a scale of 60, one real second is a minute, so
that a 60 s cache lifetime can be watched in one.
"""

import asyncio
import hashlib
import random
import time
from collections.abc import Awaitable, Callable


class Clock:
    """Emulated time.

    Args:
        scale: Emulated seconds per real second, above 0.
        wall: Real seconds since the epoch. Read once; ``steady`` carries on from there, so that
            a wall clock that jumps doesn't move emulated time.
        steady: Real seconds from any fixed point, never going back.
        sleep: Waits real seconds.
    """

    def __init__(
        self,
        *,
        scale: float = 1.0,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if not scale > 0:
            raise ValueError("scale must be above 0 emulated seconds per real second")
        self.scale = scale
        self._steady = steady
        self._sleep = sleep
        self._start_wall = wall()
        self._start_steady = steady()

    def now(self) -> float:
        """Emulated seconds since the epoch; begins at the real time of the start."""
        return self._start_wall + (self._steady() - self._start_steady) * self.scale

    def steady(self) -> float:
        """Emulated seconds from any fixed point, for durations."""
        return self._steady() * self.scale

    async def sleep(self, seconds: float) -> None:
        """Wait emulated seconds; at once for 0 or less."""
        if seconds > 0:
            await self._sleep(seconds / self.scale)

    def real(self, seconds: float) -> float:
        """Real seconds that so many emulated seconds take."""
        return seconds / self.scale


def chance(*parts: object) -> random.Random:
    """Return a random source that is the same for the same parts, on every machine and run."""
    text = "\n".join(str(part) for part in parts)
    return random.Random(hashlib.sha256(text.encode()).digest())
