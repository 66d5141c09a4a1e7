"""``POST /client/v4/graphql``: the four analytics datasets of AI Gateway, over the log.

viewer { accounts(filter: {accountTag}) { DATASET(limit, filter, orderBy) {
    count  sum { ... }  max { ... }  dimensions { ... } } } }
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.local.groups import (
    DATASETS,
    DATE,
    TIME,
    Dataset,
    Dimension,
    Narrowing,
    Operator,
    groups,
)
from gateway.local.management.answers import plain
from gateway.local.management.asking import body_of
from gateway.local.management.queries import QueryError, Selected, selected
from gateway.local.store import Store

Json = Any
LIMIT = 10_000
"""Most groups of one dataset (our bound), and how many come where no limit is given."""
OPERATORS: Mapping[str, Operator] = {
    "geq": "geq",
    "leq": "leq",
    "gt": "gt",
    "lt": "lt",
    "neq": "neq",
    "in": "in",
}
TYPENAME = "__typename"


async def answer(store: Store, request: Request) -> Response:
    """Answer a query. What is wrong with it stands in ``errors``, with status 200 as in GraphQL."""
    try:
        body = orjson.loads(await body_of(request))
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return _failed("The body must be JSON with a query.", status=400)
    variables, operation = body.get("variables"), body.get("operationName")
    variables = {} if variables is None else variables
    if not isinstance(variables, dict) or not isinstance(operation, str | None):
        return _failed("variables must be an object, operationName a text.", status=400)
    try:
        data = await asyncio.to_thread(_data, store, body["query"], variables, operation or None)
    except QueryError as error:
        return _failed(str(error))
    return plain({"data": data, "errors": None})


def _failed(words: str, *, status: int = 200) -> Response:
    return plain({"data": None, "errors": [{"message": words}]}, status=status)


def _data(
    store: Store, query: str, variables: Mapping[str, Json], operation: str | None
) -> dict[str, Json]:
    fields = selected(query, variables, operation)
    return _members(fields, "Query", {"viewer": lambda field: _viewer(store, field)})


def _viewer(store: Store, field: Selected) -> dict[str, Json]:
    return _members(field.fields, "Viewer", {"accounts": lambda each: _accounts(store, each)})


def _accounts(store: Store, field: Selected) -> list[dict[str, Json]]:
    """Return the one account that there is, under the name that it was asked for."""
    chosen = field.arguments.get("filter")
    tag = chosen.get("accountTag") if isinstance(chosen, dict) else None
    if not isinstance(tag, str) or not tag:
        raise QueryError("accounts needs filter: {accountTag}.")
    known: dict[str, Callable[[Selected], Json]] = {
        name: lambda each: _dataset(store, each) for name in DATASETS
    }
    return [_members(field.fields, "Account", {**known, "accountTag": lambda each: tag})]


def _members(
    fields: tuple[Selected, ...], type: str, known: Mapping[str, Callable[[Selected], Json]]
) -> dict[str, Json]:
    """Return an object's fields by their keys in the answer."""
    found: dict[str, Json] = {}
    if not fields:
        raise QueryError(f"{type} needs a selection of fields.")
    for field in fields:
        if field.name == TYPENAME:
            found[field.key] = type
        elif field.name in known:
            found[field.key] = known[field.name](field)
        else:
            raise QueryError(f'Cannot query field "{field.name}" on type "{type}".')
    return found


