"""E13: where more clients only wait: closed loops, then open ones at parts of the most."""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapreplace
from typing import Any

import numpy as np
import pandas as pd

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.presets.parts import variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, within
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import load

Json = Any
Knobs = Mapping[str, Json]

SE = 0.025
"""Share by which throughput and latency scatter: a call takes more than its service."""
FLAT = 0.9
"""Share of the largest throughput from which on more clients only wait."""


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    service = f"queue={round(knobs['service_s'] * 1000)};slots={knobs['slots']}"
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
    most = bounds(knobs, max(knobs["clients"])).throughput_s
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
    told = []
    for variant in plan.variants:
        due = expected(plan, variant)
        told += [
            Prediction(variant=variant.id, metric=metric, value=value, se=SE * value, formula="Q4")
            for metric, value in (
                ("throughput_s", due.throughput_s),
                ("e2e_p50_ms", 1000 * due.latency_s),
            )
        ]
    return told


def bounds(knobs: Knobs, clients: float) -> load.Loop:
    """Return what so many clients reach, and how long each of them waits (Q4)."""
    return load.closed_loop(int(clients), knobs["slots"], knobs["service_s"])


def expected(plan: Plan, variant: Variant, own_s: float = 0.0) -> load.Loop:
    """Return throughput and median latency: by formula, for drawn arrivals by replaying them.

    Args:
        own_s: What a call takes besides its service.
    """
    knobs, clients = E13.settled(plan.recipe), variant.concurrency
    if "share" not in variant.factors:
        loop = load.closed_loop(clients, knobs["slots"], knobs["service_s"], think_s=own_s)
        return load.Loop(loop.throughput_s, loop.latency_s + own_s)
    starts = [call.at_s or 0.0 for call in plan.calls if call.variant == variant.id]
    ends = served(starts, knobs["slots"], knobs["service_s"])
    latencies = np.array(ends) - np.array(starts) + own_s
    return load.Loop(len(starts) / (max(ends) - min(starts)), float(np.median(latencies)))


def served(starts: Iterable[float], slots: int, service_s: float) -> list[float]:
    """Return when each of some requests is answered, by so many places, first come first served."""
    free, ends = [0.0] * slots, []
    for start in starts:
        ends.append(max(start, free[0]) + service_s)
        heapreplace(free, ends[-1])
    return ends


def knee_of(throughputs: Mapping[int, float]) -> int:
    """Return the fewest clients that reach nearly the largest throughput."""
    enough = FLAT * max(throughputs.values())
    return min(clients for clients, rate in throughputs.items() if rate >= enough)


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
    found, reached = [], {}
    own = _overhead_s(plan, table)
    for variant in plan.variants:
        rows = table[(table["variant_id"] == variant.id) & table["ok"].fillna(False)]
        if len(rows) < 2:
            continue
        throughput, latency, under_way = loop_of(rows)
        due, label = expected(plan, variant, own), variant.label
        if "share" not in variant.factors:
            reached[variant.concurrency] = throughput
        median = float(rows["e2e_ms"].median()) / 1000
        found += [
            within(f"{label}: answers a second", throughput, due.throughput_s, 4 * SE * throughput),
            within(f"{label}: median latency in s", median, due.latency_s, 4 * SE * median),
        ]
        found.append(
            within(
                f"{label}: Little's law, under way",
                throughput * latency,
                under_way,
                0.02 * under_way,
            )
        )
    return found + _knee(E13.settled(plan.recipe), reached)


def _overhead_s(plan: Plan, table: pd.DataFrame) -> float:
    """Return what a call takes besides its service, on this machine, where nobody waits for it."""
    fewest = min(plan.variants, key=lambda v: v.factors.get("clients", np.inf))
    rows = table[(table["variant_id"] == fewest.id) & table["ok"].fillna(False)]
    service_s = E13.settled(plan.recipe)["service_s"]
    free = fewest.concurrency <= E13.settled(plan.recipe)["slots"] and len(rows)
    return max(float(rows["e2e_ms"].median()) / 1000 - service_s, 0.0) if free else 0.0


def _knee(knobs: Knobs, reached: Mapping[int, float]) -> list[Finding]:
    if len(reached) < 2:
        return []
    steps, measured = sorted(reached), knee_of(reached)
    due = load.knee(knobs["slots"], knobs["service_s"])
    nearest = min(steps, key=lambda clients: abs(clients - due))
    return [
        Finding(
            sentence="The knee lies where the provider's places are taken, within a step",
            ok=abs(steps.index(measured) - steps.index(nearest)) <= 1,
            expected=f"{nearest} at once",
            measured=f"{measured} at once",
        )
    ]


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
        Knob(name="service_s", label="Time of an answer", default=0.5, low=0.01, unit="s"),
        Knob(
            name="slots",
            label="The provider serves at once",
            default=8,
            kind="whole",
            low=1,
            high=10_000,
            help="On the local gateway; others wait in line.",
        ),
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
