"""The lease of a run that costs money: how long it goes on when nobody looks at it."""

import asyncio
from collections.abc import Callable

LOOK_S = 0.5
"""How often it is asked whether anybody is there."""


async def over(
    alive: Callable[[], bool],
    lease_s: float | None,
    *,
    clock: Callable[[], float],
    look_s: float = LOOK_S,
) -> None:
    """Return once nobody has been there for as long as the lease says.

    Args:
        lease_s: ``None`` is for ever.
        clock: Real seconds from any fixed point.
    """
    left_at: float | None = None
    while True:
        await asyncio.sleep(look_s)
        if lease_s is None or alive():
            left_at = None
        elif left_at is None:
            left_at = clock()
        elif clock() - left_at >= lease_s:
            return
