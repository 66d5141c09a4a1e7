"""A running local gateway for clients that don't know they talk to one."""

import base64
import re

import pytest

from gateway.local.server import LocalServer

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQ"
    "DwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel, in base64."""
PIXEL_BYTES = base64.b64decode(PIXEL)

collect_ignore = ["apart"]  # in environments of their own: `make test-clients`


@pytest.fixture(scope="module")
def gateway():
    """A gateway whose simulated providers never wait."""
    with LocalServer.start(instant=True) as server:
        yield server


def assert_gateway_headers(headers, *, cache="MISS"):
    """The gateway says on every answer which log row it has, and what it did."""
    assert UUID7.fullmatch(headers["cf-aig-log-id"])
    assert UUID7.fullmatch(headers["cf-aig-event-id"])
    assert headers["cf-aig-cache-status"] == cache
    assert headers["cf-aig-step"] == "0"
