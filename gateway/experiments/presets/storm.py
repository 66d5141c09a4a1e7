"""E16: an overloaded upstream, retries on top, and whether it recovers from a stop."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import Any

import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.presets.parts import SCALE, variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, within
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import retries
from gateway.headers import Options

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    rate, length = knobs["rate"], knobs["duration_s"]
    times = draw.arrivals(draw.stream(recipe.seed, "arrivals"), rate, until_s=length)
    admitted = min(1.0, knobs["admitted"] / rate)
    variants: list[Variant] = []
    calls: list[Call] = []
    for tries in knobs["attempts"]:
        # Each attempt is admitted as it would be in balance: q = (1 - mu/lambda)^(1/n) fails.
        failing = 0.0 if admitted >= 1 else (1 - admitted) ** (1 / tries)
        drawn = draw.failures(
            draw.stream(recipe.seed, "faults"), len(times), int(tries), 1 - failing
        )
        variant = variant_of(
            recipe,
            f"n-{tries:g}",
            f"{tries:g} tries" if tries > 1 else "No retry",
            factors={"attempts": int(tries)},
            options=Options(max_attempts=int(tries), retry_delay=0),
        )
        variants.append(variant)
        calls += [
            Call(
                seq=len(calls) + i,
                variant=variant.id,
                prompt=prompt(0, recipe.seed),
                prompt_id=f"r{i:05}",
                at_s=float(at),
                fault=draw.script(one, good_ms=0, failed_ms=0, status=503),
            )
            for i, (at, one) in enumerate(zip(times.tolist(), list(drawn), strict=True))
        ]
    return Plan(
        recipe=recipe,
        title=E16.title,
        question=E16.question,
        primary=E16.primary,
        variants=tuple(variants),
        calls=tuple(calls),
        pace="instant",
        time_scale=knobs["time_scale"],
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E16.settled(plan.recipe)
    n = knobs["rate"] * knobs["duration_s"]
    told = []
    for variant in plan.variants:
        storm = retries.overload(knobs["rate"], knobs["admitted"], variant.factors["attempts"])
        share = storm.success
        told += [
            Prediction(
                variant=variant.id,
                metric="success",
                value=share,
                se=sqrt(share * (1 - share) / n),
                formula="R10",
            ),
            Prediction(
                variant=variant.id,
                metric="amplification",
                value=storm.amplification,
                se=variant.factors["attempts"] / sqrt(n),
                formula="R10",
            ),
        ]
    return told


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    knobs = E16.settled(plan.recipe)
    found = []
    for told in _predict(plan):
        rows = table[table["variant_id"] == told.variant]
        if not len(rows):
            continue
        label = plan.variant(told.variant).label
        if told.metric == "success":
            share = float(rows["ok"].mean())
            found.append(within(f"{label}: success stays", share, told.value, 4 * told.se))
        else:
            mean = float(rows["attempts"].mean())
            found.append(within(f"{label}: attempts a request", mean, told.value, 4 * told.se))
    for variant in plan.variants:
        points = retries.storm_points(
            knobs["rate"] * (1 - 1e-9), knobs["capacity"], variant.factors["attempts"], 1.0
        )
        calm = [at for at, stable in points if stable and at < knobs["capacity"]]
        collapse = any(at >= knobs["capacity"] for at, stable in points if stable)
        verdict = (
            "recovers from any stop"
            if calm and not collapse
            else "may stay down after a stop"
            if calm
            else "has no state but collapse"
        )
        found.append(
            Finding(
                sentence=(
                    f"{variant.label}: with room for {knobs['capacity']:g} attempts/s it "
                    f"{verdict} (R12, by formula)"
                ),
                ok=True,
            )
        )
    return found


E16 = Preset(
    id="E16",
    title="Overload and retry storm",
    question="What do retries do to an upstream that can't take more?",
    family="reliability",
    primary="success",
    plot="storm",
    knobs=(
        Knob(name="rate", label="Rate", default=200.0, low=1, high=5000, unit="/s"),
        Knob(name="admitted", label="The upstream admits", default=100.0, low=1, unit="/s"),
        Knob(name="capacity", label="Capacity, for R12", default=1000.0, low=1, unit="/s"),
        Knob(name="attempts", label="Attempts", default=(1, 3, 5), kind="numbers", low=1, high=5),
        Knob(name="duration_s", label="Duration", default=10.0, low=1, high=3600, unit="s"),
        replace(SCALE, default=1.0),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
    local_only=True,
)
