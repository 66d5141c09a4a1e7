"""The reference page: every table, searched, and an error that explains itself."""

import json

import pytest

from gateway.codes import CODES
from gateway.headers import TABLE
from gateway.lint import RULES
from gateway.providers import PROVIDERS
from tests.pages.visit import opened

ERROR = {"success": False, "error": [{"code": 2009, "message": "Unauthorized"}]}


@pytest.fixture(scope="module")
def page(at_home):
    """The reference page; each test looks at a tab of it."""
    return opened("pages/setup/reference.py")


def look(page, tab, words="", error=""):
    page.session_state["reference.tab"] = tab
    page.text_input(key="reference.words").set_value(words).run()
    if tab == "Error codes":
        page.text_area(key="reference.error").set_value(error).run()
    assert not page.exception
    return page


def rows(page):
    return page.table[0].value.to_dict("records") if page.table else []


@pytest.mark.parametrize(
    ("tab", "count"),
    [
        ("Error codes", len(CODES)),
        ("Headers", len(TABLE)),
        ("Providers", len(PROVIDERS)),
        ("Lint rules", len(RULES)),
    ],
)
def test_whole_table_is_there(page, tab, count):
    """Without a search nothing is left out, and each row has its source."""
    found = rows(look(page, tab))

    assert len(found) == count
    assert all(row["Source"] for row in found)


@pytest.mark.parametrize(
    ("tab", "words", "expected"),
    [
        ("Headers", "CACHE ttl", "cf-aig-cache-ttl"),
        ("Providers", "groq", "GROQ_API_KEY"),
        ("Error codes", "2003", "Wait for the interval"),
        ("Limits", "metadata", "5 per request"),
        ("Lint rules", "stream", "aren't cached"),
    ],
)
def test_search_finds_rows_with_all_words(page, tab, words, expected):
    """In any case and order; rows that lack a word are gone."""
    found = rows(look(page, tab, words))

    assert expected in str(found)
    assert all(word in str(row).lower() for row in found for word in words.lower().split())


def test_search_without_a_match_says_so(page):
    """An empty table would look broken."""
    look(page, "Limits", "no such thing")

    assert not rows(page)
    said = [caption.value for caption in page.caption]
    assert any("Nothing here says 'no such thing'" in text for text in said)


def test_pasted_error_is_decoded(page):
    """Meaning, likely cause and what to do, with source and date."""
    look(page, "Error codes", error=json.dumps(ERROR))

    said = "\n".join(element.value for element in page.markdown)
    row = next(row for row in CODES if row.code == 2009)
    assert row.meaning in said
    assert row.cause in said
    assert row.fix in said
    assert row.date in said


def test_text_that_is_no_error_is_answered_too(page):
    """Nobody is left with an empty place."""
    look(page, "Error codes", error="hello there")

    said = "\n".join(element.value for element in page.markdown)
    assert said.strip()
    assert "**What to do**" not in said
