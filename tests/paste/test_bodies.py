"""bodies: the question of a body, in the format that its place wants."""

import json

import pytest

from gateway.paste.address import Place
from gateway.paste.bodies import asked, json_of

MESSAGES = [{"role": "user", "content": "Hello"}]
ASKED = [
    (
        Place(route="native", provider="openai", endpoint="v1/responses"),
        {"model": "gpt-4o", "input": "Hello"},
        ("openai", "gpt-4o", "Hello"),
    ),
    (
        Place(route="native", provider="workers-ai", endpoint="v1/chat/completions"),
        {"model": "@cf/meta/llama-3.1-8b-instruct", "messages": MESSAGES},
        ("workers-ai", "@cf/meta/llama-3.1-8b-instruct", "Hello"),
    ),
    (
        Place(route="compat", endpoint="chat/completions"),
        {"model": "workers-ai/@cf/meta/llama", "messages": MESSAGES},
        ("workers-ai", "@cf/meta/llama", "Hello"),
    ),
    (
        Place(route="rest", endpoint="v1/messages"),
        {"model": "anthropic/claude-sonnet-4", "max_tokens": 9, "messages": MESSAGES},
        ("anthropic", "claude-sonnet-4", "Hello"),
    ),
    (
        Place(route="rest", endpoint="run"),
        {"model": "@cf/meta/llama", "input": {"messages": MESSAGES}},
        ("workers-ai", "@cf/meta/llama", "Hello"),
    ),
]
UNREAD = [
    (Place(route="native", provider="cohere", endpoint="v2/chat"), {"model": "x"}, "own format"),
    (Place(route="compat", endpoint="chat/completions"), {"model": "nobody/x"}, "no provider"),
    (Place(route="compat", endpoint="chat/completions"), {}, "no provider"),
    (Place(route="universal"), {"provider": 5}, "object with a provider"),
    (Place(route="universal"), None, "a list of steps"),
    (Place(route="native", provider="openai", endpoint="x"), [], "must be"),
]


@pytest.mark.parametrize(("place", "body", "expected"), ASKED)
def test_question_is_read(place, body, expected):
    """Provider, its own name of the model, and the newest words of the user."""
    unread = []

    draft, chat = asked(place, body, unread)

    assert not unread
    assert (draft.provider, draft.model, draft.prompt) == expected
    assert (chat.route, chat.prompt) == (place.route, "Hello")


@pytest.mark.parametrize(("place", "body", "words"), UNREAD)
def test_unread_body_is_said(place, body, words):
    """Which part, and why; the place is known all the same."""
    unread = []

    draft, chat = asked(place, body, unread)

    assert words in " ".join(one.sentence for one in unread)
    assert chat is None
    assert draft.route == place.route


def test_nothing_is_asked_where_nobody_knows_the_place():
    """The model may still be named."""
    draft, chat = asked(None, {"model": "x"}, [])

    assert (draft.model, chat) == ("x", None)


@pytest.mark.parametrize(("body", "value"), [(None, None), (" ", None), ("[1]", [1])])
def test_json(body, value):
    """An empty body is no mistake."""
    unread = []

    assert json_of(body, unread) == value
    assert json.dumps(unread) == "[]"
