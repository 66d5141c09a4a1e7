"""stage: the line between a caller and a player."""

import asyncio

import pytest

from gateway.local.lines import Ended
from gateway.local.simulated.realtime.stage import WAITING, object_of

pytestmark = pytest.mark.anyio


async def echo(stage):
    """Say what one hears; leave at "bye"."""
    while (frame := await stage.hear()) != "bye":
        await stage.told.put(frame)


async def deaf(stage):
    """Hear nothing."""
    await asyncio.Event().wait()


async def test_frames_arrive_in_order(guest):
    """Both kinds."""
    talk = guest(echo)

    await talk.send('"a"', b"b")

    assert [await talk.receive(), await talk.receive()] == ["a", b"b"]


async def test_player_that_leaves_ends_the_line(guest):
    """Both directions say so."""
    talk = guest(echo)
    await talk.send("bye")

    ended = await talk.ended()

    assert ended.code == 1000
    with pytest.raises(Ended):
        await talk.send("more")


async def test_sender_waits_for_a_slow_player(guest):
    """Frames don't pile up."""
    talk = guest(deaf)
    for _ in range(WAITING):
        await talk.send("x")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await talk.send("x")


@pytest.mark.parametrize("frame", ["", "[]", "null", "{", b"\xff"])
async def test_what_is_no_object_is_none(frame):
    """Players ask for objects."""
    assert object_of(frame) is None


async def test_words_come_in_pieces(guest):
    """Together they are the text."""

    async def tells(stage):
        text = stage.completion("gpt-realtime", ()).text
        pieces = [piece async for piece in stage.spoken("gpt-realtime", "one two three four five")]
        await stage.tell({"text": text, "pieces": pieces})

    told = await guest(tells).receive()

    assert "".join(told["pieces"]) == "one two three four five"
    assert len(told["pieces"]) > 1
