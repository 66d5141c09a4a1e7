"""The table: every row of ``data/headers.json``, by name and by field of ``Options``."""

import json
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any, Literal

from gateway.headers.rules import (
    TEXT_LIMIT,
    Choice,
    CostRates,
    Flag,
    Hex,
    Json,
    Metadata,
    Names,
    Rule,
    Text,
    Whole,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One row of the table: how a header is spelled, what it accepts, what it does.

    Attributes:
        field: Field of ``Options`` that holds it, or ``None`` where it isn't an option.
        group: auth, cache, retry, logs, routing or tracing.
        direction: request, response or both.
        endpoints: Which endpoint shapes honour it, in words.
        routes: The same as names of routes.
        unlisted: Of these, routes whose documentation doesn't list it.
        models: The only model that it means something to; ``None`` for all.
        config: Its name in ``config`` of a universal step.
        setting: The gateway setting that it overrides.
        replaced_by: The current name, where this one is deprecated.
        evidence: DOC, API or OBS, as in the wire contract.
        date: Day on which the source was read.
    """

    name: str
    field: str | None = None
    group: str
    direction: Literal["request", "response", "both"]
    rule: Rule
    unit: str | None = None
    default: str | None = None
    levels: str
    endpoints: str
    routes: tuple[str, ...] = ("native", "compat", "universal", "rest")
    unlisted: tuple[str, ...] = ()
    models: str | None = None
    config: str | None = None
    setting: str | None = None
    replaced_by: str | None = None
    example: str | None = None
    status: str
    evidence: str
    help: str
    notes: str | None = None
    source: str
    date: str


def _rule(row: dict[str, Json]) -> Rule:
    low: Any = row.get("low")
    high: Any = row.get("high")
    match row["rule"]:
        case "whole":
            return Whole(low, high, row.get("unit", ""), tuple(row.get("also", ())))
        case "flag":
            return Flag(tuple(row["values"]))
        case "choice":
            return Choice(tuple(row["values"]))
        case "hex":
            return Hex(low)
        case "list":
            return Names()
        case "metadata":
            return Metadata(high)
        case "cost":
            return CostRates()
        case _:
            return Text(low or 1, high or TEXT_LIMIT)


def _table() -> tuple[Header, ...]:
    text = resources.files("gateway").joinpath("data/headers.json").read_text("utf-8")
    known = {column.name for column in fields(Header)}
    return tuple(
        Header(
            **{name: _frozen(value) for name, value in row.items() if name in known}
            | {"rule": _rule(row)}
        )
        for row in json.loads(text)
    )


def _frozen(value: Json) -> Json:
    return tuple(value) if isinstance(value, list) else value


TABLE: tuple[Header, ...] = _table()
"""Every header, request and response, current and deprecated."""

BY_NAME: dict[str, Header] = {row.name.lower(): row for row in TABLE}
"""The table by lower-case header name."""

HEADERS: dict[str, Header] = {row.field: row for row in TABLE if row.field}
"""The rows that are options, by field name. The form and the local gateway read it."""