def _dataset(store: Store, field: Selected) -> list[dict[str, Json]]:
    dataset, given = DATASETS[field.name], field.arguments
    unknown = sorted(given.keys() - {"limit", "filter", "orderBy"})
    if unknown:
        raise QueryError(f'Unknown argument "{unknown[0]}" on field "{field.name}".')
    limit = LIMIT if given.get("limit") is None else given["limit"]
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= LIMIT:
        raise QueryError(f"limit must be from 1 to {LIMIT}.")
    dimensions = _asked(field, "dimensions")
    sums, maxima = _asked(field, "sum"), _asked(field, "max")
    metrics = [f"sum_{name}" for name in sums] + [f"max_{name}" for name in maxima]
    if any(each.name == "count" for each in field.fields):
        metrics.append("count")
    for known, asked, what in (
        (dataset.dimensions, dimensions, "Dimensions"),
        (dataset.metrics, metrics, "metrics"),
    ):
        for name in asked:
            if name not in known:
                raise QueryError(f'Cannot query field "{name}" on {what} of "{field.name}".')
    rows = groups(
        store,
        dataset,
        dimensions=dimensions,
        metrics=metrics,
        narrowings=_narrowings(dataset, given.get("filter")),
        order=_order(dataset, given.get("orderBy")),
        limit=limit,
    )
    return [_group(field, row) for row in rows]


def _asked(field: Selected, part: str) -> list[str]:
    """Return the names that a query wants in one part, whatever it calls them, each once."""
    names = [
        inner.name
        for each in field.fields
        if each.name == part
        for inner in each.fields
        if inner.name != TYPENAME
    ]
    return list(dict.fromkeys(names))


def _group(field: Selected, row: Mapping[str, Json]) -> dict[str, Json]:
    def part(prefix: str) -> Callable[[Selected], Json]:
        return lambda each: _members(
            each.fields,
            each.name,
            {
                inner.name: lambda inner: row[prefix + inner.name]
                for inner in each.fields
                if inner.name != TYPENAME
            },
        )

    return _members(
        field.fields,
        field.name,
        {
            "count": lambda each: row["count"],
            "dimensions": part(""),
            "sum": part("sum_"),
            "max": part("max_"),
        },
    )


def _narrowings(dataset: Dataset, given: Json) -> list[Narrowing]:
    if given is None:
        return []
    if not isinstance(given, dict):
        raise QueryError("filter must be an object.")
    found = []
    for key, value in given.items():
        name, _, suffix = key.partition("_")
        dimension = dataset.dimensions.get(name)
        if dimension is None or (suffix and suffix not in OPERATORS):
            raise QueryError(f'Unknown filter "{key}".')
        if suffix == "in":
            if not isinstance(value, list):
                raise QueryError(f"{key} must be a list.")
            typed = [_typed(dimension, key, each) for each in value]
        else:
            typed = _typed(dimension, key, value)
        operator: Operator = OPERATORS[suffix] if suffix else ""
        found.append(Narrowing(dimension=name, operator=operator, value=typed))
    return found


def _typed(dimension: Dimension, key: str, value: Json) -> Json:
    """Return a value of a filter as the dimension has it."""
    match dimension.kind:
        case "flag" if isinstance(value, bool) or value in (0, 1):
            return int(value)
        case "number" if isinstance(value, int | float) and not isinstance(value, bool):
            # GraphQL's whole numbers have no end, those of the database have.
            return value if abs(value) < 2**63 else 2.0**63 * (1 if value > 0 else -1)
        case "text" if isinstance(value, str):
            return value
        case "time" | "date" if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                raise QueryError(f"{key} must be a time, such as 2026-11-23T17:00:00Z.") from None
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            form = TIME if dimension.kind == "time" else DATE
            return moment.astimezone(UTC).strftime(form)
    raise QueryError(f"{key} must be a {dimension.kind}.")


def _order(dataset: Dataset, given: Json) -> list[tuple[str, bool]]:
    """Read ``orderBy``: names that end in ``_ASC`` or ``_DESC``."""
    words = given if isinstance(given, list) else [] if given is None else [given]
    found = []
    for word in words:
        name, _, direction = word.rpartition("_") if isinstance(word, str) else ("", "", "")
        known = name in dataset.dimensions or name in dataset.metrics
        if not known or direction not in ("ASC", "DESC"):
            raise QueryError(f'Unknown order "{word}".')
        found.append((name, direction == "DESC"))
    return found
