"""connections: framing, and which connections are used again."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from gateway.errors import Unreachable
from gateway.wire.connections import (
    HEAD_LIMIT,
    WAITING_LIMIT,
    Address,
    Connection,
    Place,
    Pool,
    address_of,
    request_of,
)
from gateway.wire.fast import FastWire
from tests.raw_server import RawServer, chunk, stream_head, whole

pytestmark = pytest.mark.anyio

ADDRESSES = [
    ("http://a.test", Place("http", "a.test", 80), "a.test", "/"),
    ("https://a.test/b?c=/d&e=%2F", Place("https", "a.test", 443), "a.test", "/b?c=/d&e=%2F"),
    ("http://127.0.0.1:81/@cf/m:x", Place("http", "127.0.0.1", 81), "127.0.0.1:81", "/@cf/m:x"),
    ("http://[::1]:82/a//b", Place("http", "::1", 82), "[::1]:82", "/a//b"),
    ("http://me:pass@a.test/#part", Place("http", "a.test", 80), "a.test", "/"),
]
HERE = Address(Place("http", "a.test", 80), "a.test", "/b")


@pytest.mark.parametrize(("url", "place", "name", "target"), ADDRESSES)
def test_url_is_taken_apart(url, place, name, target):
    """The target stays as it is written; what may be shown holds no password."""
    assert address_of(url) == Address(place, name, target)


@pytest.mark.parametrize(
    ("method", "headers", "body", "lines"),
    [
        ("GET", [], None, ["GET /b HTTP/1.1", "Host: a.test"]),
        ("POST", [], None, ["POST /b HTTP/1.1", "Host: a.test", "Content-Length: 0"]),
        (
            "POST",
            [("host", "other"), ("x", "\xe9\t!")],
            b"{}",
            ["POST /b HTTP/1.1", "host: other", "x: \xe9\t!", "Content-Length: 2"],
        ),
    ],
)
def test_request_says_how_long_it_is(method, headers, body, lines):
    """And names the host, once."""
    written = request_of(method, HERE, headers, body).decode("latin-1")

    assert written == "\r\n".join([*lines, "", ""])


@pytest.mark.parametrize(
    ("method", "header"),
    [
        ("GET / HTTP/1.1\r\nx:", ("a", "b")),
        ("GET", ("a:", "b")),
        ("GET", ("", "b")),
        ("GET", ("a", "b\nc")),
        ("GET", ("a", "\N{SNOWMAN}")),
        ("POST", ("Content-Length", "5")),
        ("POST", ("Transfer-Encoding", "chunked")),
    ],
)
def test_request_that_would_become_two_is_refused(method, header):
    """No line breaks, and no second say in its length."""
    with pytest.raises(ValueError, match=r"can't be|can't encode"):
        request_of(method, HERE, [header], b"{}")


async def answer(request, peer):
    match request.target:
        case "/hints":
            await peer.send(
                "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n"
            )
            await peer.send(whole(b"final", headers="a: b\r\n"))
        case "/unframed":
            await peer.send("HTTP/1.1 200 OK\r\n\r\n", "to the ", "end")
            peer.writer.close()
        case "/last":
            await peer.send(whole(b"bye", headers="connection: close\r\n"))
        case "/more":
            await peer.send(whole(b"mine") + whole(b"somebody else's"))
        case "/length":
            await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        case "/both":
            await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n")
            await peer.send("transfer-encoding: chunked\r\n\r\n0\r\n\r\n")
        case "/endless":
            await peer.send("HTTP/1.1 200 OK\r\n", *["x: " + "y" * 65536 + "\r\n"] * 8)
        case "/upgrade":
            await peer.send("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n")
            await peer.send("connection: upgrade\r\n\r\nno HTTP")
        case "/chunks":
            await peer.send(stream_head(), chunk("one"), chunk("two"), chunk(""))
        case _:
            await peer.send(whole(b"fine"))


@pytest.fixture
async def server():
    async with RawServer(answer) as server:
        yield server


@pytest.fixture
async def wire():
    wire = FastWire(connect_s=5, silence_s=5)
    yield wire
    await wire.aclose()


async def got(wire, server, path, method="GET"):
    """Ask and return the body."""
    return await (await wire.open(method, server.url + path, headers=[])).read()


async def test_arrival_is_stamped_before_the_reader_has_its_turn(wire):
    """A busy event loop makes the reader late, not the measurement of what it reads."""
    told = asyncio.Event()

    async def in_two(request, peer):
        await peer.send(stream_head(), chunk("one"))
        await told.wait()
        await peer.send(chunk("two"), chunk(""))

    async with RawServer(in_two) as server:
        began = time.perf_counter()
        incoming = await wire.open("GET", server.url, headers=[])
        moments = [began, incoming.arrived_s]
        await asyncio.sleep(0.02)  # both are there by now, if not yet read
        assert await anext(incoming.chunks()) == b"one"
        late = time.perf_counter() - incoming.arrived_s
        moments.append(incoming.arrived_s)
        told.set()
        moments += [incoming.arrived_s async for _ in incoming.chunks()]
        moments += [incoming.arrived_s, time.perf_counter()]

    assert moments == sorted(moments)
    assert late > 0.01


async def test_prepared_connections_carry_the_calls(wire, server):
    """As many as are wanted, those that wait already included."""
    for connections in (2, 3):
        await wire.prepare(server.url, connections)

    incoming = await wire.open("GET", f"{server.url}/fine", headers=[])

    assert (await incoming.read(), incoming.reused, server.connections) == (b"fine", True, 3)


async def test_call_says_whether_it_had_to_connect(wire, server):
    """The first one's time has the connection's in it."""
    reused = []
    for _ in range(2):
        incoming = await wire.open("GET", f"{server.url}/fine", headers=[])
        await incoming.read()
        reused.append(incoming.reused)

    assert reused == [False, True]


async def test_no_connection_can_be_prepared_to_nowhere(wire):
    """As with a call."""
    with pytest.raises(Unreachable):
        await wire.prepare("http://127.0.0.1:9/", 1)


async def test_answers_before_the_answer_are_passed_over(wire, server):
    """Their headers don't get mixed up with the final ones."""
    incoming = await wire.open("POST", f"{server.url}/hints", headers=[], body=b"{}")

    assert (incoming.status, incoming.headers[0]) == (200, ("a", "b"))
    assert await incoming.read() == b"final"


