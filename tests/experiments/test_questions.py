"""questions: prompts that are typed, uploaded or recorded, and what is wrong with a file."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import BadRequest
from gateway.experiments.questions import MOST, checked, of_file, recorded, typed

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_typed_prompts_are_lines():
    """Blank lines are nothing."""
    assert typed("Why?\n\n  How?  \n") == ("Why?", "How?")
    assert typed(" \n") == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'id,Prompt\n1,Why?\n2,"How, then?"\n'),
        ("a.CSV", '\ufeffprompt\nWhy?\n\n"How, then?"\n'),
        ("a.csv", 'question,answer\nWhy?,x\n"How, then?",y\n'),
        ("a.jsonl", '"Why?"\n\n{"prompt": "How, then?", "id": 2}\n'),
        ("a.ndjson", '{"text": "Why?"}\r\n{"question": "How, then?"}'),
    ],
)
def test_file_is_read(name, text):
    """Usual names of the column, a byte order mark, blank lines, both line ends."""
    assert of_file(name, text.encode()) == ("Why?", "How, then?")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.jsonl", b" \n\n", "a.jsonl is empty"),
        ("a.csv", b"prompt\n", "only its header"),
        ("a.csv", b"a,b\n1,2\n", 'line 1: no column is called "prompt"; there are a, b'),
        ("a.csv", b"Why?\nHow?\n", "line 1: the header must be"),
        ("a.csv", b"prompt,b\nWhy?,2\nWhy, then?,2\n", "line 3: 3 cells, and the header has 2"),
        ("a.csv", b"prompt,b\n,2\n", "line 2: the prompt is empty"),
        ("a.csv", b'prompt\n"Why?\n', "line 2: unexpected end of data"),
        ("a.jsonl", b'"Why?"\n{"prompt": \n', "line 2: not JSON"),
        ("a.jsonl", b'"Why?"\n{"prompt": 5}\n', 'line 2: it needs a "prompt" that is text'),
        ("a.jsonl", b"[1]", "line 1: it needs"),
        ("a.csv", b"prompt\nok\n\xff\n", "isn't UTF-8 text in line 3"),
        ("a.txt", b"x", "must be a .csv or a .jsonl file"),
    ],
)
def test_bad_file_is_explained_with_its_line(name, data, words):
    """Whoever made the file finds the place."""
    with pytest.raises(BadRequest, match=words):
        of_file(name, data)


@pytest.mark.parametrize(
    ("prompts", "words"),
    [
        (["ok", " "], "Prompt 2 must be text"),
        (["ok", 5], "Prompt 2 must be text"),
        (
            ["sk-proj-0123456789abcdef0123456789abcdef"],
            "Prompt 1 holds something shaped like a key",
        ),
        (["x"] * (MOST + 1), "10,001 prompts are too many"),
        (["x" * 600_000] * 2, "1,200,000 characters"),
    ],
)
def test_prompts_that_a_plan_cannot_carry_are_refused(prompts, words):
    """A plan is shared: it is small, and holds no key."""
    with pytest.raises(BadRequest, match=words):
        checked(prompts)


def test_recorded_requests_keep_their_spacing():
    """The oldest is at 0; what had no text is left out."""
    asked = [(NOON + timedelta(seconds=s), text) for s, text in ((7.5, "b"), (0, "a"), (9, " "))]

    found = recorded(asked)

    assert found.prompts == ("a", "b")
    assert found.moments_s == (0.0, 7.5)


def test_nothing_recorded_is_said():
    """With what to do about it."""
    with pytest.raises(BadRequest, match="Nothing is recorded yet"):
        recorded([])
