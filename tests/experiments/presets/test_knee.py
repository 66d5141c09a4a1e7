"""E13: answers a second grow until the provider's places are taken; then more clients wait."""

import pytest

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.presets.knee import knee_of, served

pytestmark = pytest.mark.anyio

SMALL = {
    "clients": [1, 2, 4],
    "slots": 2,
    "requests": 4,
    "service_s": 0.4,
    "open_shares": [0.95],
}


async def test_preset_is_accepted(done):
    """On the local gateway, small: bounds, Little's law at each point, and the knee."""
    ran = await done("E13", SMALL, again=({"service_s": 0.8}, {"service_s": 1.6}))

    assert ran.refused == []
    assert len(ran.findings) == 3 * 4 + 1
    assert "mismatch" not in set(ran.summary["verdict"])
    assert ran.verdicts == {"match"}


def test_open_loops_ask_at_parts_of_the_most():
    """Four places of half a second each give eight answers a second; half of that is four."""
    plan = PRESETS["E13"].plan(
        Recipe(
            preset="E13",
            knobs={
                "clients": [4, 8],
                "slots": 4,
                "service_s": 0.5,
                "requests": 300,
                "open_shares": [0.5],
            },
        )
    )

    asked = [call.at_s for call in plan.calls if call.variant == "open-0.5"]
    closed = [call.at_s for call in plan.calls if call.variant == "n-4"]

    assert asked[0] == 0
    assert len(asked) / asked[-1] == pytest.approx(4, rel=0.2)
    assert set(closed) == {None}


def test_knee_is_where_more_clients_add_nothing():
    """A little more is scatter."""
    assert knee_of({1: 2.0, 2: 4.0, 4: 7.9, 8: 15.0, 16: 16.0, 32: 15.9}) == 8


def test_places_serve_first_come_first():
    """Two places of a second each: the third waits for the first, the fourth finds one free."""
    assert served([0.0, 0.25, 0.5, 3.0], 2, 1.0) == [1.0, 1.25, 2.0, 4.0]
