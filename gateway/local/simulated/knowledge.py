"""What simulated models know by heart: a glossary, capitals, a phrasebook (data/knowledge.json)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

Points = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the glossary.

    Attributes:
        terms: Names that it is found by, in lower case; the first one is its title.
        lead: What it is, in one sentence.
        points: Three aspects, each a name and a sentence.
        close: A piece of advice.
    """

    terms: tuple[str, ...]
    lead: str
    points: Points
    close: str


def _read() -> dict[str, Any]:
    text = resources.files("gateway").joinpath("data/knowledge.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


_DATA = _read()
GLOSSARY: tuple[Entry, ...] = tuple(
    Entry(
        terms=tuple(row["terms"]),
        lead=row["lead"],
        points=tuple((name, sentence) for name, sentence in row["points"]),
        close=row["close"],
    )
    for row in _DATA["glossary"]
)
CAPITALS: Mapping[str, str] = {name.casefold(): city for name, city in _DATA["capitals"].items()}
PHRASEBOOK: Mapping[str, Mapping[str, str]] = _DATA["phrasebook"]
"""English phrase, in lower case -> language, in lower case -> the phrase in it."""

_BY_TERM = {term: entry for entry in GLOSSARY for term in entry.terms}
_TERMS = re.compile(
    rf"\b(?:{'|'.join(re.escape(term) for term in sorted(_BY_TERM, key=len, reverse=True))})\b"
)


def entries_in(text: str) -> list[Entry]:
    """Return the entries whose terms a text names, in its order, each once."""
    return list(dict.fromkeys(_BY_TERM[term] for term in _TERMS.findall(text.lower())))
