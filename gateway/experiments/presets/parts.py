"""What several presets share: a variant of the recipe's model, and knobs with the same meaning."""

from typing import Any

import pandas as pd

from gateway.experiments.plan import Recipe, Variant
from gateway.experiments.presets.preset import Knob

MINUTE, HOUR = 60, 3600
TTL_LOW, TTL_HIGH = 60, 2_592_000


def variant_of(recipe: Recipe, id: str, label: str, **terms: Any) -> Variant:
    return Variant(id=id, label=label, provider=recipe.provider, model=recipe.model, **terms)


def hits(table: pd.DataFrame) -> pd.Series:
    return table["cache_status"] == "HIT"


def ttl_knob(default: int) -> Knob:
    """Return the knob of the gateway's cache TTL, within its documented bounds."""
    return Knob(
        name="ttl_s",
        label="Cache TTL",
        default=default,
        kind="whole",
        low=TTL_LOW,
        high=TTL_HIGH,
        unit="s",
    )


SCALE = Knob(
    name="time_scale",
    label="Emulated seconds per second",
    default=120.0,
    low=1,
    high=3600,
    help="On the local gateway only: a TTL of a minute passes in half a second.",
)
