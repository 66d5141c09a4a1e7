"""documents: a conversation as JSON and back; what can't be read says where."""

import json

import pytest

from gateway.chat import Image, Step, Tool
from gateway.conversation import document_of, opened
from gateway.errors import BadDocument

KEY = "sk-marker-0123456789abcdef"


def through_json(document):
    return json.loads(json.dumps(document))


@pytest.fixture
def full(talk):
    """A conversation with everything that one can have."""
    talk.terms = talk.terms.changed(
        {"system": "Be brief.", "stop": ("END",), "tools": (Tool(name="now"),), "cache_ttl": 600}
    )
    own = talk.columns[1].differing("fallbacks", (Step(provider="groq", model="m"),))
    talk.change_column(own.differing("cache_ttl", None))
    first = talk.ask("One", (Image(media_type="image/png", data="AA=="),))
    talk.ask("Two")
    talk.edit(first, "Uno")
    talk.show(first)
    return talk


def test_conversation_comes_back_whole(full, other):
    """Columns, settings, siblings, answers, and the path that was shown."""
    opened(through_json(document_of(full)), other)

    assert (other.columns, other.terms) == (full.columns, full.terms)
    assert sorted(other.turns) == sorted(full.turns)
    assert [turn.prompt for turn in other.path] == ["One", "Two"]
    for mine, its in zip(full.path, other.path, strict=True):
        assert its.images == mine.images
        assert {id: a.exchange for id, a in its.answers.items()} == {
            id: a.exchange for id, a in mine.answers.items()
        }


def test_opened_conversation_goes_on(full, other):
    """The next question has the kept turns as its history."""
    opened(through_json(document_of(full)), other)

    chat = other.ask("Three").answers[0].chat

    assert [m.text for m in chat.messages if m.role == "user"] == ["One", "Two", "Three"]


def test_set_up_alone_has_no_turns(full, other):
    """For a link: it opens as a new conversation with the same columns."""
    document = document_of(full, turns=False)
    opened(through_json(document), other)

    assert "turns" not in document
    assert (other.columns, other.terms, other.path) == (full.columns, full.terms, ())


def test_secrets_are_masked_wherever_they_were_typed(talk):
    """Somebody may paste a key into a question or a system prompt."""
    talk.terms = talk.terms.changed({"system": f"Key: {KEY}"})
    talk.ask(f"Is {KEY} a key?")

    text = json.dumps(document_of(talk, secrets=(KEY,)), ensure_ascii=False)

    assert KEY not in text
    assert "…cdef" in text


def test_widgets_are_told(full, other):
    """They hold what was set before; the edition says that it is over."""
    before = other.edition
    opened(document_of(full), other)

    assert other.edition > before


def good():
    return {
        "format": "ai-gateway-conversation",
        "version": 1,
        "columns": [{"id": 0, "provider": "openai", "model": "m"}],
    }


def changed(**members):
    return {**good(), **members}


COLUMN = {"id": 0, "provider": "openai", "model": "m"}
REFUSED = [
    (None, "isn't a conversation"),
    ([], "isn't a conversation"),
    ({"format": "other"}, "isn't a conversation"),
    (changed(version=2), "version 2"),
    (changed(columns=[]), "from 1 to 4"),
    (changed(columns=[COLUMN, COLUMN]), "same id"),
    (changed(columns=[{**COLUMN, "id": n} for n in range(5)]), "from 1 to 4"),
    (changed(columns=[{**COLUMN, "provider": "nobody"}]), "'nobody'"),
    (changed(columns=[{"id": 0}]), "columns"),
    (changed(columns=["x"]), "columns"),
    (changed(columns=[{**COLUMN, "own": {"volume": 11}}]), "'volume'"),
    (changed(columns=[{**COLUMN, "own": {"temperature": 9}}]), "Temperature must be"),
    (changed(columns=[{**COLUMN, "own": {"cache_ttl": 5}}]), "cache_ttl must be"),
    (changed(columns=[{**COLUMN, "own": {"stop": "END"}}]), "a list"),
    (changed(terms={"route": "detour"}), "one of native"),
    (changed(terms=[]), "an object"),
    (changed(turns=[{"id": 0}]), "'prompt' is missing"),
    (changed(turns=[{"id": 0, "prompt": "x", "parent": 0}]), "follows a turn"),
    (changed(turns=[{"id": 0, "prompt": "x", "parent": 7}]), "follows a turn"),
    (changed(turns=[{"id": 0, "prompt": "x"}, {"id": 0, "prompt": "y"}]), "same id"),
    (changed(turns=[{"id": 0, "prompt": "x", "answers": {"0": {}}}]), "turns"),
    (changed(turns=[{"id": 0, "prompt": "x", "answers": {"a": {}}}]), "turns"),
    (changed(turns=7), "turns"),
]


@pytest.mark.parametrize(("document", "reason"), REFUSED)
def test_what_cannot_be_read_changes_nothing(talk, document, reason):
    """The sentence says where it is wrong, and the conversation stays."""
    talk.ask("One")
    before = document_of(talk)

    with pytest.raises(BadDocument, match=reason):
        opened(document, talk)

    assert document_of(talk) == before


def test_good_document_is_read(talk):
    """The table above differs from it in one place each."""
    opened(good(), talk)

    assert [column.provider for column in talk.columns] == ["openai"]
