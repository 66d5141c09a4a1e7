"""client: what becomes of every kind of answer."""

import asyncio
import itertools
import json

import pytest

from gateway.chat import Chat, Completion, Delta, Step, Target, Tool, Usage, say
from gateway.client import GatewayClient
from gateway.dialects import DIALECTS
from gateway.errors import BadAnswer, TimedOut, Unreachable
from gateway.headers import Options
from gateway.providers import PROVIDERS
from gateway.wire import Incoming
from gateway.wire.single import HttpxWire
from tests.raw_server import RawServer, chunk, stream_head, whole

pytestmark = pytest.mark.anyio

KEY, OTHER_KEY, TOKEN = "sk-marker-Aa11bb22", "sk-marker-Cc33dd44", "cf-marker-Ee55ff66"
HELLO = Chat(provider="openai", model="gpt-5-mini", messages=say("Hello"))
STREAMS = sorted({row.dialect: row.slug for row in PROVIDERS.values() if row.dialect}.items())


def chunks_of(*texts, finish="stop"):
    """The events of a streamed chat completion."""
    for text in texts:
        yield f'data: {{"choices":[{{"delta":{{"content":"{text}"}}}}]}}\n\n'
    if finish:
        yield f'data: {{"choices":[{{"delta":{{}},"finish_reason":"{finish}"}}]}}\n\n'
        yield 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\n'
        yield "data: [DONE]\n\n"


def streamed(*events, headers=""):
    """An upstream that sends each event in a chunk of its own."""

    async def answer(request, peer):
        await peer.send(stream_head(headers=headers), *map(chunk, events), chunk(""))

    return answer


def answered(body, **how):
    """An upstream that sends one whole body."""

    async def answer(request, peer):
        text = body if isinstance(body, str) else json.dumps(body)
        await peer.send(whole(text, **{"headers": "content-type: application/json\r\n", **how}))

    return answer


@pytest.fixture
async def ask():
    """Ask a server of our own; returns the stream, read to its end, and the request it saw."""
    wire = HttpxWire(connect_s=5, silence_s=5)

    async def ask(answer, chat=HELLO, options=Options(), **target):
        async with RawServer(answer) as server:
            base = f"{server.url}/v1/acc/demo"
            client = GatewayClient(wire, Target(name="local", base_url=base, **target))
            stream = client.stream(chat, options)
            async for _ in stream:
                pass
            return stream, server.requests[0]

    yield ask
    await wire.aclose()


@pytest.mark.parametrize(("name", "slug"), STREAMS)
async def test_every_format_streams(ask, name, slug):
    """What a provider writes in its own format arrives as text, usage and finish."""
    chat = Chat(provider=slug, model="a/b", messages=say("Hello"))
    usage = Usage(tokens_in=7, tokens_out=3)
    writer = DIALECTS[name].writer(
        id="1", model="b", created=1, chat=chat, flavour=slug, usage=usage
    )
    parts = [
        writer.start(),
        *(writer.write(Delta(text=text)) for text in ("Hel", "lo ", "\N{SNOWMAN}")),
        writer.end("stop", usage),
    ]

    stream, _ = await ask(streamed(*(part.decode() for part in parts if part)), chat)

    assert stream.reply.text == "Hello \N{SNOWMAN}"
    assert stream.reply.ok
    assert (stream.reply.completion.usage.tokens_in, stream.reply.completion.usage.tokens_out) == (
        7,
        3,
    )
    assert len(stream.reply.times.chunks_s) == 3
    assert stream.reply.body is None


@pytest.mark.parametrize(("name", "slug"), STREAMS)
async def test_every_format_is_read_whole(ask, name, slug):
    """An answer that isn't streamed has a text, a body and no TTFT."""
    dialect = DIALECTS[name]
    chat = Chat(provider=slug, model="a/b", messages=say("Hello"), stream=False)
    answer = Completion(
        text="Hello", finish="stop", usage=Usage(tokens_in=7, tokens_out=3), model="b"
    )
    body = dialect.answer(answer, created=1)

    stream, _ = await ask(answered(body), chat)

    assert stream.reply.text == "Hello"
    assert stream.reply.completion.usage.tokens_out == 3
    assert json.loads(stream.reply.body) == body
    assert (stream.reply.ttft_ms, stream.reply.times.first_chunk_s) == (None, None)
    assert stream.reply.ok


async def test_pieces_arrive_before_the_end():
    """A stream is shown while it is written."""

    async def answer(request, peer):
        await peer.send(stream_head(), chunk(next(chunks_of("one"))))
        await peer.gone.wait()

    async with RawServer(answer) as server:
        wire = HttpxWire()
        stream = GatewayClient(wire, Target(name="t", base_url=server.url)).stream(HELLO)
        first = await anext(stream)
        await stream.aclose()
        await asyncio.wait_for(server.hung_up.wait(), 1)
        await wire.aclose()

    assert first == Delta(text="one")
    assert stream.reply.stopped
    assert (stream.reply.status, stream.reply.text, stream.reply.ok) == (200, "one", False)
    assert stream.reply.times.first_s <= stream.reply.times.end_s


