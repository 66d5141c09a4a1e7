"""Small tables that become one-line JSON: the entries of metadata, the rates of a custom cost.

A row is what two cells hold: a name and the text of a value. ``true``, ``5`` and ``0.5`` are
what they look like; in quotation marks, ``"5"``, they are text.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Json = Any
Row = tuple[str | None, str | None]
"""Name and value; ``None`` where nothing is typed yet."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)


def object_of(rows: Iterable[Row]) -> dict[str, Json]:
    """Return what the rows say; rows that are wholly empty are skipped.

    Raises:
        ValueError: a row lacks its name, or has one that an earlier row has; with its number.
    """
    found: dict[str, Json] = {}
    for number, row in enumerate(rows, 1):
        name, text = ((cell or "").strip() for cell in row)
        if not name and not text:
            continue
        if not name:
            raise ValueError(f"must have a name in row {number}")
        if name in found:
            raise ValueError(f"must have different names, and row {number} is {name!r} again")
        found[name] = _value(text)
    return found


def rows_of(entries: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    """Return the rows that say an object; ``object_of`` reads them back unchanged."""
    return tuple((name, _text(value)) for name, value in entries.items())


def _value(text: str) -> Json:
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return json.loads(text)
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text


def _text(value: Json) -> str:
    plain = isinstance(value, str) and value == value.strip() and _value(value) == value
    return value if plain else json.dumps(value)
