"""anthropic_turns: everything is a block, and results of tools belong to the user."""

import pytest

from gateway.chat import Image, Message, Tool, ToolCall
from gateway.dialects.anthropic_turns import (
    read_message,
    read_system,
    read_tools,
    write_messages,
    write_tool,
)
from gateway.dialects.members import Member
from gateway.errors import BadRequest

CALL = ToolCall(id="c", name="f", arguments='{"a":1}')
BLOCKS = [
    (
        [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        Message(role="user", text="a\nb"),
    ),
    (
        [
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "aGk="},
            }
        ],
        Message(role="user", images=(Image(media_type="image/png", data="aGk="),)),
    ),
    (
        [{"type": "image", "source": {"type": "url", "url": "https://a/b"}}],
        Message(role="user", images=(Image(url="https://a/b"),)),
    ),
    ([{"type": "document", "source": {}}], Message(role="user")),
    (
        [{"type": "tool_result", "tool_use_id": "c"}],
        Message(role="tool", tool_call_id="c"),
    ),
    (
        [{"type": "tool_result", "tool_use_id": "c", "content": [{"type": "text", "text": "a"}]}],
        Message(role="tool", text="a", tool_call_id="c"),
    ),
]


def member(value):
    return Member(value, "it", BadRequest)


@pytest.mark.parametrize(("content", "message"), BLOCKS)
def test_blocks(content, message):
    """Blocks of kinds that we don't know are skipped."""
    assert read_message(member({"role": "user", "content": content})) == [message]


def test_result_and_words_in_one_turn():
    """Anthropic wants results first; then comes what the user says."""
    content = [
        {"type": "tool_result", "tool_use_id": "c", "content": "42"},
        {"type": "text", "text": "And now?"},
    ]

    assert read_message(member({"role": "user", "content": content})) == [
        Message(role="tool", text="42", tool_call_id="c"),
        Message(role="user", text="And now?"),
    ]


def test_neighbouring_results_share_a_turn():
    """Anthropic refuses a call whose result isn't in the very next turn."""
    messages = [
        Message(role="assistant", tool_calls=(CALL,)),
        Message(role="tool", text="1", tool_call_id="a"),
        Message(role="tool", text="2", tool_call_id="b"),
        Message(role="user", text="Go on"),
    ]

    turns = write_messages(messages)

    assert [turn["role"] for turn in turns] == ["assistant", "user", "user"]
    assert [block["tool_use_id"] for block in turns[1]["content"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "given"),
    [('{"a":1}', {"a": 1}), ("", {}), ("{", {"arguments": "{"}), ("[1]", {"arguments": [1]})],
)
def test_arguments_become_an_object(arguments, given):
    """Models sometimes write broken JSON; the text isn't lost."""
    call = ToolCall(id="c", name="f", arguments=arguments)

    (turn,) = write_messages([Message(role="assistant", tool_calls=(call,))])

    assert turn["content"][0]["input"] == given


@pytest.mark.parametrize("system", ["Be brief", [{"type": "text", "text": "Be brief"}]])
def test_system_prompt(system):
    """Text or blocks."""
    assert read_system(member(system)) == [Message(role="system", text="Be brief")]


def test_own_tools_only():
    """Anthropic's own tools have no schema."""
    tools = [
        {"name": "f", "input_schema": {"type": "object"}},
        {"type": "web_search_20250305", "name": "web_search"},
    ]

    assert list(read_tools(member(tools))) == [Tool(name="f", parameters={"type": "object"})]


def test_tool_has_a_schema():
    """A tool without parameters still needs one."""
    assert write_tool(Tool(name="f"))["input_schema"]["type"] == "object"
