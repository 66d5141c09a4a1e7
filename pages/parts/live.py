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
from gateway.conversation import Column, Conversation, Turn
from gateway.evidence import Marks, marks_of
from gateway.workbench import Answer, Workbench
from pages.parts import turns, verdicts, voice
from pages.parts.columns import compared, shown, title
from pages.parts.details import details, pretty
from pages.parts.figures import UNMARKED
from pages.parts.settings import ROUTES, TARGETS
from pages.parts.strip import strip
from pages.parts.views import NO_ANSWER, model_name, provider_name

LOOK_S = 0.05
"""Pause between two looks at running answers: first words show within it."""

REPAINT_S = 0.15
"""Pause between two repaints of one answer: reading needs no more, and each costs a message."""

SIMULATED = ":violet-badge[:material/science: simulated]"


def show(conversation: Conversation, workbench: Workbench, actions: DeltaGenerator) -> None:
    """Draw every question with its answers side by side, and keep them up to date to the end.

    Args:
        actions: Place for what can be done with the whole conversation.
    """
    spoken = st.empty()
    rows: list[Row] = []
    for turn in conversation.path:
        again = turns.question(conversation, turn)
        rows.append(_row(conversation, turn, workbench))
    # What was drawn as running decides, not what runs by now: an answer may have ended meanwhile.
    running = [row for row in rows if row.running]
    for row in rows:
        if row not in running:
            row.finish(conversation)
    if not rows:
        return
    _offer(conversation, actions, again, running=bool(running))
    if running:
        _watch(running, spoken)
        for row in running:
            row.finish(conversation)
        _offer(conversation, actions, again, running=False)


def _row(conversation: Conversation, turn: Turn, workbench: Workbench) -> "Row":
    """Draw the answers of one turn side by side."""
    drawn = shown(conversation)
    aliases = verdicts.aliases(turn, drawn)
    cells = []
    with st.grid(len(drawn), min_column_width=220):
        for column in verdicts.arranged(turn, drawn):
            card = st.container(
                border=True, height="stretch", key=f"chat.turn.{turn.id}.{column.id}"
            )
            answer = turn.answers.get(column.id)
            if answer is None:
                card.caption("This column wasn't asked.")
                continue
            place = workbench.targets.get(answer.target)
            cell = Cell(
                place=card.empty(),
                column=column,
                answer=answer,
                key=f"chat.turn.{turn.id}.{column.id}",
                simulated=place is not None and answer.chat.provider in place.simulated,
                blind=bool(turn.images) and not answer.chat.messages[-1].images,
                on_retry=partial(conversation.again, turn, column.id),
                on_continue=_continue(conversation, turn, column),
                alias=aliases.get(column.id),
            )
            cell.draw()
            cells.append(cell)
        # While answers run, what isn't drawn over stays on the page: cards that are hidden now.
        for _ in range(len({*turn.answers, *(c.id for c in conversation.asked)}) - len(drawn)):
            st.empty()
    return Row(turn, cells, st.empty())


def _continue(conversation: Conversation, turn: Turn, column: Column) -> Callable[[], None] | None:
    """Return how to go on with one column only; ``None`` where there is no choice."""
    last = conversation.path[-1].id == turn.id
    if not last or len(conversation.asked) < 2:
        return None
    return partial(conversation.keep_only, column.id)


def _offer(
    conversation: Conversation, actions: DeltaGenerator, again: DeltaGenerator, *, running: bool
) -> None:
    """Draw what can be done now with the whole conversation."""
    if running:
        with actions:
            _action("Stop all", ":material/stop_circle:", "chat", conversation.stop, "Alt+S")
    else:
        with actions:
            _action("Clear", ":material/delete_sweep:", "chat", conversation.clear)
        with again:
            repeat = partial(conversation.repeat, conversation.path[-1])
            _action("Ask all again", ":material/replay:", "chat", repeat)


@dataclass(slots=True)
class Row:
    """The answers of one turn on the page, and a place under them."""

    turn: Turn
    cells: list["Cell"]
    under: DeltaGenerator

    @property
    def running(self) -> bool:
        """Whether one of them was drawn as still running."""
        return any(cell.body is not None for cell in self.cells)

    def finish(self, conversation: Conversation) -> None:
        """Draw what can be said once all answers of the turn have ended; runs once in a run."""
        drawn = shown(conversation)
        if not verdicts.aliases(self.turn, drawn) and any(cell.alias for cell in self.cells):
            # An answer failed, so that nobody will vote: nothing is hidden any more.
            st.rerun()
        exchanges = {
            column.id: answer.exchange
            for column in conversation.columns
            if (answer := self.turn.answers.get(column.id)) is not None
            and answer.exchange is not None
        }
        marks = marks_of(exchanges) if len(exchanges) > 1 else {}
        for cell in self.cells:
            cell.compare(marks.get(cell.column.id, UNMARKED))
        last = self.turn.id == conversation.path[-1].id
        with self.under.container():
            if last and not any(cell.alias for cell in self.cells):
                compared(conversation)
            verdicts.vote(self.turn, drawn)


