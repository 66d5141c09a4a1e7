"""Columns of the playground: settings of their own, pairs, one that goes on alone."""

import pytest

from gateway.conversation import PAIRS, SETTINGS, document_of, opened
from pages.parts.settings import LABELS, spoken
from pages.parts.state import CONVERSATION
from tests.pages.visit import app_columns, asked, exchanges, pressed, texts, unfolded


def own(app, column=1):
    """The widget that names what a column sets for itself."""
    (found,) = [box for box in app.multiselect if box.key.endswith(f"column.{column}.own")]
    return found


def test_column_differs_in_one_setting_and_says_so(chat):
    """The other columns stay as they are; the difference stands under the chip."""
    own(chat).set_value(["skip_cache"]).run()
    (switch,) = [group for group in chat.button_group if group.key.endswith("own.skip_cache")]
    switch.set_value("true").run()

    asked(chat)

    same, different = [exchange.options.skip_cache for exchange in exchanges(chat)]
    assert (same, different) == (None, True)
    assert ":material/tune: Skip cache: true" in texts(chat)


def test_setting_is_the_same_for_all_again(chat):
    """Taking its name out of the list takes the difference back."""
    own(chat).set_value(["temperature"]).run()
    own(chat).set_value([]).run()

    assert app_columns(chat)[1].own == {}


def test_every_setting_can_be_a_column_s_own(chat):
    """Each has a widget, which shows what holds for all until it is changed."""
    own(chat).set_value(list(SETTINGS)).run()

    conversation = chat.session_state[CONVERSATION]
    (marks,) = [text for text in texts(chat) if text.startswith(":material/tune:")]
    assert not chat.exception
    assert conversation.columns[1].own == {n: conversation.terms.value(n) for n in SETTINGS}
    assert [name for name in SETTINGS if f"{LABELS[name]}: " not in marks] == []


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)
def test_one_click_sets_up_a_pair(chat, pair):
    """Every column of every pair answers; the first one's differences are shown, too."""
    chat.menu_button(key="chat.compare").set_value(pair.id).run()

    asked(chat)

    names = [column.name for column in app_columns(chat)]
    assert len(names) >= 2
    assert [exchange.reply.status for exchange in exchanges(chat)] == [200] * len(names)
    assert all(f"**{name}**" in [markdown.value for markdown in chat.markdown] for name in names)


def test_cached_beside_skipped(chat):
    """The second time the first column is a hit with its age, and the other one isn't."""
    chat.menu_button(key="chat.compare").set_value("cache").run()
    asked(chat, "What is cached beside what is not?")
    asked(chat, "What is cached beside what is not?")

    assert [exchange.reply.cache for exchange in exchanges(chat)] == ["HIT", "MISS"]
    hit = next(text for text in texts(chat) if "**HIT**" in text)
    assert " old, took " in hit.replace("\N{NO-BREAK SPACE}", " ")


def test_pairs_are_compared_over_turns(chat):
    """After two turns the difference has a median and a spread."""
    chat.menu_button(key="chat.compare").set_value("direct").run()
    asked(chat)
    asked(chat)

    assert [e.target for e in exchanges(chat)] == ["local", "direct"]
    assert any("median of 2 pairs" in text for text in texts(chat))


def test_one_column_goes_on_alone_and_all_come_back(chat):
    """One click each way."""
    asked(chat)
    pressed(chat, "Only this one", at=1)
    asked(chat, "And at night?")

    (alone,) = exchanges(chat)
    assert alone.chat.provider == "anthropic"
    assert any("Only **Anthropic** goes on" in text for text in texts(chat))

    pressed(chat, "Bring back all columns")
    asked(chat, "And at noon?")

    assert len(exchanges(chat)) == 2


def test_next_column_is_shown_alone(chat):
    """One after the other in full width, and then all again; all are asked."""
    asked(chat)

    def heads():
        return [m.value for m in chat.markdown if m.value in ("**OpenAI**", "**Anthropic**")]

    seen = [heads()]
    for _ in range(3):
        pressed(chat, "Next column")
        seen.append(heads())

    both = ["**OpenAI**", "**Anthropic**"]
    assert seen == [both, ["**OpenAI**"], ["**Anthropic**"], both]


def test_opened_conversation_fills_the_widgets(chat):
    """What a kept conversation had set stands in the form, and goes with the next question."""
    conversation = chat.session_state[CONVERSATION]
    conversation.terms = conversation.terms.changed({"system": "Be brief.", "cache_ttl": 600})
    document = document_of(conversation)
    opened(document, conversation)

    unfolded(chat, "chat.settings")
    asked(chat)

    assert [area.value for area in chat.text_area if area.label == "System prompt"] == ["Be brief."]
    assert exchanges(chat)[0].options.cache_ttl == 600


def test_what_cannot_be_used_stands_at_its_widget(chat):
    """A schema that isn't JSON is named with the place of the mistake, and isn't sent."""
    unfolded(chat, "chat.settings")
    (schema,) = [area for area in chat.text_area if area.label == "JSON schema"]
    schema.set_value('{"type": }').run()

    asked(chat)

    assert any("Must be JSON" in text and "column 10" in text for text in texts(chat))
    assert exchanges(chat)[0].chat.schema is None


def test_every_setting_can_be_said_in_words():
    """Marks under the chips never show a repr."""
    assert spoken("temperature", 0.5) == "0.5"
    assert spoken("stream", False) == "no"
    assert spoken("route", "rest") == "REST"
    assert spoken("stop", ()) == "none"
    assert spoken("metadata", {"team": "a"}) == '{"team":"a"}'
