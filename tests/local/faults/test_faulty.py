"""faulty: each kind of fault does what its name says, and the answer names it."""

import asyncio

import orjson
import pytest

from gateway.errors import BadRequest, TimedOut, Unreachable
from gateway.local.call import Answer
from gateway.local.clock import Clock
from gateway.local.faults import Faults, Faulty

pytestmark = pytest.mark.anyio

DONE = b"data: [DONE]\n\n"


@pytest.fixture
def opened(clock, call):
    """How to open a call with one fault around an upstream."""

    async def through(upstream, word, provider="openai"):
        faulty = Faulty(upstream, Faults(), clock)
        return await faulty.open(call(provider, script=(word,)))

    return through


async def read(answer):
    """Read an answer; return its chunks and the error that ended it, if one did."""
    chunks = []
    try:
        async for chunk in answer.chunks:
            chunks.append(chunk)
    except Unreachable as error:
        return chunks, error
    return chunks, None


async def test_nothing_goes_wrong_by_itself(stream, opened):
    """Without a fault the upstream's answer goes through untouched."""
    answer = await opened(stream, "ok")

    assert answer.fault is None
    assert (await read(answer))[0] == stream.chunks


@pytest.mark.parametrize(
    ("provider", "member"), [("openai", "error"), ("cohere", "message"), ("workers-ai", "error")]
)
async def test_status_comes_with_the_providers_own_body(stream, opened, provider, member):
    """And the upstream isn't asked at all."""
    answer = await opened(stream, "503", provider)
    (body,), _ = await read(answer)

    assert (answer.status, answer.fault, stream.opened) == (503, "status=503", 0)
    assert member in orjson.loads(body)


async def test_status_may_have_a_body_of_its_own(stream, clock, call):
    """For replaying an error that was seen somewhere."""
    faults = Faults()
    faults.add({"status": 418, "body": {"short": "and stout"}})
    answer = await Faulty(stream, faults, clock).open(call())

    assert (answer.status, (await read(answer))[0]) == (418, [b'{"short":"and stout"}'])


async def test_rate_limit_says_when_to_come_back(stream, opened):
    """Retry-After in seconds."""
    answer = await opened(stream, "429;retry-after=3")

    assert (answer.status, answer.header("retry-after")) == (429, "3")


async def test_slow_answer_comes_late_and_whole(stream, opened, time):
    """Only the first byte is delayed."""
    answer = await opened(stream, "slow=800")

    assert time.sleeps == [0.8]
    assert (await read(answer))[0] == stream.chunks


async def test_provider_that_is_full_lets_others_wait(stream, call):
    """Two places, three calls: the third is served when one of them has ended."""
    served, go_on = [], asyncio.Event()

    async def sleep(seconds):
        served.append(seconds)
        await go_on.wait()

    clock = Clock(wall=lambda: 0.0, steady=lambda: 0.0, sleep=sleep)
    faulty, word = Faulty(stream, Faults(), clock), "queue=500;slots=2"
    asked = [asyncio.create_task(faulty.open(call(script=(word,)))) for _ in range(3)]
    for _ in range(5):
        await asyncio.sleep(0)
    before = list(served)
    go_on.set()
    answers = await asyncio.gather(*asked)

    assert (before, served) == ([0.5] * 2, [0.5] * 3)
    assert {answer.fault for answer in answers} == {word}


async def test_pace_is_left_to_the_provider_that_can_keep_it(clock, call):
    """The call says it; the answer names it."""
    heard = []

    class Provider:
        async def open(self, call):
            heard.append(call.pace_s)
            return Answer(status=200, headers=[], chunks=nothing())

    async def nothing():
        yield b""

    faulty = Faulty(Provider(), Faults(), clock)
    answer = await faulty.open(call(script=("pace=400;gap=20",)))

    assert (heard, answer.fault) == ([(0.4, 0.02)], "pace=400;gap=20")


async def test_late_error_comes_late(stream, opened, time):
    """A failed attempt takes as long as the experiment says."""
    answer = await opened(stream, "status=500;wait=300")

    assert time.sleeps == [0.3]
    assert answer.status == 500


