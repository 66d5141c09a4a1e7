"""What a management request says: its gateway, its page, its query, its body."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.local.settings import Invalid
from gateway.local.state import Gateway, State

Json = Any
PER_PAGE = 20
MESSAGE = "Input Validation Error"
BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a body that are read: no setting is nearly as long (ours: none is documented)."""
DIGITS = 12
"""Digits of a number in a query: more is no page and no limit of anything."""


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a body.

    Attributes:
        default: Its value where it is left out and isn't required.
    """

    accepts: Callable[[Json], bool]
    required: bool = False
    default: Json = None


def gateway_of(state: State, request: Request) -> Gateway:
    """Return the gateway that the path names.

    Raises:
        HTTPException: 404, there is none.
    """
    found = state.gateways.get(request.path_params["gateway"])
    if found is None:
        raise HTTPException(404)
    return found


def paging(request: Request, *, low: int, high: int) -> tuple[int, int]:
    """Return the page that is asked for, from 1, and how many rows it has.

    Raises:
        Invalid: one of them is out of bounds.
    """
    page, per_page = whole(request, "page"), whole(request, "per_page")
    page = 1 if page is None else page
    per_page = PER_PAGE if per_page is None else per_page
    if page < 1:
        raise Invalid(MESSAGE, "query", "page")
    if not low <= per_page <= high:
        raise Invalid(MESSAGE, "query", "per_page")
    return page, per_page


def whole(request: Request, name: str) -> int | None:
    """Return a whole number of the query, 0 or more; ``None`` where it isn't there."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > DIGITS:
        raise Invalid(MESSAGE, "query", name)
    return int(text)


def choice(request: Request, name: str, words: Container[str], standard: str) -> str:
    """Return a word of the query, one of those that it takes."""
    word = request.query_params.get(name, standard)
    if word not in words:
        raise Invalid(MESSAGE, "query", name)
    return word


def flag(request: Request, name: str) -> bool | None:
    """Return ``true`` or ``false`` of the query; ``None`` where it isn't there."""
    if name not in request.query_params:
        return None
    return choice(request, name, ("true", "false"), "") == "true"


def search(request: Request, rows: list[dict[str, Json]], *names: str) -> list[dict[str, Json]]:
    """Return the rows that hold the query's ``search`` in one of these members; case is ignored."""
    words = request.query_params.get("search", "").lower()
    return [row for row in rows if any(words in str(row.get(name, "")).lower() for name in names)]


async def json_body(request: Request) -> Json:
    """Read a JSON body. Anything else is refused, also so that web pages can't post forms here.

    Raises:
        Invalid: it is something else.
    """
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Invalid("The body must be application/json", "header", "content-type")
    try:
        return orjson.loads(await body_of(request))
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body isn't JSON: {error}", "body") from error


async def body_of(request: Request) -> bytes:
    """Read a body.

    Raises:
        Invalid: it is larger than any that makes sense.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_LIMIT:
            raise Invalid("The body is larger than 4 MB", "body")
        parts.append(part)
    return b"".join(parts)


async def members(
    request: Request, fields: Mapping[str, Field], *, partial: bool = False
) -> dict[str, Json]:
    """Read the members of a JSON body; others are ignored.

    Args:
        partial: Only what is there; nothing is required then.

    Raises:
        Invalid: a member is missing, or isn't what it must be.
    """
    body = await json_body(request)
    if not isinstance(body, dict):
        raise Invalid(MESSAGE, "body")
    found: dict[str, Json] = {}
    for name, field in fields.items():
        if name not in body:
            if field.required and not partial:
                raise Invalid(MESSAGE, "body", name)
            if not partial:
                found[name] = field.default
        elif not field.accepts(body[name]):
            raise Invalid(MESSAGE, "body", name)
        else:
            found[name] = body[name]
    return found


def is_text(value: Json) -> bool:
    """Whether a value is text, and not empty."""
    return isinstance(value, str) and bool(value)


def is_flag(value: Json) -> bool:
    """Whether a value is true or false."""
    return isinstance(value, bool)


def is_number(low: float = float("-inf"), high: float = float("inf")) -> Callable[[Json], bool]:
    """Return what accepts numbers between two bounds, both included."""

    def accepts(value: Json) -> bool:
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        return plain and low <= value <= high

    return accepts


def maybe(accepts: Callable[[Json], bool]) -> Callable[[Json], bool]:
    """Return what accepts null too."""
    return lambda value: value is None or accepts(value)
