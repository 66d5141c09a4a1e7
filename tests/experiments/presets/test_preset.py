"""Knobs refuse what can't be, with a sentence; findings carry the figures that decide."""

import pytest

from gateway.errors import BadRequest
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.presets.preset import Knob, exact, within

KNOBS = {
    "whole": Knob(name="n", label="N", default=1, kind="whole", low=1, high=5),
    "share": Knob(name="n", label="N", default=0.5, kind="share"),
    "numbers": Knob(name="n", label="N", default=(1.0,), kind="numbers", low=0),
    "text": Knob(name="n", label="N", default="a", kind="text", choices=("a", "b")),
}


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("whole", 3, 3),
        ("whole", 3.0, 3),
        ("share", 1, 1.0),
        ("numbers", [1, 2.5], (1.0, 2.5)),
        ("text", "b", "b"),
    ],
)
def test_knob_reads(kind, value, read):
    """As the preset takes it."""
    assert KNOBS[kind].read(value) == read


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("whole", 0, "n must be a whole number from 1 to 5, not 0"),
        ("whole", 2.5, "a whole number"),
        ("whole", True, "a whole number"),
        ("share", 1.5, "n must be a number from 0 to 1, not 1.5"),
        ("numbers", [], "a list that isn't empty"),
        ("numbers", 3, "a list"),
        ("numbers", [-1], "a number from 0"),
        ("text", "c", "one of a, b"),
    ],
)
def test_knob_refuses(kind, value, words):
    """The sentence says what would be accepted."""
    with pytest.raises(BadRequest, match=words):
        KNOBS[kind].read(value)


def test_unknown_knob_is_refused():
    """With the names of those that there are."""
    with pytest.raises(BadRequest, match="E01 has no knob 'passses'; it has prompts, passes"):
        PRESETS["E01"].plan(Recipe(preset="E01", knobs={"passses": 3}))


def test_findings_carry_their_figures():
    """What was expected and what was measured."""
    assert (exact("", [0, 1], [0, 1]).ok, exact("", 1, 2).ok) == (True, False)
    assert within("", 0.5, 0.52, 0.03).ok
    assert not within("", 0.5, 0.6, 0.03).ok
    assert within("", 0.5, 0.6, 0.03).measured == "0.5"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_preset_has_a_plan_with_predictions_of_its_variants(preset):
    """As it stands in the catalogue, before anybody turns a knob."""
    plan = preset.plan(Recipe(preset=preset.id))

    told = preset.predict(plan)

    assert plan.title == preset.title
    assert {prediction.variant for prediction in told} <= {v.id for v in plan.variants}
