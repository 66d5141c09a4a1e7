"""What tests of faults share: time that passes at once, and an upstream that always answers."""

import pytest

from gateway.local.call import Answer, Call
from gateway.local.clock import Clock


class PassingTime:
    """Time that passes as fast as somebody sleeps."""

    def __init__(self):
        self.now_s = 0.0
        self.sleeps = []

    def read(self):
        return self.now_s

    async def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.now_s += seconds


class Steady:
    """An upstream that answers every call with the same chunks."""

    def __init__(self, chunks, content_type):
        self.chunks = chunks
        self.content_type = content_type
        self.opened = 0
        self.closed = 0

    async def open(self, call):
        self.opened += 1

        async def given():
            for chunk in self.chunks:
                yield chunk

        async def close():
            self.closed += 1

        headers = [("content-type", self.content_type)]
        return Answer(status=200, headers=headers, chunks=given(), close=close)


def called(provider="openai", *, script=(), attempt=1):
    """Return a call of a chat."""
    return Call(
        provider=provider,
        method="POST",
        path="chat/completions",
        headers={},
        body=b"{}",
        script=script,
        attempt=attempt,
    )


@pytest.fixture
def call():
    """How to make a call."""
    return called


@pytest.fixture
def time():
    """Time that nobody has to wait for."""
    return PassingTime()


@pytest.fixture
def clock(time):
    """A clock on that time."""
    return Clock(wall=lambda: 0.0, steady=time.read, sleep=time.sleep)


@pytest.fixture
def stream():
    """An upstream that streams six events; the last one is the end marker."""
    return Steady(
        [b"data: %d\n\n" % n for n in range(5)] + [b"data: [DONE]\n\n"], "text/event-stream"
    )


@pytest.fixture
def whole():
    """An upstream that answers in one piece."""
    return Steady([b'{"text": "hello there"}'], "application/json")
