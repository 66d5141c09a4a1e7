"""sessions: what is kept or shared opens again as it was, holds no secret, and harms nothing."""

import json
from contextlib import closing

import pytest

from gateway.chat import Chat, Completion, Exchange, Failure, Image, Reply, Times, Usage, say
from gateway.conversation import Conversation
from gateway.errors import BadDocument, RecordsError
from gateway.records import Records
from gateway.sessions import (
    FILE_LIMIT,
    exported,
    followed,
    imported,
    keep,
    linked,
    reopen,
    written,
)
from gateway.sharing import unpack
from gateway.workbench import Answer

KEY = "marker-Aa11bb22Cc33"
SHAPED = "sk-proj-0123456789abcdefghij"
BROKEN = [
    (b"\xff\xfe", "isn't text in UTF-8"),
    (b"", "line 1, column 1"),
    (b'{"format":\n oops', "line 2, column 2"),
    (b"[1, 2]", "isn't a conversation"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"format": "ai-gateway-conversation", "version": 99}', "version 99"),
    (
        b'{"format": "ai-gateway-conversation", "version": 1, "columns": []}',
        "columns of this conversation",
    ),
]


class Desk:
    """Answers at once: the model's name, or what was put in its place."""

    def __init__(self):
        self.instead = {}

    def send(self, chat, options, target):
        text, status = f"I am {chat.model}.", 200
        reply = Reply(
            status=status,
            completion=Completion(text=text, usage=Usage(tokens_in=3, tokens_out=4)),
            times=Times(end_s=1.5, first_s=0.5),
        )
        given = {"chat": chat, "options": options, "target": target, "reply": reply}
        return Answer.of(Exchange(**{**given, **self.instead}))


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def talk(desk):
    """A conversation with settings, two turns and a picture."""
    talk = Conversation(desk.send)
    talk.terms = talk.terms.changed({"system": "Be brief.", "cache_ttl": 600, "route": "compat"})
    talk.change_column(talk.columns[1].differing("skip_cache", True))
    talk.ask("Who are you?")
    talk.ask("And\nnow?", (Image(media_type="image/png", data="AIza" + "A" * 40),))
    return talk


@pytest.fixture
def other():
    """What a visitor had before something is opened."""
    other = Conversation(Desk().send)
    other.ask("Mine")
    return other


@pytest.fixture
def shelf(tmp_path):
    with closing(Records.open(f"sqlite:///{tmp_path}/records.db")) as records:
        yield records.shelf


def same(one, other):
    """Whether two conversations are alike: columns, settings, questions and exchanges."""

    def parts(conversation):
        turns = [
            (turn.prompt, turn.images, {id: a.exchange for id, a in turn.answers.items()})
            for turn in conversation.path
        ]
        return conversation.columns, conversation.terms, turns

    return parts(one) == parts(other)


def test_file_restores_all_of_it(talk, other):
    """Models, headers, prompts, pictures and results."""
    imported(exported(talk).encode(), other)

    assert same(talk, other)


def test_saved_session_opens_again(talk, other, shelf):
    """By its name, which is listed."""
    keep(shelf, " Sky ", talk)
    reopen(shelf, "Sky", other)

    assert same(talk, other)
    assert [kept.name for kept in shelf.names("session")] == ["Sky"]


def test_lost_session_has_a_sentence(other, shelf):
    """Another tab may have deleted it."""
    with pytest.raises(BadDocument, match="no session named Sky any more"):
        reopen(shelf, "Sky", other)
    with pytest.raises(RecordsError, match="A name needs"):
        keep(shelf, "  ", other)


def test_link_carries_the_set_up_alone(talk, other):
    """No question, no answer: whoever follows it asks anew."""
    token = linked(talk)
    followed(token, other)

    assert (other.columns, other.terms, other.path) == (talk.columns, talk.terms, ())
    assert "Who are you?" not in json.dumps(unpack(token))


