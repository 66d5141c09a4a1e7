"""E02: when an entry expires, and whether hits extend its life."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.parts import MINUTE, SCALE, hits, ttl_knob, variant_of
from gateway.experiments.presets.preset import (
    Finding,
    Knob,
    Prediction,
    Preset,
    exact,
    within,
)
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import cache

Json = Any
Knobs = Mapping[str, Json]

AGES = (0.0, 30.0, 59.0, 61.0, 90.0, 122.0)
EXPIRES, REFRESHES = "MHHMHM", "MHHHHH"


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    ttl = knobs["ttl_s"]
    variants = [variant_of(recipe, "ages", "Ages around the TTL", gateway="ages")]
    asked = prompt(0, recipe.seed)
    calls = [
        Call(seq=seq, variant="ages", prompt=asked, prompt_id="p", key_id="p", at_s=age * ttl / 60)
        for seq, age in enumerate(AGES)
    ]
    for number, spacing in enumerate(knobs["spacings_s"]):
        name = f"paced-{spacing:g}"
        variants.append(
            variant_of(
                recipe,
                name,
                f"Every {spacing:g} s",
                factors={"spacing_s": spacing},
                gateway=f"paced-{number}",
            )
        )
        per_cycle = int(np.ceil(ttl / spacing))
        calls += [
            Call(
                seq=len(calls) + i,
                variant=name,
                prompt=asked,
                prompt_id="p",
                key_id="p",
                at_s=i * spacing,
            )
            for i in range(knobs["cycles"] * per_cycle)
        ]
    return Plan(
        recipe=recipe,
        title="The TTL's boundary",
        question="When exactly does an entry expire, and do hits extend it?",
        primary="hit_ratio",
        variants=tuple(variants),
        calls=tuple(calls),
        gateways={variant.gateway: {"cache_ttl": ttl} for variant in variants},
        time_scale=knobs["time_scale"],
        pace="instant",
        sequential_variants=False,
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    ttl = plan.gateways["ages"]["cache_ttl"]
    paced = [variant for variant in plan.variants if variant.id != "ages"]
    return [
        Prediction(
            variant=variant.id,
            metric="hit_ratio",
            value=cache.hit_ratio_paced(variant.factors["spacing_s"], ttl),
            # Whole cycles are exact; a request near a boundary may fall on either side.
            se=1 / max(sum(call.variant == variant.id for call in plan.calls), 1),
            formula="C3",
        )
        for variant in paced
    ] + [Prediction(variant="ages", metric="hit_ratio", value=0.5, se=0, formula="C3")]


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    ages = table[table["variant_id"] == "ages"].sort_values("seq")
    seen = "".join("H" if hit else "M" for hit in hits(ages))
    found = [exact("Pattern at ages 0, 30, 59, 61, 90, 122 of a TTL of 60", seen, EXPIRES)]
    if seen == REFRESHES:
        found.append(Finding(sentence="Hits extend an entry's life here", ok=False))
    for told in _predict(plan):
        rows = table[table["variant_id"] == told.variant]
        if told.variant != "ages" and len(rows):
            cycles = E02.settled(plan.recipe)["cycles"]
            found.append(
                within(
                    f"Hit ratio of {plan.variant(told.variant).label.lower()}",
                    float(hits(rows).mean()),
                    told.value,
                    1 / cycles + 1e-9,
                )
            )
    return found


E02 = Preset(
    id="E02",
    title="The TTL's boundary",
    question="When exactly does an entry expire, and do hits extend it?",
    family="cache",
    primary="hit_ratio",
    plot="timeline",
    knobs=(
        ttl_knob(MINUTE),
        Knob(
            name="spacings_s",
            label="Paced requests every",
            default=(7.0, 13.0, 25.0, 61.0),
            kind="numbers",
            low=1,
            unit="s",
        ),
        Knob(name="cycles", label="TTLs observed", default=6, kind="whole", low=1, high=100),
        SCALE,
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
