"""Turns of the playground: editing, siblings, asking again, pictures, details, bad input."""

import base64
import re

import pytest

from gateway.chat import Image
from gateway.conversation import Column, Terms
from gateway.local.server import LocalServer
from pages.parts.figures import GLUE
from pages.parts.state import CONVERSATION
from pages.parts.views import NO_ANSWER
from tests.pages.visit import (
    QUESTION,
    app_turns,
    asked,
    exchanges,
    opened,
    pressed,
    strips,
    texts,
    unfolded,
)

GOOD = Column(id=1, provider="anthropic", model="claude-sonnet-4-5")
PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
        "789c63606060000000040001f61738550000000049454e44ae426082"
    )
).decode()


def test_edited_question_is_a_sibling(chat):
    """Both versions can be reached, with their answers."""
    asked(chat)
    unfolded(chat, "chat.turn.0.words.open")
    (words,) = [area for area in chat.text_area if area.label == "Question"]
    words.set_value("Why is the sea blue?").run()
    pressed(chat, "Ask this instead")

    assert [turn.prompt for turn in app_turns(chat)] == ["Why is the sea blue?"]
    assert "2 of 2" in texts(chat)

    [back] = [button for button in chat.button if button.key == "chat.turn.1.before"]
    back.click().run()

    assert [turn.prompt for turn in app_turns(chat)] == [QUESTION]


def test_regenerated_answer_keeps_the_one_before(chat):
    """One column is asked again; the other's answer is the same one."""
    asked(chat)
    before = exchanges(chat)

    pressed(chat, "Regenerate", at=0)

    assert exchanges(chat)[0] is not before[0]
    assert exchanges(chat)[1] is before[1]
    assert "2 of 2" in texts(chat)


def test_picture_goes_to_models_that_take_it(chat):
    """Who can't see it is asked with the words alone, and it is said."""
    conversation = chat.session_state[CONVERSATION]
    conversation.add_column(provider="groq", model="llama-3.3-70b-versatile")
    conversation.ask("What is this?", (Image(media_type="image/png", data=PIXEL),))
    for answer in conversation.path[-1].answers.values():
        answer.wait(10)
    chat.run()

    assert not chat.exception
    assert [e.reply.status for e in exchanges(chat)] == [200] * 3
    assert len([text for text in texts(chat) if "Asked without the picture" in text]) == 1


def test_fastest_and_cheapest_are_marked(chat):
    """One of two is the fastest, one the cheapest; the second's distance to the first is shown."""
    asked(chat)

    shown = strips(chat)
    assert sum("fastest" in strip for strip in shown) == 1
    assert sum("cheapest" in strip for strip in shown) == 1
    assert re.search(r"Total]\s\*\*[^*]+\*\*\s:gray\[[+\N{MINUS SIGN}]", shown[1])


def test_tries_are_counted(chat, fault):
    """A retry of the gateway stands in the strip: two tries for one answer."""
    chat.session_state["chat.0.options.retry"] = True
    chat.run()
    [tries] = [box for box in chat.number_input if box.key == "chat.0.options.max_attempts"]
    tries.set_value(2).run()
    fault(provider="openai", kind="status", status=503, times=1)

    asked(chat)

    first, second = strips(chat)
    assert f"2{GLUE}tries" in first
    assert f"1{GLUE}try" in second


def test_details_tell_attempts_cache_and_log_row(chat):
    """Everything about an answer is one click away."""
    asked(chat)
    pressed(chat, "Details")

    said = texts(chat)
    assert [tab.label for tab in chat.tabs][:6] == [
        "Request",
        "Response",
        "Code",
        "Attempts",
        "Cache",
        "Log row",
    ]
    assert "1 try." in said
    assert any(text.startswith("**Why MISS:**") for text in said)
    assert exchanges(chat)[0].reply.log_id in [block.value for block in chat.code]


def test_tool_calls_are_shown(chat):
    """The playground shows what the model would call, and doesn't call it."""
    unfolded(chat, "chat.settings")
    (tools,) = [area for area in chat.text_area if area.label == "Tools"]
    tools.set_value(
        '[{"name": "get_weather", "description": "Weather of a city", "parameters": '
        '{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]'
    ).run()

    asked(chat, "What is the weather in Paris? Use the tool.")

    calls = [e.reply.completion.tool_calls for e in exchanges(chat)]
    assert all(calls)
    assert any("`get_weather`" in text for text in texts(chat))


@pytest.mark.parametrize(("model", "status"), [("no-such-model", 404), ("claude-sonnet-4-5", 404)])
def test_model_that_does_not_exist_is_said_in_its_column(chat, model, status):
    """With what to do; the other column answers."""
    conversation = chat.session_state[CONVERSATION]
    conversation.restore([Column(id=0, provider="openai", model=model), GOOD], Terms(), [])
    chat.run()

    asked(chat)

    bad, good = exchanges(chat)
    assert (bad.reply.status, good.reply.status) == (status, 200)
    assert any("What to do" in text for text in texts(chat))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"kind": "status", "status": 401}, "HTTP 401"),
        ({"kind": "status", "status": 429}, "HTTP 429"),
        ({"kind": "cut"}, "broken off"),
        ({"kind": "reset"}, "HTTP"),
        ({"kind": "malformed"}, "broken off"),
    ],
)
def test_what_goes_wrong_is_said_in_its_column(chat, fault, rule, words):
    """Wrong key, rate limit, provider down, connection lost: a clear state, in one column."""
    fault(provider="openai", times=1, **rule)

    asked(chat)

    assert exchanges(chat)[1].reply.ok
    assert len([text for text in texts(chat) if words in text and ":red-badge" in text]) == 1


def test_million_characters_are_asked(chat):
    """A prompt of 1 MB goes out whole, and the page stays light."""
    long = "word " * 210_000

    asked(chat, long)

    assert exchanges(chat)[0].reply is not None
    assert max(len(text.value) for text in chat.text) < 3_000


def test_gateway_that_comes_back_answers_again(fresh, monkeypatch):
    """A restart: what failed says so; Retry is enough afterwards."""
    with LocalServer.start(instant=True) as first:
        monkeypatch.setenv("LOCAL_GATEWAY_URL", first.url)
        page = opened("pages/play/chat.py")
        first.kill()
        asked(page)
        assert texts(page).count(NO_ANSWER) == 2

        with LocalServer.start(instant=True, port=int(first.url.rpartition(":")[2])):
            pressed(page, "Retry")

            assert exchanges(page)[0].reply.ok


def test_words_of_another_visitor_stay_theirs(chat):
    """Two tabs at once: each has a conversation of its own."""
    asked(chat)

    other = opened("pages/play/chat.py")

    assert app_turns(other) == ()
    assert len(app_turns(chat)) == 1
