"""E04: each TTL has the hit ratio of a cold window with fills."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"window_s": 240, "rate": 1, "keys": 40, "ttls_s": [60], "time_scale": 60}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E04", SMALL, again=({"time_scale": 30}, {"time_scale": 15}))

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
