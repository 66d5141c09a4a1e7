"""The playground: columns, answers, figures under them, the cache, and what goes wrong."""

import re

import pytest

from gateway.headers import HEADERS
from gateway.local.server import LocalServer
from pages.parts.details import pretty
from pages.parts.views import NO_ANSWER
from tests.pages.visit import (
    QUESTION,
    app_columns,
    app_turns,
    asked,
    exchanges,
    opened,
    pressed,
    strips,
    texts,
    unfolded,
)


def test_first_visit_invites(chat):
    """No keys, no history: two columns are filled in, prompts are suggested, and it is said that
    answers are simulated.
    """
    assert [column.provider for column in app_columns(chat)] == ["openai", "anthropic"]
    assert len([b for b in chat.button if (b.key or "").startswith("chat.suggestion.")]) >= 4
    assert any("**simulated**" in text for text in texts(chat))


def test_question_is_answered_in_every_column(chat):
    """One question goes to all columns; each answer has its text and its figures."""
    asked(chat)

    first, second = exchanges(chat)
    assert first.reply.text
    assert second.reply.text
    assert [e.chat.provider for e in (first, second)] == ["openai", "anthropic"]
    for text in (first.reply.text, second.reply.text):
        assert text in [markdown.value for markdown in chat.markdown]
    assert len(strips(chat)) == 2


def test_strip_names_every_figure(chat):
    """All eight figures stand under a streamed answer, and the cost has six decimals."""
    asked(chat)

    strip = strips(chat)[0]
    for label in ("TTFT", "Total", "In/out", "Tokens/s", "Cost", "Cache", "Step", "HTTP"):
        assert label in strip
    assert re.search(r"Cost]\s\*\*\\\$0\.\d{6}\*\*", strip)
    assert re.search(r"HTTP]\s\*\*200\*\*", strip)


def test_suggestion_asks(chat):
    """A suggested prompt is asked as if it had been typed, and the suggestions go away."""
    [button] = [b for b in chat.button if b.key == "chat.suggestion.gateway"]

    button.click().run()

    assert exchanges(chat)[0].chat.prompt.startswith("What is an AI gateway")
    assert not [b for b in chat.button if (b.key or "").startswith("chat.suggestion.")]


def test_columns_come_and_go_alone(chat):
    """A column is added and another removed; the rest keep their answers."""
    asked(chat)
    kept = exchanges(chat)[1].reply.text

    pressed(chat, "Add column")
    pressed(chat, "Remove column")

    columns = app_columns(chat)
    assert [column.provider for column in columns] == ["anthropic", "google-ai-studio"]
    assert kept in [markdown.value for markdown in chat.markdown]
    assert "This column wasn't asked." in texts(chat)


def test_at_most_four_columns(chat):
    """The fourth column is the last one."""
    pressed(chat, "Add column")
    pressed(chat, "Add column")

    [add] = [button for button in chat.button if button.label == "Add column"]
    assert len(app_columns(chat)) == 4
    assert add.disabled


def test_provider_and_model_are_picked(chat):
    """A column asks whom its pickers name; another provider brings its own models."""
    [provider] = [box for box in chat.selectbox if box.key == "chat.0.column.0.provider"]
    provider.set_value("mistral").run()
    [model] = [box for box in chat.selectbox if box.key == "chat.0.column.0.model.mistral"]
    model.set_value("mistral-small-latest").run()

    asked(chat)

    first, second = exchanges(chat)
    assert (first.chat.provider, first.chat.model) == ("mistral", "mistral-small-latest")
    assert second.chat.provider == "anthropic"


def test_column_remembers_its_own_words(chat):
    """A second question travels with the column's own first answer, not with its neighbour's."""
    asked(chat)
    said = [exchange.reply.text for exchange in exchanges(chat)]

    asked(chat, "And at sunset?")

    for exchange, own in zip(exchanges(chat), said, strict=True):
        roles = [message.role for message in exchange.chat.messages]
        assert roles == ["user", "assistant", "user"]
        assert exchange.chat.messages[1].text == own


