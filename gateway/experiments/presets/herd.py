"""E15: many identical requests at once on a cold key."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.parts import HOUR, variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, exact, within
from gateway.experiments.presets.prompts import prompt

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    size, fill = knobs["requests"], f"slow={round(knobs['fill_s'] * 1000)}"
    spread = draw.stream(recipe.seed, "arrivals").uniform(0, knobs["spread_s"], size)
    variants = (
        variant_of(recipe, "at-once", "All at once", factors={"spread_s": 0.0}, gateway="at-once"),
        variant_of(
            recipe,
            "spread",
            f"Spread over {knobs['spread_s']:g} s",
            factors={"spread_s": knobs["spread_s"]},
            gateway="spread",
        ),
    )
    times = {"at-once": np.zeros(size), "spread": np.sort(spread)}
    calls = tuple(
        Call(
            seq=number * size + i,
            variant=variant.id,
            prompt=prompt(0, recipe.seed),
            prompt_id="p",
            key_id="p",
            at_s=float(at),
            fault=fill,
        )
        for number, variant in enumerate(variants)
        for i, at in enumerate(times[variant.id])
    )
    return Plan(
        recipe=recipe,
        title=E15.title,
        question=E15.question,
        primary=E15.primary,
        variants=variants,
        calls=calls,
        gateways={v.gateway: {"cache_ttl": HOUR} for v in variants},
        pace="instant",
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E15.settled(plan.recipe)
    size = knobs["requests"]
    share = min(1.0, knobs["fill_s"] / knobs["spread_s"])
    return [
        Prediction(
            variant="at-once", metric="upstream_calls", value=float(size), se=0, formula="E15"
        ),
        Prediction(
            variant="spread",
            metric="upstream_calls",
            # The first one, and all that come before its answer is stored.
            value=1 + (size - 1) * share,
            se=sqrt(size * share * (1 - share)) + 1,
            formula="E15",
        ),
    ]


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    at_once, spread = _predict(plan)
    asked = table.groupby("variant_id", observed=True)["attempts"].sum()
    calls = int(asked.get("at-once", 0))
    found = [
        exact(
            "Calls to the provider for a herd (no request waits for another's)",
            calls,
            int(at_once.value),
        )
    ]
    if calls == 1:
        found.append(Finding(sentence="This gateway lets one request fetch for all", ok=False))
    found.append(
        within(
            "Calls when the same requests are spread",
            float(asked.get("spread", 0)),
            spread.value,
            4 * spread.se,
        )
    )
    return found


E15 = Preset(
    id="E15",
    title="Thundering herd",
    question="How many identical requests reach the provider at once?",
    family="cache",
    primary="upstream_calls",
    plot="herd",
    knobs=(
        Knob(name="requests", label="Requests", default=50, kind="whole", low=2, high=1000),
        Knob(name="fill_s", label="Time of an answer", default=1.0, low=0.2, high=30, unit="s"),
        Knob(name="spread_s", label="Spread over", default=5.0, low=0.5, high=600, unit="s"),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
    local_only=True,
)
