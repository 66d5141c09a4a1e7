"""What is sent for a chat: method, address, headers and body. Pure; nothing leaves from here.

native      POST {base}/{provider}/{path}       the provider's own body
compat      POST {base}/compat/chat/completions OpenAI's body, model "{prefix}/{model}"
universal   POST {base}/                        a list of steps, tried in order
rest        POST {rest}/ai/v1/chat/completions  OpenAI's body, model "{author}/{model}"

A target that is no gateway takes native chats only, each at the provider's own address.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from gateway.chat import Chat, Step, Target
from gateway.dialects import DIALECTS, Dialect
from gateway.errors import BadRequest
from gateway.headers import Options
from gateway.providers import Provider, provider_of

Json = Any
Headers = tuple[tuple[str, str], ...]

AGENT = "ai-gateway-playground"
"""Our user agent: some servers turn away callers without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it leaves us, keys included: not for the eyes, see ``Stream.sent``."""

    method: str
    url: str
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)


def request_of(chat: Chat, options: Options, target: Target) -> Request:
    """Return the request that asks a gateway for a chat.

    Raises:
        BadRequest: this chat can't be sent on this route.
        Unreachable: no address is known for a provider that is to be asked without a gateway.
    """
    if target.bases is not None:
        return _direct(chat, target, target.bases)
    path, headers, body = _shape(chat, target)
    rest = chat.route == "rest"
    place = "Authorization" if rest else "cf-aig-authorization"
    base = target.rest_url or "" if rest else target.base_url
    token = ((place, f"Bearer {target.token}"),) if target.token else ()
    return _posted(base + path, (*headers, *token, *options.to_headers().items()), body)


def dialect_of(step: Step, chat: Chat) -> Dialect:
    """Return the format that a step is asked in on the chat's route.

    Raises:
        BadRequest: the route doesn't serve the step's provider, or we don't write its format.
    """
    row = _row(step.provider)
    if row.slug == "compat":
        return DIALECTS["openai"]
    if chat.route == "compat":
        if row.compat_prefix is None:
            raise BadRequest(f"{row.name} isn't served by /compat: choose its own route.")
        return DIALECTS["openai"]
    if chat.route == "rest":
        if row.rest_author is None:
            raise BadRequest(f"{row.name} isn't served by the REST endpoint: choose another route.")
        return DIALECTS["openai"]
    if row.dialect is None:
        raise BadRequest(f"We don't write {row.name}'s own chat format: choose another route.")
    return DIALECTS[row.dialect]


def _direct(chat: Chat, target: Target, bases: Mapping[str, str]) -> Request:
    """Return the request that asks a provider itself: nothing of it is meant for a gateway."""
    if chat.route != "native":
        raise BadRequest(
            "Without a gateway there is only the provider's own endpoint: choose Native."
        )
    row, key = _row(chat.provider), target.keys.get(chat.provider)
    if key is None and row.slug not in bases:
        raise BadRequest(
            f"{row.name} can be asked directly only with a key: set {row.env_key} in .env."
            if row.env_key
            else f"{row.name} can't be asked directly."
        )
    itself = Step(provider=chat.provider, model=chat.model)
    dialect = dialect_of(itself, chat)
    url = row.upstream_url(dialect.path(chat), base=bases.get(row.slug))
    return _posted(url, _own_headers(row, key), dialect.body(chat))


def _posted(url: str, headers: Headers, body: Json) -> Request:
    """Return a request with what every one of ours has."""
    return Request(
        method="POST",
        url=quote(url, safe="/?:@=&%+,;$!*'()[]"),
        headers=(
            ("Content-Type", "application/json"),
            ("Accept-Encoding", "identity"),
            ("User-Agent", AGENT),
            *headers,
        ),
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"),
    )


def _shape(chat: Chat, target: Target) -> tuple[str, Headers, Json]:
    """Return path, provider headers and body of a chat on its route."""
    key = target.keys.get(chat.provider)
    itself = Step(provider=chat.provider, model=chat.model)
    match chat.route:
        case "native":
            row, dialect = _row(chat.provider), dialect_of(itself, chat)
            path = f"{row.base_path}/{dialect.path(chat)}"
            return path, _own_headers(row, key), dialect.body(chat)
        case "compat":
            bearer = (("Authorization", f"Bearer {key}"),) if key else ()
            return "/compat/chat/completions", bearer, dialect_of(itself, chat).body(chat)
        case "universal":
            return "/", (), [_step(chat, step, target) for step in chat.all_steps]
        case "rest":
            if target.rest_url is None or target.token is None:
                raise BadRequest("The REST endpoint needs the gateway's token.")
            # Keys of providers don't travel here: the gateway's stored ones are used.
            gateway = (("cf-aig-gateway-id", target.gateway),)
            return "/ai/v1/chat/completions", gateway, dialect_of(itself, chat).body(chat)


def _step(chat: Chat, step: Step, target: Target) -> Json:
    """Return one step of a universal request; its key travels inside."""
    row, dialect, asked = _row(step.provider), dialect_of(step, chat), chat.at(step)
    headers = {
        "Content-Type": "application/json",
        **dict(_own_headers(row, target.keys.get(step.provider))),
        **step.options.step_headers(),
    }
    config = step.options.to_config()
    return {
        "provider": step.provider,
        "endpoint": dialect.path(asked),
        "headers": headers,
        **({"config": config} if config else {}),
        "query": dialect.body(asked),
    }


def _row(slug: str) -> Provider:
    row = provider_of(slug)
    if row is None:
        raise BadRequest(f"Nobody knows the provider {slug!r}: choose one of the list.")
    return row


def _own_headers(row: Provider, key: str | None) -> Headers:
    """Return what a provider's own path needs: its key, where we have one, and its version."""
    return (*((row.auth(key),) if key else ()), *row.extra_headers)
