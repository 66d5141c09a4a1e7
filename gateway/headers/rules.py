"""What the value of a header may be: one small class for each kind of rule."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Protocol

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


def _json_object(text: str) -> dict[str, Json]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"must be JSON: {_json_trouble(text, error)}") from None
    except RecursionError:
        raise ValueError("must be a flat object") from None
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    return value


_ALMOST = {
    "'": "names and texts want double quotes",
    "“": "use straight double quotes",
    "”": "use straight double quotes",
    "T": "true is written small",
    "F": "false is written small",
    "N": "null is written small, and NaN isn't JSON",
    "}": "there is a comma too many before it",
    "]": "there is a comma too many before it",
}
"""What is meant where JSON is almost right, by the character that can't stand there."""


def _json_trouble(text: str, error: json.JSONDecodeError) -> str:
    """Say what is wrong, where, and what would be right."""
    if error.pos >= len(text):
        return f"it ends too early, after character {len(text)}"
    hint = _ALMOST.get(text[error.pos])
    return f"{error.msg} at character {error.pos + 1}" + (f" ({hint})" if hint else "")


def _one_line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _printable(text: str) -> None:
    bad = next((at for at, letter in enumerate(text) if not " " <= letter <= "~"), None)
    if bad is not None and text[bad] in "\r\n":
        raise ValueError(f"must be one line, which character {bad + 1} ends: no CR, no LF")
    if bad is not None:
        raise ValueError(f"must be printable ASCII, which character {bad + 1} isn't")
    if text != text.strip():
        raise ValueError("must not begin or end with a space")


def _short(spelled: str) -> None:
    if len(spelled) > TEXT_LIMIT:
        raise ValueError(f"must have at most {TEXT_LIMIT} characters as a header")


def _finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
