"""Answers as they arrive: turns side by side, repainted while they run.

An answer lives on the loop's thread (``Workbench.ask``) and is kept in the visitor's conversation.
Here it is only looked at, so a click elsewhere never loses a word:

    run of the page      draw turns -> watch ............ a click: the run ends at its next drawing
    next run             draw turns -> watch .. all ended       the same answers, further on
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gateway.chat import Exchange, Reply
from gateway.codes import explain
from gateway.workbench import Answer, Workbench
from pages.parts.state import Conversation, Turn
from pages.parts.views import NO_ANSWER, details, model_name, pretty, provider_name, strip

REPAINT_S = 0.05
"""Pause between two looks at running answers: at most 20 repaints a second."""

SHOWN = 2_000
"""Characters of a question that are shown; the rest is sent, not drawn."""

SIMULATED = ":violet-badge[:material/science: simulated]"


def show(conversation: Conversation, workbench: Workbench, actions: DeltaGenerator) -> None:
    """Draw every question with its answers side by side, and keep them up to date to the end.

    Args:
        actions: Place for what can be done with the whole conversation.
    """
    cells: list[Cell] = []
    again = st.empty()
    for number, turn in enumerate(conversation.turns):
        key = f"chat.turn.{number}"
        again = _question(turn.prompt)
        with st.grid(len(conversation.columns), min_column_width=220):
            cells += _answers(conversation, turn, workbench, key)
    # What was drawn as running decides, not what runs by now: an answer may have ended meanwhile.
    running = [cell for cell in cells if cell.body is not None]
    _offer(conversation, actions, again, running=bool(running))
    if running:
        _watch(running)
        _offer(conversation, actions, again, running=False)


def _answers(
    conversation: Conversation, turn: Turn, workbench: Workbench, key: str
) -> list["Cell"]:
    cells = []
    for column in conversation.columns:
        card = st.container(border=True, height="stretch", key=f"{key}.{column.id}")
        answer = turn.answers.get(column.id)
        if answer is None:
            card.caption("This column joined later.")
            continue
        cell = Cell(
            place=card.empty(),
            answer=answer,
            key=f"{key}.{column.id}",
            simulated=answer.chat.provider in workbench.targets[answer.target].simulated,
            on_retry=partial(conversation.retry, turn, column.id),
        )
        cell.draw()
        cells.append(cell)
    return cells


def _offer(
    conversation: Conversation, actions: DeltaGenerator, again: DeltaGenerator, *, running: bool
) -> None:
    """Draw what can be done now with the whole conversation."""
    if running:
        with actions:
            _action("Stop all", ":material/stop_circle:", "chat", conversation.stop)
    elif conversation.turns:
        with actions:
            _action("Clear", ":material/delete_sweep:", "chat", conversation.clear)
        with again:
            repeat = partial(conversation.repeat, conversation.turns[-1])
            _action("Ask all again", ":material/replay:", "chat", repeat)


@dataclass(slots=True)
class Cell:
    """A place on the page where one answer is drawn, and what it shows now."""

    place: DeltaGenerator
    answer: Answer
    key: str
    simulated: bool
    on_retry: Callable[[], None]
    body: DeltaGenerator | None = None
    version: int = -1

    def draw(self) -> None:
        """Draw the answer: once as a frame to be filled while it runs, or whole when it ended."""
        with self.place.container():
            if self.answer.exchange is None:
                self._head("Stop", ":material/stop_circle:", self.answer.stop)
                self.body = st.empty()
                self.fill()
            else:
                self.body = None
                self._head("Retry", ":material/refresh:", self.on_retry)
                _ended(self.answer.exchange, self.key)

    def fill(self) -> None:
        """Bring the text up to date, if something arrived."""
        snapshot = self.answer.snapshot()
        if snapshot.version == self.version or self.body is None:
            return
        self.version = snapshot.version
        if snapshot.text:
            self.body.markdown(f"{safe_markdown(snapshot.text)} ▍")
        elif snapshot.reasoning:
            self.body.caption(f":shimmer[Reasoning] {safe_markdown(snapshot.reasoning)}")
        else:
            part = "first token" if self.answer.chat.stream else "whole answer"
            self.body.caption(f":shimmer[Waiting for the {part}]")

    def _head(self, label: str, icon: str, on_click: Callable[[], None]) -> None:
        chat = self.answer.chat
        with st.container(gap=None):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{provider_name(chat.provider)}**", width="stretch")
                _action(label, icon, self.key, on_click)
            model = f":small[:gray[{model_name(chat.provider, chat.model)}]]"
            st.markdown(f"{model} {SIMULATED}" if self.simulated else model)


def _watch(waiting: list[Cell]) -> None:
    """Keep running answers up to date until all have ended."""
    beat = st.empty()
    while waiting:
        for cell in waiting:
            if cell.answer.exchange is None:
                cell.fill()
            else:
                cell.draw()
        waiting = [cell for cell in waiting if cell.body is not None]
        beat.empty()  # Streamlit ends a run only where it draws: a click mustn't have to wait
        time.sleep(REPAINT_S)


def safe_markdown(text: str) -> str:
    """Return a model's words without pictures: loading one would tell its server who reads."""
    parts = re.split(r"(```.*?(?:```|\Z)|`[^`\n]*`)", text, flags=re.DOTALL)
    return "".join(part if at % 2 else part.replace("![", "!\\[") for at, part in enumerate(parts))


def _question(prompt: str) -> DeltaGenerator:
    """Draw what the visitor asked, of a very long question the beginning; return a place in it."""
    with st.chat_message("user", avatar=":material/person:"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(prompt[:SHOWN] + ("…" if len(prompt) > SHOWN else ""), width="stretch")
            place = st.empty()
        if len(prompt) > SHOWN:
            st.caption(f"{SHOWN:,} of {len(prompt):,} characters are shown; all were sent.")
    return place


def _ended(exchange: Exchange, key: str) -> None:
    reply = exchange.reply
    if reply is None:
        st.markdown(NO_ANSWER)
        st.markdown(exchange.failure.sentence if exchange.failure is not None else "")
    elif reply.status and not 200 <= reply.status < 300:
        _refusal(reply, key)
    else:
        if reply.completion.reasoning:
            with st.expander("Reasoning", type="compact", key=f"{key}.reasoning"):
                st.caption(safe_markdown(reply.completion.reasoning))
        if reply.text:
            st.markdown(safe_markdown(reply.text))
        if reply.stopped:
            st.markdown(":orange-badge[:material/stop_circle: stopped]")
        if reply.broken:
            st.markdown(f":red-badge[:material/error: broken off] {reply.broken}")
    strip(exchange)
    if _action("Details", ":material/data_object:", key):
        details(exchange)


def _action(label: str, icon: str, key: str, on_click: Callable[[], None] | None = None) -> bool:
    return st.button(
        label, icon=icon, type="tertiary", key=f"{key}.{label}", on_click=on_click, wrap=False
    )


def _refusal(reply: Reply, key: str) -> None:
    code = explain(reply.status, reply.body or "")
    number = f" · code {code.code}" if code is not None and code.code is not None else ""
    st.markdown(f":red-badge[:material/error: HTTP {reply.status}{number}]")
    if code is not None:
        st.markdown(f"**{code.meaning}** {code.cause}")
        st.caption(f"**What to do:** {code.fix}")
    if reply.body:
        with st.expander("Body", type="compact", key=f"{key}.body"):
            st.code(pretty(reply.body), language="json", wrap_lines=True)
