"""answer: what one can read of a call before, during and after."""

import pytest

from gateway.chat import Chat, Completion, Exchange, Failure, Reply, Target, Times, say
from gateway.client import GatewayClient
from gateway.headers import Options
from gateway.wire.single import HttpxWire
from gateway.workbench import Answer, Snapshot

HELLO = Chat(provider="openai", model="gpt-x", messages=say("Hello"))


@pytest.fixture
def stops():
    return []


@pytest.fixture
def answer(stops):
    return Answer(HELLO, Options(), "local", stop=lambda: stops.append(1))


def exchange(**parts):
    return Exchange(chat=HELLO, target="local", **parts)


def test_nothing_has_arrived_yet(answer):
    """A page may look before the loop has begun."""
    assert answer.snapshot() == Snapshot(running=True)
    assert answer.exchange is None


def test_snapshot_is_made_anew_only_after_a_change(answer):
    """Pages look twenty times a second; most of the time nothing is new."""
    stream = GatewayClient(HttpxWire(), Target(name="t", base_url="http://h")).stream(HELLO)
    answer.begin(stream)
    first = answer.snapshot()
    stream.chunks_s.append(0.25)
    second = answer.snapshot()

    assert answer.snapshot() is second
    assert (first.version, second.version) == (0, 1)
    assert (second.chunks, second.ttft_ms) == (1, 250)


def test_end_shows_the_reply(answer):
    """An answer in one piece has its text at the end."""
    reply = Reply(
        status=200, completion=Completion(text="Hi", reasoning="hm"), times=Times(end_s=1)
    )
    answer.end(exchange(reply=reply))

    seen = answer.snapshot()

    assert (seen.text, seen.reasoning, seen.running) == ("Hi", "hm", False)
    assert seen.version > 0


def test_failure_before_anything_was_sent_can_be_shown(answer):
    """There is no text then, and no error either."""
    answer.end(exchange(failure=Failure(name="BadRequest", sentence="no")))

    assert answer.snapshot() == Snapshot(running=False, version=1)


def test_waiting_has_an_end(answer):
    """The call goes on; only the patience is over."""
    with pytest.raises(TimeoutError, match=r"No end within 0.01 s"):
        answer.wait(0.01)

    answer.end(exchange())

    assert answer.wait(0.01) is answer.exchange


def test_stop_after_the_end_does_nothing(answer, stops):
    """A button may be pressed late."""
    answer.stop()
    answer.end(exchange())
    answer.stop()

    assert stops == [1]
