"""Shards hold each call once, as it was drawn, whoever sends it."""

from dataclasses import replace

import pytest

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.spread.shards import shards

OPEN = Recipe(preset="E16", knobs={"rate": 20.0, "admitted": 10.0, "duration_s": 2.0})
CLOSED = Recipe(preset="E13", knobs={"clients": [1, 3, 8], "requests": 20})
ONE_LANE = Recipe(preset="E01")


def plan_of(recipe):
    return PRESETS[recipe.preset].plan(recipe)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("recipe", [OPEN, CLOSED, ONE_LANE], ids=lambda recipe: recipe.preset)
def test_shards_together_are_the_plan(recipe, count):
    """Nothing is missing, nothing is there twice, and no call is another than it was drawn."""
    plan = plan_of(recipe)

    dealt = shards(plan, count)

    assert len(dealt) <= count
    together = sorted((call for shard in dealt for call in shard.calls), key=plan.calls.index)
    assert tuple(together) == plan.calls


def test_same_seed_deals_the_same():
    """A run can be repeated, worker by worker; another seed deals otherwise."""
    plan, other = plan_of(OPEN), plan_of(Recipe(preset="E16", seed=2, knobs=OPEN.knobs))

    numbers = [[call.seq for call in shard.calls] for shard in shards(plan, 3)]

    assert numbers == [[call.seq for call in shard.calls] for shard in shards(plan, 3)]
    assert numbers != [[call.seq for call in shard.calls] for shard in shards(other, 3)]


def test_open_loop_is_dealt_evenly():
    """In each variant all workers get equally many, give or take one."""
    plan = plan_of(OPEN)

    for name, calls in plan.groups.items():
        sizes = [len(shard.groups[name]) for shard in shards(plan, 3)]
        assert sum(sizes) == len(calls)
        assert max(sizes) - min(sizes) <= 1


def test_lanes_are_dealt():
    """Eight clients are three, three and two; three are one each; one is one alone."""
    plan = plan_of(CLOSED)
    closed = {call.variant for call in plan.calls if call.at_s is None}
    whole = {v.id: v.concurrency for v in plan.variants if v.id in closed}

    dealt = shards(plan, 3)

    lanes = [
        {whole[v.id]: v.concurrency for v in shard.variants if v.id in whole} for shard in dealt
    ]

    assert lanes == [{1: 1, 3: 1, 8: 3}, {3: 1, 8: 3}, {3: 1, 8: 2}]


def test_calls_that_follow_each_other_stay_together():
    """A closed loop of one lane is sent by one worker: a repeat comes after its first."""
    assert len(shards(plan_of(ONE_LANE), 5)) == 1


@pytest.mark.parametrize("recipe", [OPEN, CLOSED], ids=lambda recipe: recipe.preset)
def test_shards_together_keep_to_the_cap(recipe):
    """The same calls as one process would send before it stops."""
    plan = plan_of(replace(recipe, cap_calls=7))

    together = [call for shard in shards(plan, 3) for call in shard.calls]

    assert sorted(call.seq for call in together) == list(range(7))
