"""Splitting a pasted command into words, as the shell that it was written for would.

    posix        'single' "double \\" $x" $'ansi\\n' << EOF, \\ at the end of a line, | ; & > end it
    cmd          ^ escapes, ^ at the end of a line; "…\\"…" as Windows programs read it
    powershell   'single''s' "double `" $x" @'…'@ here-strings, ` at the end of a line

Every word knows where it began, so that what can't be read can be pointed at. Python's ``shlex``
knows neither places nor ``$'…'`` nor the other two shells.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Shell = Literal["posix", "cmd", "powershell"]

Escape = Callable[[str, int], tuple[str, int] | None]
"""(text, index) -> what the escape there stands for, and its length; ``None`` for no escape."""

_ANSI = {
    "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_CODE = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})")
_TICKS = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w{1,40})\1[^\n]{0,400}\n")
_QUIET = re.compile(r"[^'\"\\`]+")
"""What means itself inside any quotation marks."""
_ORDINARY = re.compile(r"[^\s'\"\\`$|;&<>@]+")
"""What means itself outside."""
_QUOTED, _UNQUOTED = re.compile(r'[^"]+'), re.compile(r'[^"^]+')
_BACKSLASHES = re.compile(r"\\+")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command.

    Attributes:
        at: Index of its first character in the pasted text.
        kind: ``"end"`` for what ends a command (``|``, ``;``); ``"here"`` for what is read from
            standard input; ``"open"`` for a word whose quote is never closed.
    """

    text: str
    at: int
    kind: Literal["word", "end", "here", "open"] = "word"


def shell_of(text: str) -> Shell:
    """Guess for which shell a command was written, by how it breaks its lines."""
    if re.search(r"(?i)\bcurl\.exe\b|`[ \t]*\r?\n\s*-", text):
        return "powershell"
    if re.search(r"\^[ \t]*\r?\n\s*-|(?:curl|-\w+)\s+\^\"", text):
        return "cmd"
    return "posix"


def split(text: str, shell: Shell) -> list[Word]:
    """Return the words of a command, in order."""
    if shell == "cmd":
        return _Reader(*_without_carets(text)).words(shell)
    return _Reader(text, range(len(text))).words(shell)


def _without_carets(text: str) -> tuple[str, list[int]]:
    """Return what cmd hands to the program, and the place of each character of it."""
    kept: list[str] = []
    places: list[int] = []
    at, quoted = 0, False
    while at < len(text):
        plain = (_QUOTED if quoted else _UNQUOTED).match(text, at)
        end = at + 1
        if plain is not None:
            end = plain.end()
        elif text[at] == '"':
            quoted = not quoted
        else:
            # A caret: what follows means itself, and a line's end after it is gone.
            at += 1
            at += 2 if text.startswith("\r\n", at) else text.startswith("\n", at)
            end = at + 1
        kept.append(text[at:end])
        places.extend(range(at, min(end, len(text))))
        at = end
    return "".join(kept), places


