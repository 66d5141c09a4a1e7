"""E13: where more clients only wait: closed loops, then open ones at parts of the most."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.parts import variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, within
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import load

Json = Any
Knobs = Mapping[str, Json]

UNBOUND = 10**6
"""The simulated providers serve all at once: the knee is that of the gateway and of ourselves."""


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
    most = load.closed_loop(max(knobs["clients"]), UNBOUND, knobs["service_s"]).throughput_s
    count = max(knobs["requests"], 2 * int(max(knobs["clients"])))
    for share in knobs["open_shares"]:
        variant = variant_of(
            recipe,
            f"open-{share:g}",
            f"{100 * share:g} % of the most, {share * most:.0f}/s",
            factors={"share": share},
        )
        variants += (variant,)
        times = draw.arrivals(draw.stream(recipe.seed, "arrivals"), share * most, count=count)
        calls += [
            Call(
                seq=len(calls) + i,
                variant=variant.id,
                prompt=prompt(i, recipe.seed),
                prompt_id=f"r{i:04}",
                at_s=float(at - times[0]),
                fault=service,
            )
            for i, at in enumerate(times)
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
    service = E13.settled(plan.recipe)["service_s"]
    told = []
    for variant in plan.variants:
        if "share" in variant.factors:
            starts = [call.at_s or 0.0 for call in plan.calls if call.variant == variant.id]
            rate = len(starts) / (max(starts) + service)
        else:
            rate = load.closed_loop(variant.concurrency, UNBOUND, service).throughput_s
        told.append(
            Prediction(
                variant=variant.id,
                metric="throughput_s",
                value=rate,
                se=0.05 * rate,
                formula="Q4",
            )
        )
    return told


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
        Knob(
            name="open_shares",
            label="Then at a rate of, as a share of the most",
            default=(0.5, 0.8, 0.95),
            kind="numbers",
            low=0.01,
            high=0.99,
        ),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
