"""A probe: one question to a gateway, what is seen there, and what is expected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.conformance.target import Target

Json = Any


@dataclass(frozen=True, slots=True)
class Probe:
    """Something that can be seen from outside, on any gateway.

    Attributes:
        name: What it is about, in a few words.
        rules: Ids of the rules that it shows.
        see: Asks, and returns what it saw: statuses, codes, headers, shapes; never a secret.
        expected: What the local gateway must show.
    """

    name: str
    rules: tuple[str, ...]
    see: Callable[[Target], Json]
    expected: Json


def error(answer: httpx.Response) -> dict[str, Json]:
    """Return status and code of an error, in whichever envelope it stands."""
    return {"status": answer.status_code, "code": code_in(body_of(answer))}


def code_in(body: Json) -> Json:
    """Return the first code of an envelope; ``None`` where there is none."""
    for name in ("error", "errors"):
        inside = body.get(name) if isinstance(body, dict) else None
        first = inside[0] if isinstance(inside, list) and inside else None
        if isinstance(first, dict) and "code" in first:
            return first["code"]
    return None


def body_of(answer: httpx.Response) -> Json:
    """Return a body as JSON; ``None`` where it isn't JSON."""
    try:
        return answer.json()
    except ValueError:
        return None


def caches(*answers: httpx.Response) -> list[str | None]:
    """Return the cache status of each answer."""
    return [answer.headers.get("cf-aig-cache-status") for answer in answers]
