"""E07: success, attempts and latency of each policy; attempts are read off the staircase."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {
    "attempts": [1, 3],
    "successes": [0.7],
    "requests": 40,
    "concurrency": 20,
    "good_ms": 200,
    "failed_ms": 100,
    "delay_ms": 400,
}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    slower = {"good_ms": 600, "failed_ms": 300, "delay_ms": 1200}
    ran = await done("E07", SMALL, again=(slower, slower))

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
