"""The hazard categories of guardrails, and how the simulated scanner knows them.

Nothing here understands a text: it falls into a category when it holds one of the category's
phrases (``data/hazards.json``), whatever it means by it.
"""

import json
import re
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """One category.

    Attributes:
        model: Model that judges it.
        phrases: What the simulated scanner looks for; the first one is made for trying it out.
    """

    code: str
    name: str
    model: str
    phrases: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """A regular expression for its phrases: whole words, any white space between them."""
        spelled = (r"\s+".join(map(re.escape, phrase.split())) for phrase in self.phrases)
        return rf"\b(?:{'|'.join(spelled)})\b"


def _table() -> tuple[Hazard, ...]:
    text = resources.files("gateway").joinpath("data/hazards.json").read_text("utf-8")
    rows = json.loads(text)["hazards"]
    return tuple(Hazard(**{**row, "phrases": tuple(row["phrases"])}) for row in rows)


HAZARDS: tuple[Hazard, ...] = _table()
"""Every category, in the order in which they are numbered."""
GUARDS = tuple(dict.fromkeys(hazard.model for hazard in HAZARDS))
"""The models that judge them."""
_PATTERNS = tuple((hazard, re.compile(hazard.pattern, re.IGNORECASE)) for hazard in HAZARDS)


def hazards_in(text: str, model: str) -> list[str]:
    """Return the codes of the categories that a text falls into, of those that a model judges."""
    return [
        hazard.code
        for hazard, pattern in _PATTERNS
        if hazard.model == model and pattern.search(text)
    ]


def described() -> list[dict[str, Json]]:
    """Return the table for people who want to try it out."""
    return [asdict(hazard) for hazard in HAZARDS]
