"""What keeps the generator punctual: connections opened beforehand, short turns of the event loop.

A call that has to open its connection first, or that waits behind a hundred others which begin in
the same turn of the loop, would be read as a slow gateway.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping

from gateway.experiments.plan import Call, Variant
from gateway.experiments.site import Site

MOST_READY = 64
"""Connections that are opened beforehand for an open loop."""


class Turns:
    """Turns of the event loop that are given out one by one, first come, first served."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def take(self) -> None:
        """Wait for a turn of one's own. Before the next one the loop sees what has arrived."""
        await self._lock.acquire()
        asyncio.get_running_loop().call_soon(self._lock.release)


def connections(
    calls: Iterable[Call], variants: Mapping[str, Variant], site: Site
) -> dict[str, int]:
    """Return how many connections calls are likely to need at once, by address.

    A closed loop has its number; of an open loop, as many as begin within one real second.
    """
    needed: Counter[str] = Counter()
    begin: dict[str, Counter[int]] = {}
    for call in calls:
        variant = variants[call.variant]
        if variant.transport != "http" or variant.fresh_connection:
            continue
        url = site.target(variant.gateway, call.user).base_url
        if call.at_s is None:
            needed[url] = max(needed[url], variant.concurrency)
        else:
            begin.setdefault(url, Counter())[int(call.at_s / site.scale)] += 1
    for url, seconds in begin.items():
        needed[url] += min(max(seconds.values()), MOST_READY)
    return dict(needed)
