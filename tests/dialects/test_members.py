"""members: JSON is read with types, and mistakes are named."""

import pytest

from gateway.chat import Delta, ToolCallPart
from gateway.dialects.members import Member, error_message, sound
from gateway.errors import BadAnswer, BadRequest

BODY = Member({"a": {"b": [1, "two", 3.0, True, None]}, "text": "t", "none": None}, "", BadRequest)
MISTAKES = [
    (lambda: BODY.at("text").at("b"), "text must be an object."),
    (lambda: BODY.at("a").text(), "a must be text."),
    (lambda: BODY.at("missing").must_text(), "missing must be given, as text."),
    (lambda: BODY.at("missing", "none").must_text(), "missing must be given, as text."),
    (lambda: BODY.at("text").number(), "text must be a number."),
    (lambda: BODY.at("text").flag(), "text must be true or false."),
    (lambda: BODY.at("text").fields(), "text must be an object."),
    (lambda: list(BODY.at("text").items()), "text must be a list."),
    (lambda: list(BODY.at("a").at("b").items())[1].whole(), "a.b[1] must be a number."),
    (lambda: list(BODY.at("a").at("b").items())[3].number(), "a.b[3] must be a number."),
    (lambda: Member(1.5, "x", BadRequest).whole(), "x must be a whole number."),
    (lambda: Member(float("inf"), "x", BadRequest).whole(), "x must be a whole number."),
    (lambda: Member([], "", BadRequest).at("x"), "The body must be an object."),
    (lambda: Member({"x": True}, "a", BadRequest).count("x"), "a.x must be a number."),
    (lambda: Member({"x": 1.5}, "a", BadRequest).count("x"), "a.x must be a whole number."),
    (lambda: Member("x", "a", BadRequest).count("x"), "a must be an object."),
]
ERRORS = [
    ({"error": {"message": "No"}}, "No"),
    ({"error": "No"}, "No"),
    ({"error": [{"code": 2009, "message": "No"}]}, "No"),
    ({"errors": [{"message": "No"}]}, "No"),
    ([{"error": {"message": "No"}}], "No"),
    ({"message": "No"}, "No"),
    ({"detail": "No"}, "No"),
    ({"error": None, "message": "No"}, "No"),
    ({"error": {"code": 7}}, None),
    ({}, None),
    (None, None),
    ("", None),
    (7, None),
]
UNSOUND = [
    Delta(text=7),
    Delta(reasoning=None),
    Delta(model=7),
    Delta(id=[]),
    Delta(tool_calls=(ToolCallPart(index="a"),)),
    Delta(tool_calls=(ToolCallPart(index=0, arguments={}),)),
    Delta(tool_calls=(ToolCallPart(index=0, name=7),)),
]


@pytest.mark.parametrize(("read", "sentence"), MISTAKES)
def test_mistake_is_named(read, sentence):
    """The way to the member stands in the sentence."""
    with pytest.raises(BadRequest) as caught:
        read()

    assert str(caught.value) == sentence


def test_absent_and_null_are_the_same():
    """Clients send nulls for what they don't mean."""
    for member in (BODY.at("missing"), BODY.at("none"), BODY.at("missing").at("deeper")):
        assert (member.given, member.text(), member.whole(), member.flag()) == (
            False,
            None,
            None,
            False,
        )
        assert (member.fields(), list(member.items())) == ({}, [])


def test_first_given_name_counts():
    """Members have old and new names."""
    assert BODY.at("none", "text").text() == "t"
    assert list(BODY.at("a").at("b").items())[2].whole() == 3


@pytest.mark.parametrize(("body", "words"), ERRORS)
def test_error_message(body, words):
    """Any shape that providers and gateways use."""
    assert error_message(body) == words


@pytest.mark.parametrize("delta", UNSOUND)
def test_unsound_delta_is_refused(delta):
    """Stream readers take members as they come; here they are looked at once."""
    with pytest.raises(BadAnswer):
        sound(delta)


@pytest.mark.parametrize(
    ("value", "count"),
    [({"x": 3}, 3), ({"x": 3.0}, 3), ({"x": None}, None), ({}, None), (None, None)],
)
def test_count_is_a_whole_number_among_the_members(value, count):
    """Some write it as 3.0; absent and null are the same."""
    assert Member(value, "", BadRequest).count("x") == count
