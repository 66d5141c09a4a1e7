"""A conversation as plain JSON, and back: for saved sessions, exports and links.

    {"format": "ai-gateway-conversation", "version": 1,
     "terms": {...}, "columns": [{"id": 0, "provider": "openai", ...}],
     "turns": [{"id": 0, "prompt": "...", "answers": {"0": an exchange}}]}

Exchanges hold masked headers only, and no key is part of any setting. The set-up alone, for a link,
is a document without turns.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.chat import Exchange, Image
from gateway.conversation.columns import MOST_COLUMNS, Column
from gateway.conversation.conversation import Conversation, Turn
from gateway.conversation.terms import SETTINGS, Terms
from gateway.errors import BadDocument, BadRequest
from gateway.headers import HEADERS, Options
from gateway.masking import mask_text
from gateway.plain import hints_of, plain, revived, revived_as
from gateway.providers import provider_of
from gateway.workbench import Answer

Json = Any

FORMAT = "ai-gateway-conversation"
VERSION = 1


def document_of(
    conversation: Conversation, *, turns: bool = True, secrets: Iterable[str] = ()
) -> dict[str, Json]:
    """Return a conversation as a document. Answers that still run are left out.

    Args:
        turns: With what was asked and answered; else the set-up alone.
        secrets: Masked wherever they occur, also in what the visitor typed.
    """
    document: dict[str, Json] = {
        "format": FORMAT,
        "version": VERSION,
        "terms": plain(conversation.terms),
        "columns": [plain(column) for column in conversation.columns],
    }
    if turns:
        # The path that is shown comes last: the last turn of a document is the one to open at.
        path = {turn.id for turn in conversation.path}
        ordered = sorted(conversation.turns.values(), key=lambda turn: turn.id in path)
        document["turns"] = [_turn_document(turn) for turn in ordered]
    return dict(_masked(document, tuple(secret for secret in secrets if secret)))


def opened(document: Json, into: Conversation) -> None:
    """Put what a document holds in the place of a conversation, which stays as it is on an error.

    Raises:
        BadDocument: it isn't such a document; the sentence says where it is wrong.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadDocument("This isn't a conversation that the playground has kept.")
    if document.get("version") != VERSION:
        raise BadDocument(
            f"This conversation was kept in version {document.get('version')!r} of the format, "
            f"and version {VERSION} can be read."
        )
    where = "terms"
    try:
        terms = revived(Terms, document.get("terms", {}))
        where = "columns"
        columns = [_column(column) for column in document["columns"]]
        _check_columns(columns, terms)
        where = "turns"
        turns = [_turn(turn) for turn in document.get("turns", [])]
        _check_turns(turns)
    except (BadRequest, ValueError, TypeError, KeyError, AttributeError) as error:
        wrong = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise BadDocument(f"The {where} of this conversation can't be read: {wrong}") from error
    into.restore(columns, terms, turns)


def _turn_document(turn: Turn) -> dict[str, Json]:
    ended = ((id, answer.exchange) for id, answer in turn.answers.items())
    return {
        "id": turn.id,
        "parent": turn.parent,
        "prompt": turn.prompt,
        "images": [plain(image) for image in turn.images],
        "answers": {str(id): plain(exchange) for id, exchange in ended if exchange is not None},
    }


def _column(given: Mapping[str, Json]) -> Column:
    own = {name: _setting(name, value) for name, value in given.get("own", {}).items()}
    return revived(Column, {**given, "own": own})


def _setting(name: str, value: Json) -> Any:
    """Return the value of a column's own setting; ``None`` states nothing."""
    if name not in SETTINGS:
        raise ValueError(f"there is no setting {name!r}")
    hints = hints_of(Options if name in HEADERS else Terms)
    return None if value is None else revived_as(hints[name], value)


def _check_columns(columns: list[Column], terms: Terms) -> None:
    if not 1 <= len(columns) <= MOST_COLUMNS:
        raise ValueError(f"there must be from 1 to {MOST_COLUMNS}, not {len(columns)}")
    if len({column.id for column in columns}) < len(columns):
        raise ValueError("two have the same id")
    for column in columns:
        if provider_of(column.provider) is None:
            raise ValueError(f"nobody knows the provider {column.provider!r}")
        column.terms(terms)


def _turn(given: Mapping[str, Json]) -> Turn:
    answers = {
        int(id): Answer.of(revived(Exchange, exchange))
        for id, exchange in given.get("answers", {}).items()
    }
    return Turn(
        id=revived_as(int, given["id"]),
        parent=revived_as(int | None, given.get("parent")),
        prompt=revived_as(str, given["prompt"]),
        images=revived_as(tuple[Image, ...], given.get("images", [])),
        answers=answers,
    )


def _check_turns(turns: list[Turn]) -> None:
    ids = {turn.id for turn in turns}
    if len(ids) < len(turns):
        raise ValueError("two have the same id")
    for turn in turns:
        # A turn is younger than the one it follows, so there are no circles.
        if turn.parent is not None and (turn.parent not in ids or turn.parent >= turn.id):
            raise ValueError(f"turn {turn.id} follows a turn that isn't there")


def _masked(value: Json, secrets: tuple[str, ...]) -> Json:
    if isinstance(value, str):
        return mask_text(value, secrets)
    if isinstance(value, dict):
        return {mask_text(name, secrets): _masked(part, secrets) for name, part in value.items()}
    if isinstance(value, list):
        return [_masked(part, secrets) for part in value]
    return value
