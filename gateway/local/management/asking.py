"""What a management request says: its gateway, its page, its body."""

from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.local.settings import Invalid
from gateway.local.state import Gateway, State

Json = Any
PER_PAGE = 20


def gateway_of(state: State, request: Request) -> Gateway:
    found = state.gateways.get(request.path_params["gateway"])
    if found is None:
        raise HTTPException(404)
    return found


def paging(request: Request, *, low: int, high: int) -> tuple[int, int]:
    def number(name: str, standard: int, top: int | None) -> int:
        text = request.query_params.get(name, str(standard))
        if not text.isdecimal() or int(text) < low or (top is not None and int(text) > top):
            raise Invalid("Input Validation Error", "query", name)
        return int(text)

    return number("page", 1, None), number("per_page", PER_PAGE, high)


async def json_body(request: Request) -> Json:
    """Read a JSON body. Anything else is refused, also so that web pages can't post forms here."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Invalid("The body must be application/json", "header", "content-type")
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body isn't JSON: {error}", "body") from error
