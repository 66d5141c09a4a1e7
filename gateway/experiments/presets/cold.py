"""E01: what the first repeat buys."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

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
from gateway.experiments.theory import cache
from gateway.headers import Options

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    prompts, passes = knobs["prompts"], knobs["passes"]
    calls = tuple(
        Call(
            seq=turn * prompts + number,
            variant="cached",
            prompt=prompt(number, recipe.seed),
            prompt_id=f"p{number:03}",
            key_id=f"p{number:03}",
            rep=turn + 1,
        )
        for turn in range(passes)
        for number in range(prompts)
    )
    return Plan(
        recipe=recipe,
        title="Cold and warm cache",
        question="What does the first repeat buy?",
        primary="hit_ratio",
        variants=(
            variant_of(
                recipe,
                "cached",
                "Cache on",
                factors={"passes": passes},
                options=Options(cache_ttl=knobs["ttl_s"]),
            ),
        ),
        calls=calls,
        gateways={"main": {"cache_ttl": knobs["ttl_s"]}},
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    passes = max(call.rep for call in plan.calls)
    prompts = len(plan.calls) // passes
    told = [
        Prediction(variant="cached", metric="hit_ratio", value=1 - 1 / passes, se=0, formula="C6"),
        Prediction(variant="cached", metric="upstream_calls", value=prompts, se=0, formula="C6"),
    ]
    return told + [
        Prediction(
            variant="cached",
            metric="hit_ratio",
            slice=f"rep={turn}",
            value=float(turn > 1),
            se=0,
            formula="C6",
        )
        for turn in range(1, passes + 1)
    ]


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    passes = max(call.rep for call in plan.calls)
    prompts = len(plan.calls) // passes
    by_pass = [int(hits(rows).sum()) for _, rows in table.groupby("rep")]
    cost = table[["cost_usd", "cost_saved_usd", "cost_list_usd"]].sum()
    latency = table.loc[table["ok"].fillna(False), "e2e_ms"].to_numpy(dtype=float)
    missed = table.loc[~hits(table) & table["ok"].fillna(False), "e2e_ms"].to_numpy(dtype=float)
    ratio = float(hits(table).mean())
    found = [
        exact("Hits by pass", by_pass, [0] + [prompts] * (passes - 1)),
        asked_of_provider("Calls to the provider", table["attempts"], prompts),
        within(
            "Paid and saved add up to the price without a cache, in USD",
            float(cost["cost_usd"] + cost["cost_saved_usd"]),
            float(cost["cost_list_usd"]),
            1e-9,
        ),
    ]
    among = cache.quantile_among_misses(0.99, ratio)
    hit = table.loc[hits(table), "e2e_ms"].to_numpy(dtype=float)
    if len(missed) and among is not None:
        # The law is about hits that are faster than misses: a machine too busy for that can't tell.
        applies = bool((hit < np.quantile(missed, among)).all())
        found.append(
            Finding(
                sentence=f"The p99 of all is the {100 * among:.0f} % point of the misses (C12)",
                ok=bool(
                    np.quantile(missed, max(among - 0.1, 0))
                    <= np.quantile(latency, 0.99)
                    <= np.quantile(missed, min(among + 0.1, 1))
                )
                if applies
                else None,
                expected=f"{np.quantile(missed, among):.0f} ms",
                measured=f"{np.quantile(latency, 0.99):.0f} ms",
            )
        )
    return found


E01 = Preset(
    id="E01",
    title="Cold and warm cache",
    question="What does the first repeat buy?",
    family="cache",
    primary="hit_ratio",
    plot="slope",
    knobs=(
        Knob(name="prompts", label="Distinct prompts", default=20, kind="whole", low=1, high=500),
        Knob(name="passes", label="Passes", default=5, kind="whole", low=2, high=20),
        ttl_knob(HOUR),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
    slices=("rep",),
)
