"""What the gateway must survive: broken disks, hostile clients, and upstreams that never end."""

import asyncio
import contextlib
import json
import resource
import socket
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from gateway.errors import LocalGatewayError
from gateway.local.refusals import Refusal
from gateway.local.routing import route_of
from gateway.local.steps import Request, steps_of
from gateway.local.store import Store
from gateway.policy import GatewayPolicy
from tests.local.conftest import HELLO, OPENAI
from tests.local.test_store import row

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["provider", "endpoint", "query", "headers", "config", "model", "messages"]
            )
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
PATHS = st.sampled_from(
    [
        "",
        "/",
        "/openai/chat/completions",
        "/compat/chat/completions",
        "/google-ai-studio/v1beta/models/m:generateContent",
        "/workers-ai/@cf/meta/llama-3.1-8b-instruct",
        "/custom-x/y",
    ]
)
CF = st.sampled_from(
    ["cf-aig-cache-ttl", "cf-aig-metadata", "cf-aig-custom-cost", "cf-aig-backoff", "cf-skip-cache"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    path=PATHS,
    body=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200),
    headers=st.dictionaries(CF, st.text(max_size=30), max_size=4),
    method=st.sampled_from(["POST", "GET", "PUT"]),
)
def test_any_request_becomes_steps_or_a_refusal(path, body, headers, method):
    """Never anything else: an exception would be a 500."""
    route = route_of(f"/v1/a/g{path}", "")
    request = Request(route=route, method=method, headers=headers, body=body)

    with contextlib.suppress(Refusal):
        assert steps_of(request, GatewayPolicy(id="g"), headers)


def exchange(gateway, text, *, patience_s=5.0):
    """Send bytes and return what comes back before the connection closes or falls silent."""
    host, port = gateway.server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=patience_s) as connection:
        connection.sendall(text)
        parts = []
        with contextlib.suppress(TimeoutError, ConnectionError):
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)


POST = f"POST /v1/a/demo/{OPENAI} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n".encode()


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        b"X-A: a\nX-B: b\r\n\r\n",
        b"Content-Length : 2\r\n\r\n{}",
    ],
    ids=["CL and TE", "two lengths", "xchunked", "bad chunk", "bare LF", "space before colon"],
)
def test_smuggling_shapes_get_one_answer_at_most(gateway, head):
    """Never a second one, which would be the smuggled request's."""
    answer = exchange(gateway, POST + head, patience_s=1.0)

    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"HTTP/1.1 200" not in answer
    assert gateway.ask().status_code == 200


@pytest.mark.rule("limits.headers")
def test_64_kb_of_headers_are_answered(gateway):
    """Served or refused, but not a hang and not a crash."""
    body = json.dumps(HELLO).encode()
    head = f"X-Long: {'a' * 65536}\r\nContent-Type: application/json\r\n".encode()
    answer = exchange(gateway, POST + head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)

    assert answer.startswith(b"HTTP/1.1 ")


@pytest.mark.rule("limits.head")
def test_head_without_an_end_is_refused(gateway):
    """What would fill the memory, header by header."""
    answer = exchange(gateway, POST + b"X-Long: " + b"a" * 2_000_000)

    assert answer.startswith(b"HTTP/1.1 431 ")


def test_slow_clients_hold_up_nobody(gateway):
    """Two hundred that never finish their request, and one that is served at once."""
    host, port = gateway.server.url.removeprefix("http://").split(":")
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            slow = stack.enter_context(socket.create_connection((host, int(port))))
            slow.sendall(POST + b"Content-Length: 100\r\n\r\n{")

        assert gateway.ask().status_code == 200


def test_compressed_body_is_not_inflated(gateway):
    """A bomb stays as small as it came: the gateway reads bytes, not archives."""
    answer = gateway.http.post(
        f"/v1/a/demo/{OPENAI}",
        content=b"\x1f\x8b\x08\x00" + b"\x00" * 1000,
        headers={"content-type": "application/json", "content-encoding": "gzip"},
    )

    assert answer.status_code == 400


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
async def test_upstream_that_never_ends_does_not_fill_the_memory(own_gateway, kind):
    """Its bytes pass through; 60 MB of them leave the gateway less than 60 MB larger."""
    chunk, most = b"x" * 65536, 60 * 1024 * 1024

    async def endless(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(chunk)
                await writer.drain()
        writer.close()

    upstream = await asyncio.start_server(endless, "127.0.0.1", 0)
    port = upstream.sockets[0].getsockname()[1]
    with own_gateway(upstreams={"openai": f"http://127.0.0.1:{port}"}) as caller:
        before = _rss_bytes(caller.server.pid)
        got = 0
        async with (
            httpx.AsyncClient() as http,
            http.stream("POST", f"{caller.server.url}/v1/a/demo/{OPENAI}", json=HELLO) as answer,
        ):
            async for piece in answer.aiter_raw():
                got += len(piece)
                if got > most:
                    break
        grown = _rss_bytes(caller.server.pid) - before
    upstream.close()

    assert got > most
    assert grown < most


def _rss_bytes(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def test_directory_that_can_not_be_written_is_named():
    """A sentence, not a crash loop: nothing can be made under /proc."""
    with pytest.raises(LocalGatewayError, match="can't be written"):
        Store.open(Path("/proc/gateway"))


def test_full_disk_keeps_rows_until_there_is_room(tmp_path):
    """SQLite says that its file may not grow; when it may again, nothing is missing."""
    store = Store.open(tmp_path)
    pages = 1

    def limit(connection, *_):
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(store.engine, "checkout", limit)
    for number in range(200):
        store.logs.add(row(number))
    with pytest.raises(LocalGatewayError, match="full"):
        store.flush()
    told = store.problem

    pages = 1_000_000
    store.flush()

    assert "full" in told
    assert store.problem is None
    assert all(store.log("g", f"{number:04}") for number in range(200))
    store.close()


def test_damaged_database_is_named_at_the_start(tmp_path):
    """With a way out; the next start with the file moved away works."""
    store = Store.open(tmp_path)
    for number in range(500):
        store.logs.add(row(number))
    store.close()
    database = tmp_path / "gateway.db"
    content = bytearray(database.read_bytes())
    content[4096:20480] = b"\xff" * 16384
    database.write_bytes(content)

    with pytest.raises(LocalGatewayError, match=r"Move gateway\.db away"):
        _read_all(tmp_path)

    database.rename(tmp_path / "broken.db")
    _read_all(tmp_path)


def _read_all(directory):
    store = Store.open(directory)
    try:
        store.gateways()
        store.keys()
        store.entries(0.0)
    finally:
        store.close()
