"""What an error means: every code of the gateway and of Workers AI, in words for people.

The rows are dated data in ``data/errors.json`` (contract: behaviour, section 12). ``explain``
finds the row of a body in any envelope, and tells the gateway's errors from a provider's own.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from typing import Any, Literal

Json = Any
Origin = Literal["gateway", "management", "workers-ai", "provider"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of the table.

    Attributes:
        code: Number in the body; ``None`` where there is none.
        status: HTTP status.
        name: One word for it, of our own.
        origin: Who says it.
        message: The words that come with it, or their beginning; empty where they aren't known.
        meaning: What it says, in one sentence.
        cause: Why it happens.
        fix: What the person at the screen can do.
        evidence: DOC, API, OBS or ASSUMPTION, as in the wire contract.
        date: Day on which the source was read.
        words: Any of these in a body without a code means this row; in one with a code that
            several rows share, this one of them.
    """

    code: int | None
    status: int
    name: str
    origin: Origin
    message: str
    meaning: str
    cause: str
    fix: str
    evidence: str
    source: str
    date: str
    words: tuple[str, ...] = ()


def _table() -> tuple[Code, ...]:
    text = resources.files("gateway").joinpath("data/errors.json").read_text("utf-8")
    return tuple(_row(row) for row in json.loads(text))


def _row(row: dict[str, Json]) -> Code:
    return Code(**{**row, "words": tuple(row.get("words", ()))})


CODES: tuple[Code, ...] = _table()
"""Every row. Where a code has several, the first is the usual one."""

_PROVIDERS = tuple(row for row in CODES if row.origin == "provider")
_NAMELESS = tuple(row for row in CODES if row.code is None and row.origin == "gateway")


def explain(status: int, body: str) -> Code | None:
    """Return the row that an answer means.

    ``None`` for an answer that is no error, and for an error of the gateway that nobody documents.
    A body without a gateway's envelope is the provider's own: then the row's code is ``None`` and
    its origin is ``"provider"``.

    Args:
        body: As it came; an empty one, HTML and broken JSON will do.
    """
    if status < 400:
        return None
    answer = _parsed(body)
    if not _is_gateways(answer):
        return _providers(status, body)
    return _numbered(status, answer, body.lower()) or _spoken(status, body)


def _parsed(body: str) -> dict[str, Json]:
    try:
        answer = json.loads(body)
    except (json.JSONDecodeError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _is_gateways(answer: dict[str, Json]) -> bool:
    """Whether an envelope is the gateway's (contract: behaviour, envelopes)."""
    return answer.get("name") == "AiGatewayError" or answer.get("success") is False


def _numbered(status: int, answer: dict[str, Json], words: str) -> Code | None:
    """Return the row of a number: of several, the one of this status and these words."""
    for code in _codes_in(answer):
        rows = [row for row in CODES if row.code == code]
        same = [row for row in rows if row.status == status]
        spoken = (row for row in same if any(word in words for word in row.words))
        if rows:
            return next(spoken, (same or rows)[0])
    return None


def _codes_in(answer: dict[str, Json]) -> Iterator[int]:
    """Yield the numbers of an envelope: in ``error`` or ``errors``, a list or an object."""
    for name in ("error", "errors"):
        inside = answer.get(name)
        for entry in inside if isinstance(inside, list) else [inside]:
            if isinstance(entry, dict) and isinstance(entry.get("code"), int):
                yield entry["code"]
    if isinstance(answer.get("internalCode"), int):
        yield answer["internalCode"]


def _spoken(status: int, body: str) -> Code | None:
    """Return the row whose words an envelope without a number uses."""
    words = body.lower()
    rows = (row for row in _NAMELESS if row.status == status)
    return next((row for row in rows if any(word in words for word in row.words)), None)


def _providers(status: int, body: str) -> Code:
    """Return the row of a provider's own error; every status has one."""
    words = body.lower()
    default = "provider_failed" if status >= 500 else "provider_refused"
    spoken = (row for row in _PROVIDERS if any(word in words for word in row.words))
    same = (row for row in _PROVIDERS if row.status == status)
    other = (row for row in _PROVIDERS if row.name == default)
    return next(chain(spoken, same, other))
