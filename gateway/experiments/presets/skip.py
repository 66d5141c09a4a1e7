"""E06: the true latency of the origin, with and without the cache, interleaved in time."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.parts import HOUR, hits, ttl_knob, variant_of
from gateway.experiments.presets.preset import (
    Finding,
    Knob,
    Prediction,
    Preset,
    asked_of_provider,
    exact,
    within,
)
from gateway.experiments.presets.prompts import prompt
from gateway.headers import Options

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    variants = (
        variant_of(
            recipe,
            "skip",
            "Skip the cache",
            factors={"arm": "skip"},
            options=Options(skip_cache=True),
        ),
        variant_of(recipe, "cache", "Use the cache", factors={"arm": "cache"}),
    )
    order = draw.abba(knobs["prompts"], knobs["rounds"], ("skip", "cache"))
    calls = tuple(
        Call(
            seq=seq,
            variant=arm,
            prompt=prompt(item, recipe.seed),
            prompt_id=f"p{item:03}",
            key_id=f"p{item:03}",
            rep=turn + 1,
        )
        for seq, (turn, item, arm) in enumerate(order)
    )
    return Plan(
        recipe=recipe,
        title=E06.title,
        question=E06.question,
        primary=E06.primary,
        variants=variants,
        calls=calls,
        gateways={"main": {"cache_ttl": knobs["ttl_s"]}},
        sequential_variants=False,
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E06.settled(plan.recipe)
    prompts, rounds = knobs["prompts"], knobs["rounds"]
    figures = (
        ("skip", "upstream_calls", float(prompts * rounds)),
        ("cache", "upstream_calls", float(prompts)),
        ("cache", "hit_ratio", 1 - 1 / rounds),
    )
    return [
        Prediction(variant=variant, metric=metric, value=value, se=0, formula="E06")
        for variant, metric, value in figures
    ]


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    knobs = E06.settled(plan.recipe)
    skip, used = (table[table["variant_id"] == arm] for arm in ("skip", "cache"))
    first = used.sort_values("seq").groupby("prompt_id", observed=True).first()
    found = [
        exact("Hits in the arm that skips", int(hits(skip).sum()), 0),
        asked_of_provider(
            "Its calls to the provider",
            skip["attempts"],
            knobs["prompts"] * knobs["rounds"],
        ),
    ]
    if bool((first["cache_status"] == "HIT").any()):
        # Not a failure: the contract doesn't say whether a skipped request is stored.
        found.append(
            Finding(sentence="Here a request that skips the cache fills it all the same", ok=True)
        )
    else:
        found += [
            exact("Misses in the arm that uses it", int((~hits(used)).sum()), knobs["prompts"]),
            within("Its hit ratio", float(hits(used).mean()), 1 - 1 / knobs["rounds"], 1e-9),
        ]
    return found


E06 = Preset(
    id="E06",
    title="Skip the cache, A/B",
    question="What is the origin's true latency, interleaved in time?",
    family="cache",
    primary="e2e_mean_ms",
    plot="paired",
    knobs=(
        Knob(name="prompts", label="Prompts", default=30, kind="whole", low=1, high=1000),
        Knob(name="rounds", label="Rounds an arm", default=6, kind="whole", low=2, high=100),
        ttl_knob(HOUR),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
