"""wires: both clients against one real server: what is sent, what comes back, and every silence."""

import asyncio
import socket

import pytest

from gateway.errors import TimedOut, Unreachable
from gateway.wire.fast import FastWire
from gateway.wire.single import HttpxWire
from tests.raw_server import RawServer, chunk, stream_head, whole

pytestmark = pytest.mark.anyio

SECRET = "sk-marker-0123456789"
FAILING = {
    "refused": ("No connection to 127.0.0.1:{port}: connection refused.", Unreachable),
    "reset": ("127.0.0.1:{port} gave no answer: ", Unreachable),
    "nonsense": ("127.0.0.1:{port} gave no answer: ", Unreachable),
    "closed": ("127.0.0.1:{port} gave no answer: ", Unreachable),
    "silent": ("127.0.0.1:{port} sent nothing for 0.03 s.", TimedOut),
}


@pytest.fixture(params=[HttpxWire, FastWire])
def kind(request):
    """Each of the two clients."""
    return request.param


@pytest.fixture
async def wire(kind):
    wire = kind(connect_s=5, silence_s=5)
    yield wire
    await wire.aclose()


async def answer(request, peer):
    """Answer as the path says."""
    match request.target.partition("?")[0].removeprefix("http://outside.test"):
        case "/echo":
            await peer.send(whole(request.body, headers="X-B: 1\r\nx-a: 2\r\nX-B: 3\r\n"))
        case "/empty":
            await peer.send("HTTP/1.1 204 No Content\r\n\r\n")
        case "/moved":
            await peer.send(
                whole(status="302 Found", headers="location: /echo\r\nset-cookie: a=b\r\n")
            )
        case "/zipped":
            await peer.send(whole(b"\x1f\x8bnot really", headers="content-encoding: gzip\r\n"))
        case "/latin":
            await peer.send(b"HTTP/1.1 200 OK\r\nx-name: caf\xe9\r\ncontent-length: 0\r\n\r\n")
        case "/stream":
            await peer.send(stream_head(), chunk("one"))
            await peer.gone.wait()
        case "/cut":
            await peer.send(stream_head(), chunk("one"))
            await asyncio.sleep(0.01)
            peer.reset()
        case "/reset":
            peer.reset()
        case "/nonsense":
            await peer.send("no HTTP at all\r\n\r\n")
            peer.reset()
        case "/closed":
            peer.writer.close()
        case "/silent":
            await peer.gone.wait()


@pytest.fixture
async def server():
    async with RawServer(answer) as server:
        yield server


async def test_status_and_headers_come_back_in_order(wire, server):
    """Repeated headers keep their places: a gateway relays them as they are."""
    incoming = await wire.open("POST", f"{server.url}/echo", headers=[], body=b"hello")

    assert incoming.status == 200
    assert incoming.headers[:3] == (("X-B", "1"), ("x-a", "2"), ("X-B", "3"))
    assert await incoming.read() == b"hello"


async def test_header_bytes_survive(wire, server):
    """Bytes above 127 come as Latin-1, so that whoever relays them can write the same bytes."""
    incoming = await wire.open("GET", f"{server.url}/latin", headers=[])

    assert incoming.headers[0] == ("x-name", "caf\xe9")
    await incoming.aclose()


async def test_only_what_was_given_is_sent(wire, server):
    """No user agent, no accepted encodings: the provider sees the caller's headers."""
    given = [("x-api-key", SECRET), ("accept", "*/*"), ("X-Twice", "1"), ("X-Twice", "2")]

    incoming = await wire.open("POST", f"{server.url}/echo", headers=given, body=b"{}")
    await incoming.read()

    (request,) = server.requests
    automatic = {"host", "content-length", "connection"}
    assert [pair for pair in request.headers if pair[0].lower() not in automatic] == given
    assert request.body == b"{}"


async def test_path_travels_as_written(wire, server):
    """Model names hold @, slashes and colons, and a query may follow."""
    path = "/echo?x=/v1beta/models/g:streamGenerateContent&m=@cf/meta/llama%2F3"

    await (await wire.open("GET", server.url + path, headers=[])).read()

    assert server.requests[0].target == path


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [("/moved", 302, b""), ("/empty", 204, b""), ("/zipped", 200, b"\x1f\x8bnot really")],
)
async def test_answer_comes_as_it_is(wire, server, path, status, body):
    """Redirects aren't followed, cookies aren't kept, nothing is unpacked."""
    incoming = await wire.open("GET", server.url + path, headers=[])
    got = await incoming.read()
    await (await wire.open("GET", f"{server.url}/echo", headers=[])).read()

    assert (incoming.status, got) == (status, body)
    assert server.requests[-1].header("cookie") is None


async def test_first_chunk_arrives_before_the_stream_ends(wire, server):
    """A stream is read while it is written."""
    incoming = await wire.open("POST", f"{server.url}/stream", headers=[], body=b"{}")

    assert await anext(incoming.chunks()) == b"one"
    assert not server.hung_up.is_set()
    await incoming.aclose()


