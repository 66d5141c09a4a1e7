"""exchange: the figures that are derived from what came back, and what is never shown."""

from dataclasses import replace

import pytest

from gateway.chat import Chat, Completion, Exchange, Reply, Sent, Target, Times, Usage, say

HELLO = Chat(provider="openai", model="gpt-5-mini", messages=say("Hello", system="Be brief"))
DONE = Reply(status=200, completion=Completion(text="Hi"), times=Times(end_s=1.0))
SPEEDS = [
    # 11 tokens, of which 10 came within 2 s after the first.
    (11, Times(first_s=0.5, last_s=2.5, end_s=2.6), 5.0),
    # Not streamed: tokens over the whole time.
    (10, Times(end_s=2.0), 5.0),
    (None, Times(end_s=2.0), None),
    (0, Times(end_s=2.0), None),
    (10, Times(end_s=0.0), None),
    (1, Times(first_s=0.5, last_s=0.5, end_s=1.0), None),
    (10, Times(first_s=0.5, last_s=0.5, end_s=1.0), None),
    (10, Times(first_s=0.5, end_s=1.0), None),
]
OK = [
    (200, False, None, True),
    (204, False, None, True),
    (304, False, None, False),
    (429, False, None, False),
    (200, True, None, False),
    (200, False, "reset", False),
]


@pytest.mark.parametrize(("tokens", "times", "tok_s"), SPEEDS)
def test_speed(tokens, times, tok_s):
    """Tokens per second after the first token (experiments: TPOT); a stream isn't guessed."""
    completion = Completion(text="Hi", usage=Usage(tokens_out=tokens))

    assert replace(DONE, completion=completion, times=times).tok_s == tok_s


@pytest.mark.parametrize(("shown", "tok_s"), [("", 2.0), ("Let me think.", 4.5)])
def test_hidden_reasoning_does_not_make_a_stream_look_faster(shown, tok_s):
    """Of 10 tokens 5 were made before the first content; shown ones came within the stream."""
    usage = Usage(tokens_out=10, reasoning=5)
    completion = Completion(text="Hi", reasoning=shown, usage=usage)
    times = Times(first_s=0.5, last_s=2.5, end_s=2.6)

    assert replace(DONE, completion=completion, times=times).tok_s == tok_s


@pytest.mark.parametrize(("status", "stopped", "broken", "ok"), OK)
def test_ok_is_a_whole_answer(status, stopped, broken, ok):
    """An answer that we stopped, or that broke off, isn't one."""
    assert replace(DONE, status=status, stopped=stopped, broken=broken).ok is ok


def test_gateway_headers_of_a_reply():
    """Names in any case; what isn't there is None, and so is a step that is no number."""
    headers = (("CF-AIG-Cache-Status", "HIT"), ("cf-aig-step", "1"), ("cf-aig-log-id", "id"))
    reply = replace(DONE, headers=headers)

    assert (reply.cache, reply.step, reply.log_id) == ("HIT", 1, "id")
    assert (DONE.cache, DONE.step, DONE.log_id) == (None, None, None)
    assert replace(DONE, headers=(("cf-aig-step", "-1"),)).step is None


def test_times_in_milliseconds():
    """People read milliseconds."""
    reply = replace(DONE, times=Times(headers_s=0.1, first_s=0.25, end_s=1.5))

    assert (reply.ttfb_ms, reply.ttft_ms, reply.total_ms) == (100, 250, 1500)
    assert (DONE.ttfb_ms, DONE.ttft_ms) == (None, None)


def test_secrets_are_never_in_what_is_shown():
    """Sent is for eyes and records; a target is printed in errors."""
    sent = Sent(
        method="POST",
        url="http://gateway/",
        headers=(("Authorization", "Bearer sk-very-secret"), ("Accept", "*/*")),
        body="{}",
    )
    target = Target(name="local", base_url="http://g", token="tok-secret", keys={"openai": "sk-1"})

    assert sent.headers == (("Authorization", "Bearer …cret"), ("Accept", "*/*"))
    assert "secret" not in repr(target)
    assert "sk-1" not in repr(target)


def test_exchanges_are_told_apart():
    """Each is one row of the records, with a moment that knows its zone."""
    one, other = Exchange(chat=HELLO, target="local"), Exchange(chat=HELLO, target="local")

    assert one.id != other.id
    assert one.at.tzinfo is not None
