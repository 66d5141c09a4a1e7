"""The ceiling is what our own wire reaches against an endpoint that does nothing."""

import pytest

from gateway.experiments.null import ceiling_rps

pytestmark = pytest.mark.anyio


async def test_ceiling_is_measured():
    """Hundreds a second on any machine; the endpoint ends with the measurement."""
    assert await ceiling_rps(8, seconds=0.2) > 100
