"""E06: the arm that skips never hits; the other one misses once a prompt."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"prompts": 3, "rounds": 2}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E06", SMALL)

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
