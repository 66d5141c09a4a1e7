"""The realtime page: a session is begun, answered, looked into and ended."""

import time

import pytest

from pages.parts.realtime import SESSION
from tests.pages.visit import opened


@pytest.fixture
def talk():
    """The page; a session that a test began is ended."""
    talk = opened("pages/play/realtime.py")
    yield talk
    if SESSION in talk.session_state:
        talk.session_state[SESSION].close()


def connected(page, offer="openai"):
    """The page with an open session."""
    page.selectbox(key="realtime.offer").set_value(offer).run()
    page.button(key="realtime.open").click().run()
    return settled(page, lambda view: view.state != "connecting")


def settled(page, fact):
    """The page, drawn once more when the session has come so far."""
    session, end = page.session_state[SESSION], time.monotonic() + 10
    while not fact(session.view()) and time.monotonic() < end:
        time.sleep(0.01)
    page.run()
    assert not page.exception
    return page


def texts(page):
    return [element.value for element in (*page.markdown, *page.caption)]


def asked(page, text):
    """The page after a question was answered."""
    page.chat_input(key="realtime.text").set_value(text).run()
    return settled(page, lambda view: not view.answering)


def test_first_visit_says_what_to_do(talk):
    """Nothing is connected; it is said that all is simulated."""
    assert "Connect, then say something" in talk.info[0].value
    assert any("**Simulated**" in text for text in texts(talk))
    assert not talk.chat_input


def test_question_is_answered_in_text(talk):
    """Both messages, the answer's figures, and the events of both directions."""
    asked(connected(talk), "What is the capital of France?")

    assert any("Paris" in text for text in texts(talk))
    assert any(text.startswith("First piece **") for text in texts(talk))
    (events,) = talk.dataframe
    assert {"→ sent", "← received"} == set(events.value["Way"])
    assert "response.done" in set(events.value["Type"])


def test_words_are_spoken(talk):
    """An API that gives sound has a player under its answer."""
    asked(connected(talk, "aura"), "Good morning")

    assert len(talk.get("audio")) == 1


def test_voice_is_chosen_where_the_api_has_several(talk):
    """Cartesia wants the id of one with every message."""
    talk.selectbox(key="realtime.offer").set_value("cartesia").run()
    talk.text_input(key="realtime.voice.cartesia").set_value("a-voice-of-mine").run()

    asked(connected(talk, "cartesia"), "Good morning")

    bodies = [event.body for event in talk.session_state[SESSION].view().events if event.sent]
    assert '"id":"a-voice-of-mine"' in bodies[0]
    assert len(talk.get("audio")) == 1


def test_picture_is_shown(talk):
    """fal draws what it is asked for."""
    asked(connected(talk, "fal"), "A lighthouse in a storm")

    assert len(talk.image) == 1


def test_agent_answers_in_words_and_sound(talk):
    """ElevenLabs' agents say the words, and send their sound."""
    asked(connected(talk, "elevenlabs"), "What is the capital of France?")
    settled(talk, lambda view: bool(view.said[-1].sound))

    assert any("Paris" in text for text in texts(talk))
    assert len(talk.get("audio")) == 1


def test_transcriber_has_no_line_for_text(talk):
    """Deepgram's listener takes sound only."""
    connected(talk, "nova")

    assert not talk.chat_input
    assert talk.get("audio_input")


def test_settings_are_fixed_while_a_session_is_open(talk):
    """They went into the handshake; the button ends the session."""
    connected(talk)
    assert talk.selectbox(key="realtime.offer").disabled

    talk.button(key="realtime.close").click().run()
    settled(talk, lambda view: view.state == "closed")

    assert "You left." in texts(talk)
    assert not talk.selectbox(key="realtime.offer").disabled
    assert talk.chat_input(key="realtime.text").disabled


def test_bad_event_is_refused_at_its_place(talk):
    """What isn't JSON is never sent."""
    connected(talk)
    talk.text_area(key="realtime.event.own").set_value("{").run()

    talk.button(key="realtime.send").click().run()

    assert "An event must be a JSON object" in talk.error[0].value


def test_session_survives_another_page(talk):
    """It belongs to the visitor, not to the talk."""
    asked(connected(talk), "What is the capital of France?")

    talk.switch_page("pages/setup/connection.py").run()
    talk.switch_page("pages/play/realtime.py").run()

    assert any("Paris" in text for text in texts(talk))
    assert talk.selectbox(key="realtime.offer").disabled


def test_session_that_the_provider_ends_is_a_state(talk):
    """Google closes on what it can't read; the page says so, and offers another session."""
    connected(talk, "google")
    talk.text_area(key="realtime.event.own").set_value('{"nonsense": 1}').run()
    talk.button(key="realtime.send").click().run()

    settled(talk, lambda view: view.state == "failed")

    assert any(":red-badge[:material/error: failed]" in text for text in texts(talk))
    assert any("with code 1007" in text for text in texts(talk))
    assert talk.button(key="realtime.open")
