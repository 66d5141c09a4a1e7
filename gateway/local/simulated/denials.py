"""Errors in a provider's own words: no key, wrong key, no such path, model or method, bad body.

A provider with a chat format of ours is refused in that format; the others have a shape each in
``SHAPES``.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from gateway.dialects import DIALECTS, dialect_for
from gateway.local.simulated.said import JSON_TYPE, Said
from gateway.providers import provider_of

Json = Any
Shape = Callable[[int, str], Json]

USUAL = {
    400: "The request could not be understood.",
    401: "The API key is missing or wrong.",
    402: "The account has no credit left.",
    403: "This key may not do that.",
    404: "There is nothing at this address.",
    405: "This method is not allowed here.",
    408: "The request took too long.",
    413: "The request is too large.",
    415: "This content type is not supported.",
    422: "The request could not be processed.",
    429: "Rate limit reached. Please try again later.",
    500: "The server had an error while processing your request.",
    502: "The server is temporarily unavailable.",
    503: "The service is overloaded. Please try again later.",
    504: "The model did not answer in time.",
    529: "Overloaded",
}


def _title(status: int) -> str:
    return {401: "Unauthenticated", 404: "Not found", 429: "Too many requests"}.get(
        status, "Server error" if status >= 500 else "Invalid request"
    )


SHAPES: Mapping[str, Shape] = {
    "aws-bedrock": lambda status, words: {"message": words},
    "cartesia": lambda status, words: {
        "error_code": _title(status).lower().replace(" ", "_"),
        "title": _title(status),
        "message": words,
        "status_code": status,
    },
    "cohere": lambda status, words: {"message": words},
    "deepgram": lambda status, words: {
        "err_code": _title(status).upper().replace(" ", "_"),
        "err_msg": words,
    },
    "elevenlabs": lambda status, words: {
        "detail": {"status": _title(status).lower().replace(" ", "_"), "message": words}
    },
    "fal": lambda status, words: {"detail": words},
    "huggingface": lambda status, words: {"error": words},
    "ideogram": lambda status, words: {"error": words},
    "mistral": lambda status, words: {
        "object": "error",
        "message": words,
        "type": _title(status).lower().replace(" ", "_"),
        "param": None,
        "code": str(status),
    },
    "parallel": lambda status, words: {"type": "error", "error": {"message": words}},
    "replicate": lambda status, words: {
        "title": _title(status),
        "detail": words,
        "status": status,
    },
}
"""How providers write an error, where they don't write it as their chat format does."""


def denial(provider: str, path: str, status: int, words: str = "") -> Said:
    """Return an error as a provider writes it.

    Args:
        words: The message; empty for one that suits the status.
    """
    words = words or USUAL.get(status) or f"The request failed with status {status}."
    shape = SHAPES.get(provider)
    if shape is None:
        row = provider_of(provider)
        usual = row.dialect if row is not None and row.dialect is not None else "openai"
        shape = (dialect_for(provider, path) or DIALECTS[usual]).error
    return Said(status=status, headers=JSON_TYPE, body=orjson.dumps(shape(status, words)))
