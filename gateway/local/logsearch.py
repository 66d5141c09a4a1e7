"""Questions to the log: pages, ranges, averages, and what to delete, by conditions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, delete, func, or_, select

from gateway.local.logfilters import TOKENS
from gateway.local.store import ROW_COLUMNS, Store, unpacked
from gateway.local.tables import LOGS

Json = Any
Condition = ColumnElement[bool]
RANGES: Mapping[str, ColumnElement[Any]] = {
    "cost": LOGS.c.cost,
    "duration": LOGS.c.duration,
    "tokens_in": LOGS.c.tokens_in,
    "tokens_out": LOGS.c.tokens_out,
    "total_tokens": TOKENS,
}
"""What ``meta_info`` gives the least and the greatest of."""
ORDERS: Mapping[str, ColumnElement[Any]] = {
    "created_at": LOGS.c.id,  # ids are in order of time
    "provider": LOGS.c.provider,
    "model": LOGS.c.model,
    "model_type": LOGS.c.model_type,
    "success": LOGS.c.success,
    "cached": LOGS.c.cached,
    "cost": LOGS.c.cost,
    "tokens": TOKENS,
    "tokens_in": LOGS.c.tokens_in,
    "tokens_out": LOGS.c.tokens_out,
    "duration": LOGS.c.duration,
    "feedback": LOGS.c.feedback,
}


class LogSearch:
    """The log of one store. Each question sees every answered request."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self,
        gateway: str,
        conditions: Iterable[Condition] = (),
        *,
        limit: int,
        offset: int = 0,
        order: str = "created_at",
        descending: bool = True,
    ) -> tuple[list[dict[str, Json]], int]:
        """Return one page of rows without bodies, and how many rows there are in all."""
        chosen = _chosen(gateway, conditions)
        counting = select(func.count()).select_from(LOGS).where(chosen)
        listing = select(*ROW_COLUMNS).where(chosen).order_by(*_order(order, descending))
        self._store.flush()
        with self._store.engine.connect() as base:
            total = base.execute(counting).scalar_one()
            rows = base.execute(listing.limit(limit).offset(offset))
            return [unpacked(row._asdict()) for row in rows], total

    def ranges(self, gateway: str, conditions: Iterable[Condition] = ()) -> dict[str, Json]:
        """Return ``min_cost``, ``max_cost`` and so on; ``None`` where there are no rows."""
        asked = select(
            *(
                getattr(func, bound)(column).label(f"{bound}_{name}")
                for name, column in RANGES.items()
                for bound in ("min", "max")
            )
        ).where(_chosen(gateway, conditions))
        self._store.flush()
        with self._store.engine.connect() as base:
            return dict(base.execute(asked).one()._mapping)

    def delete(
        self,
        gateway: str,
        conditions: Iterable[Condition] = (),
        *,
        limit: int | None = None,
        order: str = "created_at",
        descending: bool = True,
    ) -> None:
        """Delete the rows that pass, or the first of them."""
        chosen = select(LOGS.c.id).where(_chosen(gateway, conditions))
        if limit is not None:
            chosen = chosen.order_by(*_order(order, descending)).limit(limit)
        self._store.flush()
        with self._store.engine.begin() as base:
            base.execute(delete(LOGS).where(LOGS.c.id.in_(chosen)))

    def summary(self, gateway: str, alternatives: Sequence[Sequence[Condition]]) -> dict[str, Json]:
        """Return figures over the rows that pass all conditions of one alternative.

        They are ``total``, ``cost`` (average dollars), ``duration`` (average ms), ``rated`` and
        ``liked`` (rows).
        """
        liked = case((LOGS.c.feedback > 0, 1), else_=0)
        asked = select(
            func.count().label("total"),
            func.avg(LOGS.c.cost).label("cost"),
            func.avg(LOGS.c.duration).label("duration"),
            func.count(LOGS.c.feedback).label("rated"),
            func.coalesce(func.sum(liked), 0).label("liked"),
        ).where(
            LOGS.c.gateway == gateway,
            or_(*(and_(True, *conditions) for conditions in alternatives)),
        )
        self._store.flush()
        with self._store.engine.connect() as base:
            return dict(base.execute(asked).one()._mapping)

    def spent(
        self, window_s: int, *, since_s: float = 0.0, until_s: float | None = None
    ) -> list[tuple[float, float]]:
        """Return what Unified Billing paid: (start of the window, dollars), oldest first."""
        start = cast(LOGS.c.created_s / window_s, Integer) * window_s
        asked = (
            select(start, func.sum(LOGS.c.cost))
            .where(LOGS.c.wholesale, LOGS.c.created_s >= since_s)
            .group_by(start)
            .order_by(start)
        )
        if until_s is not None:
            asked = asked.where(LOGS.c.created_s < until_s)
        self._store.flush()
        with self._store.engine.connect() as base:
            return [(float(began), dollars) for began, dollars in base.execute(asked)]


def _chosen(gateway: str, conditions: Iterable[Condition]) -> Condition:
    return and_(LOGS.c.gateway == gateway, *conditions)


def _order(name: str, descending: bool) -> list[ColumnElement[Any]]:
    columns = dict.fromkeys((ORDERS[name], LOGS.c.id))
    return [column.desc() if descending else column.asc() for column in columns]