async def test_cancelled_before_the_first_byte():
    """Stop while nothing has come yet: status 0, nothing but the time."""

    async def answer(request, peer):
        await peer.gone.wait()

    async with RawServer(answer) as server:
        wire = HttpxWire()
        stream = GatewayClient(wire, Target(name="t", base_url=server.url)).stream(HELLO)
        step = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.03)
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)
        await asyncio.wait_for(server.hung_up.wait(), 1)
        await wire.aclose()

    assert stream.reply.stopped
    assert (stream.reply.status, stream.reply.text) == (0, "")
    assert stream.reply.times.headers_s is None


class ScriptedWire:
    """A wire that moves its clock by what a script says: headers after 0.25 s, then each piece."""

    def __init__(self, *pieces):
        self.now = 100.0
        self._pieces = iter(pieces)

    def clock(self):
        return self.now

    async def open(self, method, url, **_):
        self.now += 0.25
        return Incoming(200, (("content-type", "text/event-stream"),), self._read, self._close)

    async def _read(self):
        wait_s, text = next(self._pieces, (0, ""))
        self.now += wait_s
        return text.encode()

    async def _close(self):
        self.now += 5


async def test_times_are_taken_as_defined():
    """First chunk, first content and end differ: each has its own definition (metrics)."""
    role, one, two, finish, usage, done = (
        'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n',
        *chunks_of("one", "two"),
    )
    wire = ScriptedWire((0.5, role), (0.5, one + two), (0.125, finish), (0.125, usage + done))
    target = Target(name="t", base_url="http://gateway")

    reply = await GatewayClient(wire, target, clock=wire.clock).send(HELLO)

    assert (reply.times.headers_s, reply.times.first_chunk_s) == (0.25, 0.75)
    assert reply.times.chunks_s == (1.25, 1.25)
    assert (reply.times.first_s, reply.times.last_s, reply.times.end_s) == (1.25, 1.25, 1.5)
    assert (reply.ttfb_ms, reply.ttft_ms, reply.total_ms) == (250, 1250, 1500)


@pytest.mark.parametrize("cut", range(1, 60, 7))
async def test_split_of_the_bytes_changes_nothing(ask, cut):
    """Networks cut where they like, also inside a character."""
    text = "".join(chunks_of("snow \N{SNOWMAN} man", "x")).encode()
    pieces = [text[at : at + cut] for at in range(0, len(text), cut)]

    async def answer(request, peer):
        await peer.send(stream_head())
        await peer.send(*(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces), b"0\r\n\r\n")

    stream, _ = await ask(answer)

    assert stream.reply.text == "snow \N{SNOWMAN} manx"
    assert stream.reply.ok


async def test_tool_calls_and_reasoning_count_as_content(ask):
    """They are output tokens: TTFT is the first of any kind."""
    events = (
        'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n',
        'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","function":'
        '{"name":"add","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}\n\n',
    )
    chat = Chat(provider="groq", model="m", messages=say("Hi"), tools=(Tool(name="add"),))

    stream, _ = await ask(streamed(*events), chat)

    assert stream.reply.completion.reasoning == "hm"
    assert [call.name for call in stream.reply.completion.tool_calls] == ["add"]
    assert len(stream.reply.times.chunks_s) == 2


@pytest.mark.parametrize("status", ["400 Bad Request", "429 Too Many Requests", "503 Oh"])
@pytest.mark.parametrize("kind", ["application/json", "text/html", "text/event-stream"])
async def test_status_is_a_reply(ask, status, kind):
    """A 4xx or 5xx is an answer like any other: its body is kept as text."""
    body = '{"success":false,"error":[{"code":2003,"message":"Rate limited"}]}'

    stream, _ = await ask(
        answered(body, status=status, headers=f"content-type: {kind}\r\ncf-aig-log-id: 1\r\n")
    )

    assert (stream.reply.status, stream.reply.ok) == (int(status[:3]), False)
    assert (stream.reply.body, stream.reply.text) == (body, "")
    assert stream.reply.broken is None
    assert stream.reply.log_id == "1"


async def test_answer_decides_whether_it_streams(ask):
    """A guardrail sends a streamed question's answer in one piece: the content type says so."""
    body = DIALECTS["openai"].answer(Completion(text="Hello"), created=1)

    stream, _ = await ask(answered(body))

    assert (stream.reply.text, stream.reply.times.chunks_s) == ("Hello", ())
    assert stream.gathered.text == "Hello"


