"""openai_turns: the many spellings of contents, tools, choices and schemas."""

import pytest

from gateway.chat import Image, Tool
from gateway.dialects.members import Member
from gateway.dialects.openai_turns import (
    read_image,
    read_messages,
    read_schema,
    read_stop,
    read_tool_choice,
    read_tools,
    write_tool_choice,
)
from gateway.errors import BadRequest

CONTENTS = [
    (None, "", ()),
    ("Hello", "Hello", ()),
    ([], "", ()),
    ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "a\nb", ()),
    (
        [
            {
                "type": "image_url",
                "image_url": {"url": "data:image/png;base64,aGk=", "detail": "low"},
            }
        ],
        "",
        (Image(media_type="image/png", data="aGk="),),
    ),
    ([{"type": "image_url", "image_url": "https://a/b"}], "", (Image(url="https://a/b"),)),
    ([{"type": "input_audio", "input_audio": {"data": "x"}}], "", ()),
]
CHOICES = [
    (None, None),
    ("auto", "auto"),
    ("none", "none"),
    ("required", "required"),
    ("any", "required"),
    ({"type": "function", "function": {"name": "f"}}, "f"),
    ({"type": "tool", "name": "f"}, "f"),
    ({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}}, "required"),
]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
FORMATS = [
    (None, None, "answer"),
    ({"type": "text"}, None, "answer"),
    ({"type": "json_object"}, {"type": "object"}, "answer"),
    ({"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}, SCHEMA, "n"),
    ({"type": "json_schema", "json_schema": SCHEMA}, SCHEMA, "answer"),
]
BAD_IMAGES = ["data:image/png,aGk=", "data:image/png;base64", "data:"]


def member(value):
    return Member(value, "it", BadRequest)


@pytest.mark.parametrize(("content", "text", "images"), CONTENTS)
def test_content(content, text, images):
    """Text, or a list of parts; sound and files are skipped."""
    (message,) = read_messages(member([{"role": "user", "content": content}]))

    assert (message.text, message.images) == (text, images)


@pytest.mark.parametrize(("role", "ours"), [("developer", "system"), ("function", "tool")])
def test_other_names_of_roles(role, ours):
    """OpenAI renamed two of them."""
    (message,) = read_messages(member([{"role": role, "content": "a"}]))

    assert message.role == ours


@pytest.mark.parametrize(("choice", "ours"), CHOICES)
def test_tool_choice(choice, ours):
    """Three words, or one tool by name, in the forms that clients send."""
    assert read_tool_choice(member(choice)) == ours


def test_named_tool_is_written_as_an_object():
    """A bare name would be taken for a word."""
    assert write_tool_choice("f") == {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(("wanted", "schema", "name"), FORMATS)
def test_schema(wanted, schema, name):
    """OpenAI wraps it in a name, Workers AI doesn't."""
    assert read_schema(member({"response_format": wanted})) == (schema, name)


@pytest.mark.parametrize(("stop", "words"), [(None, ()), ("a", ("a",)), (["a", "b"], ("a", "b"))])
def test_stop(stop, words):
    """One word or a list."""
    assert read_stop(member(stop)) == words


def test_only_functions_are_tools():
    """Tools that the provider runs itself are none of ours; bare declarations are."""
    tools = [
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA}},
        {"type": "web_search"},
        {"type": "custom", "custom": {"name": "c"}},
        {"name": "bare", "parameters": None},
    ]

    assert tuple(read_tools(member(tools))) == (
        Tool(name="f", description="d", parameters=SCHEMA),
        Tool(name="bare"),
    )


@pytest.mark.parametrize("url", BAD_IMAGES)
def test_broken_data_url_is_refused(url):
    """The picture would be lost without a word."""
    with pytest.raises(BadRequest, match="it must be an address, or a data URL in base64"):
        read_image(member(url))
