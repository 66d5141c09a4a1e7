"""E13: little's law holds at each concurrency."""

import pytest

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS

pytestmark = pytest.mark.anyio

SMALL = {"clients": [1, 4], "requests": 8, "service_s": 0.5, "open_shares": [0.95]}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E13", SMALL)

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
    assert ran.verdicts == {"match"}


def test_open_loops_ask_at_parts_of_the_most():
    """Four clients of half a second each get eight answers a second; half of that is four."""
    plan = PRESETS["E13"].plan(
        Recipe(preset="E13", knobs={**SMALL, "requests": 300, "open_shares": [0.5]})
    )

    asked = [call.at_s for call in plan.calls if call.variant == "open-0.5"]
    closed = [call.at_s for call in plan.calls if call.variant == "n-4"]

    assert asked[0] == 0
    assert len(asked) / asked[-1] == pytest.approx(4, rel=0.2)
    assert set(closed) == {None}
