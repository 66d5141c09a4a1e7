"""Text that matches a regular expression of the simple kinds that JSON schemas use.

Literals, classes, groups, alternatives, repeats and anchors; no look-around, no back-references.
"""

import string
from random import Random

from gateway.errors import BadRequest

WORD = string.ascii_lowercase + string.digits
CLASSES = {"d": string.digits, "w": WORD, "s": " ", "D": "abc", "W": "-", "S": WORD, ".": WORD}
PRINTABLE = string.ascii_letters + string.digits + "_-. "
CONTROL = {"n": "\n", "t": "\t", "r": "\r"}
EDGES = "bBAzZ"
MOST_REPEATS = 1000


class PatternSampler:
    """One pattern, read from left to right while its text is made.

    Args:
        more: Repeats beyond the least, where the pattern leaves it open.
    """

    def __init__(self, pattern: str, random: Random, *, more: int = 2) -> None:
        self._pattern = pattern
        self._random = random
        self._more = more
        self._at = 0

    def sample(self) -> str:
        """Return a text that matches.

        Raises:
            BadRequest: the pattern isn't of a simple kind.
        """
        text = self._alternatives()
        if self._at < len(self._pattern):
            self._refuse()
        return text

    def _refuse(self) -> None:
        raise BadRequest(
            f"The pattern {self._pattern!r} is beyond the simulated model: literals, classes, "
            "groups, alternatives and repeats only"
        )

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        letter = self._peek()
        if not letter:
            self._refuse()
        self._at += 1
        return letter

    def _alternatives(self) -> str:
        found = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            found.append(self._sequence())
        return self._random.choice(found)

    def _sequence(self) -> str:
        parts: list[str] = []
        while self._peek() and self._peek() not in "|)":
            begin = self._at
            part = self._atom()
            least, most = self._repeats()
            count = min(most, least + (self._more if most > least else 0), MOST_REPEATS)
            if count < least:
                self._refuse()
            end = self._at
            parts.extend([part] if count else [])
            for _ in range(count - 1):
                # Each repeat is drawn anew, so that \d{4} isn't one digit four times.
                self._at = begin
                parts.append(self._atom())
            self._at = end
        return "".join(parts)

    def _atom(self) -> str:
        letter = self._take()
        if letter == "(":
            return self._group()
        if letter == "[":
            return self._random.choice(self._members())
        if letter == "\\":
            return self._escaped(self._take())
        if letter in "^$":
            return ""
        if letter == ".":
            return self._random.choice(CLASSES["."])
        if letter in "*+?{":
            self._refuse()
        return letter

    def _group(self) -> str:
        if self._peek() == "?":
            self._at += 1
            if self._peek() == "P":
                self._at += 1
            if self._peek() == "<" and self._pattern[self._at + 1 : self._at + 2] not in "=!":
                self._at = self._pattern.find(">", self._at) + 1 or len(self._pattern)
            elif self._take() != ":":
                self._refuse()
        text = self._alternatives()
        if self._take() != ")":
            self._refuse()
        return text

    def _escaped(self, letter: str) -> str:
        if letter in CLASSES and letter != ".":
            return self._random.choice(CLASSES[letter])
        if letter in EDGES:
            return ""
        if letter.isalnum() and letter not in CONTROL:
            self._refuse()
        return CONTROL.get(letter, letter)

    def _members(self) -> str:
        negated = self._peek() == "^"
        self._at += negated
        members = ""
        while (letter := self._take()) != "]" or not members:
            if letter == "\\":
                letter = self._take()
                members += CLASSES.get(letter, CONTROL.get(letter, letter))
            elif self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] != "]":
                self._at += 1
                last = self._take()
                members += "".join(
                    map(chr, range(ord(letter), min(ord(last), ord(letter) + 99) + 1))
                )
            else:
                members += letter
        if negated:
            members = "".join(sorted(set(PRINTABLE) - set(members)))
        if not members:
            self._refuse()
        return members

    def _repeats(self) -> tuple[int, int]:
        least, most = 1, 1
        letter = self._peek()
        if letter and letter in "*+?":
            self._at += 1
            least, most = (letter == "+", 1 if letter == "?" else MOST_REPEATS)
        elif letter == "{":
            end = self._pattern.find("}", self._at)
            low, comma, high = self._pattern[self._at + 1 : max(end, 0)].partition(",")
            if not low.isdecimal() or (high and not high.isdecimal()):
                self._refuse()
            least = int(low)
            most = (int(high) if high else MOST_REPEATS) if comma else least
            self._at = end + 1
        else:
            return 1, 1
        if self._peek() and self._peek() in "?+":
            self._at += 1
        return int(least), most
