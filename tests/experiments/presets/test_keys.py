"""E05: a key of one's own raises hits and answers other wordings; users' keys split them."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {"requests": 120}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E05", SMALL)

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
