"""Gaps: when each piece of an answer came, and what that says about its way.

streamed    ▏ ▏▏ ▏▏ ▏ ▏▏ ▏     pieces come while the model writes
buffered             ▏▏▏▏▏     somebody held them back and let them go at once, or in lumps
replayed    ▏                  from the gateway's cache: no model wrote
whole                    ▏     asked for in one piece
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from gateway.chat import Exchange, Reply

Verdict = Literal["streamed", "buffered", "replayed", "whole", "unclear"]

FEWEST = 5
"""Chunks below which an arrival pattern says nothing."""

QUICK_S = 0.02
"""An answer that is over sooner than this is too quick to tell."""

LUMP_SHARE = 0.05
"""A lump: between its first and its last piece lies at most this share of the wait before it."""

CLOSE_S = 0.002
"""Pieces closer than this came together: no current model writes that fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What the arrival of the pieces shows.

    Attributes:
        verdict: In one word.
        why: The same as a sentence with figures.
        slots: How many pieces came in each of equal parts of the total time; empty without any.
    """

    verdict: Verdict
    why: str
    slots: tuple[int, ...] = ()


def gaps_of(exchange: Exchange, *, slots: int = 60) -> Gaps | None:
    """Return what the arrival of an answer's pieces shows; ``None`` where no words came.

    Args:
        slots: Parts into which the total time is divided, for a drawing.
    """
    reply = exchange.reply
    if reply is None or not 200 <= reply.status < 300:
        return None
    arrivals = reply.times.chunks_s
    drawn = _slots(arrivals, reply.times.end_s, slots)
    if reply.cache == "HIT":
        why = "It came from the gateway's cache: the pattern is the cache's, not a model's."
        return Gaps(verdict="replayed", why=why, slots=drawn)
    if not arrivals:
        return _whole(exchange, reply)
    verdict, why = _judged(arrivals)
    return Gaps(verdict=verdict, why=why, slots=drawn)


def _whole(exchange: Exchange, reply: Reply) -> Gaps | None:
    if not reply.text:
        return None
    if not exchange.chat.stream:
        return Gaps(verdict="whole", why="It was asked for in one piece, and came so.")
    why = "It was asked for as a stream and came in one piece: something on the way collects it."
    return Gaps(verdict="buffered", why=why)


def _judged(arrivals: tuple[float, ...]) -> tuple[Verdict, str]:
    first, spread = arrivals[0], arrivals[-1] - arrivals[0]
    count = len(arrivals)
    pieces = f"{count} pieces within {spread * 1000:,.0f} ms"
    if count < FEWEST:
        return "unclear", f"{count} pieces are too few to tell."
    if arrivals[-1] < QUICK_S:
        return "unclear", f"{pieces}: too quick to tell."
    if spread <= LUMP_SHARE * first:
        return "buffered", f"{pieces}, after {first * 1000:,.0f} ms of silence: one lump."
    waits = sorted((later - earlier for earlier, later in pairwise(arrivals)), reverse=True)
    longest = waits[: max(1, count // 10)]
    if waits[len(waits) // 2] < CLOSE_S and sum(longest) >= 0.9 * spread:
        lumps = 1 + sum(1 for wait in waits if wait >= max(QUICK_S, longest[-1]))
        return "buffered", f"{count} pieces in {lumps} lumps: they were held back on the way."
    gap_ms = waits[len(waits) // 2] * 1000
    return (
        "streamed",
        f"{pieces}, typically {gap_ms:,.0f} ms apart, {waits[0] * 1000:,.0f} at most.",
    )


def _slots(arrivals: tuple[float, ...], end_s: float, slots: int) -> tuple[int, ...]:
    if not arrivals or end_s <= 0:
        return ()
    counts = [0] * slots
    for at in arrivals:
        counts[min(slots - 1, int(at / end_s * slots))] += 1
    return tuple(counts)
