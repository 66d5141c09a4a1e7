"""The models that Auto Router may choose from for one call (contract: behaviour, 9).

default models                       where no header says anything
cf-aig-allowed-models: a/*,b/c       these instead, of all that the router knows
cf-aig-allowed-providers: a,b        those of these providers; with both, a model must match both

ASSUMPTIONS: their order is that of the allow-list, then that of the documentation; an allow-list
that leaves no model, or none that has a provider here, is refused as one that matches nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from gateway.local.refusals import Refusal
from gateway.providers import by_rest_author

AUTO = "cloudflare/auto"
MODELS, OWNERS = "cf-aig-allowed-models", "cf-aig-allowed-providers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One model that the router knows.

    Attributes:
        name: ``author/model``.
        owner: What ``cf-aig-allowed-providers`` calls its provider.
    """

    name: str
    owner: str

    @property
    def unified(self) -> str:
        """What the unified API calls it; empty where its provider isn't served there."""
        provider, model = by_rest_author(self.name) or (None, "")
        return f"{provider.compat_prefix}/{model}" if provider and provider.compat_prefix else ""


def _table(part: str) -> tuple[Candidate, ...]:
    text = resources.files("gateway").joinpath("data/autorouter.json").read_text("utf-8")
    rows = json.loads(text)[part]
    return tuple(Candidate(name=row["model"], owner=row["provider"]) for row in rows)


DEFAULT: tuple[Candidate, ...] = _table("default")
KNOWN: tuple[Candidate, ...] = (*DEFAULT, *_table("additional"))


def candidates(headers: Mapping[str, str]) -> list[Candidate]:
    """Return the models that a call's headers leave, at least one, in order of choice.

    Args:
        headers: Names in lower case.

    Raises:
        Refusal: an entry matches no model that the router knows, or none is left (400).
    """
    models, owners = _entries(headers.get(MODELS, "")), _entries(headers.get(OWNERS, ""))
    found: Sequence[Candidate] = KNOWN if models or owners else DEFAULT
    if models:
        found = _matching(found, [_pattern(entry) for entry in models], models)
    if owners:
        for entry in owners:
            if all(each.owner != entry for each in KNOWN):
                raise _nothing(f"{OWNERS}: {entry} matches no provider")
        found = [each for owner in owners for each in found if each.owner == owner]
    left = [each for each in found if each.unified]
    if not left:
        raise _nothing(f"{MODELS} and {OWNERS} leave no model that this gateway has")
    return left


def _matching(
    known: Sequence[Candidate], patterns: Sequence[re.Pattern[str]], entries: Sequence[str]
) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    for pattern, entry in zip(patterns, entries, strict=True):
        fitting = [each for each in known if pattern.fullmatch(each.name)]
        if not fitting:
            raise _nothing(f"{MODELS}: {entry} matches no model")
        found |= {each.name: found.get(each.name, each) for each in fitting}
    return list(found.values())


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _pattern(entry: str) -> re.Pattern[str]:
    return re.compile("[^/]*".join(map(re.escape, entry.split("*"))))


def _nothing(words: str) -> Refusal:
    return Refusal(None, words, status=400)
