"""Plans are valid from birth, and a recipe is a small file that gives them again."""

import json

import pytest

from gateway.errors import BadRequest
from gateway.experiments.plan import Call, Outline, Plan, Recipe, Variant
from gateway.experiments.presets import PRESETS

VARIANT = Variant(id="a", label="A", provider="openai", model="gpt-5.4-mini")
CALL = Call(seq=0, variant="a", prompt="Hello", prompt_id="p0")


def plan(**changes):
    terms = {"title": "", "variants": (VARIANT,), "calls": (CALL,), **changes}
    return Plan(recipe=Recipe(preset="E01"), question="", primary="hit_ratio", **terms)


def test_recipe_survives_its_file():
    """As JSON, and as TOML."""
    recipe = Recipe(preset="E04", seed=7, knobs={"ttls_s": [60, 120]}, cap_usd=0.5)

    assert Recipe.from_text(json.dumps(recipe.to_json())) == recipe
    assert (
        Recipe.from_text('preset = "E04"\nseed = 7\ncap_usd = 0.5\n[knobs]\nttls_s = [60, 120]\n')
        == recipe
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "can't be read"),
        ("preset = ", "can't be read"),
        ("[]", "can't be read"),
        ('{"seed": 1}', "needs the member 'preset'"),
        ('{"preset": "E01", "sed": 1}', "no member 'sed'"),
        ('{"preset": "E01", "seed": -1}', "seed must be a whole number from 0"),
        ('{"preset": "E01", "seed": true}', "seed must be a whole number from 0"),
        ('{"preset": "E01", "cap_usd": 0}', "cap_usd must be above 0"),
        ('{"preset": "E01", "knobs": [1]}', "knobs must be an object"),
        ('{"preset": "E01", "model": 5}', "model must be text"),
    ],
)
def test_file_that_is_no_recipe_is_refused(text, words):
    """The sentence names the member and what it should be."""
    with pytest.raises(BadRequest, match=words):
        Recipe.from_text(text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"calls": ()}, "no request"),
        ({"variants": (VARIANT, VARIANT)}, "same id"),
        (
            {"variants": (VARIANT, Variant(id="b", label="B", provider="openai", model="m"))},
            "more variants than requests: nothing is sent for 'b'",
        ),
        ({"calls": (Call(seq=0, variant="z", prompt="", prompt_id=""),)}, "isn't a variant"),
        ({"time_scale": 0}, "time scale"),
    ],
)
def test_impossible_plan_is_refused(changes, words):
    """Before anything is sent."""
    with pytest.raises(BadRequest, match=words):
        plan(**changes)


def test_digest_tells_plans_apart():
    """The same calls at the same times, or not."""
    later = Call(seq=0, variant="a", prompt="Hello", prompt_id="p0", at_s=1.0)

    assert plan().digest == plan(title="another").digest
    assert plan().digest != plan(calls=(later,)).digest


def test_duration_is_known_for_open_loops_only():
    """A closed loop takes as long as its answers do."""
    later = Call(seq=0, variant="a", prompt="Hello", prompt_id="p0", at_s=12.5)

    assert plan().duration_s is None
    assert plan(calls=(later,)).duration_s == 12.5


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_outline_comes_back_from_json(preset):
    """Variants with their headers, fallback steps and factors: all but the requests."""
    plan = PRESETS[preset].plan(Recipe(preset=preset))

    outline = Outline.from_json(json.loads(json.dumps(plan.to_json())), plan.recipe)

    assert outline.variants == plan.variants
    assert (outline.question, outline.primary) == (plan.question, plan.primary)
    assert (outline.gateways, outline.time_scale) == (plan.gateways, plan.time_scale)
