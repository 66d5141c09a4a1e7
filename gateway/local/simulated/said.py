"""What a simulated provider is asked, and what it says: the nouns of this folder."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.errors import BadRequest
from gateway.providers import Provider

Json = Any
JSON_TYPE = (("content-type", "application/json"),)
DEEP = 200
"""Brackets from which on a body may be nested more deeply than can be written: 254 levels."""
SSE_TYPE = (("content-type", "text/event-stream; charset=utf-8"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call, as far as every endpoint needs it.

    Attributes:
        path: Without its query string.
        query: The first value of each name.
        headers: Names in lower case.
        id: Hex digits that are this call's own; endpoints make their ids of it.
        created: Emulated seconds since the epoch.
        seed: What the content depends on besides the call itself.
    """

    provider: Provider
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    id: str
    created: int
    seed: int

    def body(self) -> dict[str, Json]:
        """Return the body as a JSON object.

        Raises:
            BadRequest: it isn't one.
        """
        body = parsed(self.raw)
        if not isinstance(body, dict):
            raise BadRequest("The body must be a JSON object")
        return body

    def text(self, *names: str) -> str:
        """Return the first of these members of the body, which must be text that isn't empty.

        Raises:
            BadRequest: there is none, or it isn't text.
        """
        body = self.body()
        name = next((name for name in names if body.get(name) is not None), names[0])
        if not isinstance(body.get(name), str) or not body[name].strip():
            raise BadRequest(f"{name} must be text that isn't empty")
        return str(body[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a provider answers.

    Attributes:
        body: The whole body; empty where ``pieces`` has it.
        pieces: Tokens and bytes of each piece of a stream; made as they are read.
        tokens: What the length of the answer's generation is reckoned by.
        model: What its pace is looked up by; empty where no model has to think.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = JSON_TYPE
    body: bytes = b""
    pieces: Iterator[tuple[int, bytes]] | None = field(default=None, compare=False)
    tokens: int = 0
    model: str = ""


def said(body: Json, *, tokens: int = 0, model: str = "", status: int = 200) -> Said:
    """Return an answer of JSON."""
    return Said(status=status, body=orjson.dumps(body), tokens=tokens, model=model)


def parsed(raw: bytes) -> Json:
    """Return a body as JSON that can be written again, inside an answer.

    Raises:
        BadRequest: it isn't JSON, or nested too deeply.
    """
    try:
        body = orjson.loads(raw)
        if raw.count(b"[") + raw.count(b"{") > DEEP:
            orjson.dumps([[[[[[[[body]]]]]]]])
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body isn't valid JSON: {error}") from error
    except orjson.JSONEncodeError as error:
        raise BadRequest("The body is nested too deeply") from error
    return body


async def one_chunk(body: bytes) -> AsyncGenerator[bytes, None]:
    """Yield a whole body."""
    yield body


def tokens_of(text: str) -> int:
    """Estimate the tokens of a text: one for about four characters, and never less than one."""
    return tokens_for(len(text))


def tokens_for(characters: int) -> int:
    """Estimate the tokens of so many characters; as ``tokens_of``."""
    return max(1, (characters + 3) // 4)
