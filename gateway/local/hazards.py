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

    def is_in(self, text: str) -> bool:
        """Whether a text holds one of the phrases: whole words.

        Args:
            text: In lower case, with single spaces.
        """
        phrases = (phrase.lower() for phrase in self.phrases)
        # A regular expression alone would take long for a long text.
        return any(
            phrase in text and re.search(rf"\b{re.escape(phrase)}\b", text) for phrase in phrases
        )


def _table() -> tuple[Hazard, ...]:
    text = resources.files("gateway").joinpath("data/hazards.json").read_text("utf-8")
    rows = json.loads(text)["hazards"]
    return tuple(Hazard(**{**row, "phrases": tuple(row["phrases"])}) for row in rows)


HAZARDS: tuple[Hazard, ...] = _table()
"""Every category, in the order in which they are numbered."""
GUARDS = tuple(dict.fromkeys(hazard.model for hazard in HAZARDS))
"""The models that judge them."""


def hazards_in(text: str, model: str) -> list[str]:
    """Return the codes of the categories that a text falls into, of those that a model judges."""
    plain = " ".join(text.lower().split())
    return [hazard.code for hazard in HAZARDS if hazard.model == model and hazard.is_in(plain)]


def described() -> list[dict[str, Json]]:
    """Return the table for people who want to try it out."""
    return [asdict(hazard) for hazard in HAZARDS]
