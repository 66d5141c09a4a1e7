"""A conversation whose answers come from a table, at once: no gateway behind it."""

import itertools

import pytest

from gateway.chat import Completion, Exchange, Reply, Times
from gateway.conversation import Conversation
from gateway.workbench import Answer


class Desk:
    """Answers every chat with a numbered word, and remembers what was sent.

    Attributes:
        sent: (chat, options, target) in order.
        silent: Answers from now on hold no text.
    """

    def __init__(self):
        self.sent = []
        self.silent = False
        self._numbers = itertools.count(1)

    def send(self, chat, options, target):
        self.sent.append((chat, options, target))
        text = "" if self.silent else f"answer {next(self._numbers)}"
        reply = Reply(status=200, completion=Completion(text=text), times=Times(end_s=1))
        return Answer.of(Exchange(chat=chat, options=options, target=target, reply=reply))

    @property
    def chats(self):
        return [chat for chat, _, _ in self.sent]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def talk(desk):
    """A conversation as a visitor first has it."""
    return Conversation(desk.send)


@pytest.fixture
def other():
    """Another conversation, to open documents in."""
    return Conversation(Desk().send)
