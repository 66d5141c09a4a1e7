"""typed: what is typed as text becomes settings; what can't be read says where."""

import pytest

from gateway.chat import Step, Tool
from gateway.conversation import typed

NOW = Tool(name="now", description="The time", parameters={"type": "object"})
OPENAIS = (
    '[{"type": "function", "function": {"name": "now", "description": "The time", '
    '"parameters": {"type": "object"}}}]'
)

KINDS = [
    (typed.read_stop, typed.show_stop, ("END", "STOP")),
    (typed.read_stop, typed.show_stop, ()),
    (typed.read_schema, typed.show_schema, {"type": "object"}),
    (typed.read_schema, typed.show_schema, None),
    (typed.read_tools, typed.show_tools, (NOW,)),
    (typed.read_tools, typed.show_tools, ()),
    (typed.read_step, typed.show_step, Step(provider="workers-ai", model="@cf/meta/llama")),
]


@pytest.mark.parametrize(("read", "show", "value"), KINDS)
def test_text_comes_back_as_it_was(read, show, value):
    """What a widget shows is read as the same value."""
    assert read(show(value)) == value


def test_tools_are_read_as_openai_writes_them():
    """So they can be pasted from a request."""
    assert typed.read_tools(OPENAIS) == (NOW,)


REFUSED = [
    (typed.read_stop, "a\nb\nc\nd\ne", "at most 4"),
    (typed.read_schema, "[]", "JSON object"),
    (typed.read_schema, '{"a": }', "line 1, column 7"),
    (typed.read_schema, "[" * 100_000, "nested"),
    (typed.read_tools, "{}", "JSON list"),
    (typed.read_tools, "[7]", "tool 1 must be an object"),
    (typed.read_tools, '[{"name": "a"}, {}]', "tool 2 must have a name"),
    (typed.read_tools, '[{"name": "a b"}]', "letters, digits"),
    (typed.read_tools, '[{"name": "a", "parameters": []}]', "parameters of a"),
    (typed.read_step, "nobody/m", "provider/model"),
    (typed.read_step, "openai", "provider/model"),
    (typed.read_step, "openai/", "provider/model"),
]


@pytest.mark.parametrize(("read", "text", "reason"), REFUSED)
def test_what_cannot_be_read_says_why(read, text, reason):
    """The reason stands beside the widget."""
    with pytest.raises(ValueError, match=reason):
        read(text)