async def test_early_close_hangs_up_at_once(wire, server):
    """A stream that nobody reads any more costs tokens until the connection is closed."""
    incoming = await wire.open("POST", f"{server.url}/stream", headers=[], body=b"{}")
    await anext(incoming.chunks())
    await incoming.aclose()

    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_cancelled_call_hangs_up_at_once(wire, server):
    """Stop before the first byte closes the socket too."""
    call = asyncio.ensure_future(wire.open("POST", f"{server.url}/silent", headers=[], body=b"{}"))
    await asyncio.sleep(0.03)
    call.cancel()

    await asyncio.wait_for(server.hung_up.wait(), 1)
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_cancelled_reader_hangs_up_when_closed(wire, server):
    """Stop in a pause of the stream closes the socket as soon as the answer is closed."""
    incoming = await wire.open("POST", f"{server.url}/stream", headers=[], body=b"{}")
    reader = asyncio.ensure_future(incoming.read())
    await asyncio.sleep(0.01)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    await incoming.aclose()

    await asyncio.wait_for(server.hung_up.wait(), 1)


async def test_connection_is_used_again(wire, server):
    """A second call pays for no second handshake."""
    for _ in range(3):
        await (await wire.open("POST", f"{server.url}/echo", headers=[], body=b"x")).read()

    assert server.connections == 1


async def test_calls_don_t_wait_for_each_other(wire, server):
    """There is no limit on connections to one host."""
    many = 120
    calls = [wire.open("POST", f"{server.url}/stream", headers=[], body=b"{}") for _ in range(many)]
    opened = await asyncio.gather(*calls)

    assert server.connections == many
    for incoming in opened:
        await incoming.aclose()


async def test_big_body_goes_and_comes_back(wire, server):
    """25 MB is what the gateway's cache takes at most."""
    body = bytes(range(256)) * 100_000

    incoming = await wire.open("POST", f"{server.url}/echo", headers=[], body=body)

    assert await incoming.read() == body
    assert server.requests[0].header("content-length") == str(len(body))
    assert server.requests[0].header("content-type") is None


@pytest.mark.parametrize("case", FAILING)
async def test_silence_is_an_error_with_a_sentence(wire, server, case):
    """Whoever reads it learns which host it was and why, and no key."""
    sentence, kind = FAILING[case]
    port = _free_port() if case == "refused" else server.port
    patience_s = 0.03 if kind is TimedOut else 2
    url = f"http://127.0.0.1:{port}/{case}?key={SECRET}"

    with pytest.raises(kind) as caught:
        await wire.open(
            "POST", url, headers=[("authorization", SECRET)], body=b"{}", timeout_s=patience_s
        )

    assert str(caught.value).startswith(sentence.format(port=port))
    assert type(caught.value) is kind
    assert SECRET not in str(caught.value)


async def test_reset_in_the_middle_is_an_error(wire, server):
    """What came before it is kept by whoever reads."""
    incoming = await wire.open("POST", f"{server.url}/cut", headers=[], body=b"{}")
    chunks = incoming.chunks()

    assert await anext(chunks) == b"one"
    with pytest.raises(Unreachable, match="broke off in the middle"):
        await anext(chunks)


async def test_pause_in_the_middle_has_an_end(kind, server):
    """A stream that falls silent is given up, and its connection closed."""
    wire = kind(silence_s=0.05)
    incoming = await wire.open("POST", f"{server.url}/stream", headers=[], body=b"{}")

    with pytest.raises(TimedOut, match=r"sent nothing for 0.05 s"):
        await incoming.read()
    await asyncio.wait_for(server.hung_up.wait(), 1)
    await wire.aclose()


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("ftp://127.0.0.1/", []),
        ("http://[::1/", []),
        ("http://127.0.0.1:99999999/", []),
        ("not a url", []),
        ("http://127.0.0.1:1/a b", []),
        ("http://no..name/", []),
        (f"http://{'a' * 70}.test/", []),
        ("http://127.0.0.1:1/\r\nx-api-key: stolen", []),
        ("", []),
        ("http://127.0.0.1:1/", [("authorization", f"{SECRET}\r\nx: y")]),
        ("http://127.0.0.1:1/", [("bad name", SECRET)]),
        ("http://127.0.0.1:1/", [("x", "\N{SNOWMAN}\n")]),
    ],
)
async def test_what_can_t_be_sent_is_an_error_too(wire, url, headers):
    """A bad address or header ends in a sentence, never in a library's exception."""
    with pytest.raises(Unreachable) as caught:
        await wire.open("GET", url, headers=headers)

    assert SECRET not in str(caught.value)


async def test_proxy_of_the_environment_is_for_other_machines(kind, server, monkeypatch):
    """A company's way out is used, but what stays on this machine never passes it."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "192.0.2.1")
    wire = kind(connect_s=1)

    await (await wire.open("GET", "http://outside.test/echo", headers=[])).aclose()
    await (await wire.open("GET", f"{server.url}/echo", headers=[])).aclose()
    with pytest.raises(Unreachable):
        await wire.open("GET", "http://192.0.2.1/echo", headers=[], timeout_s=0.03)

    assert [r.target for r in server.requests] == ["http://outside.test/echo", "/echo"]
    await wire.aclose()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
