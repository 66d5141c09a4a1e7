"""call: an answer's headers, and an answer that holds nothing."""

import pytest

from gateway.local.call import Answer

pytestmark = pytest.mark.anyio


async def nothing():
    for chunk in ():
        yield chunk


async def test_header_is_found_in_any_case():
    """Providers spell them as they like."""
    answer = Answer(status=200, headers=[("Content-Type", "a/b")], chunks=nothing())

    assert answer.header("content-type") == "a/b"
    assert answer.header("retry-after") is None
    assert await answer.close() is None
