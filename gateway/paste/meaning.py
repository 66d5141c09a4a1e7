"""What a pasted call means: where it goes, what it asks, what its headers say."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from gateway.chat import Chat
from gateway.draft import Draft, Keys, Pair
from gateway.headers import BY_NAME, Options
from gateway.masking import SECRET_HEADERS, described, holds_key, mask_text, mask_url
from gateway.paste.address import QUERY_KEYS, place_of
from gateway.paste.bodies import asked, json_of
from gateway.paste.raw import RawCall, Unread
from gateway.providers import provider_of

Json = Any

_VARIABLE = re.compile(r"(?i)^(?:(?:bearer|token|basic|key)\s+)?(?:\$|%\w+%|\{\{|<\$)")
"""What a shell or Postman would fill in from somewhere else."""
_BROWSERS = re.compile(
    r"(?i)sec-.*|accept(?:-.*)?|user-agent|origin|referer|content-(?:type|length)|host|connection|"
    r"priority|pragma|cache-control|dnt|te|cookie|x-stainless-.*|anthropic-version|postman-token|"
    r"upgrade-insecure-requests|proxy-connection|transfer-encoding|expect"
)
"""Headers that clients send by themselves: they decide nothing here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A pasted call, read as far as it can be.

    Attributes:
        shape: What it was: cURL, PowerShell, fetch, HTTPie, HAR, HTTP, headers, or nothing.
        url: Without secrets; ``None`` where there is none.
        headers: In order, secrets masked.
        body: As it was, keys inside steps masked; ``None`` where there is none.
        account, gateway: From the URL; ``None`` where it doesn't name them.
        draft: Provider, model, route, options, and the other headers with secrets masked; of the
            keys inside steps only whose they are.
        chat: What is asked, where the body is a chat that we can read.
        secrets: Header name (``"url"`` for one in the URL) and value, of what was masked.
        unread: What couldn't be read, each with its place and reason.
    """

    shape: str
    method: str
    url: str | None
    headers: tuple[Pair, ...]
    body: str | None = field(repr=False)
    account: str | None = None
    gateway: str | None = None
    draft: Draft
    chat: Chat | None = field(default=None, repr=False)
    secrets: tuple[Pair, ...] = field(default=(), repr=False)
    unread: tuple[Unread, ...] = ()


def meaning(call: RawCall) -> Pasted:
    """Return what a call means. What isn't understood is left as it is, and said."""
    unread = list(call.unread)
    headers = _without_variables(call.headers, unread)
    options, raw = _options(headers)
    given = {name.lower(): value for name, value in headers}
    place = place_of(call.url, given, unread)
    body = json_of(call.body, unread)
    draft, chat = asked(place, body, unread)
    secrets = (
        *(pair for pair in headers if _is_secret(*pair)),
        *(
            ("url", value)
            for name, value in parse_qsl(urlsplit(call.url or "").query)
            if name.lower() in QUERY_KEYS
        ),
        *_inside(body),
    )
    return Pasted(
        shape=call.shape,
        method=call.method,
        url=None if call.url is None else mask_url(call.url),
        headers=tuple(_masked(headers)),
        body=None if call.body is None else mask_text(call.body, [value for _, value in secrets]),
        account=place.account if place else None,
        gateway=place.gateway if place else None,
        draft=replace(
            draft,
            options=options,
            raw=tuple(_masked(raw)),
            url=None if call.url is None else mask_url(call.url),
            keys=Keys(own=frozenset(_keyed(body) if draft.route == "universal" else ())),
            client_timeout_s=call.client_timeout_s,
            client_retries=call.client_retries,
        ),
        chat=chat,
        secrets=secrets,
        unread=tuple(unread),
    )


def _without_variables(headers: Iterable[Pair], unread: list[Unread]) -> tuple[Pair, ...]:
    """Return the headers without those whose value would come from the shell that was left."""
    kept = []
    for name, value in headers:
        if name.lower() in SECRET_HEADERS and _VARIABLE.match(value):
            reason = "its value is a variable; the key of .env, or the stored one, takes its place"
            unread.append(Unread(name, reason))
        else:
            kept.append((name, value))
    return tuple(kept)


def _options(headers: Iterable[Pair]) -> tuple[Options, tuple[Pair, ...]]:
    """Return what the form can hold, and the headers that it can't: refused, unknown, keys."""
    stated: dict[str, Any] = {}
    raw: list[Pair] = []
    for name, value in headers:
        row = BY_NAME.get(name.lower())
        field_name = row.field if row is not None and row.direction != "response" else None
        if field_name is None or row is None or field_name in stated:
            if not _BROWSERS.fullmatch(name):
                raw.append((name, value))
            continue
        try:
            found = row.rule.parse(value)
            Options(**{field_name: found})
        except ValueError:
            raw.append((name, value))
        else:
            stated[field_name] = found
    return Options(**stated), tuple(raw)


def _masked(headers: Iterable[Pair]) -> Iterable[Pair]:
    return (
        (name, described(value) if _is_secret(name, value) else value) for name, value in headers
    )


def _is_secret(name: str, value: str) -> bool:
    if name.lower() in SECRET_HEADERS:
        # A placeholder is no secret, and the lint has to see it.
        return len(value) > 0 and not re.search(
            r"(?i)<.*>|your|x{4,}|\{.*\}|dummy|placeholder", value
        )
    return holds_key(value)


def _inside(body: Json) -> Iterator[Pair]:
    """Yield the keys that steps of a universal body carry."""
    for _, headers in _step_headers(body):
        for name, value in headers.items():
            if isinstance(value, str) and _is_secret(name, value):
                yield name, value


def _keyed(body: Json) -> Iterator[str]:
    """Yield the providers whose step carries a key of its own."""
    for slug, headers in _step_headers(body):
        row = provider_of(slug)
        given = {
            name.lower(): value
            for name, value in headers.items()
            if isinstance(value, str) and not _VARIABLE.match(value)
        }
        if row is not None and row.credential(given) is not None:
            yield row.slug


def _step_headers(body: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Yield provider and headers of each step; a body may be one step alone."""
    for entry in body if isinstance(body, list) else [body]:
        headers = entry.get("headers") if isinstance(entry, dict) else None
        if isinstance(headers, dict):
            yield str(entry.get("provider", "")), headers
