"""E12: the first words come before the end."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"prompts": 3, "rounds": 2, "margin": 1.0, "time_scale": 5}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E12", SMALL)

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
