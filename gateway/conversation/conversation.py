"""Conversation: columns that are asked together, and a tree of turns.

Editing a question, or asking one column again, makes a sibling; nothing that was said is lost.
One path through the tree is shown, and goes with the next question as its history:

    What is DNS?  ──  And DNSSEC?                     siblings share a parent
                  └─  And DNS over HTTPS?  ◀ shown
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.chat import Chat, Image, Message
from gateway.conversation.columns import MOST_COLUMNS, STARTERS, Column
from gateway.conversation.pairs import Pair
from gateway.conversation.terms import Terms
from gateway.headers import Options
from gateway.providers import PROVIDERS
from gateway.workbench import Answer

Send = Callable[[Chat, Options, str], Answer]
"""Sends a chat to a target; never raises."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """One question and, by column id, the answers to it.

    Attributes:
        parent: Id of the turn before; ``None`` for a first one.
    """

    id: int
    parent: int | None
    prompt: str
    images: tuple[Image, ...] = ()
    answers: dict[int, Answer] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether every column's answer has ended."""
        return all(answer.exchange is not None for answer in self.answers.values())


class Conversation:
    """Columns that are asked together. Each one remembers what it said itself.

    The answers belong to no page: a rerun finds them here and goes on drawing. Only ``stop``,
    ``clear`` and a visitor who left end one.

    Attributes:
        columns: From one to four.
        terms: What is the same for all columns.
        turns: All turns by id, in the order in which they were asked.
        solo: Id of the one column that is asked and shown; ``None`` for all.
        edition: Grows when columns or terms were changed otherwise than by their widgets.
    """

    def __init__(self, send: Send) -> None:
        self.columns: tuple[Column, ...] = ()
        self.terms = Terms()
        self.turns: dict[int, Turn] = {}
        self.solo: int | None = None
        self.edition = 0
        self._send = send
        self._shown: dict[int | None, int] = {}
        self.add_column()
        self.add_column()

    # Columns

    def add_column(self, **given: Any) -> Column | None:
        """Add a column, by default with a provider that no other has; ``None`` where four are.

        Args:
            given: Fields of the column, but for its id.
        """
        if len(self.columns) >= MOST_COLUMNS:
            return None
        if "provider" not in given:
            taken = {column.provider for column in self.columns}
            given["provider"] = next(slug for slug in STARTERS if slug not in taken)
            given["model"] = PROVIDERS[given["provider"]].models[0].id
        born = max((column.id for column in self.columns), default=-1) + 1
        seen = [id + 1 for turn in self.turns.values() for id in turn.answers]
        column = Column(id=max(born, *seen, 0), **given)
        self.columns += (column,)
        return column

    def remove_column(self, column_id: int) -> None:
        """Remove a column and end what runs in it. What it said stays in the turns, unseen."""
        self.stop(column_id)
        self.columns = tuple(column for column in self.columns if column.id != column_id)
        if self.solo == column_id:
            self.solo = None

    def column(self, column_id: int) -> Column:
        """Return a column by its id."""
        return next(column for column in self.columns if column.id == column_id)

    def change_column(self, changed: Column) -> None:
        """Put a column in the place of the one with its id."""
        self.columns = tuple(
            changed if column.id == changed.id else column for column in self.columns
        )

    def pair(self, pair: Pair) -> None:
        """Set columns up that differ in one thing only: the first column's model, several ways.

        The first column keeps its turns; the others make room.
        """
        first = self.columns[0]
        for column in self.columns[1:]:
            self.remove_column(column.id)
        self.terms = self.terms.changed(pair.shared)
        ways = pair.ways(first)
        self.columns = (replace(first, name=ways[0].name, own=ways[0].own),)
        for way in ways[1:]:
            self.add_column(provider=first.provider, model=first.model, name=way.name, own=way.own)
        self.edition += 1

    def keep_only(self, column_id: int) -> None:
        """Ask and show one column only, until ``bring_back``."""
        self.solo = column_id

    def bring_back(self) -> None:
        """Ask and show all columns again."""
        self.solo = None

    @property
    def asked(self) -> tuple[Column, ...]:
        """The columns that are asked and shown."""
        return tuple(column for column in self.columns if self.solo in (None, column.id))

    # Turns

    @property
    def path(self) -> tuple[Turn, ...]:
        """The turns that are shown, oldest first."""
        return tuple(self._walk())

    def siblings(self, turn: Turn) -> tuple[Turn, ...]:
        """Return the turns that follow the same one, oldest first, the given one among them."""
        return tuple(other for other in self.turns.values() if other.parent == turn.parent)

    def show(self, turn: Turn) -> None:
        """Show the path through a turn, and on along what was last shown after it."""
        self._shown[turn.parent] = turn.id

    def ask(self, prompt: str, images: tuple[Image, ...] = ()) -> Turn:
        """Ask at the end of the path; what still runs is stopped and kept."""
        last = next(reversed(self.path), None)
        return self._asked(prompt, images, None if last is None else last.id)

    def edit(self, turn: Turn, prompt: str) -> Turn:
        """Ask another question in place of a turn's; the turn stays, as a sibling."""
        return self._asked(prompt, turn.images, turn.parent)

    def repeat(self, turn: Turn) -> Turn:
        """Send the very requests of a turn once more, as a turn at the end of the path."""
        self.stop()
        answers = {
            id: self._again(answer)
            for id, answer in turn.answers.items()
            if id in {column.id for column in self.asked}
        }
        return self._added(turn.prompt, turn.images, self.path[-1].id, answers)

    def again(self, turn: Turn, column_id: int) -> Turn:
        """Send one column's request once more.

        An answer without words makes room for the new one; one with words stays, in a sibling
        that shares the other columns' answers.
        """
        old = turn.answers[column_id]
        if not old.snapshot().text:
            turn.answers[column_id] = self._again(old)
            return turn
        answers = {**turn.answers, column_id: self._again(old)}
        return self._added(turn.prompt, turn.images, turn.parent, answers)

    def stop(self, column_id: int | None = None) -> None:
        """End one column's running answers, or all; what arrived is kept."""
        for turn in self.turns.values():
            for id, answer in turn.answers.items():
                if column_id in (None, id):
                    answer.stop()

    def clear(self) -> None:
        """End what runs and forget all turns. Columns and settings stay."""
        self.stop()
        self.turns = {}
        self._shown = {}

    def restore(self, columns: Iterable[Column], terms: Terms, turns: Iterable[Turn]) -> None:
        """Put another conversation in the place of this one; the last turn's path is shown."""
        self.clear()
        self.columns, self.terms, self.solo = tuple(columns), terms, None
        for turn in turns:
            self.turns[turn.id] = turn
            self._shown[turn.parent] = turn.id
        self.edition += 1

    def _walk(self) -> Iterator[Turn]:
        at: int | None = None
        while (at := self._shown.get(at)) is not None:
            yield self.turns[at]

    def _asked(self, prompt: str, images: tuple[Image, ...], parent: int | None) -> Turn:
        self.stop()
        before = self._before(parent)
        answers = {}
        for column in self.asked:
            terms = column.terms(self.terms)
            messages = _messages(column, terms, before, prompt, images)
            chat = terms.chat(column.provider, column.model, messages)
            answers[column.id] = self._send(chat, terms.options, terms.target)
        return self._added(prompt, images, parent, answers)

    def _added(
        self,
        prompt: str,
        images: tuple[Image, ...],
        parent: int | None,
        answers: dict[int, Answer],
    ) -> Turn:
        turn = Turn(
            id=max(self.turns, default=-1) + 1,
            parent=parent,
            prompt=prompt,
            images=images,
            answers=answers,
        )
        self.turns[turn.id] = turn
        self.show(turn)
        return turn

    def _before(self, parent: int | None) -> list[Turn]:
        """Return a turn and all before it, oldest first."""
        found = []
        while parent is not None:
            found.append(self.turns[parent])
            parent = self.turns[parent].parent
        return found[::-1]

    def _again(self, answer: Answer) -> Answer:
        return self._send(answer.chat, answer.options, answer.target)


def _messages(
    column: Column,
    terms: Terms,
    before: Iterable[Turn],
    prompt: str,
    images: tuple[Image, ...],
) -> tuple[Message, ...]:
    messages = [Message(role="system", text=terms.system)] if terms.system else []
    for turn in before if terms.history else ():
        answer = turn.answers.get(column.id)
        said = answer.snapshot().text if answer is not None else ""
        # A question without an answer is left out: providers refuse two user turns in a row.
        if said:
            messages.append(_question(column, turn.prompt, turn.images))
            messages.append(Message(role="assistant", text=said))
    return (*messages, _question(column, prompt, images))


def _question(column: Column, prompt: str, images: tuple[Image, ...]) -> Message:
    return Message(role="user", text=prompt, images=images if column.takes_pictures else ())