@pytest.mark.parametrize(
    "body", ["", "not JSON", "[]", "null", "{}", '{"choices":[]}', "[" * 100_000, '{"choices":3}']
)
async def test_nonsense_with_status_200_is_an_error(body):
    """It can't be read, but what came is kept for the eyes."""
    async with RawServer(answered(body)) as server:
        wire = HttpxWire()
        stream = GatewayClient(wire, Target(name="t", base_url=server.url)).stream(HELLO)
        with pytest.raises(BadAnswer):
            await anext(stream)
        await wire.aclose()

    assert (stream.reply.status, stream.reply.body, stream.reply.ok) == (200, body, False)


async def test_stream_of_nonsense_is_an_error(ask):
    """A stream whose first event can't be read holds no answer."""
    with pytest.raises(BadAnswer):
        await ask(streamed("data: {not JSON\n\n"))


@pytest.mark.parametrize(
    ("events", "text", "reason"),
    [
        ([*chunks_of("one", finish="")], "one", "stopped before its end"),
        ([], "", "stopped before its end"),
        ([*chunks_of("one", finish=""), "data: {not JSON\n\n"], "one", "JSON"),
        (
            [*chunks_of("one", finish=""), 'data: {"error":{"message":"overloaded"}}\n\n'],
            "one",
            "overl",
        ),
    ],
)
async def test_stream_without_its_end_is_broken(ask, events, text, reason):
    """What arrived is kept, and the reply says why it is not whole."""
    stream, _ = await ask(streamed(*events))

    assert (stream.reply.text, stream.reply.ok) == (text, False)
    assert reason in stream.reply.broken


async def test_cut_connection_breaks_the_reply(ask):
    """The answer had begun: that is a partial reply, not silence."""

    async def answer(request, peer):
        await peer.send(stream_head(), *map(chunk, chunks_of("one", finish="")))
        await asyncio.sleep(0.01)
        peer.reset()

    stream, _ = await ask(answer)

    assert (stream.reply.status, stream.reply.text) == (200, "one")
    assert "broke off in the middle" in stream.reply.broken


async def test_finish_without_done_is_a_whole_answer(ask):
    """Some providers send no end mark after the finish."""
    stream, _ = await ask(streamed(*itertools.islice(chunks_of("one"), 3)))

    assert stream.reply.ok
    assert stream.reply.completion.usage == Usage(tokens_in=7, tokens_out=3)


async def test_step_that_answered_decides_the_format(ask):
    """A fallback list may speak several formats."""
    steps = (Step(provider="openai", model="a"), Step(provider="anthropic", model="b"))
    chat = Chat(provider="openai", model="a", messages=say("Hi"), route="universal", steps=steps)
    body = DIALECTS["anthropic"].answer(Completion(text="Second", finish="stop"), created=1)

    stream, _ = await ask(
        answered(body, headers="content-type: application/json\r\ncf-aig-step: 1\r\n"), chat
    )

    assert (stream.reply.text, stream.reply.step) == ("Second", 1)


async def test_silence_is_an_error():
    """Nobody there, or nobody who speaks: raised, with a sentence a user can read."""

    async def answer(request, peer):
        await peer.gone.wait()

    wire = HttpxWire(silence_s=0.05)
    async with RawServer(answer) as server:
        with pytest.raises(TimedOut, match=r"sent nothing for 0.05 s"):
            await GatewayClient(wire, Target(name="t", base_url=server.url)).send(HELLO)
    with pytest.raises(Unreachable, match="connection refused"):
        await GatewayClient(wire, Target(name="t", base_url=server.url)).send(HELLO)
    await wire.aclose()


async def test_no_secret_is_kept(ask):
    """Not in what was sent, not in headers, not in a body that quotes the key."""
    steps = (Step(provider="openai", model="a"), Step(provider="anthropic", model="b"))
    chat = Chat(provider="openai", model="a", messages=say("Hi"), route="universal", steps=steps)
    quoting = f'{{"error":{{"message":"Incorrect key {KEY}"}}}}'

    stream, received = await ask(
        answered(quoting, status="401 No", headers=f"set-cookie: s={TOKEN}\r\n"),
        chat,
        token=TOKEN,
        keys={"openai": KEY, "anthropic": OTHER_KEY},
    )

    assert KEY in received.body.decode()
    kept = repr((stream.sent, stream.reply))
    assert not [secret for secret in (KEY, OTHER_KEY, TOKEN) if secret in kept]
    assert "\N{HORIZONTAL ELLIPSIS}bb22" in stream.sent.body


async def test_other_scripts_and_broken_text_can_be_sent(ask):
    """A lone surrogate from a clipboard is no reason to fail."""
    chat = Chat(provider="openai", model="m", messages=say("caf\u00e9 \N{SNOWMAN} \ud83d"))

    _, received = await ask(streamed(*chunks_of("ok")), chat)

    assert json.loads(received.body)["messages"][0]["content"] == "caf\u00e9 \N{SNOWMAN} ?"
