"""protocol: HTTP as clients of every kind speak it, from a request's first byte to its last."""

import asyncio
import json
import socket
from types import SimpleNamespace

import pytest
import uvicorn
from uvicorn.server import ServerState

from gateway.local.protocol import BadHeader, DataPlane, Exchange
from tests.local.conftest import HELLO, OPENAI

STREAM = {**HELLO, "stream": True}
BEGUN = b"POST /v1/a/demo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n"


def asked(body, *headers, version="1.1", path=OPENAI, method="POST"):
    """Return the bytes of a request."""
    content = json.dumps(body).encode() if body is not None else b""
    lines = [
        f"{method} /v1/someone/demo/{path} HTTP/{version}",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def said(gateway, text):
    """Send bytes and return all that comes until the connection is closed."""
    host, port = gateway.server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def split(answer):
    """Return head and body of the only answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.lower(), body


@pytest.mark.parametrize("body", [HELLO, STREAM], ids=["whole", "stream"])
def test_connection_is_closed_for_those_who_ask(gateway, body):
    """And the answer says so; a stream ends with its last chunk."""
    head, content = split(said(gateway, asked(body, "Connection: close")))

    assert head.startswith(b"http/1.1 200 ok\r\n")
    assert b"\r\nconnection: close" in head
    assert b"\r\ndate: " in head
    assert content.endswith(b"0\r\n\r\n" if body is STREAM else b"}")


@pytest.mark.parametrize("body", [HELLO, STREAM], ids=["whole", "stream"])
def test_http_1_0_gets_no_chunks(gateway, body):
    """It doesn't know them: the end of the connection is the end of the answer."""
    head, content = split(said(gateway, asked(body, version="1.0")))

    assert b"transfer-encoding" not in head
    assert b"\r\nconnection: close" in head
    assert content.endswith(b"data: [DONE]\n\n" if body is STREAM else b"}")


def test_requests_in_a_row_are_answered_in_their_order(gateway):
    """Pipelined: the second is there before the first is answered."""
    first, second = asked(HELLO, "cf-aig-event-id: one"), asked(STREAM, "cf-aig-event-id: two")
    third = asked(HELLO, "cf-aig-event-id: three", "Connection: close")

    answer = said(gateway, first + second + third)

    assert answer.count(b"HTTP/1.1 200 OK") == 3
    places = [answer.index(b"cf-aig-event-id: " + word) for word in (b"one", b"two", b"three")]
    assert places == sorted(places)


def test_body_that_waits_for_permission_gets_it(gateway):
    """curl asks before it sends more than a megabyte."""
    answer = said(gateway, asked(HELLO, "Expect: 100-continue", "Connection: close"))

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_body_may_come_in_chunks(gateway):
    """Some clients don't say how long it is."""
    content = json.dumps(HELLO).encode()
    head = asked(None, "Connection: close").replace(
        b"Content-Length: 0", b"Transfer-Encoding: chunked"
    )
    parts = b"".join(b"%x\r\n%s\r\n" % (1, content[at : at + 1]) for at in range(len(content)))

    answer = said(gateway, head + parts + b"0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_head_has_no_body(gateway):
    """Else the client would take it for the next answer."""
    head, content = split(said(gateway, asked(None, "Connection: close", method="HEAD")))

    assert head.startswith(b"http/1.1 ")
    assert content == b""


def test_line_break_in_a_header_is_never_sent(gateway):
    """An event id that a step's config states could hold one; what follows would be a header."""
    step = {
        "provider": "openai",
        "endpoint": "chat/completions",
        "query": HELLO,
        "config": {"eventId": "mine\r\nset-cookie: a=b"},
    }

    head, _ = split(said(gateway, asked([step], "Connection: close", path="")))

    assert b"\r\nset-cookie" not in head


async def never(scope, receive, client):
    await asyncio.Event().wait()


KNOWN = b"POST / known\r\n\r\n"
REPEATS = SimpleNamespace(answer=lambda data: None, is_head=KNOWN.__eq__)
NOBODY = SimpleNamespace(takes=lambda scope: True, serve=never, repeats=REPEATS)


class Hasty(DataPlane):
    patience_s = 0.02


@pytest.mark.anyio
@pytest.mark.rule("limits.patience")
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", b""),
        (b"POST /v1/a/demo HTTP/1.1\r\nX-A", b"HTTP/1.1 408"),
        (BEGUN, b"HTTP/1.1 408"),
        (BEGUN + b"{", b"HTTP/1.1 408"),
        (KNOWN, b"HTTP/1.1 408"),
    ],
)
async def test_request_without_an_end_is_given_up(said, status):
    """A client that says nothing, half a head, a known head only, or half a body."""
    config = uvicorn.Config(app=NOBODY, http=Hasty, interface="asgi3", log_config=None)
    config.loaded, config.loaded_app, config.ws_protocol_class = True, NOBODY, None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Hasty(config, ServerState(), {}, loop), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(said)

    answer = await asyncio.wait_for(reader.read(), 20)

    assert answer[:12] == status
    writer.close()
    server.close()


@pytest.mark.anyio
async def test_any_status_can_be_sent():
    """Providers may answer with numbers that no table of statuses has."""
    sent = []
    cycle = SimpleNamespace(
        scope={"method": "POST", "http_version": "1.1"},
        default_headers=[],
        keep_alive=True,
        transport=SimpleNamespace(write=sent.append),
    )

    await Exchange(cycle).start(999, [])

    assert sent[0].startswith(b"HTTP/1.1 999 \r\n")


@pytest.mark.anyio
@pytest.mark.parametrize("header", [(b"x", b"a\r\nb"), (b"x", b"\0"), (b"x y", b""), (b"x:", b"")])
async def test_bad_header_sends_nothing(header):
    """Not even the good ones before it."""
    sent = []

    cycle = SimpleNamespace(
        scope={"method": "POST", "http_version": "1.1"},
        default_headers=[],
        keep_alive=True,
        transport=SimpleNamespace(write=sent.append),
    )
    exchange = Exchange(cycle)
    with pytest.raises(BadHeader):
        await exchange.start(200, [(b"content-length", b"0"), header])

    assert sent == []
    assert not exchange.began
