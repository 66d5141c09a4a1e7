"""Shared knobs keep the documented bounds; variants ask the recipe's model."""

import pytest

from gateway.errors import BadRequest
from gateway.experiments.plan import Recipe
from gateway.experiments.presets.parts import ttl_knob, variant_of


@pytest.mark.parametrize("value", [59, 2_592_001])
def test_ttl_keeps_its_bounds(value):
    """A minute to a month."""
    with pytest.raises(BadRequest, match="ttl_s must be a whole number from 60"):
        ttl_knob(300).read(value)


def test_variant_asks_what_the_recipe_names():
    """Provider and model are the recipe's."""
    variant = variant_of(Recipe(preset="E01", provider="groq", model="m"), "a", "A", stream=True)

    assert (variant.provider, variant.model, variant.stream) == ("groq", "m", True)
