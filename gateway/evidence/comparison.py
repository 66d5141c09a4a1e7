"""Columns compared: the fastest, the cheapest, and how far each is from the first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from gateway.chat import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How one answer stands among those of its turn.

    Attributes:
        fastest: Least total time; cheapest: least cost. Only where another one was worse.
        total_ms, ttft_ms: Difference to the first column: below 0 is faster. ``None`` for the
            first itself, and where one of the two isn't known.
    """

    fastest: bool = False
    cheapest: bool = False
    total_ms: float | None = None
    ttft_ms: float | None = None


def marks_of(exchanges: Mapping[int, Exchange]) -> dict[int, Marks]:
    """Return how the answers of one turn stand, by column id.

    Only whole answers are compared: one that was stopped is no winner.

    Args:
        exchanges: By column id, in the order of the columns.
    """
    whole = {id: e for id, e in exchanges.items() if e.reply is not None and e.reply.ok}
    totals = {id: e.reply.total_ms for id, e in whole.items() if e.reply is not None}
    costs = {id: e.cost.usd for id, e in whole.items() if e.cost is not None}
    fastest, cheapest = _least(totals), _least(costs)
    first = next(iter(exchanges), None)
    reference = whole.get(first) if first is not None else None
    return {
        id: Marks(
            fastest=id in fastest,
            cheapest=id in cheapest,
            total_ms=_difference(reference, whole.get(id), _total_ms) if id != first else None,
            ttft_ms=_difference(reference, whole.get(id), _ttft_ms) if id != first else None,
        )
        for id in exchanges
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """A difference to the first column over several turns: each turn is one pair.

    Attributes:
        pairs: How many turns have both.
        median_ms, low_ms, high_ms: Of the differences; below 0 is faster than the first.
    """

    pairs: int
    median_ms: float
    low_ms: float
    high_ms: float


def paired(turns: Iterable[Mapping[int, Exchange]], first: int, other: int) -> Paired | None:
    """Return how much longer a column takes than the first, pair by pair; ``None`` without pairs.

    Args:
        turns: Exchanges by column id, one mapping for each turn.
    """
    found = [
        difference
        for exchanges in turns
        if (difference := _difference(exchanges.get(first), exchanges.get(other), _total_ms))
        is not None
    ]
    if not found:
        return None
    return Paired(pairs=len(found), median_ms=median(found), low_ms=min(found), high_ms=max(found))


def _least(values: Mapping[int, float]) -> set[int]:
    """Return who has the least, where not all have the same."""
    if len(set(values.values())) < 2:
        return set()
    least = min(values.values())
    return {id for id, value in values.items() if value == least}


def _difference(
    reference: Exchange | None,
    other: Exchange | None,
    read: Callable[[Exchange], float | None],
) -> float | None:
    if reference is None or other is None:
        return None
    before, after = read(reference), read(other)
    return None if before is None or after is None else after - before


def _total_ms(exchange: Exchange) -> float | None:
    reply = exchange.reply
    return reply.total_ms if reply is not None and reply.ok else None


def _ttft_ms(exchange: Exchange) -> float | None:
    reply = exchange.reply
    return reply.ttft_ms if reply is not None and reply.ok else None
