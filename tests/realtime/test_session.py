"""session: over real sockets, with a real local gateway and with a server that misbehaves."""

import json
import queue
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from websockets.sync.server import serve

from gateway.chat import Target
from gateway.errors import BadDocument, BadRequest
from gateway.local.server import LocalServer
from gateway.loop import Loop
from gateway.realtime import OFFERS, Session, Wish
from gateway.realtime.session import BODY_KEPT
from gateway.realtime.sound import wav_of

KEY, TOKEN = "AIza-marker-Aa11bb22", "cf-marker-Ee55ff66"
READY = '{"type":"session.created"}'
PIECE = '{"type":"response.output_text.delta","delta":"%s"}'


def until(session, fact):
    """Wait until the view shows something, and return it."""
    end = time.monotonic() + 10
    while not fact(view := session.view()) and time.monotonic() < end:
        time.sleep(0.005)
    assert fact(view), view
    return view


def is_open(view):
    return view.state == "open"


def is_over(view):
    return view.state in ("closed", "failed")


def has_answered(view):
    return view.said and not view.answering


@pytest.fixture(scope="module")
def server():
    with LocalServer.start(instant=True) as server:
        yield server


@pytest.fixture(scope="module")
def loop():
    with Loop() as loop:
        yield loop


@pytest.fixture
def begun(server, loop):
    """Begin a session with one of the offers; it is closed at the end."""
    sessions = []

    def begun(id="openai", *, alive=lambda: True, model=None, target=None, **wish):
        offer = OFFERS[id]
        target = target or Target(name="local", base_url=server.gateway_url(), token=server.token)
        session = Session(
            Wish(offer=offer, model=model or offer.models[0], **wish), target, post=loop.call
        )
        loop.call(session.run(alive))
        sessions.append(session)
        return session

    yield begun
    for session in sessions:
        session.close()
        until(session, is_over)


@pytest.fixture
def misbehaving():
    """A gateway whose sessions do as one function says."""

    @contextmanager
    def misbehaving(play):
        with serve(play, "127.0.0.1", 0) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            port = server.socket.getsockname()[1]
            yield Target(
                name="local",
                base_url=f"http://127.0.0.1:{port}/v1/a/g",
                token=TOKEN,
                keys={"google-ai-studio": KEY, "openai": KEY},
            )
            server.shutdown()
            thread.join()

    return misbehaving


@pytest.mark.parametrize("id", [id for id, offer in OFFERS.items() if offer.reads])
def test_text_is_answered(begun, id):
    """In words or in sound, with times and every event in both directions."""
    session = begun(id)
    until(session, is_open)

    session.say("What is the capital of France?")
    view = until(session, has_answered)

    ours, answer = view.said
    assert (ours.ours, ours.text) == (True, "What is the capital of France?")
    drawn = answer.picture.startswith(b"\x89PNG")
    assert "Paris" in answer.text or answer.sound.startswith(b"RIFF") or drawn
    assert ours.asked_s <= answer.first_s <= answer.ended_s
    assert {event.sent for event in view.events} == {True, False}
    sizes = [(event.size, len(event.body.encode())) for event in view.events if event.body]
    assert all(kept == min(size, BODY_KEPT) for size, kept in sizes)


@pytest.mark.parametrize("id", [id for id, offer in OFFERS.items() if offer.hears])
def test_sound_is_answered(begun, id):
    """Three seconds of it; the simulated listener says what it heard."""
    session = begun(id)
    rate = OFFERS[id].rate_in_hz
    until(session, is_open)

    session.hear(wav_of(bytes(rate * 6), rate))
    view = until(session, has_answered)

    assert "simulated" in view.said[-1].text
    assert view.said[0].sound.startswith(b"RIFF")


def test_agent_s_sound_joins_its_words(begun):
    """ElevenLabs sends words and sound as events of their own, and says of neither that it ends."""
    session = begun("elevenlabs")
    until(session, is_open)

    session.say("What is the capital of France?")
    view = until(session, lambda view: has_answered(view) and bool(view.said[-1].sound))

    assert len(view.said) == 2
    assert "Paris" in view.said[-1].text


def test_ping_is_answered(begun, misbehaving):
    """An agent hangs up on who stays silent."""
    heard = queue.Queue()

    def play(connection):
        connection.recv()
        connection.send('{"type":"ping","ping_event":{"event_id":7}}')
        heard.put(json.loads(connection.recv()))

    with misbehaving(play) as target:
        begun("elevenlabs", target=target)

        assert heard.get(timeout=10) == {"type": "pong", "event_id": 7}


def test_conversation_goes_on(begun):
    """The second answer knows the first question."""
    session = begun()
    until(session, is_open)
    session.say("What is the capital of France?")
    until(session, has_answered)

    session.say("And the capital of Italy?")
    view = until(session, lambda view: len(view.said) == 4 and not view.answering)

    assert "Rome" in view.said[-1].text
    assert view.said[-1].tokens_out > 0


