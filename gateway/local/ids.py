"""Ids of requests, log rows and events: lower-case UUIDv7, ordered by emulated time."""

import random

from gateway.local.clock import Clock


class Ids:
    """A source of UUIDv7 (RFC 9562): a millisecond time stamp, then a counter, then chance.

    The 12-bit counter keeps ids of one millisecond in order; when it runs over, the time stamp
    moves ahead of the clock by one millisecond.
    """

    def __init__(self, clock: Clock, source: random.Random | None = None) -> None:
        self._clock = clock
        # Ids are unique, not secret. Asking the operating system each time was a tenth of a hit.
        self._source = source or random.Random()
        self._ms = 0
        self._count = 0

    def new(self) -> str:
        """Return a fresh id, greater than all before it."""
        ms = int(self._clock.now() * 1000)
        if ms > self._ms:
            self._ms, self._count = ms, 0
        else:
            self._count += 1
            if self._count > 0xFFF:
                self._ms, self._count = self._ms + 1, 0
        value = self._ms << 80 | 0x7000 << 64 | self._count << 64
        value |= 0x2 << 62 | self._source.getrandbits(62)
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
