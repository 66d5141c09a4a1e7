"""Durations as people write them: ``"1 h"``, ``"90 s"``, ``"1h 30m"``, ``"3600"``.

A number alone is in the unit of its header.
"""

import re
from fractions import Fraction
from typing import Literal

Unit = Literal["s", "ms"]

MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
"""Milliseconds of each unit that we write, small ones first."""

_NAMES: dict[Unit, str] = {"s": "seconds", "ms": "milliseconds"}
_EXPECTED: dict[Unit, str] = {
    "s": 'must be a duration such as "1 h", "90 s" or "3600" (seconds)',
    "ms": 'must be a duration such as "5 s", "500 ms" or "500" (milliseconds)',
}
_WORDS = {
    **dict.fromkeys(("ms", "msec", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
}
_LONG = {"week": 7, "weeks": 7, "w": 7, "month": 30, "months": 30}
"""In days. The longest lifetime of a cached answer, "1 month", is 30 days (contract: headers)."""
_BARE = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,9})?", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?\s*", re.ASCII)
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)\s*([a-zA-Z]+)[\s,]*", re.ASCII)


def parse_duration(text: str, unit: Unit) -> int:
    """Return a duration in whole units of its header.

    Raises:
        ValueError: what would be accepted, or that it isn't whole in this unit.
    """
    text = text.strip()
    if _BARE.fullmatch(text):
        return _whole(Fraction(text), unit)
    at, total_ms = 0, Fraction(0)
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise ValueError(f"{_EXPECTED[unit]}{_trouble(text, at)}")
        total_ms += Fraction(part[1]) * _ms(part[2], at + 1)
        at = part.end()
    if not text:
        raise ValueError(_EXPECTED[unit])
    return _whole(total_ms / MS[unit], unit)


def spell_duration(value: int, unit: Unit) -> str:
    """Write a duration in the largest unit in which it stays short: ``3600`` s is ``"1 h"``.

    ``parse_duration`` reads it back unchanged.
    """
    ms = value * MS[unit]
    for name, size in reversed(MS.items()):
        if ms and ms % size == 0:
            return f"{ms // size} {name}"
        if name == "s" and ms > size and ms % 10 == 0:
            return f"{ms / size:.2f}".rstrip("0") + " s"
    return f"{value} {unit}"


def _whole(value: Fraction, unit: Unit) -> int:
    if value.denominator != 1:
        raise ValueError(f"must be whole {_NAMES[unit]}")
    return int(value)


def _trouble(text: str, at: int) -> str:
    """Say which character is wrong, where a part should begin at an index."""
    number = _NUMBER.match(text, at)
    at = at if number is None else number.end()
    if at >= len(text):
        return ", and the last number has no unit"
    return f", which character {at + 1} isn't part of"


def _ms(word: str, at: int) -> int:
    word = word.lower()
    if word in _LONG:
        return _LONG[word] * MS["d"]
    if word not in _WORDS:
        raise ValueError(f"must use ms, s, min, h or d, not {word[:12]!r} after character {at}")
    return MS[_WORDS[word]]
