"""cURL commands: from browsers, documentation, Postman and Insomnia, for three shells."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from gateway.draft import Pair
from gateway.paste.raw import RawCall, Unread, header_of, placed, with_default
from gateway.paste.words import Word, shell_of, split

_LONG = {
    "-A": "--user-agent", "-b": "--cookie", "-d": "--data", "-e": "--referer", "-F": "--form",
    "-G": "--get", "-H": "--header", "-I": "--head", "-K": "--config", "-m": "--max-time",
    "-o": "--output", "-T": "--upload-file", "-u": "--user", "-U": "--proxy-user",
    "-w": "--write-out",
    "-x": "--proxy", "-X": "--request", "-E": "--cert", "-c": "--cookie-jar",
    "-D": "--dump-header",
    "-r": "--range", "-C": "--continue-at", "-Y": "--speed-limit", "-y": "--speed-time",
    "-z": "--time-cond", "-P": "--ftp-port", "-Q": "--quote", "-t": "--telnet-option",
}  # fmt: skip
"""Short options that take a value, and the switches that matter."""
MOST_WORDS = 1000
"""Words of a command that are read; a call has some dozens."""
_NAMES = ("curl", "curl.exe")
_CURL = re.compile(r"(?i)(?<![\w.-])curl(?:\.exe)?(?=\s|$)")
_SWITCHES = frozenset({"--get", "--head"})
_IGNORED = frozenset(
    {
        "--aws-sigv4", "--cacert", "--capath", "--cert", "--ciphers", "--connect-timeout",
        "--connect-to", "--cookie-jar", "--doh-url", "--dump-header", "--interface",
        "--keepalive-time", "--key", "--limit-rate", "--max-redirs", "--noproxy", "--output",
        "--pass", "--proto", "--proxy", "--proxy-user", "--resolve", "--retry-delay",
        "--retry-max-time", "--speed-limit", "--speed-time", "--stderr", "--tls-max", "--trace",
        "--trace-ascii", "--unix-socket", "--write-out", "--continue-at", "--ftp-port", "--quote",
        "--telnet-option", "--time-cond", "--range",
    }
)  # fmt: skip
"""Options with a value that change nothing about the call itself."""
_UNREADABLE = {
    "--config": "it names a file of another machine",
    "--form": "no chat is sent as a form",
    "--form-string": "no chat is sent as a form",
    "--upload-file": "it names a file of another machine",
}
_DATA = frozenset(
    {"--data", "--data-ascii", "--data-raw", "--data-binary", "--data-urlencode", "--json"}
)
_VALUED = frozenset(
    {
        *_IGNORED, *_UNREADABLE, *_DATA, "--header", "--request", "--user", "--user-agent",
        "--referer", "--cookie", "--url", "--max-time", "--retry", "--oauth2-bearer",
    }
)  # fmt: skip


@dataclass
class _Command:
    """A command while it is read."""

    text: str
    stdin: str | None = None
    method: str | None = None
    url: str | None = None
    headers: list[Pair] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    in_query: bool = False
    is_json: bool = False
    timeout_s: float | None = None
    retries: int = 0
    unread: list[Unread] = field(default_factory=list)


def is_curl(text: str) -> bool:
    """Whether a text holds a cURL command."""
    return _CURL.search(text) is not None


def read_curl(text: str) -> RawCall:
    """Read the first cURL command of a text. What can't be read is in ``unread``."""
    words = split(text, shell_of(text))
    named = (index for index, word in enumerate(words) if word.text.lower() in _NAMES)
    start = next(named, None)
    if start is None:
        return RawCall(shape="nothing", unread=(Unread("The text", "no command begins with curl"),))
    command = _Command(text, stdin=_piped(words[:start]))
    own: list[Word] = []
    for word in words[start + 1 : start + MOST_WORDS]:
        if word.kind == "end":
            break
        if word.kind == "here":
            command.stdin = word.text
        else:
            own.append(word)
    command.unread += [
        placed(text, word.at, "A quotation mark", "it is opened in this word and never closed")
        for word in own
        if word.kind == "open"
    ]
    rest = iter(own)
    for word in rest:
        _take(command, word, rest)
    return _call(command)


def _piped(words: list[Word]) -> str | None:
    """Return what an ``echo`` in front of a pipe writes."""
    if len(words) < 3 or words[-1].text != "|" or words[-1].kind != "end":
        return None
    start = max((i for i, word in enumerate(words[:-1]) if word.kind == "end"), default=-1) + 1
    said = [word.text for word in words[start:-1]]
    if said[0] not in ("echo", "printf"):
        return None
    return " ".join(part for part in said[1:] if part not in ("-n", "-e"))


