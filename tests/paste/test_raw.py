"""raw: header lines, and what is said of what stayed unread."""

import pytest

from gateway.paste.raw import RawCall, Unread, header_of, located, placed, with_default

LINES = [
    ("a: b", ("a", "b")),
    ("a:b: c", ("a", "b: c")),
    ("a;", ("a", "")),
    ("a:", ("a", "")),
    ("a b: c", None),
    ('"a": "b"', None),
    ("{a: b", None),
    ("a", None),
    (": b", None),
]


@pytest.mark.parametrize(("line", "pair"), LINES)
def test_header_line(line, pair):
    """Name, colon, value; JSON and prose are no headers."""
    assert header_of(line) == pair


def test_unread_says_line_and_character():
    """People count lines in an editor."""
    unread = placed("ab\ncd\nef", 6, "A word", "it is odd")

    assert (unread.line, unread.at) == (3, 7)
    assert unread.place == "A word (line 3, character 7)"
    assert unread.sentence == "A word (line 3, character 7): it is odd."


def test_place_is_found_by_its_words():
    """A header that a later step can't use stands somewhere in the text."""
    found = located("curl\n -H 'authorization: $KEY'", Unread("Authorization", "it is a variable"))

    assert (found.line, found.at) == (2, 11)
    assert located("curl", Unread("The model", "nobody knows it")).at is None


def test_default_doesnt_displace():
    """What is said holds, in whatever case."""
    given = (("content-type", "text/plain"),)

    assert with_default(given, "Content-Type", "application/json") == given
    assert with_default((), "A", "b") == (("A", "b"),)


def test_raw_call_hides_what_may_be_secret():
    """It ends up in logs sooner or later."""
    call = RawCall(shape="cURL", url="u?key=abc", headers=(("authorization", "abc"),), body="abc")

    assert "abc" not in repr(call)