@dataclass(slots=True)
class Cell:
    """A place on the page where one answer is drawn, and what it shows now.

    Attributes:
        alias: What it is called while its name is hidden, and its figures with it.
    """

    place: DeltaGenerator
    column: Column
    answer: Answer
    key: str
    simulated: bool
    blind: bool
    on_retry: Callable[[], None]
    on_continue: Callable[[], None] | None
    alias: str | None
    body: DeltaGenerator | None = None
    figures: DeltaGenerator | None = None
    version: int = -1
    painted_s: float = 0.0

    @property
    def title(self) -> str:
        """What the answer is called."""
        return self.alias or title(self.column)

    def draw(self) -> None:
        """Draw the answer: once as a frame to be filled while it runs, or whole when it ended."""
        exchange = self.answer.exchange
        with self.place.container():
            if exchange is None:
                self._head("Stop", ":material/stop_circle:", self.answer.stop)
                self.body = st.empty()
                self.fill()
            else:
                self.body = None
                good = exchange.reply is not None and exchange.reply.ok
                label = "Regenerate" if good else "Retry"
                self._head(label, ":material/refresh:", self.on_retry)
                _ended(exchange, self.key)
                if self.alias is None:
                    self.figures = st.empty()
                    self.compare(UNMARKED)
                    self._foot(exchange)

    def fill(self) -> bool:
        """Bring the text up to date, if something arrived; return whether anything was drawn."""
        now = time.monotonic()
        snapshot = self.answer.snapshot()
        if snapshot.version == self.version or self.body is None:
            return False
        began = self.version > 0
        if began and now - self.painted_s < REPAINT_S:
            return False
        self.version, self.painted_s = snapshot.version, now
        if snapshot.text:
            self.body.markdown(f"{safe_markdown(snapshot.text)} ▍")
        elif snapshot.reasoning:
            self.body.caption(f":shimmer[Reasoning] {safe_markdown(snapshot.reasoning)}")
        else:
            part = "first token" if self.answer.chat.stream else "whole answer"
            self.body.caption(f":shimmer[Waiting for the {part}]")
        return True

    def compare(self, marks: Marks) -> None:
        """Draw the figures, with how they stand among those of the turn."""
        if self.figures is not None and self.answer.exchange is not None:
            with self.figures.container(gap="xsmall"):
                strip(self.answer.exchange, marks)

    def _head(self, label: str, icon: str, on_click: Callable[[], None]) -> None:
        chat = self.answer.chat
        with st.container(gap=None):
            with st.container(
                horizontal=True, wrap=False, vertical_alignment="center", gap="small"
            ):
                st.markdown(f"**{self.title}**", width="stretch")
                _action(label, icon, self.key, on_click)
            if self.alias is not None:
                return
            who = model_name(chat.provider, chat.model)
            if self.column.name:
                who = f"{provider_name(chat.provider)} {who}"
            who += _stand_in(self.answer.exchange)
            line = f":small[:gray[{' · '.join([who, *_ways(self.answer)])}]]"
            st.markdown(f"{line} {SIMULATED}" if self.simulated else line)
        if self.blind:
            st.caption(":material/hide_image: Asked without the picture: this model takes none.")

    def _foot(self, exchange: Exchange) -> None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if _action("Details", ":material/data_object:", self.key):
                details(exchange)
            if self.on_continue is not None:
                _action("Only this one", ":material/filter_1:", self.key, self.on_continue)
            st.space("stretch")
            verdicts.thumbs(exchange, self.key)


def _stand_in(exchange: Exchange | None) -> str:
    """Return which fallback model answered in place of the one that was asked first."""
    step = exchange.reply.step if exchange is not None and exchange.reply is not None else None
    if exchange is None or not step or step >= len(exchange.chat.steps):
        return ""
    other = exchange.chat.steps[step]
    return f" → {provider_name(other.provider)} {model_name(other.provider, other.model)}"


def _ways(answer: Answer) -> list[str]:
    """Return in what a question went another way than usual."""
    chat = answer.chat
    return [
        *([TARGETS.get(answer.target, answer.target)] if answer.target != "local" else []),
        *([ROUTES[chat.route]] if chat.route != "native" else []),
        *(["WebSocket"] if chat.transport == "websocket" else []),
    ]


def _watch(rows: list[Row], spoken: DeltaGenerator) -> None:
    """Keep running answers up to date until all have ended."""
    waiting = [cell for row in rows for cell in row.cells if cell.body is not None]
    count = len(waiting)
    voice.say(spoken, "One answer begins." if count == 1 else f"{count} answers begin.")
    beat = st.empty()
    while waiting:
        drawn = False
        for cell in waiting:
            if cell.answer.exchange is None:
                drawn = cell.fill() or drawn
            else:
                cell.draw()
                drawn = True
                voice.say(spoken, f"{cell.title} has ended.")
        waiting = [cell for cell in waiting if cell.body is not None]
        if not drawn:
            beat.empty()  # Streamlit ends a run only where it draws: a click mustn't have to wait
        time.sleep(LOOK_S)
    voice.say(spoken, "The answer has ended." if count == 1 else f"All {count} answers have ended.")


def safe_markdown(text: str) -> str:
    """Return a model's words without pictures: loading one would tell its server who reads."""
    parts = re.split(r"(```.*?(?:```|\Z)|`[^`\n]*`)", text, flags=re.DOTALL)
    return "".join(part if at % 2 else part.replace("![", "!\\[") for at, part in enumerate(parts))


def _ended(exchange: Exchange, key: str) -> None:
    """Draw what an answer says, or why there is none."""
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
        for call in reply.completion.tool_calls:
            st.markdown(f":blue-badge[:material/build: tool call] `{call.name}`")
            st.code(pretty(call.arguments), language="json", wrap_lines=True)
        if reply.stopped:
            st.markdown(":orange-badge[:material/stop_circle: stopped]")
        if reply.broken:
            st.markdown(f":red-badge[:material/error: broken off] {reply.broken}")
        if reply.ok and not reply.text and not reply.completion.tool_calls:
            st.caption("The answer holds no words.")


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


def _action(
    label: str,
    icon: str,
    key: str,
    on_click: Callable[[], object] | None = None,
    shortcut: str | None = None,
) -> bool:
    return st.button(
        label,
        icon=icon,
        type="tertiary",
        key=f"{key}.{label}",
        on_click=on_click,
        wrap=False,
        shortcut=shortcut,
    )
