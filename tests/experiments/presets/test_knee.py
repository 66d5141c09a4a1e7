"""E13: little's law holds at each concurrency."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"clients": [1, 4], "requests": 8, "service_s": 0.5}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E13", SMALL)

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
    assert ran.verdicts == {"match"}
