"""google: the messages of its Live API."""

import json

import pytest

from gateway.local.simulated.realtime.google import google

pytestmark = pytest.mark.anyio

SETUP = {"setup": {"model": "models/gemini-2.5-flash"}}
ASKED = {"role": "user", "parts": [{"text": "What is the capital of France?"}]}
TURN = {"clientContent": {"turns": [ASKED], "turnComplete": True}}


def is_complete(frame):
    return b"turnComplete" in frame


def read(frames):
    return [json.loads(frame) for frame in frames]


@pytest.mark.parametrize(
    ("setup", "turn"),
    [
        (SETUP, TURN),
        (SETUP, {"client_content": {"turns": [ASKED], "turn_complete": True}}),
        (SETUP, {"realtimeInput": {"text": ASKED["parts"][0]["text"]}}),
    ],
    ids=["camelCase", "snake_case", "realtime text"],
)
async def test_turn_is_answered_piece_by_piece(guest, setup, turn):
    """Setup, pieces of the model's turn, its end, and the counts."""
    talk = guest(google, provider="google-ai-studio")
    await talk.send(setup, turn)

    first, *pieces, generated, complete = read(await talk.until(is_complete))

    parts = [piece["serverContent"]["modelTurn"]["parts"][0]["text"] for piece in pieces]
    assert first == {"setupComplete": {}}
    assert "Paris" in "".join(parts)
    assert generated == {"serverContent": {"generationComplete": True}}
    assert complete["serverContent"] == {"turnComplete": True}
    usage = complete["usageMetadata"]
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["responseTokenCount"]


async def test_system_instruction_counts(guest):
    """And turns of the model are its own."""
    talk = guest(google, provider="google-ai-studio")
    system = {"parts": [{"text": "Answer in one word"}]}
    said = [{"role": "model", "parts": [{"text": "Hello"}]}, ASKED]

    await talk.send(
        {"setup": {**SETUP["setup"], "systemInstruction": system}},
        {"clientContent": {"turns": said, "turnComplete": True}},
    )

    messages = read(await talk.until(is_complete))
    turns = [m["serverContent"]["modelTurn"] for m in messages[1:-2]]
    assert len("".join(turn["parts"][0]["text"] for turn in turns).split()) == 1


@pytest.mark.parametrize("turns", [5, [5], [{"parts": 5}], [{"parts": [5, {"text": 5}]}]], ids=str)
async def test_odd_turns_are_survived(guest, turns):
    """What can't be read says nothing."""
    talk = guest(google, provider="google-ai-studio")

    await talk.send(SETUP, {"clientContent": {"turns": turns, "turnComplete": True}})

    assert len(await talk.until(is_complete)) > 2


async def test_sound_is_answered_when_it_ends(guest):
    """What is heard in it says that nobody listened."""
    talk = guest(google, provider="google-ai-studio")

    await talk.send(
        SETUP,
        {"realtimeInput": {"audio": {"data": "AAAA", "mimeType": "audio/pcm"}}},
        {"realtimeInput": {"audioStreamEnd": True}},
    )

    assert len(await talk.until(is_complete)) > 2


async def test_new_turn_interrupts_the_old_one(guest):
    """The client is told that what it had is all there is."""
    talk = guest(google, provider="google-ai-studio", instant=False)
    await talk.send(SETUP, TURN)
    assert await talk.receive() == b'{"setupComplete":{}}'

    await talk.send({"clientContent": {"turns": [ASKED]}})

    messages = read(await talk.until(is_complete))
    assert {"serverContent": {"interrupted": True}} in messages


@pytest.mark.parametrize(
    "messages",
    [["no JSON"], [{}], [TURN], [{"setup": {}}], [SETUP, {"x": 1}], [SETUP, SETUP], [SETUP, "[]"]],
    ids=str,
)
async def test_what_is_no_message_closes_the_session(guest, messages):
    """1007, with a reason, as Google does."""
    talk = guest(google, provider="google-ai-studio")

    await talk.send(*messages)

    ended = await talk.ended()
    assert (ended.code, bool(ended.reason)) == (1007, True)
