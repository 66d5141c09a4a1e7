"""plan_file: what is written is read back, in both formats."""

import pytest

from gateway.errors import BadRequest
from gateway.experiments.plan import Recipe
from gateway.experiments.plan_file import to_json, to_toml

RECIPES = [
    Recipe(preset="E01"),
    Recipe(preset="E04", seed=7, cap_usd=None, cap_calls=9, knobs={"ttls_s": [60, 600]}),
    Recipe(
        preset="F01",
        title='"Two" lives\\ \x7f\n\t',
        notes="Which é is 😀?",
        knobs={
            "axes": [{"name": "skip_cache", "values": ["", True]}],
            "headers": {"metadata": {"team name": "a", "n": 1.5e-9}},
            "prompts": ["a = 1\n[knobs]", "", "'"],
        },
    ),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.preset)
@pytest.mark.parametrize("write", [to_json, to_toml])
def test_plan_is_read_back_unchanged(recipe, write):
    """Quotation marks, line ends, other alphabets, nested values and no cap at all."""
    assert Recipe.from_text(write(recipe)) == recipe


@pytest.mark.parametrize("value", ["\ud800", [None]])
def test_what_toml_cannot_say_is_refused(value):
    """The sentence names the other format."""
    with pytest.raises(BadRequest, match="JSON"):
        to_toml(Recipe(preset="F01", knobs={"prompts": value}))
