"""Limits of the product, as dated data: what a plan, a gateway or a request may have at most."""

import json
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One row of ``data/limits.json`` (contract: behaviour, limits).

    Attributes:
        limit: In words, with its unit.
        note: What happens beyond it, or for whom it holds; may be empty.
        evidence: DOC, API, OBS or ASSUMPTION, as in the wire contract.
        date: Day on which the source was read.
    """

    item: str
    limit: str
    note: str
    evidence: str
    source: str
    date: str


def _table() -> tuple[Limit, ...]:
    text = resources.files("gateway").joinpath("data/limits.json").read_text("utf-8")
    return tuple(Limit(**row) for row in json.loads(text))


LIMITS: tuple[Limit, ...] = _table()
"""Every row."""
