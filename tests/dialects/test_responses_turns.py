"""responses_turns: items of input, tools and formats, in the forms that clients send."""

import pytest

from gateway.chat import Image, Message, Tool, ToolCall
from gateway.dialects.members import Member
from gateway.dialects.responses_turns import (
    output_call,
    output_text,
    read_input,
    read_schema,
    read_tool_choice,
    summary_text,
    write_items,
    write_tool,
    write_tool_choice,
)
from gateway.errors import BadAnswer, BadRequest

USER = {"role": "user", "content": "Hi"}
CALL = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "c1", "output": "Sunny"}
ASKED = ToolCall(id="c1", name="f", arguments="{}")
INPUTS = [
    ("Hi", (Message(role="user", text="Hi"),)),
    ([USER], (Message(role="user", text="Hi"),)),
    ([{"type": "message", **USER}], (Message(role="user", text="Hi"),)),
    ([{"role": "developer", "content": "Be brief"}], (Message(role="system", text="Be brief"),)),
    (
        [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What?"},
                    {"type": "input_image", "image_url": "data:image/png;base64,aGk="},
                    {"type": "input_file", "file_id": "file_1"},
                ],
            }
        ],
        (Message(role="user", text="What?", images=(Image(media_type="image/png", data="aGk="),)),),
    ),
    (
        [
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": "Yes", "annotations": []}],
            }
        ],
        (Message(role="assistant", text="Yes"),),
    ),
    (
        [USER, {"type": "reasoning", "id": "rs_1", "summary": []}, CALL, RESULT],
        (
            Message(role="user", text="Hi"),
            Message(role="assistant", tool_calls=(ASKED,)),
            Message(role="tool", text="Sunny", tool_call_id="c1"),
        ),
    ),
    (
        [USER, {"type": "item_reference", "id": "fc_1"}, RESULT],
        (
            Message(role="user", text="Hi"),
            Message(role="tool", text="Sunny", tool_call_id="c1"),
        ),
    ),
    (
        [{**RESULT, "output": [{"type": "input_text", "text": "Sunny"}]}],
        (Message(role="tool", text="Sunny", tool_call_id="c1"),),
    ),
]
REFUSED = [
    ({}, "input"),
    ({"input": []}, "input"),
    ({"input": [{"type": "computer_call"}]}, r"input\[0\].type"),
    ({"input": [{"role": "nobody", "content": "Hi"}]}, r"input\[0\].role"),
    ({"input": [{"type": "function_call", "name": "f"}]}, r"input\[0\].call_id"),
]
CHOICES = [
    (None, None),
    ("auto", "auto"),
    ("required", "required"),
    ({"type": "function", "name": "f"}, "f"),
    ({"type": "allowed_tools", "mode": "auto", "tools": []}, "auto"),
    ({"type": "web_search"}, None),
]


def member(value, error=BadRequest):
    return Member(value, "", error)


@pytest.mark.parametrize(("given", "expected"), INPUTS)
def test_input_in_every_form(given, expected):
    """Text, short messages, full items as they came back, thoughts and references."""
    assert read_input(member({"input": given})) == expected


def test_instructions_come_first():
    """They are the system prompt."""
    messages = read_input(member({"instructions": "Be brief", "input": "Hi"}))

    assert [message.role for message in messages] == ["system", "user"]


@pytest.mark.parametrize(("body", "way"), REFUSED)
def test_wrong_input_is_named(body, way):
    """The sentence says where."""
    with pytest.raises(BadRequest, match=f"^{way} must be"):
        read_input(member(body))


@pytest.mark.parametrize(("given", "expected"), CHOICES)
def test_tool_choice_in_every_form(given, expected):
    """A choice of OpenAI's own tools says nothing here."""
    assert read_tool_choice(member(given)) == expected


@pytest.mark.parametrize("choice", ["auto", "none", "required", "f"])
def test_tool_choice_round_trip(choice):
    """Words stay words, a name becomes an object."""
    assert read_tool_choice(member(write_tool_choice(choice))) == choice


def test_tool_is_flat():
    """Name and schema stand beside the type."""
    written = write_tool(Tool(name="f", description="Does it", parameters={"type": "object"}))

    assert written == {
        "type": "function",
        "name": "f",
        "description": "Does it",
        "parameters": {"type": "object"},
        "strict": False,
    }


def test_words_and_calls_of_one_turn_are_items_of_their_own():
    """A call can't stand inside a message."""
    message = Message(role="assistant", text="I look.", tool_calls=(ASKED,))

    assert list(write_items(message)) == [{"role": "assistant", "content": "I look."}, CALL]


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ({"type": "text"}, (None, "answer")),
        ({"type": "json_object"}, ({"type": "object"}, "answer")),
        (
            {"type": "json_schema", "name": "city", "schema": {"type": "object"}},
            ({"type": "object"}, "city"),
        ),
    ],
)
def test_format_of_the_answer(format, expected):
    """It stands under ``text``, and has no object around the schema."""
    assert read_schema(member({"text": {"format": format}})) == expected


def test_schema_must_be_there():
    """Without it nothing could fit."""
    with pytest.raises(BadRequest, match=r"text\.format\.schema"):
        read_schema(member({"text": {"format": {"type": "json_schema"}}}))


def test_output_items():
    """Words, refusals, thoughts, and a call without an id of its own."""
    parts = [{"type": "output_text", "text": "Yes"}, {"type": "refusal", "refusal": ", no"}]

    assert output_text(member({"content": parts}, BadAnswer)) == "Yes, no"
    assert summary_text(member({"summary": [{"text": "Hm"}]}, BadAnswer)) == "Hm"
    assert output_call(member({"id": "fc_1", "name": "f", "arguments": {}}, BadAnswer)) == ToolCall(
        id="fc_1", name="f", arguments="{}"
    )
