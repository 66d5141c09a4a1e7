"""E09: late first bytes go to the fallback; a slow stream never does."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"timeouts_s": [0.8], "requests": 40, "concurrency": 20, "streams": 4}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E09", SMALL)

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
