"""Filters of the logs API as conditions on log rows (contract: management-api, 4.2).

Filters are joined with AND, the values of one filter with OR; ``neq`` means none of the values.
``contains`` ignores case. A null differs from every value, and equals only null. All of that is
our reading where nothing is documented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Float,
    String,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)

from gateway.local.tables import LOGS

Value = str | float | bool | None
Operator = Literal["eq", "neq", "contains", "lt", "gt"]
ValueKind = Literal["text", "number", "flag", "time", "entry"]

KEYS: Mapping[str, ValueKind] = {
    "id": "text",
    "created_at": "time",
    "request_content_type": "text",
    "response_content_type": "text",
    "request_type": "text",
    "success": "flag",
    "cached": "flag",
    "provider": "text",
    "model": "text",
    "model_type": "text",
    "cost": "number",
    "tokens": "number",
    "tokens_in": "number",
    "tokens_out": "number",
    "duration": "number",
    "feedback": "number",
    "event_id": "text",
    "metadata.key": "entry",
    "metadata.value": "entry",
    "authentication": "flag",
    "wholesale": "flag",
    "compatibilityMode": "flag",
    "dlp_action": "text",
    "user_agent": "text",
}
"""Every key with the kind of its values; a ``time`` is seconds since the epoch here."""
DATASET_KEYS = frozenset(
    {
        "created_at",
        "request_content_type",
        "response_content_type",
        "success",
        "cached",
        "provider",
        "model",
        "cost",
        "tokens",
        "tokens_in",
        "tokens_out",
        "duration",
        "feedback",
    }
)
OPERATORS = ("eq", "neq", "contains", "lt", "gt")
DATASET_OPERATORS = ("eq", "contains", "lt", "gt")
SAME_MOMENT_S = 0.001

TOKENS = func.coalesce(LOGS.c.tokens_in, 0) + func.coalesce(LOGS.c.tokens_out, 0)
COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "created_at": LOGS.c.created_s,
    "tokens": TOKENS,
    # Whether the unified API was called, which OpenAI's clients are compatible with.
    "compatibilityMode": LOGS.c.path.like("compat/%"),
}
"""What isn't a column of its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter, its values already of the key's kind; at least one of them."""

    key: str
    operator: Operator
    values: tuple[Value, ...]

    @property
    def condition(self) -> ColumnElement[bool]:
        """The rows that pass."""
        if self.operator == "neq":
            return not_(or_(*(_passes(self.key, "eq", value) for value in self.values)))
        return or_(*(_passes(self.key, self.operator, value) for value in self.values))


def searched(words: str) -> ColumnElement[bool]:
    """Return the rows that hold these words in their metadata or in a name."""
    places = (LOGS.c.id, LOGS.c.event_id, LOGS.c.provider, LOGS.c.model, LOGS.c.path)
    texts = (cast(LOGS.c.metadata, Text), *places)
    return or_(*(func.coalesce(text, "").contains(words, autoescape=True) for text in texts))


def _passes(key: str, operator: Operator, value: Value) -> ColumnElement[bool]:
    kind = KEYS[key]
    if kind == "entry":
        return _entry_passes(key.removeprefix("metadata."), operator, value)
    column = COLUMNS.get(key, LOGS.c.get(key))
    assert column is not None
    if operator == "lt":
        return column < literal(value)
    if operator == "gt":
        return column > literal(value)
    if operator == "contains" and kind != "flag":
        text: ColumnElement[str] = cast(column, String)
        if kind == "time":
            text = func.strftime("%Y-%m-%dT%H:%M:%fZ", column, "unixepoch", type_=String)
        return func.coalesce(text, "").contains(_text(value), autoescape=True)
    if kind == "time" and isinstance(value, float):
        return func.abs(column - value) < SAME_MOMENT_S
    if kind == "text" and not value:
        # Clients can't tell null from an empty text in a query, and rows hold either.
        return func.coalesce(column, "") == ""
    return column.is_not_distinct_from(literal(value))


def _entry_passes(part: str, operator: Operator, value: Value) -> ColumnElement[bool]:
    """Return the rows with one entry of metadata whose name, or value, passes.

    Names and values match independently: two filters need not meet in one entry (contract: OBS).
    """
    entries = func.json_each(cast(LOGS.c.metadata, Text)).table_valued("key", "value", "type")
    written: ColumnElement[str] = cast(entries.c.key, String)
    number: ColumnElement[bool] = literal(False)
    as_number = _number(value)
    if part == "value":
        written = func.iif(
            entries.c.type.in_(("true", "false")),
            entries.c.type,
            cast(entries.c.value, String),
            type_=String,
        )
        number = entries.c.type.in_(("integer", "real"))
    match operator:
        case "contains":
            passes = written.contains(_text(value), autoescape=True)
        case "lt" if as_number is not None:
            passes = and_(number, cast(entries.c.value, Float) < as_number)
        case "gt" if as_number is not None:
            passes = and_(number, cast(entries.c.value, Float) > as_number)
        case "lt":
            passes = written < _text(value)
        case "gt":
            passes = written > _text(value)
        case _:
            passes = written == _text(value)
            if as_number is not None:
                passes = or_(passes, and_(number, cast(entries.c.value, Float) == as_number))
    return exists(select(literal(1)).select_from(entries).where(passes).correlate(LOGS))


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _number(value: Value) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return None
