"""E02 finds the TTL's boundary, and a cache whose hits extend a life."""

import pytest

from gateway.experiments.presets import PRESETS

pytestmark = pytest.mark.anyio

SMALL = {"spacings_s": [7, 25], "cycles": 3, "time_scale": 60}
SLOWER = ({"time_scale": 30}, {"time_scale": 15})


async def test_entry_expires_and_is_not_extended(done):
    """The pattern MHHMHM, and paced requests as often as they must."""
    e02 = await done("E02", SMALL, again=SLOWER)

    assert e02.refused == []
    assert e02.verdicts == {"match"}


async def test_hits_that_extend_a_life_are_found_out(done):
    """Planted: the pattern that a refreshing cache would give."""
    e02 = await done("E02", {"spacings_s": [61], "cycles": 1}, again=())
    planted = e02.ran.table.copy()
    planted["cache_status"] = planted["cache_status"].astype("string")
    planted.loc[planted["variant_id"] == "ages", "cache_status"] = [
        "MISS" if letter == "M" else "HIT" for letter in "MHHHHH"
    ]

    found = PRESETS["E02"].accept(e02.plan, planted, e02.ran.attempts)

    assert found[0].ok is False
    assert "extend" in " ".join(finding.sentence for finding in found)