def test_event_of_one_s_own_is_sent(begun):
    """What a provider finds wrong with it is shown, and the session goes on."""
    session = begun()
    until(session, is_open)

    session.send('{"type":"nonsense"}')
    view = until(session, lambda view: any(event.kind == "error" for event in view.events))

    assert view.state == "open"
    assert view.said[-1].problem == "There is no event of type 'nonsense'."


@pytest.mark.parametrize("text", ["", "{", "[1]", "7"])
def test_event_that_is_no_object_is_refused(begun, text):
    """Nothing is sent."""
    with pytest.raises(BadRequest, match="must be a JSON object"):
        begun().send(text)


def test_unusable_recording_is_refused(begun):
    """Nothing is sent, nothing is added to the conversation."""
    session = begun()

    with pytest.raises(BadDocument):
        session.hear(b"")
    assert session.view().said == ()


def test_closing_ends_it(begun):
    """The gateway sees it, and what was said stays."""
    session = begun()
    until(session, is_open)

    session.close()
    view = until(session, is_over)

    assert (view.state, view.sentence) == ("closed", "You left.")


def test_visitor_who_left_ends_it(begun):
    """A closed tab, not a rerun."""
    here = threading.Event()
    here.set()
    session = begun(alive=here.is_set)
    until(session, is_open)

    here.clear()

    assert until(session, is_over).state == "closed"


def test_refused_handshake_is_a_state(begun, server):
    """The gateway's own code, and what to do."""
    target = Target(name="local", base_url=server.gateway_url("default"), token=TOKEN)

    view = until(begun(target=target), is_over)

    assert view.state == "failed"
    assert view.sentence.startswith("HTTP 401, code 2009: ")
    assert TOKEN not in view.sentence


def test_nobody_there_is_a_state(begun):
    """A gateway that isn't running."""
    target = Target(name="local", base_url="http://127.0.0.1:9/v1/a/g")

    view = until(begun(target=target), is_over)

    assert (view.state, "127.0.0.1:9" in view.sentence) == ("failed", True)


def test_provider_that_closes_says_why(begun):
    """Its close code and its words."""
    session = begun("google", model="no/such model")
    until(session, is_open)

    session.send('{"nonsense":1}')
    view = until(session, is_over)

    assert view.state == "failed"
    assert "with code 1007" in view.sentence


def test_break_keeps_what_had_arrived(begun, misbehaving):
    """In the middle of an answer."""

    def play(connection):
        connection.send(READY)
        while "response.create" not in connection.recv():
            pass
        connection.send(PIECE % "half")
        connection.socket.close()

    with misbehaving(play) as target:
        session = begun(target=target)
        until(session, is_open)
        session.say("Hello")
        view = until(session, is_over)

    assert (view.state, view.sentence) == ("failed", "The connection broke.")
    assert view.said[-1].text == "half"
    assert "ended before the answer did" in view.said[-1].problem


def test_no_secret_is_shown(begun, misbehaving):
    """A server that echoes its handshake: the token and a key that stood in the address."""
    seen = []

    def play(connection):
        seen.append(connection.request.path + str(connection.request.headers))
        connection.send('{"setupComplete":{}}')
        connection.send(f'{{"echo":"{KEY} {TOKEN}"}}')
        connection.send(f'{{"serverContent":{{"modelTurn":{{"parts":[{{"text":"{KEY}"}}]}}}}}}')
        connection.close(1008, f"bad {KEY}")

    with misbehaving(play) as target:
        session = begun("google", target=replace(target, name="cloudflare"))
        view = until(session, is_over)

    assert KEY in seen[0]
    assert TOKEN in seen[0]
    assert KEY not in f"{view} {session.url} {session.target!r}"
    assert TOKEN not in f"{view} {session.url} {session.target!r}"
    assert "…bb22" in session.url
    assert view.sentence.endswith("code 1008: bad …bb22.")


def test_interrupted_answer_keeps_its_words(begun, misbehaving):
    """What comes after a cancel still belongs to the first answer, until it says that it ended."""
    done = '{"type":"response.done","response":{"status":"%s"}}'

    def play(connection):
        connection.send(READY)
        asked = 0
        for frame in connection:
            if "response.cancel" in frame:
                connection.send(PIECE % " late")
                connection.send(done % "cancelled")
            elif "response.create" in frame:
                asked += 1
                connection.send(PIECE % f"answer {asked}")
                if asked == 2:
                    connection.send(done % "completed")

    with misbehaving(play) as target:
        session = begun(target=target)
        until(session, is_open)
        session.say("One")
        until(session, lambda view: view.said[-1].text == "answer 1")
        session.say("Two")
        view = until(session, has_answered)
        session.close()
        until(session, is_over)

    assert [said.text for said in view.said if not said.ours] == ["answer 1 late", "answer 2"]
