"""Filters as clients send them, in three spellings, and what the log's query says besides.

filters=[{"key": "cached", "operator": "eq", "value": [true]}]        JSON text
filters.key=K1&filters.key=K2&filters.operator=O1&...                 grouped (Python)
filters.key=K1&filters.operator=O1&filters.value=V1&filters.key=K2... interleaved (Node)
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement
from starlette.datastructures import QueryParams

from gateway.local.logfilters import (
    DATASET_KEYS,
    DATASET_OPERATORS,
    KEYS,
    OPERATORS,
    Filter,
    Value,
    searched,
)
from gateway.local.logsearch import RANGES
from gateway.local.settings import Invalid
from gateway.local.tables import LOGS

Json = Any
FILTER_LIMIT = 100
"""Filters, and values of one filter, that are taken (our bound: none is documented)."""
MESSAGE = "Input Validation Error"
PREFIX = "filters."
PLAIN = (
    "success",
    "cached",
    "provider",
    "model",
    "model_type",
    "request_content_type",
    "response_content_type",
    "feedback",
)
"""Deprecated parameters that are a filter of their own name."""


def conditions_of(query: QueryParams) -> list[ColumnElement[bool]]:
    """Return everything that a log query asks of a row.

    Raises:
        Invalid: a key or operator is unknown, or a value isn't of its key's kind.
    """
    conditions = [row.condition for row in _filters(query)]
    for name in PLAIN:
        if name in query:
            value = _value(name, query[name], "query", name)
            conditions.append(Filter(key=name, operator="eq", values=(value,)).condition)
    for name, column in RANGES.items():
        if f"min_{name}" in query:
            conditions.append(column >= _number(query[f"min_{name}"], "query", f"min_{name}"))
        if f"max_{name}" in query:
            conditions.append(column <= _number(query[f"max_{name}"], "query", f"max_{name}"))
    if "start_date" in query:
        conditions.append(LOGS.c.created_s >= _time(query["start_date"], "query", "start_date"))
    if "end_date" in query:
        conditions.append(LOGS.c.created_s <= _time(query["end_date"], "query", "end_date"))
    if query.get("search"):
        conditions.append(searched(query["search"]))
    return conditions


def dataset_filters(given: Json) -> list[Filter]:
    """Read the filters of a dataset: fewer keys and operators, values with their JSON types.

    Raises:
        Invalid: see ``conditions_of``.
    """
    return _read(given, "body", keys=DATASET_KEYS, operators=DATASET_OPERATORS)


def _filters(query: QueryParams) -> list[Filter]:
    if "filters" in query:
        try:
            given = orjson.loads(query["filters"])
        except orjson.JSONDecodeError:
            raise Invalid(MESSAGE, "query", "filters") from None
    else:
        pairs = [
            (name.removeprefix(PREFIX), text)
            for name, text in query.multi_items()
            if name.startswith(PREFIX)
        ]
        given = _paired(pairs)
    return _read(given, "query", keys=frozenset(KEYS), operators=OPERATORS)


def _paired(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Json]]:
    """Return the filters that dotted parameters spell.

    As many keys as operators and values are paired by position. Otherwise a key or operator that
    comes again begins a new filter, and values belong to the one that is being read.
    """
    if any(name not in ("key", "operator", "value") for name, _ in pairs):
        raise Invalid(MESSAGE, "query", "filters")
    lists = {name: [text for each, text in pairs if each == name] for name, _ in pairs}
    keys, operators = lists.get("key", []), lists.get("operator", [])
    values = lists.get("value", [])
    if len(keys) != len(operators):
        raise Invalid(MESSAGE, "query", "filters")
    if len(keys) == len(values):
        rows = zip(keys, operators, values, strict=True)
        return [{"key": key, "operator": how, "value": [value]} for key, how, value in rows]
    found: list[dict[str, Json]] = []
    for name, text in pairs:
        if name == "value" and found:
            found[-1].setdefault("value", []).append(text)
            continue
        if not found or name in found[-1]:
            found.append({})
        found[-1][name] = [text] if name == "value" else text
    return found


def _read(
    given: Json, where: str, *, keys: frozenset[str], operators: Sequence[str]
) -> list[Filter]:
    rows = [given] if isinstance(given, dict) else given
    if not isinstance(rows, list) or len(rows) > FILTER_LIMIT:
        raise Invalid(MESSAGE, where, "filters")
    found = []
    for number, row in enumerate(rows):
        place = (where, "filters", str(number))
        if not isinstance(row, dict):
            raise Invalid(MESSAGE, *place)
        key, operator, values = row.get("key"), row.get("operator"), row.get("value")
        if not isinstance(key, str) or key not in keys:
            raise Invalid(MESSAGE, *place, "key")
        if not isinstance(operator, str) or operator not in operators:
            raise Invalid(MESSAGE, *place, "operator")
        values = values if isinstance(values, list) else [values]
        if "value" not in row or not 0 < len(values) <= FILTER_LIMIT:
            raise Invalid(MESSAGE, *place, "value")
        typed = tuple(_value(key, value, *place, "value") for value in values)
        if operator in ("lt", "gt", "contains") and None in typed:
            raise Invalid(MESSAGE, *place, "value")
        # Checked above against the words that ``Filter`` takes.
        found.append(Filter(key=key, operator=operator, values=typed))  # type: ignore[arg-type]
    return found


def _value(key: str, value: Json, *place: str) -> Value:
    """Return a value as its key's kind has it. In a query, null is spelled as nothing."""
    kind = KEYS[key]
    if value is None or (kind not in ("text", "entry") and value in ("", "null")):
        return None
    if isinstance(value, list | dict):
        raise Invalid(MESSAGE, *place)
    match kind:
        case "flag":
            return _flag(value, *place)
        case "number":
            return _number(value, *place)
        case "time":
            return _time(value, *place)
        case "entry":
            return value if isinstance(value, str | bool) else _number(value, *place)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _flag(value: Json, *place: str) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Invalid(MESSAGE, *place)


def _number(value: Json, *place: str) -> float:
    try:
        number = float("" if isinstance(value, bool) else value)
    except (TypeError, ValueError, OverflowError):
        raise Invalid(MESSAGE, *place) from None
    if not math.isfinite(number):
        raise Invalid(MESSAGE, *place)
    return number


def _time(value: Json, *place: str) -> float:
    """Read RFC 3339; a time without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Invalid(MESSAGE, *place) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
