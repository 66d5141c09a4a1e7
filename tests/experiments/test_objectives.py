"""Objectives: read as typed, refused in words, and met by those that were fast enough."""

import pandas as pd
import pytest

from gateway.errors import BadRequest
from gateway.experiments.objectives import met, read, spell
from gateway.experiments.plan import Recipe


def test_typed_objectives_are_read_and_spelt_again():
    """A name and milliseconds each; nothing typed is no objective."""
    assert read("ttft_ms=500, e2e_ms <= 2000") == {"ttft_ms": 500, "e2e_ms": 2000}
    assert read(spell({"tpot_ms": 12.5})) == {"tpot_ms": 12.5}
    assert read(" ") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fast", "isn't an objective such as"),
        ("ttft_ms=soon", "a number of milliseconds"),
        ("cost=5", "'cost' can't be an objective; ttft_ms"),
        ("e2e_ms=0", "must be above 0 ms"),
        ("e2e_ms=nan", "must be above 0 ms"),
    ],
)
def test_what_cannot_be_read_is_named(text, words):
    """With what would be accepted."""
    with pytest.raises(BadRequest, match=words):
        read(text)


def test_recipe_keeps_its_objectives():
    """Through its file; wrong ones are refused there too."""
    recipe = Recipe(preset="E01", objectives={"e2e_ms": 900.0})

    assert Recipe.from_json(recipe.to_json()) == recipe
    assert "objectives" not in Recipe(preset="E01").to_json()
    with pytest.raises(BadRequest, match="can't be an objective"):
        Recipe(preset="E01", objectives={"x": 1})


def test_request_is_good_by_every_objective():
    """Fast, slow, failed, and without a first token of its own."""
    table = pd.DataFrame(
        {
            "ok": [True, True, False, True, True],
            "ttft_ms": [400.0, 400.0, 400.0, None, None],
            "e2e_ms": [900.0, 5000.0, 900.0, 900.0, 5000.0],
        }
    )

    good = met(table, {"ttft_ms": 500, "e2e_ms": 2000})

    assert good.tolist() == [True, False, False, pd.NA, False]
    assert met(table, {}).isna().all()