@pytest.mark.parametrize(
    ("path", "body"), [("/unframed", b"to the end"), ("/last", b"bye"), ("/chunks", b"onetwo")]
)
async def test_each_kind_of_end_is_found(wire, server, path, body):
    """The connection's, the announced one, the last chunk's; afterwards a new call works."""
    assert await got(wire, server, path) == body
    assert await got(wire, server, "/fine") == b"fine"
    assert server.connections == (1 if path == "/chunks" else 2)


async def test_head_has_no_body(wire, server):
    """Though its headers name a length."""
    assert await got(wire, server, "/length", method="HEAD") == b""
    assert await got(wire, server, "/fine") == b"fine"


async def test_nobody_gets_what_nobody_asked_for(wire, server):
    """A second answer on a connection would be the next caller's, who may be somebody else."""
    assert await got(wire, server, "/more") == b"mine"

    assert await got(wire, server, "/fine") == b"fine"
    assert server.connections == 2


@pytest.mark.parametrize("path", ["/endless", "/upgrade"])
async def test_what_is_no_answer_has_an_end(wire, server, path):
    """A head without end, another protocol."""
    with pytest.raises(Unreachable, match="gave no answer"):
        await wire.open("GET", server.url + path, headers=[])


async def test_two_lengths_are_refused(wire, server):
    """What one of us takes for the end, another could take for the middle."""
    with pytest.raises(Unreachable):
        await got(wire, server, "/both")


async def test_slow_reader_slows_the_peer_down():
    """What nobody reads isn't collected without end, and nothing of it is lost."""
    most, sent = 64 * 1024 * 1024, 0

    async def pour(request, peer):
        nonlocal sent
        await peer.send(f"HTTP/1.1 200 OK\r\ncontent-length: {most}\r\n\r\n")
        while sent < most:
            await peer.send(b"x" * 65536)
            sent += 65536

    wire = FastWire()
    async with RawServer(pour) as server:
        incoming = await wire.open("GET", f"{server.url}/", headers=[])
        await asyncio.sleep(0.05)
        before = sent
        read = sum([len(piece) async for piece in incoming.chunks()])
    await wire.aclose()

    assert before < most / 2
    assert read == most


async def test_answer_that_filled_the_buffer_does_not_block_the_next():
    """Its last piece stopped the reading; the connection is used again all the same."""
    calls = []
    transport = SimpleNamespace(
        write=lambda data: None,
        pause_reading=lambda: calls.append("pause"),
        resume_reading=lambda: calls.append("resume"),
        get_write_buffer_size=lambda: 0,
    )
    pool = Pool()
    connection = Connection(pool, HERE.place)
    connection.connection_made(transport)

    connection.ask(b"GET / HTTP/1.1\r\n\r\n", None, bodiless=False)
    connection.data_received(whole(b"x" * (WAITING_LIMIT + 1)))

    assert calls == ["pause", "resume"]
    assert pool.idle(HERE.place) is connection


async def test_idle_connection_is_closed_after_a_while(server):
    """The peer's own patience may be shorter than ours, and a call on a closed one would fail."""
    pool = Pool(keep_s=0.01)
    connection = await pool.connect(Place("http", "127.0.0.1", server.port))

    pool.keep(connection)
    while pool.idle(connection.place) is not None:
        pool.keep(connection)
        await asyncio.sleep(0.03)

    assert pool.idle(connection.place) is None


async def test_connection_that_the_peer_closed_is_not_used(server):
    """It leaves the pool as soon as we hear of it."""
    pool = Pool()
    place = Place("http", "127.0.0.1", server.port)
    pool.keep(await pool.connect(place))

    connection = pool.idle(place)
    pool.keep(connection)
    connection.abort()
    await asyncio.sleep(0.01)

    assert pool.idle(place) is None


def test_limits_are_larger_than_a_read():
    """Else one read could be over them."""
    assert min(HEAD_LIMIT, WAITING_LIMIT) >= 256 * 1024
