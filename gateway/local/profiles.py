"""The profiles of data loss prevention as the local gateway plays them (``data/dlp.json``).

A profile has entries, an entry is a pattern and, for numbers with a check digit, its proof. There
are far fewer than Cloudflare's. A gateway's settings name a profile by its id or by its name; one
that isn't here finds nothing.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import resources
from typing import Any

Json = Any


def luhn(number: str) -> bool:
    """Whether a card number's last digit fits the others."""
    digits = [int(each) for each in reversed(number) if each.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0 and any(digits)


def iban(number: str) -> bool:
    """Whether an account number's check digits fit the others."""
    plain = number.replace(" ", "").upper()
    return int("".join(str(int(each, 36)) for each in plain[4:] + plain[:4])) % 97 == 1


PROOFS: Mapping[str, Callable[[str], bool]] = {"": bool, "luhn": luhn, "iban": iban}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One kind of data.

    Attributes:
        proof: Name of the check that a match must pass, in ``PROOFS``.
        example: A text in which it is found.
    """

    id: str
    name: str
    pattern: str
    example: str
    proof: str = ""

    def is_in(self, text: str) -> bool:
        """Whether a text holds such data."""
        proof = PROOFS[self.proof]
        return any(proof(match[0]) for match in re.finditer(self.pattern, text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A group of entries that a policy names."""

    id: str
    name: str
    entries: tuple[Entry, ...] = field(default_factory=tuple)


def _table() -> tuple[Profile, ...]:
    text = resources.files("gateway").joinpath("data/dlp.json").read_text("utf-8")
    return tuple(
        Profile(
            id=row["id"],
            name=row["name"],
            entries=tuple(Entry(**entry) for entry in row["entries"]),
        )
        for row in json.loads(text)["profiles"]
    )


PROFILES: tuple[Profile, ...] = _table()


def profile_of(name: str) -> Profile | None:
    """Return a profile by its id or its name, in any case."""
    wanted = name.strip().lower()
    return next((each for each in PROFILES if wanted in (each.id, each.name.lower())), None)


def described() -> list[dict[str, Json]]:
    """Return the profiles for people who want to try them out."""
    return [asdict(profile) for profile in PROFILES]
