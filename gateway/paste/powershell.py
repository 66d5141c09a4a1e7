"""PowerShell's own cmdlets: Invoke-RestMethod and Invoke-WebRequest, as browsers and Postman write
them, with the variables that hold their headers and bodies."""

import json
import re
from typing import Any

from gateway.draft import Pair
from gateway.paste.raw import RawCall, Unread, placed
from gateway.paste.words import powershell_text

Json = Any

_CALL = re.compile(
    r"(?im)^[ \t]*(?:\$\w+[ \t]*=[ \t]*)?(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm)(?=\s)"
)
_ASSIGN = re.compile(r"(?m)^[ \t]*\$(\w+)[ \t]*=[ \t]*")
_ADD = re.compile(r"(?i)\$(\w+)(?:\.Add\(\s*|\[\s*(?=['\"]))")
_NAME = re.compile(r"[\w-]+")
_PARAMETER = re.compile(r"-([A-Za-z]+):?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
DEEPEST = 50
"""Tables and lists inside each other that are read."""
MOST_UNREAD = 50
"""Parameters that can't be read after which a call is given up."""
_SPACE = re.compile(r"(?:\s|`[ \t]*\r?\n|;)*")
_BLANK = re.compile(r"(?:[ \t]|`[ \t]*\r?\n)*")
_TO_JSON = re.compile(r"[ \t]*\)?[ \t]*\|[ \t]*ConvertTo-Json\b[^\n;)]*", re.IGNORECASE)
_SWITCHES = frozenset({"usebasicparsing", "skipcertificatecheck", "disablekeepalive", "verbose"})
_PSEUDO = frozenset({"authority", "method", "path", "scheme"})
"""HTTP/2's own fields, which a browser writes among the headers."""
_WORDS = {"true": True, "false": False, "null": None}


class _Unknown(ValueError):
    """A value that only the script's own run would know.

    Attributes:
        at: Index of the value.
    """

    def __init__(self, at: int) -> None:
        self.at = at


def is_powershell(text: str) -> bool:
    """Whether a text calls one of the cmdlets."""
    return _CALL.search(text) is not None


def read_powershell(text: str) -> RawCall:
    """Read the first call. What can't be read is in ``unread``."""
    call = _CALL.search(text)
    assert call is not None
    script = _Script(text)
    script.run(text[: call.start()])
    given, unread = script.parameters(call.end())
    headers = _headers(given.get("headers"))
    if isinstance(given.get("contenttype"), str):
        headers = (*headers, ("Content-Type", given["contenttype"]))
    body = given.get("body")
    retries, timeout_s = given.get("maximumretrycount"), given.get("timeoutsec")
    url = given.get("uri")
    if not isinstance(url, str):
        unread = (*unread, Unread("The address", "there is none that can be read"))
    return RawCall(
        shape="PowerShell",
        method=str(given.get("method", "POST" if body is not None else "GET")).upper(),
        url=url if isinstance(url, str) else None,
        headers=headers,
        body=body if isinstance(body, str) or body is None else json.dumps(body),
        client_timeout_s=timeout_s if isinstance(timeout_s, int | float) and timeout_s else None,
        client_retries=retries if isinstance(retries, int) else 0,
        unread=unread,
    )


def _headers(value: Json) -> tuple[Pair, ...]:
    entries = value.items() if isinstance(value, dict) else ()
    return tuple(
        (name, str(entry)) for name, entry in entries if name.lower() not in _PSEUDO and name
    )


class _Script:
    """The text, and what its variables hold so far."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._names: dict[str, Json] = {}
        self._depth = 0

    def run(self, before: str) -> None:
        """Take in the assignments in front of the call; what can't be read stays unknown."""
        moves = [*_ASSIGN.finditer(before), *_ADD.finditer(before)]
        for move in sorted(moves, key=lambda found: found.start()):
            name = move[1].lower()
            try:
                if move.re is _ASSIGN:
                    self._names[name] = self._assigned(move.end())
                else:
                    self._add(name, move.end())
            except _Unknown:
                continue

    def parameters(self, at: int) -> tuple[dict[str, Json], tuple[Unread, ...]]:
        """Return the parameters of a call by lower-case name, and what couldn't be read."""
        found: dict[str, Json] = {}
        unread: list[Unread] = []
        while (at := _end(_BLANK, self._text, at)) < len(self._text) and len(unread) < MOST_UNREAD:
            if self._text[at] in "\r\n|;)":
                break
            named = _PARAMETER.match(self._text, at)
            name = named[1].lower() if named else "uri"
            start = at = _end(_BLANK, self._text, named.end()) if named else at
            if name in _SWITCHES:
                continue
            try:
                value, at = self._value(at)
                found.setdefault(name, value)
            except _Unknown as unknown:
                if name not in ("websession", "sessionvariable"):
                    reason = "its value isn't in the text that was pasted"
                    unread.append(placed(self._text, unknown.at, f"-{name}", reason))
                at = max(start + 1, _end(re.compile(r"[^\s`]*"), self._text, start))
        return found, tuple(unread)

    def _assigned(self, at: int) -> Json:
        if self._text.startswith("New-Object", at):
            return {}
        return self._value(at)[0]

    def _add(self, name: str, at: int) -> None:
        held = self._names.setdefault(name, {})
        key, at = self._value(at)
        at = _end(re.compile(r"[\s,\]=]*"), self._text, at)
        if isinstance(held, dict):
            held[str(key)] = self._value(at)[0]

    def _value(self, at: int) -> tuple[Json, int]:
        """Read a value and what turns it into JSON; the index after it."""
        if self._depth >= DEEPEST:
            raise _Unknown(at)
        self._depth += 1
        try:
            value, after = self._plain(at)
        finally:
            self._depth -= 1
        if (piped := _TO_JSON.match(self._text, after)) is not None:
            return json.dumps(value), piped.end()
        return value, after

    def _plain(self, at: int) -> tuple[Json, int]:
        text = self._text
        if (literal := powershell_text(text, at)) is not None:
            return literal
        if text.startswith("@{", at):
            return self._table(at + 2)
        if text.startswith("@(", at):
            return self._list(at + 2)
        if text.startswith("(", at):
            value, after = self._value(_end(_SPACE, text, at + 1))
            return value, _end(re.compile(r"\s*\)?"), text, after)
        if (cast := re.compile(r"\[\w+\]").match(text, at)) is not None:
            return self._plain(cast.end())
        if (number := _NUMBER.match(text, at)) is not None:
            return json.loads(number[0]), number.end()
        if (name := re.compile(r"\$(\w+)").match(text, at)) is not None:
            word = name[1].lower()
            if word in _WORDS:
                return _WORDS[word], name.end()
            if word in self._names:
                return self._names[word], name.end()
            raise _Unknown(at)
        if (bare := re.compile(r"[A-Za-z][^\s;|)}]*").match(text, at)) is not None:
            return bare[0], bare.end()
        raise _Unknown(at)

    def _table(self, at: int) -> tuple[dict[str, Json], int]:
        found: dict[str, Json] = {}
        while (at := _end(_SPACE, self._text, at)) < len(self._text):
            if self._text[at] == "}":
                return found, at + 1
            literal = powershell_text(self._text, at)
            if literal is None and (bare := _NAME.match(self._text, at)) is not None:
                literal = bare[0], bare.end()
            if literal is None:
                break
            key, at = literal
            at = _end(_SPACE, self._text, at)
            if not self._text.startswith("=", at):
                break
            found[key], at = self._value(_end(_SPACE, self._text, at + 1))
        raise _Unknown(min(at, len(self._text) - 1))

    def _list(self, at: int) -> tuple[list[Json], int]:
        found: list[Json] = []
        while (at := _end(re.compile(r"[\s,;]*"), self._text, at)) < len(self._text):
            if self._text[at] == ")":
                return found, at + 1
            value, at = self._value(at)
            found.append(value)
        raise _Unknown(len(self._text) - 1)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return the index after what a pattern matches, which may be nothing."""
    found = pattern.match(text, at)
    return at if found is None else found.end()
