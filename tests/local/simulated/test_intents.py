"""intents: a turn is understood in its conversation, and every turn has an answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.chat import Chat, Image, Message, say
from gateway.local.simulated.voice import words_for

TURNS = [
    (("Hello!",), "what can i do"),
    (("Say pong",), "pong"),
    (("Reply with exactly: OK 42",), "ok 42"),
    (("Which model are you?",), "simulated model"),
    (("My name is Ana.", "What is my name?"), "ana"),
    (("What is my name?",), "haven't told me"),
    (("What is jitter?", "What did I ask?"), "what is jitter?"),
    (("What is jitter?", "Thanks!"), "jitter"),
    (("What is jitter?", "And why?"), "jitter"),
    (("What is jitter?", "Give me an example"), "example"),
    (("Plan a picnic in June", "Are you sure?"), "picnic"),
    (("What is jitter?",), "randomness"),
    (("Explain time to first token",), "visible piece"),
    (("Is it wise to move to Oslo?",), "is it wise to move to oslo?"),
    (("Why do cats purr?",), "why do cats purr?"),
    (("",), "no question"),
]


def conversation(*prompts, answer="It is about pauses. They vary."):
    """Turns of a user, each answered but the last."""
    messages = []
    for prompt in prompts:
        messages += [Message(role="user", text=prompt), Message(role="assistant", text=answer)]
    return tuple(messages[:-1])


def said(messages, model="gpt-4o"):
    return words_for(Chat(provider="openai", model=model, messages=messages), 0)


@pytest.mark.parametrize(("prompts", "expected"), TURNS)
def test_turn_is_understood(prompts, expected):
    """What a stakeholder would try gets an answer to the point."""
    assert expected in said(conversation(*prompts)).lower()


def test_shorter_shortens_the_last_answer():
    """A follow-up works on what was said."""
    assert said(conversation("What is jitter?", "Shorter, please")) == "It is about pauses."


def test_picture_is_acknowledged():
    """A simulated model says that it doesn't look, rather than inventing a picture."""
    image = Image(media_type="image/png", data="aGk=")
    text = said((Message(role="user", text="What is this?", images=(image,)),))

    assert "one picture (PNG)" in text
    assert "doesn't look" in text


def test_yes_or_no_is_never_claimed():
    """A model that knows nothing must not say yes to anything."""
    text = said(say("Do vaccines cause harm?"))

    assert not text.lower().lstrip("*").startswith(("yes", "no,", "probably"))
    assert "imulated" in text


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=3), st.text(max_size=60))
def test_every_turn_has_an_answer(prompts, system):
    """Whatever is typed, there is an answer and never a traceback."""
    messages = (Message(role="system", text=system), *conversation(*prompts))

    assert said(messages)
