"""shelf: documents come back as they were kept, by kind and name."""

import time
from contextlib import closing

import pytest

from gateway.errors import RecordsError
from gateway.records import Records
from gateway.records.shelf import NAME_LIMIT

ODD = {"text": "caf\u00e9 \N{SNOWMAN} \0 \ud83d", "deep": [1, 2.5, None, True, {"a": []}]}


@pytest.fixture
def shelf(url):
    with closing(Records.open(url)) as records:
        yield records.shelf


def test_document_comes_back_whole(shelf):
    """Every kind of JSON, NUL and lone surrogates included, which PostgreSQL's text refuses."""
    shelf.keep("session", "caf\u00e9 \N{SNOWMAN}", ODD)

    assert shelf.fetch("session", "caf\u00e9 \N{SNOWMAN}") == ODD


def test_same_name_is_replaced(shelf):
    """Saving again is saving, not a second row; another kind has names of its own."""
    shelf.keep("preset", "a", 1)
    shelf.keep("plan", "a", 2)
    shelf.keep("preset", "a", 3)

    assert (shelf.fetch("preset", "a"), shelf.fetch("plan", "a")) == (3, 2)
    assert [kept.name for kept in shelf.names("preset")] == ["a"]


def test_newest_name_comes_first(shelf):
    """Saving an old one again moves it up; the moment is in UTC."""
    for name in ("a", "b", "a"):
        shelf.keep("session", name, name)
        time.sleep(0.002)

    kept = shelf.names("session")
    assert [each.name for each in kept] == ["a", "b"]
    assert kept[0].at.utcoffset().total_seconds() == 0
    assert shelf.everything("session") == ["b", "a"]


def test_forgotten_document_is_gone(shelf):
    """Forgetting twice is fine; fetching says which name there isn't."""
    shelf.keep("session", "a", 1)

    shelf.forget("session", "a")
    shelf.forget("session", "a")

    assert shelf.names("session") == []
    with pytest.raises(KeyError, match="a"):
        shelf.fetch("session", "a")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0", "x" * (NAME_LIMIT + 1)])
def test_unusable_name_is_refused(shelf, name):
    """A list shows names in one line each."""
    with pytest.raises(RecordsError, match="A name needs 1 to 200 characters"):
        shelf.keep("session", name, {})


@pytest.mark.parametrize("document", [{"x": float("nan")}, {1: {2}}])
def test_what_is_no_json_is_refused(shelf, document):
    """It would come back as something else, or not at all."""
    with pytest.raises((TypeError, ValueError)):
        shelf.keep("session", "a", document)


def test_broken_database_has_a_sentence(tmp_path):
    """Whoever reads or writes learns what to do."""
    path = tmp_path / "records.db"
    with closing(Records.open(f"sqlite:///{path}")) as records:
        records.shelf.keep("session", "a", 1)
        for file in tmp_path.iterdir():
            file.write_bytes(b"no database at all " * 300)

        with pytest.raises(RecordsError, match=r"records\.db"):
            records.shelf.names("session")
        with pytest.raises(RecordsError, match=r"records\.db"):
            records.shelf.keep("session", "a", 2)
