"""openai: its realtime events, checked with the types of its own package."""

import base64

import openai.types.realtime as ga
import pytest
from openai.types.beta import realtime as beta
from pydantic import TypeAdapter

from gateway.local.simulated.realtime.openai import openai

pytestmark = pytest.mark.anyio

ASKED = {"type": "input_text", "text": "What is the capital of France?"}
ITEM = {"type": "message", "role": "user", "content": [ASKED]}
TALK = [{"type": "conversation.item.create", "item": ITEM}, {"type": "response.create"}]
GENERATIONS = [
    ({}, "output_text", ga.RealtimeServerEvent),
    ({"openai-beta": "realtime=v1"}, "text", beta.RealtimeServerEvent),
]


def is_done(event):
    return event["type"] == "response.done"


def kinds(events):
    return [event["type"] for event in events]


@pytest.mark.parametrize(("headers", "kind", "types"), GENERATIONS, ids=["now", "beta"])
async def test_conversation_is_answered_event_by_event(guest, headers, kind, types):
    """In the names of the client's generation, and every event fits its type."""
    talk = guest(openai, model="gpt-realtime", headers=headers)
    await talk.send(*TALK)

    events = await talk.until(is_done)

    for event in events:
        TypeAdapter(types).validate_python(event, strict=False)
    deltas = [event["delta"] for event in events if event["type"] == f"response.{kind}.delta"]
    [done] = [event for event in events if event["type"] == f"response.{kind}.done"]
    response = events[-1]["response"]
    assert "".join(deltas) == done["text"] == response["output"][0]["content"][0]["text"]
    assert "Paris" in done["text"]
    assert response["status"] == "completed"
    usage = response["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 0
    assert kinds(events)[0] == "session.created"
    assert len({event["event_id"] for event in events}) == len(events)


async def test_first_message_of_the_contract_is_answered(guest):
    """Instructions alone, without a conversation."""
    asked = {"modalities": ["text"], "instructions": "Tell me a joke"}
    talk = guest(openai, headers={"openai-beta": "realtime=v1"})

    await talk.send({"type": "response.create", "response": asked})

    assert (await talk.until(is_done))[-1]["response"]["output"]


async def test_conversation_is_remembered(guest):
    """A second answer costs more tokens in than the first."""
    talk = guest(openai)
    await talk.send(*TALK)
    first = (await talk.until(is_done))[-1]["response"]["usage"]

    await talk.send(*TALK)

    second = (await talk.until(is_done))[-1]["response"]["usage"]
    assert second["input_tokens"] > first["input_tokens"] + first["output_tokens"]


async def test_response_can_be_cancelled(guest):
    """What was said until then is kept, and counted."""
    talk = guest(openai, instant=False)
    await talk.send(*TALK)
    await talk.until(lambda event: event["type"] == "response.content_part.added")

    await talk.send({"type": "response.cancel"})

    response = (await talk.until(is_done))[-1]["response"]
    assert response["status"] == "cancelled"
    assert response["output"][0]["status"] == "incomplete"


async def test_only_one_response_at_a_time(guest):
    """A second one is an error that names the code."""
    talk = guest(openai, instant=False)

    await talk.send(*TALK, {"type": "response.create"})

    error = (await talk.until(lambda event: event["type"] == "error"))[-1]["error"]
    assert error["code"] == "conversation_already_has_active_response"


async def test_session_takes_instructions(guest):
    """And keeps its model."""
    talk = guest(openai, model="gpt-realtime")
    update = {"instructions": "Be brief", "model": "other"}

    await talk.send({"type": "session.update", "session": update})

    session = (await talk.until(lambda e: e["type"] == "session.updated"))[-1]["session"]
    assert (session["instructions"], session["model"]) == ("Be brief", "gpt-realtime")


async def test_sound_becomes_an_item(guest):
    """Nobody listens, and the transcript says so."""
    talk = guest(openai)
    sound = base64.b64encode(bytes(100)).decode()

    await talk.send(
        {"type": "input_audio_buffer.append", "audio": sound},
        {"type": "input_audio_buffer.commit"},
    )

    added = (await talk.until(lambda e: e["type"] == "conversation.item.added"))[-1]
    assert "simulated" in added["item"]["content"][0]["transcript"]


async def test_items_are_found_and_deleted(guest):
    """By their id."""
    talk = guest(openai)
    await talk.send({"type": "conversation.item.create", "item": {**ITEM, "id": "mine"}})
    about = {"item_id": "mine"}

    await talk.send(
        {"type": "conversation.item.retrieve", **about},
        {"type": "conversation.item.delete", **about},
        {"type": "conversation.item.retrieve", **about, "event_id": "asked"},
    )

    events = await talk.until(lambda event: event["type"] == "error")
    assert kinds(events)[-3:] == [
        "conversation.item.retrieved",
        "conversation.item.deleted",
        "error",
    ]
    assert events[-1]["error"]["event_id"] == "asked"


@pytest.mark.parametrize(
    "message",
    [
        "no JSON",
        "[]",
        b"\xff",
        {},
        {"type": 5},
        {"type": "unheard.of"},
        {"type": "session.update"},
        {"type": "conversation.item.create", "item": {"type": "x"}},
        {"type": "conversation.item.delete", "item_id": {}},
        {"type": "response.cancel"},
        {"type": "input_audio_buffer.append"},
        {"type": "input_audio_buffer.commit"},
    ],
    ids=str,
)
async def test_bad_events_are_errors_and_the_session_goes_on(guest, message):
    """As OpenAI does; the connection stays."""
    talk = guest(openai)

    await talk.send(message, *TALK)

    events = await talk.until(is_done)
    [error] = [event for event in events if event["type"] == "error"]
    assert error["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "response",
    [
        {"input": [5, {"content": 5}, {"content": [5, {"text": 5}], "role": 5}]},
        {"instructions": 5},
        5,
    ],
    ids=str,
)
async def test_odd_settings_of_a_response_are_survived(guest, response):
    """What can't be used is left out."""
    talk = guest(openai)

    await talk.send({"type": "response.create", "response": response})

    assert (await talk.until(is_done))[-1]["response"]["status"] == "completed"
