"""E16: retries multiply the load and buy nothing."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"rate": 40, "admitted": 20, "duration_s": 2}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E16", SMALL)

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
