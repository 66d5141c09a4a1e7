"""What an error means: every code of the gateway and of Workers AI, in words for people.

The rows are dated data in ``data/errors.json`` (contract: behaviour, section 12). ``explain``
finds the row of a body in any envelope, and tells the gateway's errors from a provider's own.
``decode`` does the same for whatever somebody has pasted, whole or not, with a status or without.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from typing import Any, Literal

Json = Any
Origin = Literal["gateway", "management", "workers-ai", "provider"]
LONGEST = 20_000
"""Characters of a pasted text that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of the table.

    Attributes:
        code: Number in the body; ``None`` where there is none.
        status: HTTP status.
        name: One word for it, of our own.
        origin: Who says it.
        message: The words that come with it, or their beginning; empty where they aren't known.
        meaning: What it says, in one sentence.
        cause: Why it happens.
        fix: What the person at the screen can do.
        evidence: DOC, API, OBS or ASSUMPTION, as in the wire contract.
        date: Day on which the source was read.
        words: Any of these in a body without a code means this row; in one with a code that
            several rows share, this one of them.
    """

    code: int | None
    status: int
    name: str
    origin: Origin
    message: str
    meaning: str
    cause: str
    fix: str
    evidence: str
    source: str
    date: str
    words: tuple[str, ...] = ()


def _table() -> tuple[Code, ...]:
    text = resources.files("gateway").joinpath("data/errors.json").read_text("utf-8")
    return tuple(_row(row) for row in json.loads(text))


def _row(row: dict[str, Json]) -> Code:
    return Code(**{**row, "words": tuple(row.get("words", ()))})


CODES: tuple[Code, ...] = _table()
"""Every row. Where a code has several, the first is the usual one."""

_PROVIDERS = tuple(row for row in CODES if row.origin == "provider")
_NAMELESS = tuple(row for row in CODES if row.code is None and row.origin == "gateway")


def explain(status: int, body: str) -> Code | None:
    """Return the row that an answer means.

    ``None`` for an answer that is no error, and for an error of the gateway that nobody documents.
    A body without a gateway's envelope is the provider's own: then the row's code is ``None`` and
    its origin is ``"provider"``.

    Args:
        body: As it came; an empty one, HTML and broken JSON will do.
    """
    if status < 400:
        return None
    answer = _parsed(body)
    if not _is_gateways(answer):
        return _providers(status, body)
    return _numbered(status, answer, body.lower()) or _spoken(status, body)


def _parsed(body: str) -> dict[str, Json]:
    try:
        answer = json.loads(body)
    except (json.JSONDecodeError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _is_gateways(answer: dict[str, Json]) -> bool:
    """Whether an envelope is the gateway's (contract: behaviour, envelopes)."""
    return answer.get("name") == "AiGatewayError" or answer.get("success") is False


def _numbered(status: int, answer: dict[str, Json], words: str) -> Code | None:
    """Return the row of a number: of several, the one of this status and these words."""
    for code in _codes_in(answer):
        rows = [row for row in CODES if row.code == code]
        likely = [row for row in rows if row.status == status] or rows
        spoken = (row for row in likely if any(word in words for word in row.words))
        if rows:
            return next(spoken, likely[0])
    return None


def _codes_in(answer: dict[str, Json]) -> Iterator[int]:
    """Yield the numbers of an envelope: in ``error`` or ``errors``, a list or an object."""
    for name in ("error", "errors"):
        inside = answer.get(name)
        for entry in inside if isinstance(inside, list) else [inside]:
            if isinstance(entry, dict) and isinstance(entry.get("code"), int):
                yield entry["code"]
    if isinstance(answer.get("internalCode"), int):
        yield answer["internalCode"]


def _spoken(status: int | None, body: str) -> Code | None:
    """Return the row whose words an envelope without a number uses."""
    words = body.lower()
    rows = (row for row in _NAMELESS if status in (None, row.status))
    return next((row for row in rows if any(word in words for word in row.words)), None)


