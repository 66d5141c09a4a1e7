"""The fields of the form: one for each request header that is an option, in its group.

Derived from the header table row by row, so a new header is a new row. ``fill`` turns what was
typed into ``Options``; what a header refuses is left out and comes back as a ``Problem``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.form.durations import Unit, parse_duration, spell_duration
from gateway.form.tables import object_of, rows_of
from gateway.headers import (
    HEADERS,
    Choice,
    CostRates,
    Flag,
    Header,
    Hex,
    Metadata,
    Names,
    Options,
    Text,
    Whole,
)
from gateway.sources import Link, links

Kind = Literal["switch", "number", "duration", "choice", "text", "names", "table", "rates"]
Given = Any
"""What a widget holds: text, a number, true or false, rows of a table, or ``None`` for nothing."""

TITLES = {
    "auth": "Auth and billing",
    "cache": "Cache",
    "retry": "Retry and timeout",
    "logs": "Logs and metadata",
    "routing": "Routing",
    "tracing": "Tracing",
}
"""Groups of the header table, in the order of the form."""

_SPELLED = {
    "byok": "Stored key",
    "id": "ID",
    "otel": "OTel",
    "ttl": "TTL",
    "zdr": "Zero data retention",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form.

    Attributes:
        name: Field of ``Options``.
        kind: Which widget it wants.
        unit: In which unit a bare number is read; "" where it has none.
        limits: What is accepted, in words; "" where nothing is documented.
        words: What can be chosen, for a switch and a choice.
        default: What holds where no level states it.
        summary: What it does, in one sentence; ``row.help`` says all.
        row: The row of the header table.
    """

    name: str
    kind: Kind
    label: str
    unit: str
    limits: str
    words: tuple[str, ...]
    default: str
    summary: str
    row: Header

    @property
    def per_step(self) -> bool:
        """Whether a step of a universal request can state it."""
        return "universal-step" in self.row.levels

    @property
    def setting(self) -> str | None:
        """Which setting of the gateway stands behind it; ``None`` where there is none."""
        return self.row.setting

    @property
    def sources(self) -> tuple[Link, ...]:
        """Where the row was read."""
        return links(self.row.source)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together."""

    id: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that the gateway would refuse.

    Attributes:
        name: Field of ``Options``.
        reason: What would be accepted, with the position where there is one:
            ``"must be from 1 to 5 attempts"``.
    """

    name: str
    reason: str

    @property
    def sentence(self) -> str:
        """The reason as a sentence for the eyes, without the value."""
        return f"{FIELDS[self.name].label} {self.reason}."


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was read: what is valid, and what is wrong with the rest."""

    options: Options
    problems: Mapping[str, Problem]


def fill(given: Mapping[str, Given]) -> Filled:
    """Read a form. A field that is empty or isn't there says nothing."""
    stated: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for name, value in given.items():
        try:
            stated[name] = read(name, value)
        except ValueError as reason:
            problems[name] = Problem(name, str(reason))
    return Filled(Options(**stated), problems)


def read(name: str, given: Given) -> Any:
    """Return the value of one field, or ``None`` where nothing is given.

    Raises:
        ValueError: what would be accepted.
    """
    here = FIELDS[name]
    if given is None or given in ("", [], (), {}):
        return None
    value = given
    if here.kind in ("table", "rates") and not isinstance(given, str | Mapping):
        value = object_of(given) or None
    elif isinstance(given, str):
        value = _parsed(here, given)
    elif isinstance(given, float) and given.is_integer():
        value = int(given)
    if value is not None:
        here.row.rule.check(value)
    return value


def show(name: str, value: Any) -> Given:
    """Return what a widget holds to say a value; ``read`` takes it back unchanged.

    A duration is text such as ``"1 h"``, a table is rows, names are text with commas.
    """
    here = FIELDS[name]
    match here.kind:
        case "duration":
            return spell_duration(value, _unit(here))
        case "table" | "rates":
            return rows_of(value)
        case "names":
            return ", ".join(value)
        case _:
            return value


def _parsed(here: Field, text: str) -> Any:
    if not text.strip():
        return None
    if here.kind == "duration":
        return parse_duration(text, _unit(here))
    return here.row.rule.parse(text)


def _unit(here: Field) -> Unit:
    return "ms" if here.unit == "ms" else "s"


def _field(name: str, row: Header) -> Field:
    kind, words, limits = _kind(row)
    return Field(
        name=name,
        kind=kind,
        label=_label(name),
        unit=getattr(row.rule, "unit", ""),
        limits=limits,
        words=words,
        default=row.default or "",
        summary=re.split(r"(?<=\.)\s+", row.help, maxsplit=1)[0],
        row=row,
    )


def _kind(row: Header) -> tuple[Kind, tuple[str, ...], str]:
    """Return the kind of widget, what can be chosen, and the limits in words."""
    match row.rule:
        case Flag(values):
            return "switch", values, ""
        case Choice(words):
            return "choice", words, ""
        case Whole(unit="s" | "ms") as rule:
            return "duration", (), _span(rule)
        case Whole() as rule:
            return "number", (), rule.range.removeprefix("must be ")
        case Metadata(high):
            return "table", (), f"at most {high} entries: text, numbers, true or false"
        case CostRates():
            return "rates", (), "0 or more, in US dollars per token"
        case Names():
            return "names", (), "one or more, separated by commas"
        case Hex(length):
            return "text", (), f"{length} hex digits"
        case Text(low, high):
            return "text", (), f"{low} to {high:,} characters, printable ASCII"
        case _:
            return "text", (), ""


def _span(rule: Whole) -> str:
    unit: Unit = "ms" if rule.unit == "ms" else "s"
    low = spell_duration(rule.low or 0, unit)
    if rule.high is None:
        return f"{low} or more"
    also = "".join(f"{number} or " for number in rule.also)
    return f"{also}{low} to {spell_duration(rule.high, unit)}"


def _label(name: str) -> str:
    first, *rest = [_SPELLED.get(word, word) for word in name.split("_")]
    return " ".join((first[:1].upper() + first[1:], *rest))


FIELDS: dict[str, Field] = {name: _field(name, row) for name, row in HEADERS.items()}
"""Every field, by field of ``Options``."""

GROUPS: tuple[Group, ...] = tuple(
    Group(id, title, tuple(here for here in FIELDS.values() if here.row.group == id))
    for id, title in TITLES.items()
)
"""The groups of the form. Together they hold every field once."""
