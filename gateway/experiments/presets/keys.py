"""E05: which key: the default one, one of our own, or one for each user."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.parts import (
    HOUR,
    hits,
    ttl_knob,
    variant_of,
)
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, within
from gateway.experiments.presets.prompts import intent
from gateway.experiments.rows import wrong_wordings
from gateway.experiments.theory import cache

Json = Any
Knobs = Mapping[str, Json]


POLICIES = ("default", "custom", "users")
LABELS = {
    "default": "The gateway's own key",
    "custom": "One key an intent",
    "users": "A provider key for each user",
}


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    rng = draw.stream(recipe.seed, "keys")
    count = knobs["requests"]
    drawn = np.column_stack(
        [rng.integers(0, knobs[name], count) for name in ("intents", "wordings", "users")]
    ).tolist()
    variants = tuple(
        variant_of(recipe, name, LABELS[name], factors={"policy": name}, gateway=name)
        for name in POLICIES
    )
    calls: list[Call] = []
    for variant in variants:
        for one, words, user in drawn:
            own = f"intent-{one}"
            key_id = {
                "default": f"{one}-{words}",
                "custom": own,
                "users": f"{one}-{words}-{user}",
            }[variant.id]
            calls.append(
                Call(
                    seq=len(calls),
                    variant=variant.id,
                    prompt=intent(one, words, recipe.seed),
                    prompt_id=f"{one}-{words}",
                    key_id=key_id,
                    intent_id=str(one),
                    wording_id=str(words),
                    key=own if variant.id == "custom" else None,
                    user=user + 1 if variant.id == "users" else 0,
                )
            )
    return Plan(
        recipe=recipe,
        title=E05.title,
        question=E05.question,
        primary=E05.primary,
        variants=variants,
        calls=tuple(calls),
        gateways={name: {"cache_ttl": knobs["ttl_s"]} for name in POLICIES},
        pace="instant",
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E05.settled(plan.recipe)
    n, both = knobs["requests"], knobs["intents"] * knobs["wordings"]
    keys = {"default": both, "custom": knobs["intents"], "users": both * knobs["users"]}
    told = []
    for name, count in keys.items():
        ratio = 1 - cache.distinct_keys(np.full(count, 1 / count), n) / n
        se = sqrt(ratio * (1 - ratio) / n)
        told.append(Prediction(variant=name, metric="hit_ratio", value=ratio, se=se, formula="C6"))
        wrong = (1 - 1 / knobs["wordings"]) * ratio if name == "custom" else 0.0
        told.append(
            Prediction(
                variant=name,
                metric="wrong_wording",
                value=wrong,
                se=sqrt(wrong * (1 - wrong) / n),
                formula="E05",
            )
        )
    return told


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    found = []
    for told in _predict(plan):
        rows = table[table["variant_id"] == told.variant]
        if not len(rows):
            continue
        measured = (
            float(hits(rows).mean())
            if told.metric == "hit_ratio"
            else float(wrong_wordings(rows).mean())
        )
        name = "Hit ratio" if told.metric == "hit_ratio" else "Answers to another wording"
        found.append(
            within(f"{name}: {LABELS[told.variant].lower()}", measured, told.value, 4 * told.se)
        )
    return found


E05 = Preset(
    id="E05",
    title="Which cache key",
    question="What do a key of one's own and keys for each user do to hits, and to answers?",
    family="cache",
    primary="hit_ratio",
    plot="bars",
    knobs=(
        Knob(name="intents", label="Intents", default=50, kind="whole", low=1, high=5000),
        Knob(name="wordings", label="Wordings of each", default=4, kind="whole", low=1, high=8),
        Knob(name="users", label="Users", default=5, kind="whole", low=1, high=500),
        Knob(name="requests", label="Requests a policy", default=400, kind="whole", low=10),
        ttl_knob(HOUR),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
