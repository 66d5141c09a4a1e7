"""E03: whether one key follows the law of a fixed life."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.presets.parts import MINUTE, SCALE, hits, ttl_knob, variant_of
from gateway.experiments.presets.preset import (
    Finding,
    Knob,
    Prediction,
    Preset,
    within,
)
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import cache

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    ttl, count = knobs["ttl_s"], knobs["requests"]
    variants: list[Variant] = []
    calls: list[Call] = []
    for load in knobs["loads"]:
        name = f"load-{load:g}"
        variants.append(
            variant_of(
                recipe,
                name,
                f"{load:g} a TTL",
                factors={"load": load, "arrivals": knobs["arrivals"]},
                gateway=name.replace(".", "-"),
            )
        )
        times = draw.arrivals(
            draw.stream(recipe.seed, "arrivals"),
            load / ttl,
            count=count,
            kind=knobs["arrivals"],
            burstiness=knobs["burstiness"],
        )
        calls += [
            Call(
                seq=len(calls) + i,
                variant=name,
                prompt=prompt(0, recipe.seed),
                prompt_id="p",
                key_id="p",
                at_s=float(at - times[0]),
            )
            for i, at in enumerate(times)
        ]
    return Plan(
        recipe=recipe,
        title="The law of one key",
        question="Does the cache follow λT/(1+λT)?",
        primary="hit_ratio",
        variants=tuple(variants),
        calls=tuple(calls),
        gateways={variant.gateway: {"cache_ttl": ttl} for variant in variants},
        time_scale=knobs["time_scale"],
        pace="instant",
        sequential_variants=False,
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E03.settled(plan.recipe)
    count, told = knobs["requests"], []
    for variant in plan.variants:
        load = float(variant.factors["load"])
        ratio = cache.arrivals_in_ttl(load, 1.0, knobs["arrivals"], burstiness=knobs["burstiness"])
        ratio = ratio / (1 + ratio)
        told.append(
            Prediction(
                variant=variant.id,
                metric="hit_ratio",
                value=ratio,
                # The first request always misses: an edge of the order of 1/n.
                se=cache.hit_ratio_se(load, 1.0, count) + 1 / (4 * count),
                formula="C1" if knobs["arrivals"] == "poisson" else "C4",
            )
        )
    return told


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    found = []
    for told in _predict(plan):
        rows = table[table["variant_id"] == told.variant]
        if len(rows):
            measured = float(hits(rows).mean())
            found.append(
                within(
                    f"Hit ratio at {plan.variant(told.variant).label} ({told.formula})",
                    measured,
                    told.value,
                    4 * told.se,
                )
            )
    return found


E03 = Preset(
    id="E03",
    title="The law of one key",
    question="Does the cache follow λT/(1+λT)?",
    family="cache",
    primary="hit_ratio",
    plot="law",
    knobs=(
        Knob(
            name="loads",
            label="Requests a TTL",
            default=(0.3, 1.0, 3.0, 10.0),
            kind="numbers",
            low=0.01,
            high=1000,
        ),
        Knob(name="requests", label="Requests a point", default=400, kind="whole", low=10),
        Knob(
            name="arrivals",
            label="Arrivals",
            default="poisson",
            kind="text",
            choices=("poisson", "paced", "gamma"),
        ),
        Knob(
            name="burstiness",
            label="Shape of gamma gaps",
            default=1.0,
            low=0.05,
            high=20,
            help="1 is Poisson; below 1 comes in bursts. Only for gamma.",
        ),
        ttl_knob(MINUTE),
        replace(SCALE, default=600.0),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
