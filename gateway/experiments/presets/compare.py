"""E11: who is faster, and is it real? Paired prompts, random order, blocks of time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from gateway.errors import BadRequest
from gateway.experiments import draw, statistics
from gateway.experiments.plan import Call, Plan, Recipe, Variant
from gateway.experiments.presets.parts import SCALE
from gateway.experiments.presets.preset import Finding, Knob, Prediction, Preset
from gateway.experiments.presets.prompts import prompt

Json = Any
Knobs = Mapping[str, Json]


def _draw(recipe: Recipe, knobs: Knobs) -> Plan:
    providers, models = knobs["providers"], knobs["models"]
    if len(providers) != len(models):
        raise BadRequest("models must name one model for each provider")
    variants = tuple(
        Variant(
            id=f"{number}-{provider}",
            label=f"{provider} {model}",
            provider=provider,
            model=model,
            factors={"provider": provider, "model": model},
            stream=True,
            gateway="main",
        )
        for number, (provider, model) in enumerate(zip(providers, models, strict=True))
    )
    rng = draw.stream(recipe.seed, "order")
    calls: list[Call] = []
    for block in range(knobs["blocks"]):
        for number in range(knobs["prompts"]):
            for at in rng.permutation(len(variants)).tolist():
                calls.append(
                    Call(
                        seq=len(calls),
                        variant=variants[at].id,
                        prompt=prompt(number + block * knobs["prompts"], recipe.seed),
                        prompt_id=f"b{block}-p{number:03}",
                        block=block,
                    )
                )
    return Plan(
        recipe=recipe,
        title=E11.title,
        question=E11.question,
        primary=E11.primary,
        variants=variants,
        calls=tuple(calls),
        sequential_variants=False,
        time_scale=knobs["time_scale"],
    )


def _predict(plan: Plan) -> Sequence[Prediction]:
    return ()


def pairs(table: pd.DataFrame, column: str, ours: str, base: str) -> pd.DataFrame:
    """Return one row for each prompt that both variants answered: columns ``ours``, ``base``."""
    good = table[table["ok"].fillna(False)]
    one, other = (
        good[good["variant_id"] == variant].set_index("prompt_id")[column]
        for variant in (ours, base)
    )
    return pd.concat({"ours": one, "base": other}, axis=1, join="inner").dropna()


def _accept(plan: Plan, table: pd.DataFrame, attempts: pd.DataFrame) -> Sequence[Finding]:
    base, *others = plan.variants
    found = []
    for variant in others:
        both = pairs(table, "ttft_ms", variant.id, base.id)
        if len(both) < 2:
            found.append(Finding(sentence=f"{variant.label}: too few pairs", ok=None))
            continue
        ratio = statistics.paired_ratio(both["ours"], both["base"])
        same = (variant.provider, variant.model) == (base.provider, base.model)
        differs = not ratio.low <= 1 <= ratio.high
        sentence = f"{variant.label} has {ratio.value:.2f} times the TTFT of {base.label}"
        if same:
            sentence = "The same model twice shows no difference"
        found.append(
            Finding(
                sentence=sentence,
                ok=not differs if same else True,
                expected="1 within the interval" if same else "",
                measured=f"{ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f}), n = {ratio.n}",
            )
        )
    return found


E11 = Preset(
    id="E11",
    title="Providers and models compared",
    question="Who is faster, and is it real?",
    family="comparison",
    primary="ttft_p50_ms",
    plot="forest",
    knobs=(
        Knob(name="providers", label="Providers", default=("openai", "anthropic"), kind="words"),
        Knob(
            name="models",
            label="Models",
            default=("gpt-5.4-mini", "claude-haiku-4-5"),
            kind="words",
        ),
        Knob(name="prompts", label="Prompts a block", default=20, kind="whole", low=2),
        Knob(name="blocks", label="Blocks of time", default=3, kind="whole", low=1, high=50),
        replace(SCALE, default=1.0),
    ),
    draw=_draw,
    predict=_predict,
    accept=_accept,
)
