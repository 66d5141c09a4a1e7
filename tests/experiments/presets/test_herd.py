"""E15: every request of a herd reaches the provider."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"requests": 12, "spread_s": 2, "fill_s": 0.4}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E15", SMALL)

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
