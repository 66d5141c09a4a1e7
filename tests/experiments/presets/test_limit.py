"""E10: fixed windows let both documented bursts pass, sliding ones half."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"duration_s": 240, "time_scale": 480}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E10", SMALL, again=({"time_scale": 240}, {"time_scale": 120}))

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
