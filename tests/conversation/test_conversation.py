"""conversation: columns that are asked together, and turns as a tree."""

import pytest

from gateway.chat import Image
from gateway.conversation import PAIRS
from gateway.headers import Options

PICTURE = Image(media_type="image/png", data="AA==")


def prompts(talk):
    return [turn.prompt for turn in talk.path]


def said(talk, column_id=0):
    return [turn.answers[column_id].snapshot().text for turn in talk.path]


def test_begins_with_two_good_columns(talk):
    """Two are filled in; the next ones bring providers that aren't there yet."""
    talk.add_column()
    talk.add_column()

    assert [c.provider for c in talk.columns] == [
        "openai",
        "anthropic",
        "google-ai-studio",
        "workers-ai",
    ]
    assert talk.add_column() is None


def test_columns_come_and_go_alone(talk):
    """A removed column takes nothing with it, and its id isn't given again."""
    talk.ask("One")
    talk.remove_column(1)
    added = talk.add_column()

    assert said(talk, 0) == ["answer 1"]
    assert added.id == 2
    assert added.id not in talk.path[0].answers


def test_every_column_asks_on_its_own_terms(talk, desk):
    """What holds for all, but for what a column has set for itself."""
    talk.terms = talk.terms.changed({"system": "Be brief.", "cache_ttl": 60})
    talk.change_column(talk.columns[1].differing("route", "compat").differing("cache_ttl", None))

    talk.ask("Hi")

    (first, options, _), (second, own, _) = desk.sent
    assert (first.route, second.route) == ("native", "compat")
    assert first.messages[0].text == second.messages[0].text == "Be brief."
    assert (options, own) == (Options(cache_ttl=60), Options())


def test_history_is_the_column_s_own(talk, desk):
    """A second question travels with what the same column said, not its neighbour."""
    talk.ask("One")
    talk.ask("Two")

    assert [m.text for m in desk.chats[2].messages] == ["One", "answer 1", "Two"]
    assert [m.text for m in desk.chats[3].messages] == ["One", "answer 2", "Two"]


def test_without_history_equal_questions_are_equal(talk, desk):
    """The cache needs equal bodies."""
    talk.terms = talk.terms.changed({"history": False})
    talk.ask("One")
    talk.ask("One")

    assert desk.chats[0] == desk.chats[2]


def test_question_without_an_answer_is_left_out(talk, desk):
    """Providers refuse two user turns in a row."""
    desk.silent = True
    talk.ask("One")
    talk.ask("Two")

    assert [m.text for m in desk.chats[2].messages] == ["Two"]


def test_edited_turn_is_a_sibling_and_both_can_be_reached(talk, desk):
    """The edited question replaces the old one in the path and in the history, not in the tree."""
    talk.ask("One")
    old = talk.ask("Two")
    talk.ask("Three")

    new = talk.edit(old, "Two, better")

    assert prompts(talk) == ["One", "Two, better"]
    assert [m.text for m in desk.chats[-2].messages] == ["One", "answer 1", "Two, better"]
    assert talk.siblings(new) == (old, new)
    talk.show(old)
    assert prompts(talk) == ["One", "Two", "Three"]


def test_first_turn_can_be_edited(talk):
    """It has siblings, too."""
    first = talk.ask("One")
    talk.edit(first, "Uno")

    assert prompts(talk) == ["Uno"]
    assert len(talk.siblings(first)) == 2


def test_repeat_sends_the_very_same_requests(talk, desk):
    """Also when the settings have changed meanwhile."""
    turn = talk.ask("One")
    talk.terms = talk.terms.changed({"temperature": 1.0})
    talk.repeat(turn)

    assert prompts(talk) == ["One", "One"]
    assert desk.sent[:2] == desk.sent[2:]


def test_asking_one_column_again_keeps_its_words_and_the_others(talk):
    """Regenerate makes a sibling that shares the other columns' answers."""
    turn = talk.ask("One")
    new = talk.again(turn, 0)

    assert new.answers[1] is turn.answers[1]
    assert said(talk) == ["answer 3"]
    talk.show(turn)
    assert said(talk) == ["answer 1"]


def test_retry_of_an_answer_without_words_takes_its_place(talk, desk):
    """There is nothing to keep."""
    desk.silent = True
    turn = talk.ask("One")
    desk.silent = False

    assert talk.again(turn, 0) is turn
    assert said(talk) == ["answer 1"]
    assert turn.answers[1].snapshot().text == ""


def test_one_column_goes_on_alone_and_all_come_back(talk, desk):
    """Continuing with one column is reversible."""
    talk.ask("One")
    talk.keep_only(1)
    talk.ask("Two")
    talk.bring_back()
    talk.ask("Three")

    assert [set(turn.answers) for turn in talk.path] == [{0, 1}, {1}, {0, 1}]
    assert [m.text for m in desk.chats[-2].messages] == ["One", "answer 1", "Three"]


def test_removing_the_one_column_brings_the_others_back(talk):
    """Nobody is left without a column."""
    talk.keep_only(1)
    talk.remove_column(1)

    assert [c.id for c in talk.asked] == [0]


def test_pictures_travel_where_the_model_takes_them(talk, desk):
    """Also as history. A model that takes none gets the words alone."""
    talk.add_column(provider="groq", model="llama-3.3-70b-versatile")
    talk.ask("What is this?", (PICTURE,))
    talk.ask("And its colour?")

    sees, _, blind, again, *_ = desk.chats
    assert sees.messages[-1].images == (PICTURE,)
    assert blind.messages[-1].images == ()
    assert again.messages[0].images == (PICTURE,)


def test_clear_forgets_turns_only(talk):
    """Columns and settings stay."""
    talk.terms = talk.terms.changed({"seed": 1})
    talk.ask("One")
    talk.clear()

    assert (talk.path, len(talk.columns), talk.terms.seed) == ((), 2, 1)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)
def test_pair_keeps_the_first_column_s_turns(talk, pair):
    """What was said goes on; widgets are told that something changed."""
    talk.ask("One")
    edition = talk.edition

    talk.pair(pair)
    talk.ask("Two")

    assert said(talk) == ["answer 1", "answer 3"]
    assert talk.edition > edition
    assert len({(c.provider, c.model) for c in talk.columns}) == 1