class _Reader:
    """Reads words from a text whose characters have places in the pasted one."""

    def __init__(self, text: str, places: Sequence[int]) -> None:
        self._text = text
        self._places = places
        self._at = 0

    @property
    def at(self) -> int:
        """Where it reads next."""
        return self._at

    def move(self, at: int) -> None:
        """Read on from another place."""
        self._at = at

    def words(self, shell: Shell) -> list[Word]:
        found: list[Word] = []
        while self._at < len(self._text):
            if self._skipped(shell):
                continue
            here = self._here_document() if shell == "posix" else None
            if here is not None:
                found.append(here)
            elif (letter := self._text[self._at]) in "|;&" or (letter == ">" and shell == "posix"):
                found.append(Word(letter, self._places[self._at], "end"))
                self._at += 1
            else:
                found.append(self._word(shell))
        return found

    def _here_document(self) -> Word | None:
        """Read a here-document, where one stands; its words come from the lines below."""
        head = _HEREDOC.match(self._text, self._at)
        if head is None:
            return None
        end = re.compile(rf"\n[ \t]*{head[2]}[ \t]*(?=\r?\n|$)").search(self._text, head.end() - 1)
        if end is None:
            return None
        start, self._at = self._at, end.end()
        return Word(self._text[head.end() : end.start()], self._places[start], "here")

    def _skipped(self, shell: Shell) -> bool:
        """Skip a space, a broken line or a comment."""
        text, at = self._text, self._at
        mark = {"posix": "\\", "powershell": "`", "cmd": ""}[shell]
        if mark and (broken := re.compile(re.escape(mark) + r"[ \t]*\r?\n").match(text, at)):
            self._at = broken.end()
            return True
        if text[at] == "#" and shell != "cmd" and (at == 0 or text[at - 1].isspace()):
            end = text.find("\n", at)
            self._at = len(text) if end < 0 else end
            return True
        if text[at].isspace():
            self._at += 1
            return True
        return False

    def _word(self, shell: Shell) -> Word:
        start, parts, closed = self._at, list[str](), True
        while self._at < len(self._text) and closed:
            letter = self._text[self._at]
            if letter.isspace() or letter in "|;" or (letter in "&>" and shell == "posix"):
                break
            part, closed = self.part(shell)
            parts.append(part)
        return Word("".join(parts), self._places[start], "word" if closed else "open")

    def part(self, shell: Shell) -> tuple[str, bool]:
        """Read one piece of a word; ``False`` where its quote is never closed."""
        text, at = self._text, self._at
        if (ordinary := _ORDINARY.match(text, at)) is not None:
            self._at = ordinary.end()
            return ordinary[0], True
        match shell:
            case "posix" if text.startswith("$'", at):
                return self._quoted(at + 2, "'", _ansi)
            case "posix" if text[at] == "'":
                return self._quoted(at + 1, "'", None)
            case "posix" if text[at] == '"':
                return self._quoted(at + 1, '"', _backslash)
            case "posix" if text[at] == "\\" and at + 1 < len(text):
                self._at += 2
                return ("" if text[at + 1] == "\n" else text[at + 1]), True
            case "cmd" if text[at] == '"':
                return self._quoted(at + 1, '"', _windows)
            case "cmd" if text.startswith('\\"', at):
                self._at += 2
                return '"', True
            case "powershell" if text.startswith(("@'", '@"'), at):
                return self._here_string(text[at + 1])
            case "powershell" if text[at] == "'":
                return self._quoted(at + 1, "'", _doubled)
            case "powershell" if text[at] == '"':
                return self._quoted(at + 1, '"', _tick)
            case "powershell" if text[at] == "`" and at + 1 < len(text):
                self._at += 2
                return text[at + 1], True
        self._at += 1
        return text[at], True

    def _quoted(self, at: int, end: str, escape: Escape | None) -> tuple[str, bool]:
        """Read up to a closing quote; ``False`` where there is none."""
        found: list[str] = []
        while at < len(self._text):
            if (quiet := _QUIET.match(self._text, at)) is not None:
                found.append(quiet[0])
                at = quiet.end()
                continue
            special = escape(self._text, at) if escape is not None else None
            if special is not None:
                found.append(special[0])
                at += special[1]
            elif self._text[at] == end:
                self._at = at + 1
                return "".join(found), True
            else:
                found.append(self._text[at])
                at += 1
        self._at = at
        return "".join(found), False

    def _here_string(self, quote: str) -> tuple[str, bool]:
        begin = self._text.find("\n", self._at) + 1
        end = self._text.find(f"\n{quote}@", begin - 1)
        if begin == 0 or end < 0:
            self._at = len(self._text)
            return "", False
        self._at = end + 3
        return self._text[begin:end].rstrip("\r"), True


def _backslash(text: str, at: int) -> tuple[str, int] | None:
    if text[at] != "\\" or at + 1 >= len(text) or text[at + 1] not in '"\\$`\n':
        return None
    return ("" if text[at + 1] == "\n" else text[at + 1]), 2


def _ansi(text: str, at: int) -> tuple[str, int] | None:
    if text[at] != "\\" or at + 1 >= len(text):
        return None
    if code := _CODE.match(text, at + 1):
        digits, base = next(
            (part, 8 if place == 3 else 16) for place, part in enumerate(code.groups()) if part
        )
        number = int(digits, base)
        return chr(number if number <= 0x10FFFF else 0xFFFD), 1 + len(code[0])
    return _ANSI.get(text[at + 1], text[at + 1]), 2


def _windows(text: str, at: int) -> tuple[str, int] | None:
    """Backslashes count only in front of a quotation mark, two for one."""
    if text.startswith('""', at):
        return '"', 2
    slashes = _BACKSLASHES.match(text, at)
    if slashes is None:
        return None
    run = len(slashes[0])
    if text[at + run : at + run + 1] != '"':
        return "\\" * run, run
    return "\\" * (run // 2) + '"' * (run % 2), run + run % 2


def _doubled(text: str, at: int) -> tuple[str, int] | None:
    return ("'", 2) if text.startswith("''", at) else None


def _tick(text: str, at: int) -> tuple[str, int] | None:
    # \" is no PowerShell, but what people paste who had it from another shell.
    if text.startswith(('""', '\\"'), at):
        return '"', 2
    if text[at] != "`" or at + 1 >= len(text):
        return None
    return _TICKS.get(text[at + 1], text[at + 1]), 2


def powershell_text(text: str, at: int) -> tuple[str, int] | None:
    """Read the text literal at an index; the index after it. ``None`` where none stands there."""
    if not text.startswith(("'", '"', "@'", '@"'), at):
        return None
    reader = _Reader(text, [])
    reader.move(at)
    found, closed = reader.part("powershell")
    return (found, reader.at) if closed else None
