"""Verdicts on the playground: given, changed, counted; names hidden until then; thumbs."""

import pytest

from pages.parts import state
from pages.parts.state import CONVERSATION
from pages.parts.verdicts import BLIND, KIND
from tests.pages.test_chat import asked, exchanges, pressed, strips, texts, unfolded

MENU = "chat.verdicts.open"


@pytest.fixture(autouse=True)
def no_verdicts():
    """The shelf is shared by all tests."""
    shelf = state.workbench().shelf
    for kept in shelf.names(KIND):
        shelf.forget(KIND, kept.name)


def labels(app):
    return [button.label for button in app.button]


def test_vote_is_kept_and_said(chat):
    """Once all have answered; it can be taken back."""
    pressed(asked(chat), "OpenAI")

    (document,) = state.workbench().shelf.everything(KIND)
    assert document["outcome"] == "win"
    assert document["models"][document["winner"]] == "openai/gpt-5-mini"
    assert set(document["exchanges"]) == {exchange.id for exchange in exchanges(chat)}
    assert any("You found **OpenAI GPT-5 mini** best" in text for text in texts(chat))

    pressed(chat, "Change")

    assert state.workbench().shelf.everything(KIND) == []
    assert "All bad" in labels(chat)


@pytest.mark.parametrize(("label", "words"), [("Tie", "a tie"), ("All bad", "that all are bad")])
def test_nobody_wins(chat, label, words):
    """Two ways to say so; one of them rates nobody."""
    pressed(asked(chat), label)

    assert any(f"You found {words}." in text for text in texts(chat))


def test_nothing_is_asked_where_an_answer_failed(chat, fault):
    """An error is no answer to judge."""
    fault(provider="anthropic", status=500)
    asked(chat)

    assert "Tie" not in labels(chat)


def test_names_are_hidden_until_the_vote(chat):
    """No name and no figure under either answer, then both."""
    chat.session_state[BLIND] = True
    asked(chat)

    assert {"**Answer A**", "**Answer B**"} <= set(texts(chat))
    assert not {"**OpenAI**", "**Anthropic**"} & set(texts(chat))
    assert strips(chat) == []

    pressed(chat, "Answer A")

    assert {"**OpenAI**", "**Anthropic**"} <= set(texts(chat))
    assert len(strips(chat)) == 2
    assert any(text.endswith("best, names hidden.") for text in texts(chat))
    (document,) = state.workbench().shelf.everything(KIND)
    assert document["blind"] is True


def test_hidden_answers_keep_their_order(chat):
    """The vote must name the answer that was read."""
    chat.session_state[BLIND] = True
    asked(chat)
    said = [exchange.reply.text for exchange in exchanges(chat)]
    first = next(text for text in texts(chat) if text in said)

    pressed(chat, "Answer A")

    (document,) = state.workbench().shelf.everything(KIND)
    assert document["winner"] == said.index(first)
    assert next(text for text in texts(chat) if text in said) == first


def test_failed_answer_hides_nothing(chat, fault):
    """Nobody can vote, so nothing is revealed by a vote."""
    fault(provider="anthropic", status=500)
    chat.session_state[BLIND] = True
    asked(chat)

    assert {"**OpenAI**", "**Anthropic**"} <= set(texts(chat))


def test_tally_rates_models(chat):
    """Three verdicts make a rating with its interval."""
    unfolded(chat, MENU)
    assert any(text.startswith("No verdicts yet") for text in texts(chat))

    pressed(asked(chat, "One"), "OpenAI")
    assert any("Only 1 of the 3 verdicts" in text for text in texts(chat))
    pressed(asked(chat, "Two"), "OpenAI")
    pressed(asked(chat, "Three"), "OpenAI")

    (table,) = chat.table
    best, second = table.value.to_dict("records")
    assert best["Model"] == "OpenAI GPT-5 mini"
    assert best["Won/tied/lost"] == "3/0/0"
    assert int(best["Rating"].strip("*")) > 1000 > int(second["Rating"].strip("*"))
    assert " to " in best["95 %"]


def test_verdict_is_found_again_by_another_visitor(chat):
    """The tally is the installation's, not the tab's."""
    pressed(asked(chat), "Tie")
    other = type(chat).from_file(str(state.PAGES.parent / "app.py"), default_timeout=20)
    other.switch_page("pages/play/chat.py").run()

    unfolded(other, MENU)

    assert any("1 verdict" in text for text in texts(other))


def test_conversation_is_untouched_by_votes(chat):
    """A vote sends nothing."""
    asked(chat)
    before = exchanges(chat)

    pressed(chat, "Tie")

    assert exchanges(chat) == before
    assert len(chat.session_state[CONVERSATION].path) == 1
