"""E11: the same model twice shows no difference."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = {
    "providers": ["openai", "openai"],
    "models": ["gpt-5.4-mini", "gpt-5.4-mini"],
    "prompts": 4,
    "blocks": 1,
    "time_scale": 20,
}


async def test_preset_is_accepted(done):
    """On the local gateway, small, with a fixed seed."""
    ran = await done("E11", SMALL)

    assert ran.refused == []
    assert ran.findings
    assert "mismatch" not in set(ran.summary["verdict"])
