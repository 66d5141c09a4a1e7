"""A pasted call before it means anything: method, URL, headers, body, and what stayed unread."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.draft import Pair


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that couldn't be read, or wasn't taken over.

    Attributes:
        what: An option, a header's name or a member: never a value.
        at: Where it stands, as the number of its character from 1; ``None`` where it has no place.
        line: The line of that character, from 1.
    """

    what: str
    reason: str
    at: int | None = None
    line: int | None = None

    @property
    def place(self) -> str:
        """What, and where it stands: ``"--data (line 2, character 40)"``."""
        where = "" if self.at is None else f" (line {self.line}, character {self.at})"
        return f"{self.what}{where}"

    @property
    def sentence(self) -> str:
        """All of it for the eyes."""
        return f"{self.place}: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCall:
    """A call as it was pasted; headers in order, repeated ones too. May hold secrets.

    Attributes:
        client_timeout_s: After how long the pasted client gives up, where it says so.
        client_retries: How often it asks again.
    """

    shape: str
    method: str = "GET"
    url: str | None = field(default=None, repr=False)
    headers: tuple[Pair, ...] = field(default=(), repr=False)
    body: str | None = field(default=None, repr=False)
    client_timeout_s: float | None = None
    client_retries: int = 0
    unread: tuple[Unread, ...] = ()


def placed(text: str, at: int, what: str, reason: str) -> Unread:
    """Return what stayed unread at an index of the pasted text."""
    return Unread(what, reason, at + 1, text.count("\n", 0, at) + 1)


def located(text: str, unread: Unread) -> Unread:
    """Return the same with its place, where it has none and its words stand in the text."""
    at = text.lower().find(unread.what.lower()) if unread.at is None else -1
    return unread if at < 0 else placed(text, at, unread.what, unread.reason)


def header_of(line: str) -> Pair | None:
    """Return a header line as a pair; ``None`` where it is none. ``Name;`` is an empty header."""
    name, colon, value = line.partition(":")
    if not colon and name.endswith(";"):
        name, colon, value = name[:-1], ":", ""
    name = name.strip()
    if not colon or not name or any(letter in " \t\"'{}" for letter in name):
        return None
    return name, value.strip()


def with_default(headers: Iterable[Pair], name: str, value: str) -> tuple[Pair, ...]:
    """Return the headers, with one added unless it is there."""
    given = tuple(headers)
    if any(key.lower() == name.lower() for key, _ in given):
        return given
    return (*given, (name, value))
