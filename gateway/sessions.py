"""Conversations kept and shared: saved by name, as a file, as a text to read, as a link.

    saved    keep, reopen          all of it, on the shelf
    file     exported, imported    all of it, as JSON
    text     written               what is shown, as Markdown
    link     linked, followed      the set-up alone, packed into a query parameter

None of them holds a secret: those of the settings are masked, and so is whatever has the shape of
a key, but for a link, which is refused then. A document that can't be read changes nothing.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.chat import Exchange
from gateway.conversation import SETTINGS, Column, Conversation, Terms, Turn, document_of, opened
from gateway.errors import BadDocument
from gateway.masking import mask_keys, mask_text
from gateway.plain import plain
from gateway.providers import provider_of
from gateway.records import Shelf
from gateway.sharing import pack, unpack

Json = Any
KIND = "session"
"""Kind of the documents on the shelf."""

FILE_LIMIT = 50 * 1024 * 1024
"""Bytes of a file that is read: ten turns of pictures in four columns are less."""

PICTURE = "images"
"""Member whose text isn't looked through: a picture may hold the shape of a key by chance."""


def keep(
    shelf: Shelf, name: str, conversation: Conversation, *, secrets: Iterable[str] = ()
) -> None:
    """Save a conversation by name; one of the same name is replaced.

    Raises:
        RecordsError: the name can't be used, or the database can't be written.
    """
    shelf.keep(KIND, name.strip(), _document(conversation, secrets))


def reopen(shelf: Shelf, name: str, into: Conversation) -> None:
    """Put a saved conversation in the place of this one.

    Raises:
        BadDocument: it isn't there any more, or was kept by another version.
        RecordsError: the database can't be read.
    """
    try:
        document = shelf.fetch(KIND, name)
    except KeyError as error:
        raise BadDocument(f"There is no session named {name} any more.") from error
    opened(document, into)


def exported(conversation: Conversation, *, secrets: Iterable[str] = ()) -> str:
    """Return a conversation as a JSON file: set-up, questions, answers and their figures."""
    return json.dumps(_document(conversation, secrets), ensure_ascii=False, indent=1) + "\n"


def imported(raw: bytes, into: Conversation) -> None:
    """Put a file in the place of a conversation, which stays as it is on an error.

    Raises:
        BadDocument: it is no such file; the sentence says where it is wrong.
    """
    if len(raw) > FILE_LIMIT:
        raise BadDocument(f"The file is larger than {FILE_LIMIT >> 20} MB: no session of ours is.")
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadDocument("The file isn't text in UTF-8: choose one that was exported here.") from (
            error
        )
    except json.JSONDecodeError as error:
        raise BadDocument(
            f"The file isn't JSON: line {error.lineno}, column {error.colno} can't be read."
        ) from error
    except RecursionError as error:
        raise BadDocument("The file is nested too deeply: no session of ours is.") from error
    opened(document, into)


def linked(conversation: Conversation, *, secrets: Iterable[str] = ()) -> str:
    """Return the set-up as the value of a query parameter.

    Raises:
        BadDocument: it holds something like a key, or is too large for a link.
    """
    document = document_of(conversation, turns=False)
    text = json.dumps(document, ensure_ascii=False)
    if any(secret in text for secret in secrets if secret):
        raise BadDocument(
            "A link must not carry keys: one stands in the settings. Take it out and try again."
        )
    return pack(document)


def followed(token: str, into: Conversation) -> None:
    """Put the set-up of a link in the place of a conversation, which stays as it is on an error.

    Raises:
        BadDocument: the link can't be read.
    """
    opened(unpack(token), into)


def written(conversation: Conversation, *, secrets: Iterable[str] = ()) -> str:
    """Return what a conversation shows as Markdown: the set-up, then every turn of the path."""
    parts = ["# Conversation", _set_up(conversation)]
    for number, turn in enumerate(conversation.path, 1):
        parts += [f"## Question {number}", _quoted(turn.prompt), *_answers(conversation, turn)]
    text = "\n\n".join(part for part in parts if part) + "\n"
    return mask_keys(mask_text(text, secrets))


def _document(conversation: Conversation, secrets: Iterable[str]) -> dict[str, Json]:
    document: dict[str, Json] = _masked(document_of(conversation, secrets=secrets))
    return document


def _masked(value: Json) -> Json:
    if isinstance(value, str):
        return mask_keys(value)
    if isinstance(value, dict):
        return {
            mask_keys(name): part if name == PICTURE else _masked(part)
            for name, part in value.items()
        }
    return [*map(_masked, value)] if isinstance(value, list) else value


def _set_up(conversation: Conversation) -> str:
    shared = _stated(conversation.terms)
    lines = [f"- **All columns**: {_listed(shared)}"] if shared else []
    for column in conversation.columns:
        own = f"; {_listed(plain(column.own))}" if column.own else ""
        lines.append(f"- **{_title(column)}**: `{column.model}`{own}")
    return "\n".join(lines)


def _stated(terms: Terms) -> dict[str, Json]:
    """Return the settings that differ from those of a new conversation."""
    fresh = Terms()
    stated = {name: terms.value(name) for name in SETTINGS}
    return {name: plain(value) for name, value in stated.items() if value != fresh.value(name)}


def _listed(settings: Mapping[str, Json]) -> str:
    return ", ".join(
        f"{name} `{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"
        for name, value in settings.items()
    )


def _answers(conversation: Conversation, turn: Turn) -> list[str]:
    if turn.images:
        count = len(turn.images)
        pictures = [f"*With {count} {'picture' if count == 1 else 'pictures'}.*"]
    else:
        pictures = []
    parts = []
    for column in conversation.columns:
        answer = turn.answers.get(column.id)
        if answer is None:
            continue
        who = f"### {_title(column)} (`{answer.chat.model}`)"
        if answer.exchange is None:
            parts.append(f"{who}\n\n*Still running when this was exported.*")
        else:
            parts.append(f"{who}\n\n{_said(answer.exchange)}\n\n*{_figures(answer.exchange)}*")
    return [*pictures, *parts]


def _said(exchange: Exchange) -> str:
    reply, failure = exchange.reply, exchange.failure
    if reply is None:
        return f"No answer: {failure.sentence}" if failure is not None else "No answer."
    if reply.status and not 200 <= reply.status < 300:
        return f"HTTP {reply.status}:\n\n{_fenced(reply.body or '')}"
    end = " *(stopped)*" if reply.stopped else f" *({reply.broken})*" if reply.broken else ""
    return f"{reply.text}{end}" if reply.text or end else "*No words.*"


def _figures(exchange: Exchange) -> str:
    reply, cost = exchange.reply, exchange.cost
    if reply is None:
        return exchange.target
    usage = reply.completion.usage
    found = {
        "TTFT": None if reply.ttft_ms is None else f"{reply.ttft_ms:.0f} ms",
        "total": f"{reply.total_ms:.0f} ms",
        "tokens in": usage.tokens_in,
        "tokens out": usage.tokens_out,
        "cost": None if cost is None else f"{cost.usd:.6f} USD",
        "cache": reply.cache,
        "HTTP": reply.status or None,
        "gateway": exchange.target,
    }
    told = ", ".join(f"{name} {value}" for name, value in found.items() if value is not None)
    return f"{told}, simulated" if exchange.simulated else told


def _title(column: Column) -> str:
    row = provider_of(column.provider)
    return column.name or (row.name if row is not None else column.provider)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _fenced(text: str) -> str:
    """Return a text as a block of code, however many backticks it holds."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"
