"""snippets.literals: whatever a text holds, the code says exactly that text."""

import json
import os
import shutil
import subprocess

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway.snippets.call import Variable
from gateway.snippets.literals import (
    is_exact,
    javascript_text,
    javascript_value,
    json_text,
    python_text,
    python_value,
    shell_text,
)

KEY = "sk-'marker'-\"$\\0123"
LETTERS = st.sampled_from("'\"`$\\{}()!%#&|;<>*?~@ \n\r\t\x01\x7f\u00a0\u2028\u202e\ufeffé日🦜nux{")
TEXTS = st.text(LETTERS | st.characters(codec="utf-8", exclude_characters="\x00⟦"), max_size=40)
PARTS = st.lists(TEXTS | st.just(Variable("A_KEY")), max_size=4).map(
    lambda parts: tuple(part for part in parts if part)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(TEXTS | st.sampled_from(["__proto__", "a", "if"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
BATCHES = settings(max_examples=3, deadline=None, phases=[Phase.generate])
"""One process for many texts: each example is a list of some hundred, too long to be shrunk."""

node = pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")


class Bare:
    """Stands for a call without keys."""

    def parts(self, text):
        return (text,) if text else ()


def meant(parts):
    """The text that the code must say."""
    return "".join(KEY if isinstance(part, Variable) else part for part in parts)


@given(parts=PARTS)
def test_python_says_the_text(parts):
    """Also where keys stand in the middle, and braces look like those of an f-string."""
    os.environ["A_KEY"] = KEY

    assert eval(python_text(parts), {"os": os}) == meant(parts)


@given(value=VALUES)
def test_python_says_the_value(value):
    """A JSON value keeps its types: 1 isn't 1.0, and null is None."""
    said = eval(python_value(value, Bare()))

    assert json.dumps(said) == json.dumps(value)


@given(value=VALUES)
def test_json_says_the_value(value):
    """Indented JSON is the same JSON."""
    assert json.dumps(json.loads(json_text(value))) == json.dumps(value)


@given(value=VALUES)
def test_what_cannot_be_seen_is_escaped(value):
    """No letter of the code turns the direction of writing or hides another."""
    assert all(c.isprintable() or c == "\n" for c in python_value(value, Bare()))
    assert all(c.isprintable() or c == "\n" for c in javascript_value(value, Bare()))


@node
@BATCHES
@given(batch=st.lists(PARTS, min_size=100, max_size=300))
def test_javascript_says_the_text(batch):
    """Strings and templates, with every letter that is special in one of them."""
    code = f"console.log(JSON.stringify([{','.join(map(javascript_text, batch))}]))"

    assert from_node(code) == [meant(parts) for parts in batch]


@node
@BATCHES
@given(batch=st.lists(VALUES, min_size=50, max_size=200))
def test_javascript_says_the_value(batch):
    """Also an object with a member of the name of its prototype."""
    code = f"console.log(JSON.stringify([{','.join(javascript_value(v, Bare()) for v in batch)}]))"

    assert from_node(code) == batch


@BATCHES
@given(batch=st.lists(PARTS, min_size=100, max_size=300))
def test_shell_says_the_text(batch):
    """Each text is one word, whatever the shell would make of its letters."""
    code = "".join(f"printf '%s\\0' {shell_text(parts)}\n" for parts in batch)

    said = ran(["sh"], code).decode().split("\0")

    assert said == [*map(meant, batch), ""]


def test_numbers_too_long_for_javascript_are_noticed():
    """From 2**53 on, neighbours would become one number."""
    assert is_exact({"a": [2**53 - 1, True, 1e300]})
    assert not is_exact({"a": [2**53]})


def test_short_values_stay_on_one_line():
    """Code is to be read: a message is a line, a long list isn't."""
    short = {"role": "user", "content": "Hello"}

    assert python_value(short, Bare()) == '{"role": "user", "content": "Hello"}'
    assert javascript_value(short, Bare()) == '{ role: "user", content: "Hello" }'
    assert python_value([short] * 3, Bare()).count("\n") == 4


def test_json_in_a_header_keeps_its_quotes():
    """Text full of double quotes stands in single ones."""
    assert python_text(('{"team":"red"}',)) == '\'{"team":"red"}\''


def from_node(code):
    return json.loads(ran(["node", "-"], code), parse_int=float)  # JavaScript has one kind


def ran(words, code):
    environment = {**os.environ, "A_KEY": KEY}
    done = subprocess.run(
        words, input=code.encode(), env=environment, capture_output=True, check=True, timeout=60
    )
    return done.stdout
