"""A request becomes the list of steps to try: one for a plain call, several for a universal one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

import orjson

from gateway.dialects import DIALECTS
from gateway.errors import BadRequest
from gateway.local.cache import REQUEST_LIMIT, default_key
from gateway.local.candidates import AUTO, candidates
from gateway.local.faults import FAULT_HEADER, SCANNER_FAULT_HEADER
from gateway.local.reading import CfHeaders, Settled, settle
from gateway.local.refusals import Refusal
from gateway.local.routing import Route, is_compat, known_provider
from gateway.local.translate import Envelope, Translation
from gateway.local.upstreams import HOP_BY_HOP
from gateway.policy import GatewayPolicy
from gateway.providers import Provider, by_compat_prefix

Json = Any
OWN_HEADERS = HOP_BY_HOP | {
    "host",
    "content-length",
    "accept-encoding",
    "expect",
    FAULT_HEADER,
    SCANNER_FAULT_HEADER,
}
"""Request headers that end at the gateway, besides every ``cf-*`` (contract: headers)."""
BAD_FORMAT, NO_ANSWER = 2019, 2005
ROUTE = "dynamic/"
"""Begins the model of a unified call that names a dynamic route."""
RESPONSES = {
    "openai": "v1/responses",
    "grok": "v1/responses",
    "groq": "responses",
    "workers-ai": "v1/responses",
}
"""Where providers take OpenAI's Responses. For others we translate."""
_ESCAPED = re.compile("%40|%3a", re.IGNORECASE)
_ESCAPED_MODEL = re.compile("%40|%3a|%2f", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call to the data plane. Header names are in lower case.

    Attributes:
        request_type: What the log says about the way it came; empty for plain HTTP.
        raw: All of it as it came over HTTP, where the same bytes can come again; else empty.
    """

    route: Route
    method: str
    headers: Mapping[str, str]
    body: bytes
    request_type: str = ""
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One provider that a call may ask, with what is in force for it.

    Attributes:
        endpoint: Path as the caller gave it: part of the cache key and of the log.
        body: Body as the caller gave it.
        path: Path as the provider gets it.
        sent: Body as the provider gets it.
        translation: How the answer becomes the caller's format, where the two differ.
        native: Called by the provider's own path; only then a stored key's alias can be chosen.
        routed: The model that Auto Router may choose here, as it names it; empty elsewhere.
        told: Headers that an answer to this step gets besides.
    """

    index: int
    provider: Provider
    slug: str
    endpoint: str
    body: bytes
    path: str
    sent: bytes
    headers: Mapping[str, str]
    model: str
    streamed: bool
    settled: Settled
    native: bool = False
    translation: Translation | Envelope | None = None
    routed: str = ""
    told: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def key(self) -> str:
        """Under what an answer to this step is cached."""
        if self.settled.cache_key is not None:
            return f"custom:{self.settled.cache_key}"
        return default_key(
            provider=self.slug,
            endpoint=self.endpoint,
            model=self.model,
            credential=self.provider.credential(self.headers) or "",
            body=self.body,
        )


def steps_of(request: Request, policy: GatewayPolicy, headers: Mapping[str, str]) -> list[Step]:
    """Return the steps of a call, at least one.

    Args:
        headers: The caller's, without the gateway's token.

    Raises:
        Refusal: a provider is unknown (2008), or the body isn't what the endpoint takes (2019).
    """
    own = cf_headers(headers)
    route = request.route
    if route.kind == "universal":
        if request.method != "POST":
            raise Refusal(None, "The universal endpoint takes POST only", status=405)
        return [
            _entry_step(index, entry, policy, own, headers)
            for index, entry in enumerate(_entries(request.body))
        ]
    settled = settle(policy, own)
    if route.kind == "compat":
        return _unified(request, headers, settled)
    return [
        _native(
            0, route.provider, route.endpoint, request.body, forwarded(headers), settled, alias=True
        )
    ]


def cf_headers(headers: Mapping[str, str]) -> CfHeaders:
    """Return the headers that state options, as a value that can be compared."""
    return tuple(pair for pair in headers.items() if pair[0].startswith("cf-"))


def forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the request headers that go to a provider."""
    return {
        name: value
        for name, value in headers.items()
        if name not in OWN_HEADERS and not name.startswith("cf-")
    }


def _native(
    index: int,
    slug: str,
    endpoint: str,
    body: bytes,
    headers: Mapping[str, str],
    settled: Settled,
    *,
    alias: bool = False,
) -> Step:
    provider = known_provider(slug)
    endpoint = plain_path(slug, endpoint.lstrip("/"))
    data = _parsed(body)
    return Step(
        index=index,
        provider=provider,
        slug=slug,
        endpoint=endpoint,
        body=body,
        path=endpoint,
        sent=body,
        headers=headers,
        model=_model(data, endpoint),
        streamed=_is_streamed(data, endpoint),
        settled=settled,
        native=alias,
    )


def plain_path(slug: str, endpoint: str) -> str:
    """Return an endpoint with ``@`` and ``:`` as themselves, not as ``%40`` and ``%3A``.

    A path may hold both (RFC 3986, 3.3), so that its meaning stays. Of Workers AI's models, which
    some clients escape whole, the slashes are spelt out too.
    """
    if "%" not in endpoint:
        return endpoint
    path, mark, query = endpoint.partition("?")
    escaped = _ESCAPED_MODEL if slug == "workers-ai" else _ESCAPED
    return escaped.sub(lambda found: unquote(found[0]), path) + mark + query


def _unified(request: Request, headers: Mapping[str, str], settled: Settled) -> list[Step]:
    """Return the step of a unified call, or those that Auto Router may choose from."""
    endpoint, body, sent = request.route.endpoint, request.body, forwarded(headers)
    data = _parsed(body)
    if not isinstance(data, dict) or data.get("model") != AUTO:
        return [_compat(0, endpoint, body, data, sent, settled)]
    # The router alone takes Responses here as well (contract: behaviour, 9).
    made = _routed_response if "input" in data and "messages" not in data else _compat
    found = []
    for candidate in candidates(headers):
        named = {**data, "model": candidate.unified}
        step = made(0, endpoint, body, named, sent, settled)
        found.append(replace(step, routed=candidate.name))
    return found


def _compat(
    index: int, endpoint: str, body: bytes, data: Json, headers: Mapping[str, str], settled: Settled
) -> Step:
    """Return the step of a unified call: ``model`` names provider and model.

    Args:
        data: The body as JSON, with the model that is asked.
    """
    name = data.get("model", "") if isinstance(data, dict) else ""
    found = by_compat_prefix(name) if isinstance(name, str) else None
    if isinstance(name, str) and name.startswith(ROUTE):
        words = "Failed to get response from provider: dynamic routes are kept here, not executed"
        raise Refusal(NO_ANSWER, words)
    if not isinstance(data, dict) or not isinstance(data.get("messages"), list) or found is None:
        raise Refusal(BAD_FORMAT)
    provider, model = found
    slug = name.partition("/")[0] if provider.slug.startswith("custom-") else provider.slug
    dialect = DIALECTS[provider.dialect] if provider.dialect else DIALECTS["openai"]
    path, sent, translation = unified_path(provider), written({**data, "model": model}), None
    if provider.dialect in ("anthropic", "google"):
        try:
            chat = DIALECTS["openai"].read({**data, "model": model}, provider=provider.slug)
        except BadRequest as error:
            raise Refusal(BAD_FORMAT, f"Chat completion bad format: {error}") from error
        path, sent = dialect.path(chat), written(dialect.body(chat))
        translation = Translation(dialect, chat)
    return Step(
        index=index,
        provider=provider,
        slug=slug,
        endpoint=f"compat/{endpoint}",
        body=body,
        path=path,
        sent=sent,
        headers={**version_headers(provider), **headers, "content-type": "application/json"},
        model=model,
        streamed=data.get("stream") is True,
        settled=settled,
        translation=translation,
    )


def _routed_response(
    index: int, endpoint: str, body: bytes, data: Json, headers: Mapping[str, str], settled: Settled
) -> Step:
    """Return the step that asks one of the router's models in the format of Responses."""
    provider, model = by_compat_prefix(data["model"]) or (known_provider("openai"), "")
    asked = {**data, "model": model}
    path, sent, translation = RESPONSES.get(provider.slug), asked, None
    if path is None:
        into, source = DIALECTS["responses"], DIALECTS[provider.dialect or "openai"]
        try:
            chat = into.read(asked, provider=provider.slug)
        except BadRequest as error:
            raise Refusal(BAD_FORMAT, f"Chat completion bad format: {error}") from error
        path, sent, translation = (
            source.path(chat),
            source.body(chat),
            Translation(source, chat, into=into),
        )
    return Step(
        index=index,
        provider=provider,
        slug=provider.slug,
        endpoint=f"compat/{endpoint}",
        body=body,
        path=path,
        sent=written(sent),
        headers={**version_headers(provider), **headers, "content-type": "application/json"},
        model=model,
        streamed=data.get("stream") is True,
        settled=settled,
        translation=translation,
    )


def unified_path(provider: Provider) -> str:
    """Return where a provider takes OpenAI-shaped chats; Cohere and Parallel have one too."""
    if provider.dialect == "workers-ai":
        return "v1/chat/completions"
    if provider.slug == "cohere":
        return "compatibility/v1/chat/completions"
    if provider.dialect != "openai" or not provider.chat_endpoint or "{" in provider.chat_endpoint:
        return "v1/chat/completions"
    return provider.chat_endpoint


def version_headers(provider: Provider) -> dict[str, str]:
    """Return what a provider wants besides its key, where the caller speaks another format."""
    return {name.lower(): value for name, value in provider.extra_headers}


def _entries(body: bytes) -> list[dict[str, Json]]:
    """Return the entries of a universal body; a single object counts as one (ASSUMPTION)."""
    data = _parsed(body)
    entries = [data] if isinstance(data, dict) else data
    if not isinstance(entries, list) or not entries:
        raise Refusal(BAD_FORMAT, "The universal endpoint takes a JSON array of steps")
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise Refusal(BAD_FORMAT, f"Step {number} must be an object")
        for member in ("provider", "endpoint"):
            if not isinstance(entry.get(member), str):
                raise Refusal(BAD_FORMAT, f"Step {number} must have {member!r}, as text")
        if "query" not in entry:
            raise Refusal(BAD_FORMAT, f"Step {number} must have 'query'")
    return entries


def _entry_step(
    index: int,
    entry: Mapping[str, Json],
    policy: GatewayPolicy,
    request_headers: CfHeaders,
    outer: Mapping[str, str],
) -> Step:
    given = entry.get("headers")
    headers = {
        str(name).lower(): _spelled(value)
        for name, value in (given if isinstance(given, dict) else {}).items()
    }
    if isinstance(entry.get("authorization"), str):
        headers.setdefault("authorization", entry["authorization"])
    config = entry.get("config")
    settled = settle(
        policy, request_headers, cf_headers(headers), config if isinstance(config, dict) else None
    )
    sent = {"content-type": "application/json", **forwarded(headers)}
    if "user-agent" in outer:
        sent.setdefault("user-agent", outer["user-agent"])
    slug, endpoint, body = entry["provider"], entry["endpoint"], written(entry["query"])
    if is_compat(slug, endpoint):
        return _compat(index, endpoint, body, _parsed(body), sent, settled)
    return _native(index, slug, endpoint, body, sent, settled)


def _spelled(value: Json) -> str:
    """Spell a header value of a step: clients put numbers, booleans and objects there."""
    return value if isinstance(value, str) else written(value).decode()


def written(value: Json) -> bytes:
    """Return JSON as bytes.

    Raises:
        Refusal: it is nested more deeply than can be written, though it could be read (2019).
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise Refusal(BAD_FORMAT, "The body is nested too deeply") from error


def _parsed(body: bytes) -> Json:
    """Return the body as JSON; ``None`` where it isn't JSON or too large to be looked into."""
    if not body or len(body) > REQUEST_LIMIT:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _model(data: Json, endpoint: str) -> str:
    """Return the model that a native call names, in its body or in its path."""
    name = data.get("model") if isinstance(data, dict) else None
    if isinstance(name, str):
        return name
    path = endpoint.partition("?")[0]
    if "models/" in path:
        return path.partition("models/")[2].partition(":")[0]
    if "/model/" in f"/{path}":
        return f"/{path}".partition("/model/")[2].partition("/")[0]
    return path.removeprefix("run/") if "@" in path else ""


def _is_streamed(data: Json, endpoint: str) -> bool:
    """Whether a call asks for a stream: by its body or, at Google, by its verb."""
    if ":streamGenerateContent" in endpoint:
        return True
    return isinstance(data, dict) and data.get("stream") is True
