"""What an OpenAI or Anthropic package is given, so that it sends this very call."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from gateway.snippets.call import Call, CannotSay

Json = Any

MESSAGES, CHAT = "/v1/messages", "/chat/completions"
KEY_HEADERS = {CHAT: "authorization", MESSAGES: "x-api-key"}
"""The header that a package writes its key into, by the path that it adds to its base URL."""

OF_CHAT = """
    model messages stream stream_options temperature top_p max_tokens max_completion_tokens stop
    seed tools tool_choice response_format
"""
OF_MESSAGES = """
    model max_tokens messages system temperature top_p stop_sequences tools tool_choice stream
"""
ARGUMENTS = {CHAT: frozenset(OF_CHAT.split()), MESSAGES: frozenset(OF_MESSAGES.split())}
"""Members of a body that are arguments of the package's method; the rest goes beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a package is set up for one call.

    Attributes:
        key: Text of the key, marks in it; ``None`` where the call carries none. A package insists
            on one and would send it, which would bypass the key stored at the gateway.
        headers: What it doesn't send by itself.
        arguments: The body, as far as the method takes it.
        extra: The rest of the body.
    """

    base_url: str
    query: tuple[tuple[str, str], ...]
    key: str | None
    headers: tuple[tuple[str, str], ...]
    arguments: dict[str, Json] = field(hash=False)
    extra: dict[str, Json] = field(hash=False)


def setup_of(call: Call, path: str) -> Setup:
    """Return what a package needs that adds ``path`` to its base URL.

    Raises:
        CannotSay: the call goes elsewhere.
    """
    address, _, query = call.url.partition("?")
    if not address.endswith(path) or not isinstance(call.body, dict):
        raise CannotSay(_reason(call, path))
    place = KEY_HEADERS[path]
    value = next((value for name, value in call.headers if name.lower() == place), None)
    named = ARGUMENTS[path]
    return Setup(
        base_url=address.removesuffix(path),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        key=None if value is None else value.removeprefix("Bearer "),
        headers=tuple(
            (name, value)
            for name, value in call.headers
            if name.lower() not in (place, "content-type")
        ),
        arguments={name: value for name, value in call.body.items() if name in named},
        extra={name: value for name, value in call.body.items() if name not in named},
    )


def _reason(call: Call, path: str) -> str:
    """Return why a package can't make a call, and what can."""
    if call.chat.route == "universal":
        return "A package sends one request, not a list of steps: take cURL, httpx or fetch."
    if path == MESSAGES:
        return "The anthropic package sends Anthropic's own format: choose Anthropic, native."
    return "The OpenAI package sends OpenAI's format: choose the compat route for this provider."
