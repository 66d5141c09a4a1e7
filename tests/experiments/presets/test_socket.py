"""E14: a socket saves nothing beside a kept-alive connection."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"messages": 10}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E14", SMALL, again=({"messages": 40}, {"messages": 100}))

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