def test_system_prompt_and_parameters_travel(chat):
    """What the settings say is part of every request."""
    unfolded(chat, "chat.settings")
    [system] = [area for area in chat.text_area if area.label == "System prompt"]
    system.set_value("Answer in one sentence.").run()
    [temperature] = [box for box in chat.number_input if box.label == "Temperature"]
    temperature.set_value(0.3).run()

    asked(chat)

    chats = [exchange.chat for exchange in exchanges(chat)]
    assert all(c.messages[0].role == "system" for c in chats)
    assert [c.temperature for c in chats] == [0.3, 0.3]


@pytest.mark.parametrize("route", ["native", "compat", "universal", "rest"])
def test_endpoint_shapes(chat, route):
    """Every shape of a request is answered, and the request shows which one it was."""
    unfolded(chat, "chat.settings")
    [endpoint] = [group for group in chat.button_group if group.key == "chat.0.route"]
    endpoint.set_value(route).run()

    asked(chat)

    assert [exchange.reply.status for exchange in exchanges(chat)] == [200, 200]
    assert [exchange.chat.route for exchange in exchanges(chat)] == [route, route]


def test_only_providers_that_can_chat_are_offered(chat):
    """Cohere is served by /compat only, OpenRouter natively only; a speech service by neither."""
    unfolded(chat, "chat.settings")
    [provider] = [box for box in chat.selectbox if box.key == "chat.0.column.0.provider"]
    native = set(provider.options)
    [endpoint] = [group for group in chat.button_group if group.key == "chat.0.route"]
    endpoint.set_value("compat").run()
    [provider] = [box for box in chat.selectbox if box.key == "chat.0.column.0.provider"]
    compat = set(provider.options)

    assert {"OpenRouter", "OpenAI"} <= native
    assert {"Cohere", "OpenAI"} <= compat
    assert not {"Cohere", "Deepgram"} & native
    assert not {"OpenRouter", "Deepgram"} & compat


def test_provider_that_an_endpoint_does_not_serve_is_kept_and_marked(chat):
    """Another endpoint doesn't change whom a column asks; it is said that it can't be asked."""
    unfolded(chat, "chat.settings")
    [provider] = [box for box in chat.selectbox if box.key == "chat.0.column.0.provider"]
    provider.set_value("openrouter").run()
    [endpoint] = [group for group in chat.button_group if group.key == "chat.0.route"]
    endpoint.set_value("compat").run()

    assert app_columns(chat)[0].provider == "openrouter"
    assert any("Not served by the Compat endpoint" in text for text in texts(chat))

    asked(chat)

    bad, good = exchanges(chat)
    assert bad.failure is not None
    assert good.reply.status == 200


def test_second_identical_question_is_a_hit(chat):
    """With the cache on, the second answer comes from it and says what it saved."""
    [cache] = [toggle for toggle in chat.toggle if toggle.label == "Cache"]
    cache.set_value(True).run()

    asked(chat)
    asked(chat)

    assert [exchange.reply.cache for exchange in exchanges(chat, 0)] == ["MISS", "MISS"]
    assert [exchange.reply.cache for exchange in exchanges(chat, 1)] == ["HIT", "HIT"]
    saved = [text for text in texts(chat) if "Saved" in text]
    assert len(saved) == 2
    assert all(re.search(r"Saved \\\$0\.\d{6} and .+ms", text) for text in saved)


def test_whole_turn_is_asked_again(chat):
    """The very same requests are sent once more, as a new turn."""
    asked(chat)

    pressed(chat, "Ask all again")

    turns = app_turns(chat)
    assert [turn.prompt for turn in turns] == [QUESTION, QUESTION]
    assert [e.chat for e in exchanges(chat, 0)] == [e.chat for e in exchanges(chat, 1)]


@pytest.fixture
def options(chat):
    """The playground with all sections of the gateway options open."""
    for section in ("cache", "retry", "logs", "auth"):
        chat.session_state[f"chat.0.options.{section}"] = True
    return chat.run()


def test_options_travel_as_headers(options):
    """A stated option is in the request; one left empty isn't."""
    chat = options
    [ttl] = [box for box in chat.text_input if box.key == "chat.0.options.cache_ttl"]
    ttl.set_value("10 min").run()

    asked(chat)

    headers = dict(exchanges(chat)[0].sent.headers)
    assert headers["cf-aig-cache-ttl"] == "600"
    assert "cf-aig-cache-key" not in headers


