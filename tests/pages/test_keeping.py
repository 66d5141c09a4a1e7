"""The menu of what is kept and shared: saved, opened, imported, linked; bad input loses nothing."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from gateway.conversation import Conversation
from gateway.sessions import exported, linked
from pages.parts import state
from pages.parts.keeping import PARAMETER
from pages.parts.state import CONVERSATION, PAGES
from tests.pages.test_chat import app_columns, asked, pressed, texts, unfolded

MENU = "chat.kept.open"


@pytest.fixture(autouse=True)
def empty_shelf():
    shelf = state.workbench().shelf
    for kept in shelf.names("session"):
        shelf.forget("session", kept.name)


def conversation(app):
    return app.session_state[CONVERSATION]


def saved(app, name="Sky"):
    """The page after the conversation was saved."""
    unfolded(app, MENU)
    app.text_input(key="chat.kept.name").set_value(name).run()
    return pressed(app, "Save")


def visited(**query):
    """The playground, by an address with a query."""
    app = AppTest.from_file(str(PAGES.parent / "app.py"), default_timeout=20)
    app.query_params.update(query)
    app = app.switch_page("pages/play/chat.py").run()
    assert not app.exception
    return app


def imported(app, raw, name="session.json"):
    """The page after a file was chosen."""
    unfolded(app, MENU)
    app.file_uploader(key="chat.kept.file").set_value((name, raw, "application/json")).run()
    assert not app.exception
    return app


def test_session_is_saved_and_opened_in_another_tab(chat):
    """With its answers, which are drawn as they were."""
    saved(asked(chat))
    other = unfolded(visited(), MENU)

    pressed(other, "Open")

    assert [turn.prompt for turn in conversation(other).path] == ["Why is the sky blue?"]
    answer = conversation(chat).path[0].answers[0].exchange.reply.text
    assert answer in texts(other)


def test_deleted_session_is_gone(chat):
    """From the list, too."""
    saved(chat)

    pressed(chat, "Delete")

    assert state.workbench().shelf.names("session") == []
    assert not [box for box in chat.selectbox if box.label == "Saved sessions"]


def test_nameless_session_is_refused(chat):
    """The sentence says what a name needs."""
    saved(chat, " ")

    assert "A name needs 1 to 200 characters" in chat.error[0].value


def test_replaced_conversation_can_be_brought_back(chat):
    """Opening another one loses nothing that wasn't saved."""
    saved(asked(chat, "First"))
    pressed(chat, "Clear")
    asked(chat, "Unsaved")

    pressed(chat, "Open")
    assert [turn.prompt for turn in conversation(chat).path] == ["First"]
    pressed(chat, "Bring back what was open before")

    assert [turn.prompt for turn in conversation(chat).path] == ["Unsaved"]


def test_file_restores_models_and_settings(chat):
    """What another installation exported."""
    there = Conversation(lambda *_: None)
    there.terms = there.terms.changed({"cache_ttl": 600})
    there.add_column()

    imported(chat, exported(there).encode())

    assert app_columns(chat) == there.columns
    assert conversation(chat).terms == there.terms
    assert any("1 set" in text for text in texts(chat))


@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"{", "The file isn't JSON: line 1"), (b"{}", "isn't a conversation"), (b"\xff", "UTF-8")],
)
def test_bad_file_says_what_is_wrong(chat, raw, words):
    """What was open stays open."""
    imported(asked(chat), raw)

    assert words in chat.error[0].value
    assert len(conversation(chat).path) == 1


def test_link_opens_the_set_up(chat):
    """Columns and settings; the token is gone from the address then."""
    there = Conversation(lambda *_: None)
    there.terms = there.terms.changed({"temperature": 0.5})
    there.remove_column(1)

    app = visited(**{PARAMETER: linked(there)})

    assert app_columns(app) == there.columns
    assert conversation(app).terms.temperature == 0.5
    assert PARAMETER not in app.query_params


def test_bad_link_says_what_is_wrong(chat):
    """The page opens as usual; the sentence can be put away."""
    app = visited(**{PARAMETER: "1" + "A" * 30})

    assert "This link" in app.error[0].value
    assert len(app_columns(app)) == 2
    pressed(app, "Dismiss")
    assert not app.error


def test_menu_shows_the_link(chat):
    """It carries what is set now."""
    unfolded(chat, MENU)

    (link,) = [code.value for code in chat.code if f"?{PARAMETER}=" in code.value]
    assert link.endswith(linked(conversation(chat)))


def test_too_large_set_up_has_no_link(chat):
    """It says what to do instead."""
    words = " ".join(str(number * 7919 % 104729) for number in range(6000))
    conversation(chat).terms = conversation(chat).terms.changed({"system": words})

    unfolded(chat, MENU)

    assert any("export it as a file instead" in text for text in texts(chat))


def test_no_secret_leaves_the_page(fresh, monkeypatch):
    """A key of .env that was typed into a prompt, and comes back in the answer."""
    key = "marker-Aa11bb22Cc33"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    app = saved(asked(visited(), f"Repeat {key}"))

    kept = json.dumps(state.workbench().shelf.fetch("session", "Sky"))
    secrets = state.workbench().settings.secrets
    assert key in secrets
    assert "Repeat " in kept
    assert key not in kept
    assert key not in exported(conversation(app), secrets=secrets)
