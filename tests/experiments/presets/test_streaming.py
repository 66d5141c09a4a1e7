"""E12: streamed answers take as long as whole ones, and begin before they end."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"prompts": 2, "rounds": 2, "margin": 0.5, "first_ms": 300, "gap_ms": 10}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed: the times are those of the pace."""
    ran = await done("E12", SMALL)

    assert ran.refused == []
    assert len(ran.findings) == 5
    assert "mismatch" not in set(ran.summary["verdict"])
