"""Workers AI's numbered errors: in its own envelope, and the requests that earn them.

3042  the path holds no model id    5007  no such model (see ``models``)
3003  the body is empty             5004  the body isn't what the model takes (see ``chats``)
3006  the body is too large         5005  a LoRA for a model that takes none

The others speak of accounts and of load: a fault such as ``error=3040`` plays them.
"""

import re

import orjson

from gateway.codes import CODES
from gateway.local.simulated.said import JSON_TYPE, Asked, Said

NO_SUCH_MODEL = 5007
BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a request that a model takes (ASSUMPTION: the figure isn't documented)."""

_ROWS = {row.code: row for row in CODES if row.origin == "workers-ai"}
_MODEL_ID = re.compile(r"@(?:cf|hf)/[^/]+/[^/]+")


def numbered_error(code: int, words: str = "") -> Said:
    """Return one of Workers AI's documented errors (contract: providers, upstream error codes).

    Args:
        words: The message; empty for what the table says it means.
    """
    row = _ROWS[code]
    body = {
        "result": None,
        "success": False,
        "errors": [{"code": code, "message": words or row.meaning.removeprefix("Workers AI: ")}],
        "messages": [],
    }
    return Said(status=row.status, headers=JSON_TYPE, body=orjson.dumps(body))


def unfit(asked: Asked, method: str) -> Said | None:
    """Return Workers AI's error for a call that can't be run; ``None`` for any other call.

    Raises:
        BadRequest: the body isn't a JSON object.
    """
    if asked.provider.slug != "workers-ai" or method != "POST":
        return None
    name = asked.path.removeprefix("run/")
    if name.startswith("@") and _MODEL_ID.fullmatch(name) is None:
        return numbered_error(3042)
    if not asked.raw:
        return numbered_error(3003)
    if len(asked.raw) > BODY_LIMIT:
        return numbered_error(3006)
    # Looked for as bytes first: hardly any request has one, and bodies may be large.
    if b'"lora"' in asked.raw and name.startswith("@") and "lora" not in name:
        return numbered_error(5005) if asked.body().get("lora") else None
    return None
