"""The cf-aig-* headers: their spelling at every level, their limits, and which level wins.

A header can be stated at three levels. The most specific statement wins:

    step       one step of a universal request    "config": {"maxAttempts": 3}, or its "headers"
    request    headers of the HTTP call           cf-aig-max-attempts: 3
    gateway    the gateway's own settings         dashboard or management API

``None`` means "this level says nothing", everywhere. The facts are rows of
``data/headers.json``; a field of ``Options`` is the row with the same ``field``.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from importlib import resources
from typing import Any, Literal, Protocol, Self

from gateway.errors import HeaderError

Level = Literal["gateway", "request", "step"]
Json = Any
"""A value read from JSON, or one that can be written as JSON."""

TEXT_LIMIT = 8192
"""Longest header value that we send, in characters (servers refuse header blocks around 8 KB)."""


class Rule(Protocol):
    """What one header's value may be.

    ``parse`` reads text, ``spell`` writes it, ``check`` refuses a value. The first and the last
    raise ``ValueError`` with what would be accepted.
    """

    def parse(self, text: str) -> Any: ...
    def check(self, value: Any) -> None: ...
    def spell(self, value: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``low`` to ``high``, both included, or one of ``also``.

    ``None`` as a bound means that no bound is documented.
    """

    low: int | None = None
    high: int | None = None
    unit: str = ""
    also: tuple[int, ...] = ()

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text, re.ASCII):
            raise ValueError("must be a whole number")
        return int(text)

    def check(self, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("must be a whole number")
        if value not in self.also and value != self.clamp(value):
            raise ValueError(self.range)

    @property
    def range(self) -> str:
        """What is accepted, as a sentence part: ``"must be from 1 to 5 attempts"``."""
        also = "".join(f"{number} or " for number in self.also)
        low = self.low if self.low is not None else 0
        high = f"from {low} to {self.high}" if self.high is not None else f"{low} or more"
        return f"must be {also}{high} {self.unit}".rstrip()

    def clamp(self, value: int) -> int:
        """The nearest accepted number."""
        low = self.low if self.low is not None else 0
        return max(low, value if self.high is None else min(self.high, value))

    def spell(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """``true`` or ``false``; ``values`` is what the documentation lists."""

    values: tuple[str, ...] = ("true", "false")

    def parse(self, text: str) -> bool:
        if text.strip().lower() not in ("true", "false"):
            raise ValueError("must be true or false")
        return text.strip().lower() == "true"

    def check(self, value: Any) -> None:
        if not isinstance(value, bool) or self.spell(value) not in self.values:
            raise ValueError(f"must be {' or '.join(self.values)}")

    def spell(self, value: Any) -> str:
        return "true" if value else "false"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def parse(self, text: str) -> str:
        return text.strip().lower()

    def check(self, value: Any) -> None:
        if value not in self.words:
            raise ValueError(f"must be one of {', '.join(self.words)}")

    def spell(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Text:
    """Printable ASCII of ``low`` to ``high`` characters."""

    low: int = 1
    high: int = TEXT_LIMIT

    def parse(self, text: str) -> str:
        return text

    def check(self, value: Any) -> None:
        if not isinstance(value, str):
            raise ValueError("must be text")
        if not self.low <= len(value) <= self.high:
            raise ValueError(f"must have from {self.low} to {self.high} characters")
        _printable(value)

    def spell(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Hex:
    """Exactly ``length`` hex digits."""

    length: int

    def parse(self, text: str) -> str:
        return text.strip().lower()

    def check(self, value: Any) -> None:
        if not isinstance(value, str) or not re.fullmatch(
            f"[0-9a-f]{{{self.length}}}", value, re.ASCII
        ):
            raise ValueError(f"must be {self.length} hex digits, 0-9 and a-f")

    def spell(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Names:
    """Names separated by commas, at least one."""

    def parse(self, text: str) -> tuple[str, ...]:
        return tuple(name.strip() for name in text.split(",") if name.strip())

    def check(self, value: Any) -> None:
        if not isinstance(value, tuple) or not value:
            raise ValueError("must be one or more names, separated by commas")
        for name in value:
            if not isinstance(name, str) or not name or "," in name:
                raise ValueError("must be names without commas")
            _printable(name)
        _short(self.spell(value))

    def spell(self, value: Any) -> str:
        return ",".join(value)


@dataclass(frozen=True, slots=True)
class Metadata:
    """A flat object of at most ``high`` entries; values are text, numbers or true and false."""

    high: int = 5
    reserved: str = "cf."

    def parse(self, text: str) -> dict[str, Json]:
        return _json_object(text)

    def check(self, value: Any) -> None:
        if not isinstance(value, dict) or not value:
            raise ValueError("must be an object with at least one entry")
        if len(value) > self.high:
            raise ValueError(f"must have at most {self.high} entries: the gateway drops the rest")
        for name, entry in value.items():
            if name.startswith(self.reserved):
                raise ValueError(f"must not use names that begin with {self.reserved!r}: {name!r}")
            if not isinstance(entry, str | int | float) or not _finite(entry):
                raise ValueError(f"must be flat: text, number, true or false, which {name!r} isn't")
        _short(self.spell(value))

    def spell(self, value: Any) -> str:
        return _one_line(value)


COST_RATES = ("per_token_in", "per_token_out", "per_cache_read_token", "per_cache_write_token")
TOTAL_COST = "total_cost"
"""Only in the vendor's type definitions: read, so that nothing a client sends is lost."""


@dataclass(frozen=True, slots=True)
class CostRates:
    """Prices in US dollars per token, by the names of ``COST_RATES``; none below zero."""

    def parse(self, text: str) -> dict[str, Json]:
        return _json_object(text)

    def check(self, value: Any) -> None:
        if not isinstance(value, dict) or not value:
            raise ValueError(f"must be an object with one of {', '.join(COST_RATES)}")
        for name, rate in value.items():
            if name not in (*COST_RATES, TOTAL_COST):
                raise ValueError(f"must use the names {', '.join(COST_RATES)}, not {name!r}")
            if isinstance(rate, bool) or not isinstance(rate, int | float):
                raise ValueError(f"must hold numbers, which {name!r} isn't")
            if rate < 0 or not _finite(rate):
                raise ValueError(f"must hold prices of 0 or more, which {name!r} isn't")

    def spell(self, value: Any) -> str:
        return _one_line(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One row of the table: how a header is spelled, what it accepts, what it does.

    Attributes:
        field: Field of ``Options`` that holds it, or ``None`` where it isn't an option.
        group: auth, cache, retry, logs, routing or tracing.
        direction: request, response or both.
        endpoints: Which endpoint shapes honour it, in words.
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
            **{name: value for name, value in row.items() if name in known} | {"rule": _rule(row)}
        )
        for row in json.loads(text)
    )


TABLE: tuple[Header, ...] = _table()
"""Every header, request and response, current and deprecated."""

BY_NAME: dict[str, Header] = {row.name.lower(): row for row in TABLE}
"""The table by lower-case header name."""

HEADERS: dict[str, Header] = {row.field: row for row in TABLE if row.field}
"""The rows that are options, by field name. The form and the local gateway read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one level says. Whoever holds one knows that it is valid.

    Raises:
        HeaderError: a value is outside what the header accepts.
    """

    gateway_id: str | None = None
    byok_alias: str | None = None
    no_wholesale: bool | None = None
    zdr: bool | None = None
    skip_cache: bool | None = None
    cache_ttl: int | None = None
    cache_key: str | None = None
    collect_log: bool | None = None
    collect_log_payload: bool | None = None
    metadata: dict[str, Json] | None = field(default=None, hash=False)
    custom_cost: dict[str, Json] | None = field(default=None, hash=False)
    event_id: str | None = None
    request_timeout: int | None = None
    max_attempts: int | None = None
    retry_delay: int | None = None
    backoff: str | None = None
    session_id: str | None = None
    turn_id: str | None = None
    no_session_affinity: bool | None = None
    allowed_models: tuple[str, ...] | None = None
    allowed_providers: tuple[str, ...] | None = None
    otel_trace_id: str | None = None
    otel_parent_span_id: str | None = None

    def __post_init__(self) -> None:
        for name, value in self.stated():
            try:
                HEADERS[name].rule.check(value)
            except ValueError as reason:
                raise HeaderError(name, value, str(reason)) from None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self:
        """Read request headers strictly; names in any case, deprecated names too.

        Raises:
            HeaderError: a value can't be read or is outside what the header accepts.
        """
        found: dict[str, Any] = {}
        for name, row in rows_of(headers):
            try:
                found[row.field or ""] = row.rule.parse(headers[name])
            except ValueError as reason:
                raise HeaderError(row.field or "", headers[name], str(reason)) from None
        return cls(**found)

    @classmethod
    def from_config(cls, config: Mapping[str, Json]) -> Self:
        """Read the ``config`` object of a universal step strictly; unknown names are skipped.

        Raises:
            HeaderError: a value is outside what the setting accepts.
        """
        return cls(**{field: config[name] for field, name in CONFIG.items() if name in config})

    def stated(self) -> Iterator[tuple[str, Any]]:
        """Yield (field, value) for everything this level speaks about."""
        return ((name, value) for name in HEADERS if (value := getattr(self, name)) is not None)

    def to_headers(self) -> dict[str, str]:
        """Spell this level as request headers."""
        return {
            HEADERS[name].name: HEADERS[name].rule.spell(value) for name, value in self.stated()
        }

    def to_config(self) -> dict[str, Json]:
        """Spell what a universal step's ``config`` can carry; see ``step_headers`` for the rest."""
        return {CONFIG[name]: value for name, value in self.stated() if name in CONFIG}

    def step_headers(self) -> dict[str, str]:
        """Spell what a universal step's ``config`` can't carry as headers of the step."""
        return {
            HEADERS[name].name: HEADERS[name].rule.spell(value)
            for name, value in self.stated()
            if name not in CONFIG
        }


CONFIG: dict[str, str] = {name: row.config for name, row in HEADERS.items() if row.config}
"""Field name -> its name in a universal step's ``config``, where it has one."""


def rows_of(headers: Mapping[str, str]) -> Iterator[tuple[str, Header]]:
    """Yield (name as given, row) for each option among headers.

    A deprecated name gives the row of its successor, and only where that isn't given too.
    """
    given = {name.lower() for name in headers}
    for name in headers:
        row = BY_NAME.get(name.lower())
        if row is not None and row.replaced_by is not None and row.replaced_by not in given:
            row = BY_NAME[row.replaced_by]
        if row is not None and row.field is not None and row.direction != "response":
            yield name, row


@dataclass(frozen=True, slots=True)
class Effective:
    """The value in force, the level that stated it, and the levels it overrode.

    Attributes:
        overrode: (level, value) of the weaker statements, strongest first.
    """

    value: Any
    level: Level
    overrode: tuple[tuple[Level, Any], ...] = ()


def effective(
    *, step: Options = Options(), request: Options = Options(), gateway: Options = Options()
) -> dict[str, Effective]:
    """Settle three levels into one. What no level states is absent.

    One setting can't be relaxed: a gateway with ``no_wholesale`` on stays that way
    (contract: headers, precedence).
    """
    settled: dict[str, Effective] = {}
    weakest_first: dict[Level, Options] = {"gateway": gateway, "request": request, "step": step}
    for level, options in weakest_first.items():
        for name, value in options.stated():
            weaker = settled.get(name)
            if name == "no_wholesale" and gateway.no_wholesale and level != "gateway":
                continue
            overrode = ((weaker.level, weaker.value), *weaker.overrode) if weaker else ()
            settled[name] = Effective(value, level, overrode)
    return settled


def _json_object(text: str) -> dict[str, Json]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"must be JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("must be a flat object") from None
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    return value


def _one_line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _printable(text: str) -> None:
    bad = next((at for at, letter in enumerate(text) if not " " <= letter <= "~"), None)
    if bad is not None:
        raise ValueError(f"must be printable ASCII, which character {bad + 1} isn't")
    if text != text.strip():
        raise ValueError("must not begin or end with a space")


def _short(spelled: str) -> None:
    if len(spelled) > TEXT_LIMIT:
        raise ValueError(f"must have at most {TEXT_LIMIT} characters as a header")


def _finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
