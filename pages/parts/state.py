"""What a visitor has: the workbench, shared by all, and a conversation of one to four columns."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gateway.chat import Chat, Message, Route
from gateway.headers import Options
from gateway.providers import PROVIDERS
from gateway.settings import Settings
from gateway.workbench import Answer, Health, Workbench

PAGES = Path(__file__).parent.parent
CONVERSATION = "chat.conversation"
TARGET = "chat.target"
MOST_COLUMNS = 4
STARTERS = ("openai", "anthropic", "google-ai-studio", "workers-ai")
"""Providers of the first columns, in the order in which columns are added."""


@st.cache_resource(show_spinner=False, on_release=Workbench.close)
def workbench() -> Workbench:
    """Return the workbench that all visitors share."""
    return Workbench.open(Settings.read())


@st.cache_resource(ttl="30s", show_spinner=False)
def health(target: str) -> Health:
    """Return whether a gateway answers, as it was at most 30 s ago."""
    return workbench().check(target)


def target() -> str:
    """Return the name of the gateway that this visitor asks."""
    name = st.session_state.get(TARGET, "local")
    return name if name in workbench().targets else "local"


def visitor_is_there() -> Callable[[], bool]:
    """Return a question that any thread may ask: is this visitor's page still open?

    A closed tab and a reload end the session; a rerun of the page doesn't.
    """
    context = get_script_run_ctx()
    if context is None:
        return lambda: True
    session = context.session_id
    return lambda: not runtime.exists() or runtime.get_instance().is_active_session(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Who answers in one column."""

    id: int
    provider: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a question is asked, the same for all columns.

    Attributes:
        cache: Asked whole, and without the turns before, so that equal questions can meet in the
            gateway's cache; else streamed.
    """

    target: str
    options: Options = Options()
    route: Route = "native"
    cache: bool = False
    system: str = ""
    temperature: float | None = None
    max_tokens: int | None = None


@dataclass(slots=True)
class Turn:
    """One question and, by column id, the answers to it."""

    prompt: str
    answers: dict[int, Answer] = field(default_factory=dict)


class Conversation:
    """Columns that are asked together. Each one remembers what it said itself.

    The answers live on the loop's thread: a rerun of the page finds them here and goes on
    drawing. Only ``stop``, ``clear`` and a visitor who left end one.
    """

    def __init__(self) -> None:
        self.columns: tuple[Column, ...] = ()
        self.turns: list[Turn] = []
        self._born = 0
        self.add_column()
        self.add_column()

    def add_column(self) -> None:
        """Add a column with a provider that no other column has."""
        taken = {column.provider for column in self.columns}
        free = next(slug for slug in (*STARTERS, *PROVIDERS) if slug not in taken)
        model = PROVIDERS[free].models[0].id
        self.columns += (Column(id=self._born, provider=free, model=model),)
        self._born += 1

    def remove_column(self, column_id: int) -> None:
        """Remove a column and end what runs in it. The others keep what they have."""
        self.stop(column_id)
        self.columns = tuple(column for column in self.columns if column.id != column_id)
        for turn in self.turns:
            turn.answers.pop(column_id, None)

    def ask(self, prompt: str, terms: Terms) -> None:
        """Ask all columns at once. What still runs is stopped and kept."""
        self.stop()
        turn = Turn(prompt)
        for column in self.columns:
            chat = Chat(
                provider=column.provider,
                model=column.model,
                messages=self._messages(column.id, prompt, terms),
                route=terms.route,
                stream=not terms.cache,
                temperature=terms.temperature,
                max_tokens=terms.max_tokens,
            )
            turn.answers[column.id] = _sent(chat, terms.options, terms.target)
        self.turns.append(turn)

    def repeat(self, turn: Turn) -> None:
        """Send the very requests of a turn once more, as a new turn."""
        self.stop()
        answers = {id: _again(answer) for id, answer in turn.answers.items()}
        self.turns.append(replace(turn, answers=answers))

    def retry(self, turn: Turn, column_id: int) -> None:
        """Send one column's request once more; its answer takes the place of the old one."""
        turn.answers[column_id] = _again(turn.answers[column_id])

    def stop(self, column_id: int | None = None) -> None:
        """End one column's running answers, or all; what arrived is kept."""
        for turn in self.turns:
            for id, answer in turn.answers.items():
                if column_id in (None, id):
                    answer.stop()

    def clear(self) -> None:
        """End what runs and forget all turns. Columns and settings stay."""
        self.stop()
        self.turns = []

    def _messages(self, column_id: int, prompt: str, terms: Terms) -> tuple[Message, ...]:
        messages = [Message(role="system", text=terms.system)] if terms.system else []
        for turn in () if terms.cache else self.turns:
            answer = turn.answers.get(column_id)
            said = answer.snapshot().text if answer is not None else ""
            # A question without an answer is left out: providers refuse two user turns in a row.
            if said:
                messages.append(Message(role="user", text=turn.prompt))
                messages.append(Message(role="assistant", text=said))
        return (*messages, Message(role="user", text=prompt))


def conversation() -> Conversation:
    """Return this visitor's conversation; on a first visit a new one with two columns."""
    if CONVERSATION not in st.session_state:
        st.session_state[CONVERSATION] = Conversation()
    return st.session_state[CONVERSATION]


def _sent(chat: Chat, options: Options, target: str) -> Answer:
    return workbench().ask(chat, options, target=target, alive=visitor_is_there())


def _again(answer: Answer) -> Answer:
    return _sent(answer.chat, answer.options, answer.target)
