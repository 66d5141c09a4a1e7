"""E09: which timeout, and what the fallback behind it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp, sqrt
from typing import Any

import numpy as np
import pandas as pd

from gateway.chat import Step
from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.parts import SCALE, variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, exact, within
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import retries
from gateway.headers import Options

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    rng, count = draw.stream(recipe.seed, "latency"), knobs["requests"]
    first = rng.exponential(knobs["first_s"], count)
    second = knobs["fallback_least_s"] + rng.exponential(knobs["fallback_s"], count)
    fallback = Step(provider=knobs["fallback_provider"], model=knobs["fallback_model"])
    variants = tuple(
        variant_of(
            recipe,
            f"timeout-{timeout:g}",
            f"Timeout {timeout:g} s",
            factors={"timeout_s": timeout},
            route="universal",
            steps=(
                Step(
                    provider=recipe.provider,
                    model=recipe.model,
                    options=Options(request_timeout=round(timeout * 1000)),
                ),
                fallback,
            ),
            concurrency=knobs["concurrency"],
        )
        for timeout in knobs["timeouts_s"]
    )
    calls = [
        Call(
            seq=number * count + i,
            variant=variant.id,
            prompt=prompt(0, recipe.seed),
            prompt_id=f"r{i:04}",
            fault=f"slow={round(a * 1000)}, slow={round(b * 1000)}",
        )
        for number, variant in enumerate(variants)
        for i, (a, b) in enumerate(np.column_stack([first, second]).tolist())
    ]
    slow = replace(
        variants[0],
        id="slow-stream",
        label="A slow stream with a quick first byte",
        stream=True,
        factors={"timeout_s": knobs["timeouts_s"][0], "stream": True},
    )
    pause = round(3 * knobs["timeouts_s"][0] * 1000)
    calls += [
        Call(
            seq=len(calls) + i,
            variant=slow.id,
            prompt=prompt(0, recipe.seed),
            prompt_id=f"s{i:04}",
            fault=f"stall={pause};after=1",
        )
        for i in range(knobs["streams"])
    ]
    return Plan(
        recipe=recipe,
        title=E09.title,
        question=E09.question,
        primary=E09.primary,
        variants=(*variants, slow),
        calls=tuple(calls),
        time_scale=knobs["time_scale"],
        pace="instant",
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E09.settled(plan.recipe)
    n, mean = knobs["requests"], knobs["first_s"]
    behind = knobs["fallback_least_s"] + knobs["fallback_s"]
    told = []
    for variant in plan.variants:
        if variant.id == "slow-stream":
            told.append(
                Prediction(variant=variant.id, metric="fallback_rate", value=0, se=0, formula="R6")
            )
            continue
        timeout = variant.factors["timeout_s"]
        late = exp(-timeout / mean)
        expected = retries.timeout_then_fallback_s(mean, timeout, behind)
        # Second moments of a cut-off exponential time and of the fallback behind it.
        square = 2 * mean**2 * (1 - late) - 2 * mean * timeout * late - timeout**2 * late
        after = timeout + behind
        square += late * (after**2 + knobs["fallback_s"] ** 2)
        sd = sqrt(max(square - expected**2, 0.0))
        told += [
            Prediction(
                variant=variant.id,
                metric="fallback_rate",
                value=late,
                se=sqrt(late * (1 - late) / n),
                formula="R7",
            ),
            Prediction(
                variant=variant.id,
                metric="e2e_mean_ms",
                value=expected * 1000,
                se=sd * 1000 / sqrt(n) + 4 * plan.time_scale,
                formula="R8",
            ),
        ]
    return told


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    found = []
    for told in _predict(plan):
        rows = table[(table["variant_id"] == told.variant) & table["ok"].fillna(False)]
        if not len(rows):
            continue
        label = plan.variant(told.variant).label
        if told.variant == "slow-stream":
            timed = int((rows["step"].fillna(0) >= 1).sum())
            found.append(exact(f"{label}: timeouts", timed, 0))
        elif told.metric == "fallback_rate":
            share = float((rows["step"].fillna(0) >= 1).mean())
            found.append(within(f"{label}: share of the fallback", share, told.value, 4 * told.se))
        else:
            mean = float(rows["e2e_ms"].mean())
            found.append(within(f"{label}: mean latency in ms", mean, told.value, 4 * told.se))
    return found


E09 = Preset(
    id="E09",
    title="Timeouts and fallback",
    question="Which timeout makes mean and tail least?",
    family="reliability",
    primary="fallback_rate",
    plot="steps",
    knobs=(
        Knob(
            name="timeouts_s",
            label="Timeouts",
            default=(0.3, 0.8, 2.0),
            kind="numbers",
            low=0.01,
            high=600,
            unit="s",
        ),
        Knob(name="first_s", label="Mean time to the first byte", default=0.8, low=0.01, unit="s"),
        Knob(name="fallback_least_s", label="The fallback's least", default=0.2, low=0, unit="s"),
        Knob(name="fallback_s", label="The fallback's mean above", default=0.5, low=0.01, unit="s"),
        Knob(name="fallback_provider", label="Fallback", default="anthropic", kind="text"),
        Knob(name="fallback_model", label="Its model", default="claude-haiku-4-5", kind="text"),
        Knob(name="requests", label="Requests a timeout", default=400, kind="whole", low=10),
        Knob(name="streams", label="Slow streams", default=20, kind="whole", low=1),
        Knob(name="concurrency", label="At once", default=20, kind="whole", low=1, high=200),
        replace(SCALE, default=1.0),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
    local_only=True,
)
