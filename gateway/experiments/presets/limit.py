"""E10: how many requests a limit lets through, with fixed and with sliding windows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.presets.parts import SCALE, variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, exact, within
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import load

Json = Any
Knobs = Mapping[str, Json]


BURSTS = (9 * 60.0, 11 * 60.0)
"""The documented example: ten requests at 12:09, ten at 12:11, ten allowed in ten minutes."""


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    rate, window = knobs["rate"], knobs["window_s"]
    times = draw.arrivals(draw.stream(recipe.seed, "arrivals"), rate, until_s=knobs["duration_s"])
    limits = {
        "rate_limiting_limit": knobs["limit"],
        "rate_limiting_interval": int(window),
    }
    documented = {"rate_limiting_limit": 10, "rate_limiting_interval": 600}
    variants: list[Variant] = []
    calls: list[Call] = []
    gateways: dict[str, Mapping[str, Json]] = {}
    for technique in ("fixed", "sliding"):
        for name, settings, label in (
            ("load", limits, f"{technique.capitalize()}, {rate:g}/s"),
            ("burst", documented, f"{technique.capitalize()}, the documented bursts"),
        ):
            variant = variant_of(
                recipe,
                f"{name}-{technique}",
                label,
                factors={"technique": technique, "workload": name},
                gateway=f"{name}-{technique}",
            )
            variants.append(variant)
            gateways[variant.gateway] = {**settings, "rate_limiting_technique": technique}
            due = times if name == "load" else np.repeat(BURSTS, 10)
            calls += [
                Call(
                    seq=len(calls) + i,
                    variant=variant.id,
                    prompt=prompt(0, recipe.seed),
                    prompt_id=f"r{i:05}",
                    at_s=float(at),
                )
                for i, at in enumerate(due)
            ]
    return Plan(
        recipe=recipe,
        title=E10.title,
        question=E10.question,
        primary=E10.primary,
        variants=tuple(variants),
        calls=tuple(calls),
        gateways=gateways,
        time_scale=knobs["time_scale"],
        pace="instant",
        align_s=max(600.0, window),
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E10.settled(plan.recipe)
    rate, limit, window = knobs["rate"], knobs["limit"], knobs["window_s"]
    windows = knobs["duration_s"] / window
    told = []
    for technique, law, formula in (
        ("fixed", load.accepted_fixed, "Q1"),
        ("sliding", load.accepted_sliding, "Q2"),
    ):
        share = law(rate, limit, window)
        # An hour of 60 a minute has a standard deviation of about .01; shorter runs have more.
        se = 0.011 * sqrt(60 / windows) + 1 / (rate * knobs["duration_s"])
        told.append(
            Prediction(
                variant=f"load-{technique}", metric="accepted", value=share, se=se, formula=formula
            )
        )
    for technique, passed in (("fixed", 1.0), ("sliding", 0.5)):
        told.append(
            Prediction(
                variant=f"burst-{technique}", metric="accepted", value=passed, se=0, formula="E10"
            )
        )
    return told


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    found = []
    for told in _predict(plan):
        rows = table[table["variant_id"] == told.variant]
        if not len(rows):
            continue
        passed = rows["error_class"] != "rate_limited_gateway"
        label = plan.variant(told.variant).label
        if told.variant.startswith("burst"):
            found.append(exact(f"{label}: of 20 pass", int(passed.sum()), int(20 * told.value)))
        else:
            share = float(passed.mean())
            found.append(within(f"{label}: share let through", share, told.value, 4 * told.se))
    return found


E10 = Preset(
    id="E10",
    title="Rate limit: fixed or sliding",
    question="How many get through?",
    family="limits",
    primary="accepted",
    plot="windows",
    knobs=(
        Knob(name="rate", label="Rate", default=1.0, low=0.01, high=100, unit="/s"),
        Knob(name="limit", label="Limit", default=60, kind="whole", low=1, high=10_000),
        Knob(name="window_s", label="Window", default=60, kind="whole", low=1, unit="s"),
        Knob(name="duration_s", label="Duration", default=3600.0, low=60, unit="s"),
        replace(SCALE, default=240.0),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
    local_only=True,
)
