"""What many tests share: a running local gateway, and the event loop of async tests."""

import pytest


@pytest.fixture
def anyio_backend():
    """Async tests run on asyncio, as the house does."""
    return "asyncio"
