"""E13: where more clients only wait."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.parts import variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, within
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import load

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    service = f"slow={round(knobs['service_s'] * 1000)}"
    variants = tuple(
        variant_of(
            recipe,
            f"n-{clients:g}",
            f"{clients:g} at once",
            factors={"clients": int(clients)},
            concurrency=int(clients),
        )
        for clients in knobs["clients"]
    )
    calls: list[Call] = []
    for variant in variants:
        count = max(knobs["requests"], 4 * variant.concurrency)
        calls += [
            Call(
                seq=len(calls) + i,
                variant=variant.id,
                prompt=prompt(i, recipe.seed),
                prompt_id=f"r{i:04}",
                fault=service,
            )
            for i in range(count)
        ]
    return Plan(
        recipe=recipe,
        title=E13.title,
        question=E13.question,
        primary=E13.primary,
        variants=variants,
        calls=tuple(calls),
        pace="instant",
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E13.settled(plan.recipe)
    # The simulated providers serve all at once: the knee lies beyond what is asked here.
    return [
        Prediction(
            variant=variant.id,
            metric="throughput_s",
            value=load.closed_loop(variant.concurrency, 10**6, knobs["service_s"]).throughput_s,
            se=0.05 * variant.concurrency / knobs["service_s"],
            formula="Q4",
        )
        for variant in plan.variants
    ]


def loop_of(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Return throughput a second, mean latency in seconds, and mean number under way."""
    began, ended = float(rows["t_send_s"].min()), float(rows["t_end_s"].max())
    span = max(ended - began, 1e-9)
    latency = float((rows["t_end_s"] - rows["t_send_s"]).mean())
    moments = np.concatenate([rows["t_send_s"].to_numpy(), rows["t_end_s"].to_numpy()])
    steps = np.concatenate([np.ones(len(rows)), -np.ones(len(rows))])
    order = np.argsort(moments, kind="stable")
    under_way = np.cumsum(steps[order])[:-1]
    area = float((under_way * np.diff(moments[order])).sum())
    return len(rows) / span, latency, area / span


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    found = []
    for told in _predict(plan):
        rows = table[(table["variant_id"] == told.variant) & table["ok"].fillna(False)]
        if len(rows) < 2:
            continue
        throughput, latency, under_way = loop_of(rows)
        label = plan.variant(told.variant).label
        found.append(within(f"{label}: answers a second", throughput, told.value, 4 * told.se))
        found.append(
            within(
                f"{label}: Little's law, under way",
                throughput * latency,
                under_way,
                0.02 * under_way,
            )
        )
    return found


E13 = Preset(
    id="E13",
    title="Concurrency and the knee",
    question="Where does it stop scaling?",
    family="limits",
    primary="throughput_s",
    plot="knee",
    knobs=(
        Knob(
            name="clients",
            label="At once",
            default=(1, 2, 4, 8, 16, 32),
            kind="numbers",
            low=1,
            high=512,
        ),
        Knob(name="service_s", label="Time of an answer", default=0.2, low=0.01, unit="s"),
        Knob(name="requests", label="Requests a point, at least", default=40, kind="whole", low=4),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
