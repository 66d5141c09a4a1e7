"""Log rows in groups, as the four analytics datasets have them (contract: management-api, 9).

A dataset is a table of dimensions and metrics over log rows. All account names mean the one account
that this process has. Groups are there at once; Cloudflare's come minutes later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Integer,
    String,
    Text,
    case,
    cast,
    func,
    literal_column,
    select,
)

from gateway.local.logqueue import LOGS_KEPT
from gateway.local.store import Store
from gateway.local.tables import GATEWAYS, LOGS

Json = Any
Kind = Literal["text", "number", "flag", "time", "date"]
Operator = Literal["", "geq", "leq", "gt", "lt", "neq", "in"]
TIME, DATE = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"
RATE_LIMITED = 429


@dataclass(frozen=True, slots=True)
class Dimension:
    """By what rows are grouped. A ``flag`` is 0 or 1, a ``time`` is text in ``TIME``."""

    kind: Kind
    column: ColumnElement[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One dataset.

    Attributes:
        only: Which rows belong to it; ``None`` for all.
    """

    rows: FromClause
    dimensions: Mapping[str, Dimension]
    sums: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    maxima: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    counts: bool = True
    only: ColumnElement[bool] | None = None

    @property
    def metrics(self) -> dict[str, ColumnElement[Any]]:
        """Every metric by the name that ``orderBy`` has for it."""
        metrics: dict[str, ColumnElement[Any]] = {"count": func.count()} if self.counts else {}
        for name, column in self.sums.items():
            metrics[f"sum_{name}"] = func.coalesce(func.sum(column), 0)
        for name, column in self.maxima.items():
            metrics[f"max_{name}"] = func.max(column)
        return metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """One filter: a dimension compared with a value of its kind, or with one of several."""

    dimension: str
    operator: Operator
    value: Json

    def condition(self, dataset: Dataset) -> ColumnElement[bool]:
        """The rows that pass."""
        column = dataset.dimensions[self.dimension].column
        compared: Mapping[Operator, Callable[[Json], ColumnElement[bool]]] = {
            "": column.is_not_distinct_from,
            "geq": column.__ge__,
            "leq": column.__le__,
            "gt": column.__gt__,
            "lt": column.__lt__,
            "neq": column.is_distinct_from,
            "in": column.in_,
        }
        return compared[self.operator](self.value)


def groups(
    store: Store,
    dataset: Dataset,
    *,
    dimensions: Sequence[str],
    metrics: Sequence[str],
    narrowings: Sequence[Narrowing],
    order: Sequence[tuple[str, bool]],
    limit: int,
) -> list[dict[str, Json]]:
    """Return groups of log rows: one for each combination of the dimensions.

    Args:
        order: (dimension or metric, whether it falls), the first one first.
    """
    known = dataset.metrics
    columns = {name: dataset.dimensions[name].column for name in dimensions}
    asked = select(
        *(column.label(name) for name, column in columns.items()),
        *(known[name].label(name) for name in metrics),
        # Where nothing is asked for, the number of groups still counts.
        literal_column("1").label("group"),
    ).select_from(dataset.rows)
    if dataset.only is not None:
        asked = asked.where(dataset.only)
    asked = asked.where(*(row.condition(dataset) for row in narrowings))
    by = [*columns.values()]
    for name, falling in order:
        column = known[name] if name in known else dataset.dimensions[name].column
        if name not in known and name not in columns:
            by.append(column)
        asked = asked.order_by(column.desc() if falling else column.asc())
    # By nothing at all, SQL would make one group out of no rows.
    asked = asked.group_by(literal_column("''"), *by)
    store.flush()
    with store.engine.connect() as base:
        return [dict(row._mapping) for row in base.execute(asked.limit(limit))]


def _moment(seconds: ColumnElement[Any], step_s: int, form: str = TIME) -> ColumnElement[Any]:
    begun = cast(seconds / step_s, Integer) * step_s
    return func.strftime(form, begun, "unixepoch", type_=String)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _times(seconds: ColumnElement[Any]) -> dict[str, Dimension]:
    return {
        "date": Dimension("date", _moment(seconds, 86_400, DATE)),
        "datetime": Dimension("time", _moment(seconds, 1)),
        "datetimeMinute": Dimension("time", _moment(seconds, 60)),
        "datetimeFiveMinutes": Dimension("time", _moment(seconds, 300)),
        "datetimeHour": Dimension("time", _moment(seconds, 3_600)),
    }


