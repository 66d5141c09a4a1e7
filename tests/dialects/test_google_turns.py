"""google_turns: everything is a part; schemas shout their types."""

import pytest

from gateway.chat import Image, Message, Tool, ToolCall
from gateway.dialects.google_turns import (
    read_content,
    read_schema,
    read_system,
    read_tool_choice,
    read_tools,
    write_tool,
    write_tool_choice,
)
from gateway.dialects.members import Member
from gateway.errors import BadRequest

PARTS = [
    ([{"text": "a"}, {"text": "b"}], Message(role="user", text="a\nb")),
    ([{"text": "a", "thought": True}], Message(role="user")),
    (
        [{"inline_data": {"mime_type": "image/png", "data": "aGk="}}],
        Message(role="user", images=(Image(media_type="image/png", data="aGk="),)),
    ),
    (
        [{"fileData": {"fileUri": "https://a/b"}}],
        Message(role="user", images=(Image(url="https://a/b"),)),
    ),
    (
        [{"functionCall": {"name": "f", "args": {"a": 1}}}],
        Message(role="user", tool_calls=(ToolCall(id="f", name="f", arguments='{"a":1}'),)),
    ),
    (
        [{"functionResponse": {"id": "c", "name": "f", "response": {"result": "42"}}}],
        Message(role="tool", text="42", tool_call_id="c"),
    ),
    (
        [{"functionResponse": {"name": "f", "response": {"sum": 42}}}],
        Message(role="tool", text='{"sum":42}', tool_call_id="f"),
    ),
]
SCHEMAS = [
    ({"type": "STRING"}, {"type": "string"}),
    ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
    (
        {"type": "ARRAY", "items": {"type": "INTEGER"}},
        {"type": "array", "items": {"type": "integer"}},
    ),
    (
        {"any_of": [{"type": "NUMBER"}], "min_items": 1},
        {"anyOf": [{"type": "number"}], "minItems": 1},
    ),
    (
        # Names of properties are the caller's, also where they look like words of a schema.
        {"type": "OBJECT", "properties": {"type": {"type": "STRING"}, "min_items": {}}},
        {"type": "object", "properties": {"type": {"type": "string"}, "min_items": {}}},
    ),
    ({"type": "STRING", "enum": ["A_B"]}, {"type": "string", "enum": ["A_B"]}),
    ({"type": "OBJECT", "propertyOrdering": ["a"]}, {"type": "object"}),
    ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
]
CHOICES = [
    ({"mode": "AUTO"}, "auto"),
    ({"mode": "NONE"}, "none"),
    ({"mode": "ANY"}, "required"),
    ({"mode": "ANY", "allowedFunctionNames": ["f"]}, "f"),
    ({"mode": "ANY", "allowedFunctionNames": ["f", "g"]}, "required"),
    ({"mode": "VALIDATED"}, "auto"),
    (None, None),
]


def member(value):
    return Member(value, "it", BadRequest)


@pytest.mark.parametrize(("parts", "message"), PARTS)
def test_parts(parts, message):
    """Each kind of part has its place in our messages."""
    assert list(read_content(member({"role": "user", "parts": parts}))) == [message]


@pytest.mark.parametrize(("schema", "ours"), SCHEMAS)
def test_schema(schema, ours):
    """Google's schema becomes a JSON schema that a validator understands."""
    assert read_schema(member(schema)) == ours


def test_deep_schema_is_refused():
    """A schema nested a thousand times must not exhaust the stack."""
    deep: dict[str, object] = {}
    for _ in range(2000):
        deep = {"items": deep}

    with pytest.raises(BadRequest, match="it must be nested less deeply"):
        read_schema(member(deep))


@pytest.mark.parametrize(("config", "choice"), CHOICES)
def test_tool_choice(config, choice):
    """Three modes, or one tool by name."""
    assert read_tool_choice(member({"functionCallingConfig": config})) == choice


def test_named_tool_is_written_as_the_only_one():
    """Google has no word for one tool."""
    assert write_tool_choice("f") == {
        "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}
    }


@pytest.mark.parametrize("system", ["Be brief", {"parts": [{"text": "Be brief"}]}])
def test_system_prompt(system):
    """Text or parts."""
    assert list(read_system(member(system))) == [Message(role="system", text="Be brief")]


def test_own_tools_only():
    """Google's own tools declare no functions."""
    declared = {"name": "f", "parameters": {"type": "OBJECT"}}
    tools = [{"google_search": {}}, {"function_declarations": [declared]}]

    assert list(read_tools(member(tools))) == [Tool(name="f", parameters={"type": "object"})]


def test_empty_schema_is_left_out():
    """Google refuses an object without properties."""
    assert write_tool(Tool(name="f")) == {"name": "f"}
