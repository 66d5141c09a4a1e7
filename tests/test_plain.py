"""plain: our own classes as JSON and back; what doesn't fit is refused."""

import json
from datetime import UTC, datetime

import pytest

from gateway.chat import (
    Chat,
    Completion,
    Exchange,
    Failure,
    Image,
    Message,
    Reply,
    Step,
    Times,
    Tool,
)
from gateway.headers import Options
from gateway.plain import plain, revived, revived_as

CHAT = Chat(
    provider="openai",
    model="gpt-4o-mini",
    messages=(
        Message(role="user", text="Hi", images=(Image(media_type="image/png", data="AA=="),)),
    ),
    temperature=0.5,
    tools=(Tool(name="now", parameters={"type": "object"}),),
    schema={"type": "object"},
    stop=("END",),
    steps=(Step(provider="anthropic", model="m", options=Options(max_attempts=2)),),
)
EXCHANGE = Exchange(
    at=datetime(2026, 11, 23, 12, tzinfo=UTC),
    chat=CHAT,
    options=Options(cache_ttl=600, metadata={"team": "a"}),
    target="local",
    reply=Reply(
        status=200,
        headers=(("a", "b"),),
        completion=Completion(text="Hello"),
        times=Times(end_s=1, chunks_s=(0.5, 1)),
    ),
)


@pytest.mark.parametrize(
    "value",
    [CHAT, EXCHANGE, Options(), Failure(name="x", sentence="y")],
    ids=lambda v: type(v).__name__,
)
def test_what_was_written_comes_back(value):
    """Through JSON text and back, nothing is lost."""
    assert revived(type(value), json.loads(json.dumps(plain(value)))) == value


REFUSED = [
    (Chat, {"provider": 5, "model": "m", "messages": []}, "text"),
    (Chat, {"provider": "a", "model": "m", "messages": {}}, "a list"),
    (Chat, {"provider": "a", "model": "m", "messages": [7]}, "an object"),
    (Chat, {"provider": "a", "model": "m", "messages": [], "stream": 1}, "true or false"),
    (Chat, {"provider": "a", "model": "m", "messages": [], "seed": True}, "a whole number"),
    (Chat, {"provider": "a", "model": "m", "messages": [], "temperature": "hot"}, "a number"),
    (Chat, {"provider": "a", "model": "m", "messages": [], "route": "detour"}, "one of native"),
    (Chat, {"provider": "a", "model": "m", "messages": [], "schema": []}, "an object"),
    (Options, {"cache_ttl": 5}, "must be 0 or from 60"),
    (Exchange, {"at": 5}, "a moment"),
    (Exchange, {"chat": plain(CHAT)}, "target"),
]


@pytest.mark.parametrize(("kind", "value", "reason"), REFUSED)
def test_what_does_not_fit_is_refused(kind, value, reason):
    """A file may come from anywhere: a value of another type names what should be there."""
    with pytest.raises((TypeError, ValueError), match=reason):
        revived(kind, value)


def test_unknown_members_are_skipped():
    """A newer version may have written more."""
    assert revived(Failure, {"name": "x", "sentence": "y", "new": 1}).name == "x"


def test_types_of_fields_are_taken_one_by_one():
    """A single setting comes back by the type of its field."""
    assert revived_as(tuple[str, ...], ["a"]) == ("a",)
    assert revived_as(int | None, None) is None
