"""E04: many prompts by Zipf: the hit ratio of each TTL, and what it is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.parts import SCALE, hits, variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, within
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import cache

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    times = draw.arrivals(
        draw.stream(recipe.seed, "arrivals"), knobs["rate"], until_s=knobs["window_s"]
    )
    keys = draw.popular(
        draw.stream(recipe.seed, "keys"), len(times), knobs["keys"], knobs["exponent"]
    )
    fill = f"slow={round(knobs['fill_s'] * 1000)}" if knobs["fill_s"] else None
    variants = tuple(
        variant_of(
            recipe, f"ttl-{ttl:g}", f"TTL {ttl:g} s", factors={"ttl_s": ttl}, gateway=f"ttl-{ttl:g}"
        )
        for ttl in knobs["ttls_s"]
    )
    calls = tuple(
        Call(
            seq=seq + number * len(times),
            variant=variant.id,
            prompt=prompt(int(key), recipe.seed),
            prompt_id=f"p{key:04}",
            key_id=f"p{key:04}",
            at_s=float(at),
            fault=fill,
        )
        for number, variant in enumerate(variants)
        for seq, (at, key) in enumerate(zip(times, keys, strict=True))
    )
    return Plan(
        recipe=recipe,
        title=E04.title,
        question=E04.question,
        primary=E04.primary,
        variants=variants,
        calls=calls,
        gateways={v.gateway: {"cache_ttl": int(v.factors["ttl_s"])} for v in variants},
        time_scale=knobs["time_scale"],
        pace="instant",
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E04.settled(plan.recipe)
    shares = cache.zipf(knobs["keys"], knobs["exponent"])
    rate, window = knobs["rate"], knobs["window_s"]
    return [
        Prediction(
            variant=variant.id,
            metric="hit_ratio",
            value=cache.hit_ratio_cold(
                shares, rate, variant.factors["ttl_s"], window, fill_s=knobs["fill_s"]
            ),
            # C13 is up to a fifth too small for so short a cold window.
            se=1.2 * cache.hit_ratio_mixture_se(shares, rate, variant.factors["ttl_s"], window),
            formula="C8c" if knobs["fill_s"] else "C6",
        )
        for variant in plan.variants
    ]


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    found = []
    for told in _predict(plan):
        rows = table[table["variant_id"] == told.variant]
        if len(rows):
            found.append(
                within(
                    f"Hit ratio at {plan.variant(told.variant).label}, from cold ({told.formula})",
                    float(hits(rows).mean()),
                    told.value,
                    4 * told.se,
                )
            )
    return found


E04 = Preset(
    id="E04",
    title="Hit ratio and TTL, with money",
    question="Which TTL is worth it?",
    family="cache",
    primary="hit_ratio",
    plot="ttl",
    knobs=(
        Knob(
            name="ttls_s",
            label="TTLs",
            default=(60, 120, 300, 600),
            kind="numbers",
            low=60,
            high=2_592_000,
            unit="s",
        ),
        Knob(name="keys", label="Prompts", default=200, kind="whole", low=2, high=100_000),
        Knob(name="exponent", label="Zipf exponent", default=1.0, low=0.1, high=3),
        Knob(name="rate", label="Rate", default=5.0, low=0.01, high=1000, unit="/s"),
        Knob(name="window_s", label="Window from cold", default=1200.0, low=10, unit="s"),
        Knob(name="fill_s", label="Time of an answer", default=1.5, low=0, high=30, unit="s"),
        replace(SCALE, default=20.0),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