def test_refused_option_is_shown_and_the_rest_works(options):
    """A value that the gateway would refuse stands at its widget, with what would be accepted."""
    chat = options
    [ttl] = [box for box in chat.text_input if box.key == "chat.0.options.cache_ttl"]
    ttl.set_value("30").run()
    [key] = [box for box in chat.text_input if box.key == "chat.0.options.cache_key"]
    key.set_value("greeting").run()

    asked(chat)

    headers = dict(exchanges(chat)[0].sent.headers)
    assert any("Must be 0 or from 60 to 2592000 s" in text for text in texts(chat))
    assert "cf-aig-cache-ttl" not in headers
    assert headers["cf-aig-cache-key"] == "greeting"


def test_closed_section_keeps_what_was_set(options):
    """A section is closed again: what was set in it goes on travelling, and is counted."""
    chat = options
    [ttl] = [box for box in chat.text_input if box.key == "chat.0.options.cache_ttl"]
    ttl.set_value("600").run()
    chat.session_state["chat.0.options.cache"] = False
    chat.run()

    asked(chat)

    assert not [box for box in chat.text_input if box.key == "chat.0.options.cache_ttl"]
    assert dict(exchanges(chat)[0].sent.headers)["cf-aig-cache-ttl"] == "600"
    assert any("1 set" in text for text in texts(chat))


def test_every_option_has_a_widget(options):
    """Adding a row to the header table adds a widget."""
    chat = options
    widgets = (*chat.number_input, *chat.text_input, *chat.text_area)
    widgets += (*chat.selectbox, *chat.button_group)
    keys = {widget.key for widget in widgets}

    assert {f"chat.0.options.{name}" for name in HEADERS} <= keys


def test_failing_column_is_alone(chat, fault):
    """An error of one provider is explained in its column; the other answers; Retry is enough."""
    fault(provider="anthropic", kind="status", status=503, times=1)

    asked(chat)

    good, bad = exchanges(chat)
    assert (good.reply.status, bad.reply.status) == (200, 503)
    assert any(":red-badge" in text and "503" in text for text in texts(chat))
    assert any("What to do" in text for text in texts(chat))
    assert pretty(bad.reply.body) in [block.value for block in chat.code]

    pressed(chat, "Retry")

    again = exchanges(chat)
    assert again[0] is good
    assert again[1].reply.status == 200


def test_gateway_that_is_gone_is_said_in_the_columns(fresh, monkeypatch):
    """No answer at all is a state of the column, with a sentence, not a traceback."""
    with LocalServer.start(instant=True) as gone:
        monkeypatch.setenv("LOCAL_GATEWAY_URL", gone.url)
        page = opened("pages/play/chat.py")
        gone.kill()

        asked(page)

    assert [exchange.failure.name for exchange in exchanges(page)] == ["Unreachable"] * 2
    assert texts(page).count(NO_ANSWER) == 2


@pytest.mark.parametrize("nothing", ["", "   ", "\n\n"])
def test_empty_question_is_ignored(chat, nothing):
    """Nothing is sent for nothing."""
    asked(chat, nothing)

    assert app_turns(chat) == ()


def test_very_long_question_is_sent_whole(chat):
    """Of a very long question only the beginning is drawn."""
    long = "word " * 40_000

    asked(chat, long)

    assert exchanges(chat)[0].chat.prompt == long
    assert any("of 200,000 characters" in text for text in texts(chat))
    assert max(len(text.value) for text in chat.text) < 3_000


def test_pictures_in_answers_are_not_loaded(chat):
    """A model can't make the visitor's browser call a server by naming a picture."""
    asked(chat, "Repeat: ![x](http://example.com/x.png)")

    shown = [markdown.value for markdown in chat.markdown]
    assert not [text for text in shown if re.search(r"(?<!\\)!\[", text) or "![" in text]


def test_clear_forgets_the_turns_only(chat):
    """Clear begins anew; columns and settings stay."""
    pressed(chat, "Add column")
    asked(chat)

    pressed(chat, "Clear")

    assert app_turns(chat) == ()
    assert len(app_columns(chat)) == 3