def _providers(status: int, body: str) -> Code:
    """Return the row of a provider's own error; every status has one."""
    words = body.lower()
    default = "provider_failed" if status >= 500 else "provider_refused"
    spoken = (row for row in _PROVIDERS if any(word in words for word in row.words))
    same = (row for row in _PROVIDERS if row.status == status)
    other = (row for row in _PROVIDERS if row.name == default)
    return next(chain(spoken, same, other))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What a pasted error is.

    Attributes:
        status: HTTP status, as given or found in the text.
        number: The code found in the text.
        message: The words that came with it; empty where there are none.
        row: What it means; ``None`` where nobody can say.
        note: What is odd about the text, or why there is no row; else empty.
    """

    status: int | None
    number: int | None
    message: str
    row: Code | None
    note: str


_STATUS = re.compile(
    r"HTTP/[\d.]+\s+([1-5]\d\d)\b"
    r"|(?i:\b(?:error code|status[_ ]?code|httpcode|status)\b[\"']?\s*[:=]?\s*)([1-5]\d\d)\b"
)
_THROWN = re.compile(r"(?:^|\s|:)(\d{4,5}):\s+(\S[^\n]*)")
"""How the Workers binding throws an error: code, colon, words (contract: behaviour, 12)."""
_TYPES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "resource_exhausted": 429,
    "unauthenticated": 401,
    "permission_denied": 403,
    "invalid_argument": 400,
    "api_error": 500,
    "server_error": 500,
    "overloaded_error": 529,
}
"""Status that goes with the ``type`` or ``status`` words of OpenAI, Anthropic and Google."""
_MENDS = 100
"""Places at which a text that was cut off is tried to be closed."""


def decode(text: str, status: int | None = None) -> Decoded:
    """Say what an error means that somebody pasted.

    JSON of any envelope, with response headers or words around it, as a Python SDK prints it, cut
    off at its end; an exception of the Workers binding; or only the gateway's words.

    Args:
        status: HTTP status, where it is known from elsewhere.
    """
    text = text[:LONGEST].strip()
    answer, cut = _envelope(text)
    thrown = None if answer else _THROWN.search(text)
    if thrown is not None and any(row.code == int(thrown[1]) for row in CODES):
        answer = {"success": False, "error": [{"code": int(thrown[1]), "message": thrown[2]}]}
    status = status if status is not None else _status(text, answer)
    number = next(_codes_in(answer), None) if _is_gateways(answer) else None
    row, note = _meant(text, status, answer, number)
    if row is not None and cut:
        note = "The text is cut off; what is there was enough."
    return Decoded(status=status, number=number, message=_words(answer), row=row, note=note)


def _meant(
    text: str, status: int | None, answer: dict[str, Json], number: int | None
) -> tuple[Code | None, str]:
    """Return the row, and what there is to say where there is none."""
    if not text and status is None:
        return None, "There is nothing to decode: paste the body of an answer."
    if status is not None and status < 400:
        return None, f"A status of {status} is no error."
    if _is_gateways(answer):
        body = json.dumps(answer)
        row = _numbered(status or 0, answer, body.lower()) or _spoken(status, body)
        if row is None and number is not None:
            return None, f"It is the gateway's, but nobody documents the code {number}."
        return row, "" if row else "It is the gateway's, but nobody documents these words."
    said = None if answer else _said(text)
    if said is not None:
        return said, ""
    if status is not None:
        return _providers(status, text), ""
    spoken = next((r for r in _PROVIDERS if any(word in text.lower() for word in r.words)), None)
    note = "No error can be seen in it: paste the whole body, and its status if you have it."
    return spoken, "" if spoken else note


def _envelope(text: str) -> tuple[dict[str, Json], bool]:
    """Return the object in a text, and whether it was cut off; empty where there is none."""
    start = text.find("{")
    if start < 0:
        return {}, False
    inside = text[start:]
    found, cut = _first_object(inside), False
    if found is None:
        found, cut = _closed(inside), True
    return (_unwrapped(found), cut) if found is not None else ({}, False)


def _first_object(text: str) -> dict[str, Json] | None:
    """Return the JSON object at the beginning of a text, or Python's way to print one."""
    try:
        return dict(json.JSONDecoder().raw_decode(text)[0])
    except (ValueError, RecursionError):
        pass
    try:
        found = ast.literal_eval(text[: text.rfind("}") + 1])
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return found if isinstance(found, dict) else None


def _closed(text: str) -> dict[str, Json] | None:
    """Return an object whose end is missing, as far as it goes: closed where it can be."""
    ends = [len(text), *(at for at, letter in enumerate(text) if letter in ',}]"')]
    for end in sorted(ends, reverse=True)[:_MENDS]:
        part = text[:end].rstrip().rstrip(",")
        try:
            found = json.loads(part + _missing(part))
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return None


def _missing(text: str) -> str:
    """Return the quotation mark and the brackets that a text leaves open."""
    open_: list[str] = []
    quoted = escaped = False
    for letter in text:
        if quoted:
            quoted, escaped = escaped or letter != '"', letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in "{[":
            open_.append("}" if letter == "{" else "]")
        elif letter in "}]" and open_:
            open_.pop()
    return '"' * quoted + "".join(reversed(open_))


def _unwrapped(answer: dict[str, Json]) -> dict[str, Json]:
    """Return the envelope inside a WebSocket's message, or inside the words of another one."""
    for _ in range(3):
        inner: Json = answer.get("response")
        words = _words(answer)
        if not isinstance(inner, dict) and words.lstrip().startswith("{"):
            inner = _parsed(words)
        if not isinstance(inner, dict) or not inner:
            break
        answer = inner
    return answer


def _words(answer: dict[str, Json]) -> str:
    """Return the message of an envelope."""
    for name in ("error", "errors"):
        inside = answer.get(name)
        for entry in inside if isinstance(inside, list) else [inside]:
            words = entry.get("message") if isinstance(entry, dict) else entry
            if isinstance(words, str):
                return words
    words = answer.get("message", "")
    return words if isinstance(words, str) else ""


def _status(text: str, answer: dict[str, Json]) -> int | None:
    """Return the HTTP status that a text tells: in its envelope, around it, or by its type."""
    error = answer.get("error")
    inside = error if isinstance(error, dict) else {}
    for value in (answer.get("httpCode"), inside.get("code"), answer.get("status")):
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    if found := _STATUS.search(text):
        return int(found[1] or found[2])
    if _is_gateways(answer):
        return None
    words = (inside.get("type"), inside.get("status"), answer.get("type"), inside.get("code"))
    return next((_TYPES[str(word).lower()] for word in words if str(word).lower() in _TYPES), None)


def _said(text: str) -> Code | None:
    """Return the row whose message a plain text is, or holds where it has several words."""
    words = text.lower()
    rows = [row for row in CODES if row.message]
    exact = next((row for row in rows if row.message.lower() == words), None)
    held = [row for row in rows if " " in row.message and row.message.lower() in words]
    return exact or max(held, key=lambda row: len(row.message), default=None)