def test_too_large_set_up_is_refused_politely(talk):
    """The file takes what the link doesn't."""
    words = " ".join(str(number * 7919 % 104729) for number in range(6000))
    talk.terms = talk.terms.changed({"system": words})

    with pytest.raises(BadDocument, match=r"too large for a link.*export it as a file instead"):
        linked(talk)
    assert words in exported(talk)


@pytest.mark.parametrize(("raw", "words"), BROKEN)
def test_bad_file_says_where_and_loses_nothing(other, raw, words):
    """The conversation that was open stays open."""
    with pytest.raises(BadDocument, match=words):
        imported(raw, other)

    assert [turn.prompt for turn in other.path] == ["Mine"]


def test_huge_file_is_refused_unread(other):
    """Before anything is parsed."""
    with pytest.raises(BadDocument, match="larger than 50 MB"):
        imported(b" " * (FILE_LIMIT + 1), other)


@pytest.mark.parametrize("token", ["", "nonsense!", "1" + "A" * 40, "9abc"])
def test_bad_link_loses_nothing(other, token):
    """As a bad file."""
    with pytest.raises(BadDocument, match="link"):
        followed(token, other)

    assert [turn.prompt for turn in other.path] == ["Mine"]


def test_markdown_shows_what_the_page_shows(talk):
    """Set-up, questions, answers and their figures, to be read without the app."""
    text = written(talk)

    assert "- **All columns**: route `compat`, system `Be brief.`, cache_ttl `600`" in text
    assert "; skip_cache `true`" in text
    assert "## Question 2\n\n> And\n> now?\n\n*With 1 picture.*" in text
    assert text.count("I am gpt-") == 2
    assert (
        "*TTFT 500 ms, total 1500 ms, tokens in 3, tokens out 4, HTTP 200, gateway local*" in text
    )


def test_markdown_shows_what_went_wrong(desk):
    """A refusal with its body, a silence with its sentence; a fence in a body ends nothing."""
    chat = Chat(provider="openai", model="m", messages=say("x"))
    refused = Reply(
        status=429,
        completion=Completion(text=""),
        body="```slow down```",
        times=Times(end_s=0),
    )
    talk = Conversation(desk.send)
    desk.instead = {"chat": chat, "reply": refused}
    talk.ask("One")
    failure = Failure(name="TimedOut", sentence="Nothing came.")
    desk.instead = {"chat": chat, "reply": None, "failure": failure}
    talk.ask("Two")

    text = written(talk)

    assert "HTTP 429:\n\n````\n```slow down```\n````" in text
    assert "No answer: Nothing came." in text


def test_no_secret_is_in_any_of_them(desk, shelf):
    """A key of the settings, and one that nobody knows, wherever they were typed or echoed."""
    talk = Conversation(desk.send)
    secret = f"{KEY} and {SHAPED}"
    reply = Reply(
        status=200,
        headers=(("x-echo", secret),),
        completion=Completion(text=secret),
        body=secret,
        times=Times(end_s=0),
    )
    desk.instead = {"reply": reply, "failure": Failure(name="BadAnswer", sentence=secret)}
    talk.terms = talk.terms.changed({"system": secret, "metadata": {"note": KEY}})
    talk.ask(f"My key is {secret}")

    keep(shelf, "mine", talk, secrets=(KEY,))
    texts = [
        exported(talk, secrets=(KEY,)),
        written(talk, secrets=(KEY,)),
        json.dumps(shelf.fetch("session", "mine")),
    ]

    for text in texts:
        assert "My key is" in text
        assert KEY not in text
        assert SHAPED not in text


@pytest.mark.parametrize("secret", [KEY, SHAPED])
def test_link_with_a_secret_is_refused(talk, secret):
    """A masked one would be of no use to whoever follows it."""
    talk.terms = talk.terms.changed({"system": f"Use {secret}"})

    with pytest.raises(BadDocument, match="must not carry keys") as caught:
        linked(talk, secrets=(KEY,))
    assert secret not in str(caught.value)