_CACHED = LOGS.c.cached.is_(True)
_FAILED = LOGS.c.success.is_(False)
_DIMENSIONS = {
    **_times(LOGS.c.created_s),
    "gateway": Dimension("text", LOGS.c.gateway),
    "provider": Dimension("text", LOGS.c.provider),
    "model": Dimension("text", LOGS.c.model),
    "cached": Dimension("flag", _flag(_CACHED)),
    "error": Dimension("flag", _flag(_FAILED)),
    "rateLimited": Dimension("flag", _flag(LOGS.c.status_code == RATE_LIMITED)),
    "statusCode": Dimension("number", LOGS.c.status_code),
    "userAgent": Dimension("text", LOGS.c.user_agent),
    "wholesale": Dimension("flag", _flag(LOGS.c.wholesale.is_(True))),
    "cost": Dimension("number", LOGS.c.cost),
    "durationMs": Dimension("number", LOGS.c.duration),
    "tokensIn": Dimension("number", LOGS.c.tokens_in),
    "tokensOut": Dimension("number", LOGS.c.tokens_out),
    "metadataRaw": Dimension("text", cast(LOGS.c.metadata, Text)),
}
_SUMS = {
    "cachedRequests": _flag(_CACHED),
    "erroredRequests": _flag(_FAILED),
    "cachedTokensIn": case((_CACHED, LOGS.c.tokens_in), else_=0),
    "cachedTokensOut": case((_CACHED, LOGS.c.tokens_out), else_=0),
    "uncachedTokensIn": case((_CACHED, 0), else_=LOGS.c.tokens_in),
    "uncachedTokensOut": case((_CACHED, 0), else_=LOGS.c.tokens_out),
    "tokensIn": LOGS.c.tokens_in,
    "tokensOut": LOGS.c.tokens_out,
    "cost": LOGS.c.cost,
}
_CACHE_OP = Dimension("text", case((_CACHED, "HIT"), else_="MISS"))


def _sizes() -> Dataset:
    """Return the dataset of stored rows: how many each gateway had at the end of a minute."""
    minute = cast(LOGS.c.created_s / 60, Integer) * 60
    added = (
        select(LOGS.c.gateway, minute.label("minute_s"), func.count().label("added"))
        .group_by(LOGS.c.gateway, minute)
        .subquery()
    )
    so_far = func.sum(added.c.added).over(partition_by=added.c.gateway, order_by=added.c.minute_s)
    cap = func.json_extract(cast(GATEWAYS.c.settings, Text), "$.log_management", type_=Float)
    sizes = (
        select(
            added.c.gateway,
            added.c.minute_s,
            so_far.label("rows"),
            func.coalesce(cap, LOGS_KEPT).label("cap"),
        )
        .join_from(added, GATEWAYS, GATEWAYS.c.id == added.c.gateway, isouter=True)
        .subquery()
    )
    return Dataset(
        rows=sizes,
        dimensions={
            **_times(sizes.c.minute_s),
            "gateway": Dimension("text", sizes.c.gateway),
            "logManagement": Dimension("number", sizes.c.cap),
        },
        maxima={"rows": sizes.c.rows},
        counts=False,
    )


DATASETS: Mapping[str, Dataset] = {
    "aiGatewayRequestsAdaptiveGroups": Dataset(rows=LOGS, dimensions=_DIMENSIONS, sums=_SUMS),
    "aiGatewayErrorsAdaptiveGroups": Dataset(rows=LOGS, dimensions=_DIMENSIONS, only=_FAILED),
    "aiGatewayCacheAdaptiveGroups": Dataset(
        rows=LOGS,
        # One source calls it cacheStatus.
        dimensions={**_DIMENSIONS, "cacheOp": _CACHE_OP, "cacheStatus": _CACHE_OP},
    ),
    "aiGatewaySizeAdaptiveGroups": _sizes(),
}
"""The datasets by their names in GraphQL."""
