"""E08: only the span of the backoff outlives an outage."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"delays_s": [0.5], "requests": 40, "time_scale": 10}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E08", SMALL, again=({"time_scale": 5}, {"time_scale": 2.5}))

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
