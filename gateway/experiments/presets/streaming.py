"""E12: does streaming cost anything from end to end?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from gateway.experiments import draw, statistics
from gateway.experiments.plan import Call, Plan, Recipe
from gateway.experiments.presets.compare import pairs
from gateway.experiments.presets.parts import SCALE, variant_of
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset, within
from gateway.experiments.presets.prompts import prompt

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    variants = (
        variant_of(recipe, "whole", "In one piece", factors={"stream": False}),
        variant_of(recipe, "stream", "Streamed", factors={"stream": True}, stream=True),
    )
    # One steady pace for both arms: whoever differs isn't the provider.
    pace = f"pace={knobs['first_ms']};gap={knobs['gap_ms']}"
    order = draw.abba(knobs["prompts"], knobs["rounds"], ("whole", "stream"))
    calls = tuple(
        Call(
            seq=seq,
            variant=arm,
            prompt=prompt(item + turn * knobs["prompts"], recipe.seed),
            prompt_id=f"r{turn}-p{item:03}",
            block=turn,
            fault=pace,
        )
        for seq, (turn, item, arm) in enumerate(order)
    )
    return Plan(
        recipe=recipe,
        title=E12.title,
        question=E12.question,
        primary=E12.primary,
        variants=variants,
        calls=calls,
        sequential_variants=False,
        time_scale=knobs["time_scale"],
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    knobs = E12.settled(plan.recipe)
    return [
        # A paced answer scatters by the machine only: the margin counts as 4 standard errors.
        Prediction(
            variant="stream",
            metric=metric,
            value=value,
            se=knobs["margin"] / 4 * value,
            formula="Q5",
        )
        for metric, value in (
            ("ttft_p50_ms", float(knobs["first_ms"])),
            ("tpot_mean_ms", float(knobs["gap_ms"])),
        )
    ]


def _paced(streamed: pd.DataFrame, knobs: Knobs) -> list[Finding]:
    """Return whether streams have the times of their pace (Q5); on the local gateway only."""
    first, gap, margin = knobs["first_ms"], knobs["gap_ms"], knobs["margin"]
    figures = (
        ("Time to the first token, in ms", streamed["ttft_ms"], first),
        ("Time of each later token, in ms", streamed["tpot_ms"], gap),
    )
    return [
        within(f"{what} (Q5)", float(measured.median()), expected, margin * expected)
        for what, measured, expected in figures
    ]


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    knobs = E12.settled(plan.recipe)
    both = pairs(table, "e2e_ms", "stream", "whole")
    streamed = table[(table["variant_id"] == "stream") & table["ok"].fillna(False)]
    if len(both) < 2:
        return [Finding(sentence="Too few pairs", ok=None)]
    tested = statistics.equivalent(
        np.log(both["ours"]) - np.log(both["base"]), np.log1p(knobs["margin"])
    )
    ratio = statistics.paired_ratio(both["ours"], both["base"])
    share = float((streamed["ttft_ms"] / streamed["e2e_ms"]).median())
    after = float(
        ((streamed["t_end_s"] - streamed["t_last_s"]) * 1000 / streamed["e2e_ms"]).median()
    )
    return [
        Finding(
            sentence=f"End to end, streaming is no slower than ±{knobs['margin']:.0%} (TOST)",
            ok=tested.shown if len(both) >= 20 else tested.shown or None,
            expected=f"within ±{knobs['margin']:.0%}",
            measured=f"{ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f})",
        ),
        Finding(
            sentence="The first words come before the end",
            ok=share < 1,
            expected="TTFT below E2E",
            measured=f"at {share:.0%} of the time",
        ),
        Finding(
            sentence="The stream ends with its last words: what follows them is short",
            ok=after <= 0.1,
            expected="at most 10 % of E2E",
            measured=f"{after:.1%} of E2E",
        ),
        *(_paced(streamed, knobs) if (streamed["attempts_source"] == "emulator").all() else ()),
    ]


E12 = Preset(
    id="E12",
    title="Streamed or in one piece",
    question="Does streaming cost anything end to end?",
    family="comparison",
    primary="e2e_mean_ms",
    plot="gaps",
    knobs=(
        Knob(name="prompts", label="Prompts a round", default=10, kind="whole", low=1),
        Knob(name="rounds", label="Rounds", default=4, kind="whole", low=2),
        Knob(
            name="first_ms",
            label="First token after",
            default=400,
            kind="whole",
            low=1,
            high=60_000,
            unit="ms",
            help="On the local gateway; as is the next.",
        ),
        Knob(
            name="gap_ms",
            label="Between two tokens",
            default=20,
            kind="whole",
            low=1,
            high=1000,
            unit="ms",
        ),
        Knob(name="margin", label="Margin of equivalence", default=0.05, low=0.001, high=1),
        replace(SCALE, default=1.0),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
