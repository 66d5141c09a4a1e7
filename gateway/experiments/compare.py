"""Two runs beside each other: how figures differ, how surely, and what differed beforehand."""

from collections.abc import Mapping
from math import hypot
from typing import Any, NamedTuple

import pandas as pd

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS

Json = Any
UNKNOWN = "\N{EN DASH}"
KEY = ["variant_id", "metric", "slice"]
SETUP = {
    "target": "Gateway",
    "gateway_id": "Its name",
    "time_scale": "Emulated seconds a second",
    "preset_version": "Version of the experiment",
    "plan_sha256": "Requests as planned",
    "python": "Python",
    "platform": "Machine",
}
"""Columns of a run that say how it was set up, and what people call them."""
SHORT = 6
"""Entries of a list that are named; of a longer one, how many they are."""
DIGEST = 12


class Difference(NamedTuple):
    """Something that differed in the set-up of two runs."""

    what: str
    ours: str
    base: str


def differences(ours: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that two runs share, and ours less the base's with its interval.

    The interval is Newcombe's: it takes each figure's own interval as it is, even a lopsided one.

    Args:
        ours: A run's summary table.

    Returns:
        One row for each variant, metric and slice that both have: ``ours``, ``base``, ``diff``,
        ``low``, ``high``, ``n_ours``, ``n_base``, ``unit``, ``clear``: whether 0 lies outside.
        ``low`` and ``high`` are missing where a run was too short for an interval.
    """
    columns = [*KEY, "unit", "n", "estimate", "ci_low", "ci_high"]
    both = ours[columns].merge(base[columns], on=KEY, suffixes=("_ours", "_base"))
    found = []
    for row in both.to_dict("records"):
        a, b = row["estimate_ours"], row["estimate_base"]
        low = a - b - hypot(a - row["ci_low_ours"], row["ci_high_base"] - b)
        high = a - b + hypot(row["ci_high_ours"] - a, b - row["ci_low_base"])
        found.append(
            {name: row[name] for name in KEY}
            | {"unit": row["unit_ours"], "ours": a, "base": b, "diff": a - b}
            | {"low": low, "high": high, "n_ours": row["n_ours"], "n_base": row["n_base"]}
            | {"clear": bool(low > 0 or high < 0)}
        )
    names = [*KEY, "unit", "ours", "base", "diff", "low", "high", "n_ours", "n_base", "clear"]
    return pd.DataFrame(found, columns=names)


def setup(
    ours: Recipe,
    base: Recipe,
    our_figures: Mapping[str, Json] | None = None,
    base_figures: Mapping[str, Json] | None = None,
) -> tuple[Difference, ...]:
    """Return what differed in the set-up of two runs; nothing where they are repetitions.

    Args:
        our_figures: The run's columns in the records, for what isn't in its recipe.
    """
    found = [
        Difference(name, _said(getattr(ours, name)), _said(getattr(base, name)))
        for name in ("preset", "provider", "model", "seed", "cap_usd")
        if getattr(ours, name) != getattr(base, name)
    ]
    if ours.preset == base.preset and ours.preset in PRESETS:
        preset = PRESETS[ours.preset]
        mine, theirs = preset.settled(ours), preset.settled(base)
        found += [
            Difference(knob.label, _said(mine[knob.name]), _said(theirs[knob.name]))
            for knob in preset.knobs
            if mine[knob.name] != theirs[knob.name]
        ]
        found += [
            Difference(
                name.capitalize(), _listed(ours.knobs.get(name)), _listed(base.knobs.get(name))
            )
            for name in preset.structured
            if mine[name] != theirs[name]
        ]
    one, other = our_figures or {}, base_figures or {}
    found += [
        Difference(label, _said(one.get(name)), _said(other.get(name)))
        for name, label in SETUP.items()
        if one.get(name) != other.get(name)
    ]
    return tuple(found)


def _listed(value: Json) -> str:
    """Say what a knob holds that is a list or an object; a long list by its length."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(one)}" for name, one in value.items())
    if isinstance(value, list | tuple) and len(value) > SHORT:
        return f"{len(value):,} of them"
    if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        return "; ".join(f"{one['name']} {_said(one['values'])}" for one in value)
    return _said(value)


def _said(value: Json) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, list | tuple):
        return ", ".join(_said(one) for one in value)
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return text[:DIGEST] if len(text) == 64 else text