@pytest.mark.parametrize(("word", "count"), [("cut", 3), ("cut;after=0", 0), ("cut;after=99", 5)])
async def test_cut_stream_lacks_its_end(stream, opened, word, count):
    """It ends cleanly, so only the missing end marker tells."""
    chunks, error = await read(await opened(stream, word))

    assert (chunks, error) == (stream.chunks[:count], None)


async def test_truncated_stream_ends_inside_an_event(stream, opened):
    """A decoder must not take half an event for one."""
    chunks, _ = await read(await opened(stream, "truncate"))

    assert b"".join(chunks) == b"".join(stream.chunks[:3]) + b"data"


async def test_stalled_stream_goes_on(stream, opened, time):
    """After so many milliseconds of silence nothing is missing."""
    chunks, _ = await read(await opened(stream, "stall=5000;after=2"))

    assert chunks == stream.chunks
    assert time.sleeps == [5.0]


@pytest.mark.parametrize("word", ["stall", "timeout"])
async def test_endless_silence_ends_with_whoever_waits(stream, opened, word):
    """Nothing but the client's patience ends it."""
    waiting = asyncio.ensure_future(read_all(opened, stream, word))
    for _ in range(20):
        await asyncio.sleep(0)

    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def read_all(opened, upstream, word):
    return await read(await opened(upstream, word))


@pytest.mark.parametrize(("word", "error"), [("reset", Unreachable), ("timeout=100", TimedOut)])
async def test_no_answer_at_all(stream, opened, word, error):
    """What a gateway may retry."""
    with pytest.raises(error, match="openai"):
        await opened(stream, word)

    assert stream.opened == 0


async def test_reset_in_the_middle_of_a_stream(stream, opened):
    """The client has words already, so nothing can be tried again."""
    answer = await opened(stream, "reset;after=2")
    chunks, error = await read(answer)

    assert chunks == stream.chunks[:2]
    assert "reset;after=2" in str(error)


async def test_malformed_event_stands_among_good_ones(stream, opened):
    """A client has to survive it."""
    chunks, _ = await read(await opened(stream, "malformed;after=1"))
    broken = [chunk for chunk in chunks if chunk not in stream.chunks]

    assert len(broken) == 1
    assert chunks[-1] == DONE
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(broken[0].removeprefix(b"data: "))


@pytest.mark.parametrize("word", ["malformed", "cut", "truncate"])
async def test_whole_answer_becomes_broken_json(whole, opened, word):
    """Status 200, and yet nothing that can be read."""
    answer = await opened(whole, word)
    body = b"".join((await read(answer))[0])

    assert (answer.status, answer.fault) == (200, word)
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(body)


async def test_whole_answer_can_stall_and_break(whole, opened, time):
    """Half of it comes through before."""
    stalled, _ = await read(await opened(whole, "stall=70"))
    half, error = await read(await opened(whole, "reset;after=1"))

    assert b"".join(stalled) == whole.chunks[0]
    assert time.sleeps == [0.07]
    assert whole.chunks[0].startswith(half[0])
    assert error is not None


async def test_closing_closes_the_upstream(stream, opened):
    """A visitor who leaves during a fault frees the connection behind it."""
    answer = await opened(stream, "stall=5000;after=2")
    await anext(answer.chunks)
    await answer.close()

    assert stream.closed == 1
    assert (await read(answer))[0] == []


async def test_faults_are_told_even_without_an_answer(stream, clock, call):
    """The journal knows of a reset too."""
    heard = []
    faulty = Faulty(
        stream, Faults(), clock, told=lambda call, fault: heard.append((call.provider, fault.word))
    )
    with pytest.raises(Unreachable):
        await faulty.open(call(script=("reset",)))

    assert heard == [("openai", "reset")]


async def test_bad_script_is_said(stream, opened):
    """A misspelled word must not look like success."""
    with pytest.raises(BadRequest, match="explode"):
        await opened(stream, "explode")
