"""E07: which attempts, delay and backoff: a grid of policies against independent failures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gateway.experiments import draw, statistics
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.presets.parts import SCALE, variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset
from gateway.experiments.presets.prompts import prompt
from gateway.experiments.theory import retries
from gateway.headers import Options

Json = Any
Floats = NDArray[np.float64]
Knobs = Mapping[str, Json]


BACKOFFS = ("constant", "linear", "exponential")


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    count, most = knobs["requests"], max(knobs["attempts"])
    variants: list[Variant] = []
    calls: list[Call] = []
    for p in knobs["successes"]:
        # The same failures for every policy of one success rate.
        drawn = draw.failures(draw.stream(recipe.seed, "faults"), count, int(most), p)
        for tries in knobs["attempts"]:
            for backoff in BACKOFFS if tries > 1 else BACKOFFS[:1]:
                variant = variant_of(
                    recipe,
                    f"p{p:g}-n{tries:g}-{backoff}",
                    f"p = {p:g}, {tries:g} tries, {backoff}",
                    factors={"p": p, "attempts": int(tries), "backoff": backoff},
                    options=Options(
                        max_attempts=int(tries), retry_delay=knobs["delay_ms"], backoff=backoff
                    ),
                    concurrency=knobs["concurrency"],
                )
                variants.append(variant)
                calls += [
                    Call(
                        seq=len(calls) + i,
                        variant=variant.id,
                        prompt=prompt(0, recipe.seed),
                        prompt_id=f"r{i:04}",
                        fault=draw.script(
                            one[: int(tries)],
                            good_ms=knobs["good_ms"],
                            failed_ms=knobs["failed_ms"],
                        ),
                    )
                    for i, one in enumerate(drawn)
                ]
    return Plan(
        recipe=recipe,
        title=E07.title,
        question=E07.question,
        primary=E07.primary,
        variants=tuple(variants),
        calls=tuple(calls),
        time_scale=knobs["time_scale"],
        pace="instant",
    )


def stairs_of(variant: Variant, knobs: Knobs) -> tuple[retries.Stair, ...]:
    """Return the latencies that a request of a variant can have (R4)."""
    factors = variant.factors
    return retries.staircase(
        factors["p"],
        factors["backoff"],
        knobs["delay_ms"] / 1000,
        factors["attempts"],
        good_s=knobs["good_ms"] / 1000,
        failed_s=knobs["failed_ms"] / 1000,
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E07.settled(plan.recipe)
    n = knobs["requests"]
    told = []
    for variant in plan.variants:
        p, tries = variant.factors["p"], variant.factors["attempts"]
        stairs = stairs_of(variant, knobs)
        good = retries.success(p, tries)
        overhead = OVERHEAD_MS * plan.time_scale
        law = retries.attempts_law(p, tries)
        k = np.arange(1, tries + 1, dtype=np.float64)
        mean_tries = float((law * k).sum())
        latency = np.array([stair.latency_s * 1000 for stair in stairs])
        weight = np.array([stair.probability for stair in stairs])
        mean = float((latency * weight).sum())
        figures = (
            ("success", good, sqrt(good * (1 - good) / n), "R1"),
            (
                "amplification",
                mean_tries,
                sqrt(float((law * (k - mean_tries) ** 2).sum()) / n),
                "R1",
            ),
            ("e2e_mean_ms", mean, _se(weight, latency, n) + overhead, "R5"),
        )
        told += [
            Prediction(variant=variant.id, metric=metric, value=value, se=se, formula=formula)
            for metric, value, se, formula in figures
        ]
    return told


def _se(weights: Floats, values: Floats, n: int) -> float:
    """Return the standard error of a mean of ``n`` draws from a discrete law."""
    mean = float((weights * values).sum())
    return sqrt(float((weights * (values - mean) ** 2).sum()) / n)


OVERHEAD_MS = 3.0
"""What a call takes besides its attempts and waits, in real milliseconds, on a machine at rest."""


def overhead_ms(rows: pd.DataFrame, good_ms: float) -> float:
    """Return what each attempt takes besides its scripted time, on the machine as it was.

    Those that succeeded at once had neither waits nor failures: what they took beyond an answer's
    time is the machine's, and says nothing about the policy.
    """
    at_once = rows.loc[rows["ok"].fillna(False) & (rows["attempts"] == 1), "e2e_ms"]
    return max(float(at_once.mean()) - good_ms, 0.0) if len(at_once) else 0.0


def infer_attempts(latency_ms: pd.Series, stairs: Sequence[retries.Stair]) -> pd.Series:
    """Return the attempts whose stair lies nearest below a latency: what a hosted gateway hides."""
    known = sorted((stair.latency_s * 1000, stair.attempts) for stair in stairs)
    edges = np.array([at for at, _ in known])
    counts = np.array([count for _, count in known])
    nearest = np.abs(latency_ms.to_numpy(dtype=float)[:, None] - edges[None, :]).argmin(axis=1)
    return pd.Series(counts[nearest], index=latency_ms.index)


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    knobs = E07.settled(plan.recipe)
    worst, cell = 0.0, ""
    slowest = 0.0
    agreed = total = 0
    for told in _predict(plan):
        rows = table[table["variant_id"] == told.variant]
        if not len(rows):
            continue
        if told.metric == "amplification" and rows["attempts"].isna().any():
            continue  # a hosted gateway hides its attempts
        own = overhead_ms(rows, knobs["good_ms"])
        slowest = max(slowest, own)
        known = rows[rows["attempts"].notna() & rows["e2e_ms"].notna()]
        latency = known["e2e_ms"] - own * known["attempts"].astype(float)
        measured = {
            "success": rows["ok"].astype(float),
            "amplification": rows["attempts"].astype(float),
            "e2e_mean_ms": latency,
        }[told.metric]
        z = statistics.z_score(float(measured.mean()), told.value, told.se)
        if abs(z) >= abs(worst):
            worst, cell = z, f"{told.metric} of {plan.variant(told.variant).label}"
        if told.metric == "success":
            stairs = stairs_of(plan.variant(told.variant), knobs)
            inferred = infer_attempts(latency, stairs)
            agreed += int((inferred == known["attempts"]).sum())
            total += len(known)
    return [
        Finding(
            sentence=f"Every cell is within four standard errors; the farthest is {cell}",
            ok=abs(worst) < 4,
            expected="|z| < 4",
            measured=f"z = {worst:.2f}, less {slowest:.1f} ms an attempt for the machine at most",
        ),
        Finding(
            sentence="Attempts read off the latency staircase are those of the journal",
            ok=agreed >= 0.99 * total if total else None,
            expected="99 %",
            measured=f"{agreed} of {total}",
        ),
    ]


E07 = Preset(
    id="E07",
    title="Retry policies",
    question="Which attempts, delay and backoff?",
    family="reliability",
    primary="success",
    plot="heat",
    knobs=(
        Knob(name="attempts", label="Attempts", default=(1, 3, 5), kind="numbers", low=1, high=5),
        Knob(
            name="successes",
            label="Chance that an attempt succeeds",
            default=(0.9, 0.7, 0.5),
            kind="numbers",
            low=0.01,
            high=1,
        ),
        Knob(
            name="delay_ms", label="Delay", default=500, kind="whole", low=0, high=5000, unit="ms"
        ),
        Knob(
            name="good_ms",
            label="A good attempt takes",
            default=800,
            kind="whole",
            low=1,
            high=60_000,
            unit="ms",
        ),
        Knob(
            name="failed_ms",
            label="A failed one takes",
            default=300,
            kind="whole",
            low=1,
            high=60_000,
            unit="ms",
        ),
        Knob(name="requests", label="Requests a cell", default=500, kind="whole", low=10),
        Knob(name="concurrency", label="At once", default=100, kind="whole", low=1, high=200),
        replace(SCALE, default=1.0),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
    local_only=True,
)
