"""A request to the data plane as a message, and what the messages of its answer say."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.client import AGENT

Json = Any
Headers = Sequence[tuple[str, str]]

TOKEN = "cf-aig-authorization"
EVENT_ID = "cf-aig-event-id"
OF_THE_CONNECTION = frozenset({TOKEN, EVENT_ID, "accept-encoding", "user-agent"})
"""Request headers that no step repeats: they are the handshake's, or a member of the message."""

KINDS = ("universal.created", "universal.stream", "universal.done", "universal.error")
"""Messages of an answer; others may come one day, and are skipped."""

ERROR_WORDS = (
    (401, ("auth", "api_key", "permission")),
    (429, ("rate_limit", "quota", "exhausted")),
    (500, ("server", "overloaded", "unavailable", "internal")),
)
"""What a provider's error says of its kind, and the status that such errors have over HTTP."""


def socket_url(base_url: str) -> str:
    """Return the address of a gateway's WebSocket."""
    return f"ws{base_url.removeprefix('http')}"


def handshake_headers(token: str | None) -> tuple[tuple[str, str], ...]:
    """Return the headers of the handshake."""
    return (("User-Agent", AGENT), *(((TOKEN, f"Bearer {token}"),) if token else ()))


def message_of(
    url: str, headers: Headers, body: str | bytes, *, base: str, event_id: str | None = None
) -> dict[str, Json]:
    """Return a request to the data plane as a message.

    Args:
        base: What the URL begins with: the gateway.
    """
    own = {name: value for name, value in headers if name.lower() not in OF_THE_CONNECTION}
    provider, _, endpoint = url.removeprefix(base).strip("/").partition("/")
    query = json.loads(body)
    if provider:
        steps = [{"provider": provider, "endpoint": endpoint, "headers": own, "query": query}]
    else:
        # What holds for the whole request is said to each step, and the step's own word wins.
        steps = [{**step, "headers": {**own, **step["headers"]}} for step in query]
    named = {"eventId": event_id} if event_id is not None else {}
    request = [{**named, **steps[0]}, *steps[1:]]
    return {
        "type": "universal.create",
        "request": request if len(request) > 1 else request[0],
    }


def status_of(response: Json) -> int:
    """Return the status that an answer has over HTTP, as far as its body shows it.

    200, unless the body is a provider's error: then the number that stands in it, or what its
    words mean, or 400.
    """
    if not isinstance(response, dict):
        return 200
    error = response.get("error")
    failed = response.get("success") is False or response.get("type") == "error"
    if not error and not failed:
        return 200
    told = error if isinstance(error, dict) else response
    numbers = (told.get(name) for name in ("code", "status", "status_code"))
    number = next((n for n in numbers if isinstance(n, int) and 400 <= n <= 599), None)
    if number is not None:
        return number
    words = f"{told.get('type')} {told.get('code')} {told.get('status')}".lower()
    return next(
        (status for status, parts in ERROR_WORDS if any(part in words for part in parts)), 400
    )


def object_of(text: str | bytes) -> dict[str, Json]:
    """Return a message; an empty one where it isn't an object."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def members(message: Mapping[str, Json], name: str) -> dict[str, Json]:
    """Return a member that is an object; an empty one where it isn't."""
    value = message.get(name)
    return value if isinstance(value, dict) else {}


def spelled(response: Json) -> bytes:
    """Return a response as the body that it has over HTTP."""
    return json.dumps(response, ensure_ascii=False).encode("utf-8", "replace")
