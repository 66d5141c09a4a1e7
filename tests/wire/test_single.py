"""single: a proxy that isn't there. The rest is in test_wires."""

import socket

import pytest

from gateway.errors import Unreachable
from gateway.wire.single import HttpxWire

pytestmark = pytest.mark.anyio


async def test_missing_proxy_is_no_connection(monkeypatch):
    """The sentence names the place that was asked for, and no password of the proxy's."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        proxy = f"http://me:secret@127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setenv("http_proxy", proxy)
    wire = HttpxWire()

    with pytest.raises(Unreachable, match=r"No connection to outside\.test") as caught:
        await wire.open("GET", "http://outside.test/", headers=[])

    assert "secret" not in str(caught.value)
    await wire.aclose()
