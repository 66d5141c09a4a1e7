"""responses: OpenAI's Responses API, read and written as its clients need it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.chat import Chat, Completion, Message, Tool, ToolCall, ToolCallPart, say
from gateway.dialects import DIALECTS
from gateway.errors import BadAnswer, BadRequest
from gateway.sse import Event
from tests.dialects.chats import chats, spoiled

RESPONSES = DIALECTS["responses"]
WEATHER = Tool(name="weather", parameters={"type": "object", "properties": {}})
CALL = ToolCall(id="call_1", name="weather", arguments='{"city":"Oslo"}')
CHATS = [
    Chat(provider="openai", model="m", messages=say("Hello", system="Be brief"), stream=False),
    Chat(provider="openai", model="m", messages=say("Hi"), temperature=0.5, top_p=0.9),
    Chat(provider="openai", model="m", messages=say("Hi"), max_tokens=9, tools=(WEATHER,)),
    Chat(provider="openai", model="m", messages=say("Hi"), tools=(WEATHER,), tool_choice="weather"),
    Chat(provider="openai", model="m", messages=say("Hi"), tool_choice="required"),
    Chat(
        provider="openai",
        model="m",
        messages=say("Hi"),
        schema={"type": "object"},
        schema_name="city",
    ),
    Chat(
        provider="openai",
        model="m",
        messages=(
            *say("Weather?"),
            Message(role="assistant", text="I look.", tool_calls=(CALL, CALL)),
            Message(role="tool", text="Sunny", tool_call_id="call_1"),
        ),
    ),
]
KEPT = [
    {"previous_response_id": "resp_1"},
    {"conversation": "conv_1"},
    {"prompt": {"id": "pmpt_1"}},
    {"background": True},
]
FAILED = [
    {"type": "error", "code": "server_error", "message": "Out of breath"},
    {"type": "response.failed", "response": {"error": {"message": "Out of breath"}}},
    {"error": {"message": "Out of breath"}},
]
SILENT = [
    "response.in_progress",
    "response.output_text.done",
    "response.web_search_call.searching",
    "keepalive",
]


@pytest.mark.parametrize("chat", CHATS)
def test_request_round_trip(chat):
    """What is written is read back as the same chat; stop and seed have no word here."""
    assert RESPONSES.read(RESPONSES.body(chat), provider="openai") == chat


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_spoiled_request_is_refused_with_a_sentence(data):
    """Whatever a client sends, nothing but our own error comes out."""
    body = data.draw(spoiled(RESPONSES.body(data.draw(chats()))))

    with suppress(BadRequest):
        RESPONSES.read(body, provider="openai")


@pytest.mark.parametrize("member", KEPT, ids=lambda member: next(iter(member)))
def test_what_only_openai_keeps_is_refused(member):
    """A conversation that we don't know must not be answered as if it were known."""
    with pytest.raises(BadRequest, match=next(iter(member))):
        RESPONSES.read({"model": "m", "input": "Hi", **member}, provider="openai")


def test_store_and_reasoning_are_skipped():
    """Agents send them with every call."""
    body = {"model": "m", "input": "Hi", "store": True, "reasoning": {"effort": "low"}}

    assert RESPONSES.read(body, provider="openai").prompt == "Hi"


@pytest.mark.parametrize(
    ("finish", "status", "reason"),
    [
        ("stop", "completed", None),
        ("length", "incomplete", "max_output_tokens"),
        ("content_filter", "incomplete", "content_filter"),
    ],
)
def test_status_tells_why_an_answer_ended(finish, status, reason):
    """There is no finish reason: status and details stand for it."""
    answer = RESPONSES.answer(Completion(text="Hi", finish=finish), created=1)

    details = answer["incomplete_details"] or {"reason": None}
    assert (answer["status"], details["reason"]) == (status, reason)
    assert RESPONSES.reply(answer).finish == finish


def test_failed_answer_is_an_error():
    """It comes with status 200, so nothing else tells."""
    failed = {"status": "failed", "error": {"message": "Out of breath"}, "output": []}

    with pytest.raises(BadAnswer, match="Out of breath"):
        RESPONSES.reply(failed)


@pytest.mark.parametrize("data", FAILED, ids=["error", "failed", "plain"])
def test_failure_in_mid_stream_has_its_words(data):
    """All three forms occur."""
    assert RESPONSES.delta(_event(data)).error == "Out of breath"


@pytest.mark.parametrize("kind", SILENT)
def test_other_events_add_nothing(kind):
    """There are dozens of them, and new ones every month."""
    delta = RESPONSES.delta(_event({"type": kind, "delta": "x", "response": {}}))

    assert (delta.text, delta.finish) == ("", None)


def test_call_begins_with_its_item_and_goes_on_in_pieces():
    """The item's place in the output joins them."""
    item = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": ""}
    begin = {"type": "response.output_item.added", "output_index": 1, "item": item}
    piece = {
        "type": "response.function_call_arguments.delta",
        "output_index": 1,
        "delta": "{}",
    }

    assert RESPONSES.delta(_event(begin)).tool_calls == (
        ToolCallPart(index=1, id="call_1", name="weather"),
    )
    assert RESPONSES.delta(_event(piece)).tool_calls == (ToolCallPart(index=1, arguments="{}"),)


def _event(data):
    return Event(json.dumps(data))
