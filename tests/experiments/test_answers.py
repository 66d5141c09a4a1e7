"""answers: every preset's question has a sentence with the run's own figures."""

import pandas as pd
import pytest

from gateway.experiments.answers import ANSWERS, answer
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS

METRICS = {
    "hit_ratio": 0.5,
    "wrong_wording": 0.25,
    "success": 0.9,
    "accepted": 0.8,
    "fallback_rate": 0.4,
    "amplification": 1.5,
    "upstream_calls": 20.0,
    "throughput_s": 12.0,
    "e2e_mean_ms": 700.0,
    "e2e_p50_ms": 600.0,
    "ttft_p50_ms": 300.0,
    "cost_saved_usd": 0.5,
}


def summary(plan, **changes):
    """Return the same figures for every variant, hits at a hundredth of the time."""
    rows = [
        {"variant_id": variant.id, "metric": metric, "slice": part, "estimate": value * factor}
        for variant in plan.variants
        for metric, value in {**METRICS, **changes}.items()
        for part, factor in (("all", 1), ("HIT", 0.01), ("MISS", 1))
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("preset", sorted(PRESETS.keys() - {"P01"}))
def test_every_preset_has_its_answer(preset):
    """One sentence, with a figure; none at all where the run has nothing."""
    plan = PRESETS[preset].plan(Recipe(preset=preset))

    said = answer(plan, summary(plan))

    assert said.endswith(".")
    assert preset == "E02" or any(letter.isdigit() for letter in said)
    assert "nan" not in said
    assert answer(plan, summary(plan).head(0)) is None


def test_answers_are_of_presets():
    """Probes are questions with answers of their own."""
    assert set(ANSWERS) == PRESETS.keys() - {"P01"}
    assert answer(PRESETS["P01"].plan(Recipe(preset="P01")), pd.DataFrame()) is None


def test_repeats_name_both_times():
    """What a stakeholder asks first."""
    plan = PRESETS["E01"].plan(Recipe(preset="E01"))

    assert answer(plan, summary(plan)) == (
        "50.0 % of the requests came from the cache, in 6.0 ms instead of 600 ms."
    )


@pytest.mark.parametrize(
    ("ratio", "said"), [(3 / 6, "don't extend"), (5 / 6, "Hits extend"), (1 / 6, "other moments")]
)
def test_life_of_an_entry_is_named(ratio, said):
    """By the hits among six requests around its end."""
    plan = PRESETS["E02"].plan(Recipe(preset="E02"))

    assert said in answer(plan, summary(plan, hit_ratio=ratio))


def test_design_names_its_variants_or_the_outermost():
    """Up to three one by one, else the lowest and the highest."""
    for values in ([60], [60, 120, 180], [60, 120, 180, 240]):
        knobs = {"axes": [{"name": "cache_ttl", "values": values}]}
        plan = PRESETS["F01"].plan(Recipe(preset="F01", knobs=knobs))

        said = answer(plan, summary(plan))

        assert said.count(" with ") == min(len(values), 2 + (len(values) == 3))
