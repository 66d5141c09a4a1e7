"""E01 is accepted on the local gateway, to the letter."""

import pytest

from tests.experiments.presets.conftest import plan_of

pytestmark = pytest.mark.anyio

SMALL = {"prompts": 6, "passes": 3}


async def test_first_pass_misses_and_the_rest_hit(done):
    """Exact, and the price of what the cache answered is what was saved."""
    e01 = await done("E01", SMALL)

    assert e01.refused == []
    assert len(e01.findings) == 4
    assert e01.verdicts == {"match"}


def test_same_recipe_gives_the_same_plan():
    """On any machine; another seed has prompts of its own."""
    assert plan_of("E01", SMALL).digest == plan_of("E01", SMALL).digest
    assert plan_of("E01", SMALL).digest != plan_of("E01", SMALL, seed=2).digest
