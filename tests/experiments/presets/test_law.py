"""E03 follows its law on the local gateway."""

import pytest

pytestmark = pytest.mark.anyio


async def test_one_key_follows_the_law(done):
    """Within four standard errors at each load."""
    e03 = await done(
        "E03", {"loads": [1, 3], "requests": 60}, again=({"time_scale": 300}, {"time_scale": 150})
    )

    assert e03.refused == []
    assert len(e03.findings) == 2
    assert e03.verdicts == {"match"}
