"""E14: is a WebSocket worth it?"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gateway.experiments import draw, statistics
from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.compare import pairs
from gateway.experiments.presets.parts import variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset
from gateway.experiments.presets.prompts import prompt

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    fixed = f"slow={knobs['answer_ms']}"
    variants = (
        variant_of(recipe, "http", "HTTP, kept alive", factors={"transport": "http"}),
        variant_of(
            recipe,
            "fresh",
            "HTTP, a connection each",
            factors={"transport": "http, fresh"},
            fresh_connection=True,
        ),
        variant_of(recipe, "ws", "WebSocket", factors={"transport": "ws"}, transport="websocket"),
    )
    arms = tuple(variant.id for variant in variants)
    rng = draw.stream(recipe.seed, "order")
    calls: list[Call] = []
    for number in range(knobs["messages"] + 1):
        for at in rng.permutation(len(arms)).tolist():
            calls.append(
                Call(
                    seq=len(calls),
                    variant=arms[at],
                    prompt=prompt(number, recipe.seed),
                    prompt_id=f"m{number:04}",
                    fault=fixed if arms[at] != "ws" else None,
                    # The first message of each opens its connection: reported, not pooled.
                    phase="measure" if number else "warmup",
                )
            )
    return Plan(
        recipe=recipe,
        title=E14.title,
        question=E14.question,
        primary=E14.primary,
        variants=variants,
        calls=tuple(calls),
        sequential_variants=False,
        pace="instant",
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    return ()


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    measured = table[table["phase"] == "measure"]
    both = pairs(measured, "e2e_ms", "ws", "http")
    fresh = pairs(measured, "e2e_ms", "fresh", "http")
    found = []
    if len(both) >= 2:
        margin = max(MARGIN_MS, MARGIN * float(both["base"].median()))
        tested = statistics.equivalent(both["ours"] - both["base"], margin)
        found.append(
            Finding(
                sentence="Beside a kept-alive connection the socket saves nothing (Q6)",
                ok=tested.shown,
                expected=f"within ±{margin:.3g} ms",
                measured=f"{float((both['ours'] - both['base']).mean()):+.2f} ms, n = {len(both)}",
            )
        )
    if len(fresh) >= 2:
        extra = float((fresh["ours"] - fresh["base"]).mean())
        found.append(
            Finding(
                sentence="A connection each costs its round trips; here they are on this machine",
                ok=extra > -MARGIN_MS,
                expected="2 round trips and its handshakes",
                measured=f"{extra:+.2f} ms",
            )
        )
    return found


MARGIN_MS, MARGIN = 5.0, 0.05
"""What counts as no difference: so many milliseconds, or this share of a call where it is more."""
E14 = Preset(
    id="E14",
    title="WebSocket or HTTP",
    question="Is the socket worth it?",
    family="comparison",
    primary="e2e_mean_ms",
    plot="amortised",
    knobs=(
        Knob(name="messages", label="Messages", default=100, kind="whole", low=2, high=10_000),
        Knob(
            name="answer_ms",
            label="Time of an answer",
            default=0,
            kind="whole",
            low=0,
            high=10_000,
            unit="ms",
        ),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