def _take(command: _Command, word: Word, rest: Iterator[Word]) -> None:
    """Take in one word, and the value that belongs to it."""
    text = word.text
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        if name in _VALUED:
            if not equals:
                _option(command, name, word, next(rest, None))
            else:
                _option(command, name, word, Word(value, word.at))
        elif name in _SWITCHES:
            _switch(command, name)
        elif name == "--no-buffer" or not equals:
            return
    elif text.startswith("-") and len(text) > 1:
        _shorts(command, word, rest)
    elif text:
        _address(command, word)


def _shorts(command: _Command, word: Word, rest: Iterator[Word]) -> None:
    """Take in short options written together: ``-sSXPOST``, ``-HName:value``."""
    for index, letter in enumerate(word.text[1:], 2):
        name = _LONG.get(f"-{letter}")
        if name in _SWITCHES:
            _switch(command, name)
        elif name is not None:
            stuck = word.text[index:]
            value = Word(stuck, word.at + index) if stuck else next(rest, None)
            _option(command, name, word, value)
            return


def _switch(command: _Command, name: str | None) -> None:
    if name == "--get":
        command.in_query = True
    else:
        command.method = command.method or "HEAD"


def _address(command: _Command, word: Word) -> None:
    if command.url is None:
        command.url = word.text if "://" in word.text else f"https://{word.text}"
    else:
        command.unread.append(
            placed(command.text, word.at, "A word", "there is an address already; is a quote amiss")
        )


def _option(command: _Command, name: str, word: Word, value: Word | None) -> None:
    if value is None:
        command.unread.append(placed(command.text, word.at, name, "its value is missing"))
        return
    text = value.text
    match name:
        case "--url":
            _address(command, value)
        case "--request":
            command.method = text.upper()
        case "--header":
            _header(command, value)
        case "--user":
            token = base64.b64encode(text.encode()).decode()
            command.headers.append(("Authorization", f"Basic {token}"))
        case "--oauth2-bearer":
            command.headers.append(("Authorization", f"Bearer {text}"))
        case "--user-agent" | "--referer" | "--cookie":
            command.headers.append((name[2:].title(), text))
        case "--max-time" | "--retry":
            _number(command, name, value)
        case _ if name in _DATA:
            _data(command, name, value)
        case _ if name in _UNREADABLE:
            command.unread.append(placed(command.text, word.at, name, _UNREADABLE[name]))


def _header(command: _Command, value: Word) -> None:
    if value.text.startswith("@"):
        reason = "it names a file of another machine"
        command.unread.append(placed(command.text, value.at, "A header", reason))
    elif (pair := header_of(value.text)) is None:
        reason = 'a header is written "Name: value"'
        command.unread.append(placed(command.text, value.at, "A header", reason))
    elif pair[1] or value.text.rstrip().endswith(";"):
        command.headers.append(pair)


def _number(command: _Command, name: str, value: Word) -> None:
    try:
        number = float(value.text)
    except ValueError:
        command.unread.append(placed(command.text, value.at, name, "its value must be a number"))
        return
    if name == "--max-time":
        command.timeout_s = number if number > 0 else None
    else:
        command.retries = max(0, min(int(number), 100))


def _data(command: _Command, name: str, value: Word) -> None:
    text = value.text
    command.is_json = command.is_json or name == "--json"
    if name == "--data-urlencode":
        before, equals, after = text.partition("=")
        if not equals and "@" in text:
            reason = "it names a file of another machine"
            command.unread.append(placed(command.text, value.at, name, reason))
            return
        command.data.append(
            f"{before}={quote(after)}" if equals and before else quote(after or before)
        )
    elif text == "@-" and name != "--data-raw" and command.stdin is not None:
        command.data.append(command.stdin)
    elif text.startswith("@") and name != "--data-raw":
        where = "standard input" if text == "@-" else "a file of another machine"
        command.unread.append(placed(command.text, value.at, name, f"it reads from {where}"))
    else:
        command.data.append(text)


def _call(command: _Command) -> RawCall:
    headers, url, body = tuple(command.headers), command.url, None
    if command.data:
        body = ("" if command.is_json else "&").join(command.data)
    if url is None:
        command.unread.append(Unread("The address", "there is none in this command"))
    elif command.in_query and body is not None:
        url, body = f"{url}{'&' if '?' in url else '?'}{body}", None
    if command.is_json:
        headers = with_default(headers, "Content-Type", "application/json")
    return RawCall(
        shape="cURL",
        method=command.method or ("POST" if body is not None else "GET"),
        url=url,
        headers=headers,
        body=None if body is None else _unescaped(body),
        client_timeout_s=command.timeout_s,
        client_retries=command.retries,
        unread=tuple(command.unread),
    )


def _unescaped(body: str) -> str:
    """Return a body whose quotes were escaped once too often, as old PowerShell wants them."""
    if '\\"' not in body or _is_json(body):
        return body
    once = body.replace('\\"', '"')
    return once if _is_json(once) else body


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
