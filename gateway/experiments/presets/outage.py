"""E08: does the backoff outlive the outage?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Event, Plan, Recipe
from gateway.experiments.presets.parts import SCALE, variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, within
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import retries
from gateway.headers import Options

Json = Any
Knobs = Mapping[str, Json]


BACKOFFS = ("constant", "linear", "exponential")


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    outage, count = knobs["outage_s"], knobs["requests"]
    starts = np.sort(draw.stream(recipe.seed, "arrivals").uniform(0, outage, count))
    variants = tuple(
        variant_of(
            recipe,
            f"{backoff}-{delay:g}",
            f"{backoff.capitalize()}, {delay:g} s",
            factors={"backoff": backoff, "delay_s": delay, "outage_s": outage},
            options=Options(
                max_attempts=knobs["attempts"], retry_delay=round(delay * 1000), backoff=backoff
            ),
        )
        for delay in knobs["delays_s"]
        for backoff in BACKOFFS
    )
    calls = tuple(
        Call(
            seq=number * count + i,
            variant=variant.id,
            prompt=prompt(0, recipe.seed),
            prompt_id=f"r{i:04}",
            at_s=float(at),
        )
        for number, variant in enumerate(variants)
        for i, at in enumerate(starts)
    )
    rule = {
        "provider": "*",
        "kind": "status",
        "status": 503,
        "ms": knobs["failed_ms"],
        "for_s": outage,
    }
    return Plan(
        recipe=recipe,
        title=E08.title,
        question=E08.question,
        primary=E08.primary,
        variants=variants,
        calls=calls,
        events=(Event(at_s=0.0, rule=rule),),
        time_scale=knobs["time_scale"],
        pace="instant",
    )


def _spans(plan: Plan) -> dict[str, float]:
    knobs = E08.settled(plan.recipe)
    return {
        variant.id: retries.span_s(
            variant.factors["backoff"],
            variant.factors["delay_s"],
            knobs["attempts"],
            knobs["failed_ms"] / 1000,
        )
        for variant in plan.variants
    }


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E08.settled(plan.recipe)
    told = []
    for variant, span in _spans(plan).items():
        share = retries.rescued(span, knobs["outage_s"])
        # An attempt near the outage's end may fall on either side of it.
        edge = EDGE_S * plan.time_scale / knobs["outage_s"]
        se = sqrt(share * (1 - share) / knobs["requests"]) + edge
        told.append(Prediction(variant=variant, metric="success", value=share, se=se, formula="R9"))
    return told


EDGE_S = 0.01
"""Real seconds by which the outage's ends are blurred."""


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    return [
        within(
            f"Share rescued: {plan.variant(told.variant).label}",
            float(table.loc[table["variant_id"] == told.variant, "ok"].mean()),
            told.value,
            4 * told.se,
        )
        for told in _predict(plan)
        if (table["variant_id"] == told.variant).any()
    ]


E08 = Preset(
    id="E08",
    title="Outliving an outage",
    question="Does the backoff outlive the outage?",
    family="reliability",
    primary="success",
    plot="rescue",
    knobs=(
        Knob(name="outage_s", label="Outage", default=10.0, low=1, high=600, unit="s"),
        Knob(
            name="delays_s",
            label="Delays",
            default=(0.5, 1.0, 2.0),
            kind="numbers",
            low=0,
            high=5,
            unit="s",
        ),
        Knob(name="attempts", label="Attempts", default=5, kind="whole", low=1, high=5),
        Knob(
            name="failed_ms",
            label="A failed attempt takes",
            default=100,
            kind="whole",
            low=0,
            high=10_000,
            unit="ms",
        ),
        Knob(name="requests", label="Requests a policy", default=200, kind="whole", low=10),
        replace(SCALE, default=5.0),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
    local_only=True,
)
