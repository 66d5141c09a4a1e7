"""A draft as a JSON document and back: for presets, files and links.

A document never holds a secret: raw headers that carry one stay behind, and so do the gateway's
settings and keys, which belong to the place where the document is opened.
"""

from collections.abc import Mapping
from typing import Any, get_args

from gateway.chat import Route, Step, Transport
from gateway.draft.draft import Draft, Keys
from gateway.errors import BadDocument, HeaderError
from gateway.headers import HEADERS, Options
from gateway.masking import SECRET_HEADERS, holds_key
from gateway.policy import GatewayPolicy

Json = Any
VERSION = 1
_TEXTS = ("provider", "model", "prompt")
_FLAGS = ("stream", "rated")


def to_document(draft: Draft) -> dict[str, Json]:
    """Return what can be shared of a draft."""
    return {
        "version": VERSION,
        "route": draft.route,
        "transport": draft.transport,
        "provider": draft.provider,
        "model": draft.model,
        "stream": draft.stream,
        "prompt": draft.prompt,
        "options": dict(draft.options.stated()),
        "steps": [
            {
                "provider": step.provider,
                "model": step.model,
                "options": dict(step.options.stated()),
            }
            for step in draft.steps
        ],
        "headers": [[name, value] for name, value in draft.raw if not _is_secret(name, value)],
        "client_timeout_s": draft.client_timeout_s,
        "client_retries": draft.client_retries,
        "rated": draft.rated,
    }


def of_document(
    document: Json, *, policy: GatewayPolicy = GatewayPolicy(id="default"), keys: Keys = Keys()
) -> Draft:
    """Return the draft that a document describes.

    Raises:
        BadDocument: it is none, or a member isn't what it must be; the sentence names it.
    """
    body = _object(document, "the document")
    if body.get("version") != VERSION:
        raise BadDocument(f"The document must have version {VERSION}: it isn't a set-up of ours")
    values: dict[str, Any] = {}
    for name in _TEXTS:
        values[name] = _typed(body, name, str, "text")
    for name in _FLAGS:
        values[name] = _typed(body, name, bool, "true or false")
    steps = tuple(
        _step(entry, f"step {number}")
        for number, entry in enumerate(_typed(body, "steps", list, "a list"), 1)
    )
    timeout_s = body.get("client_timeout_s")
    if timeout_s is not None and not _is_number(timeout_s, above=0):
        raise BadDocument("client_timeout_s must be seconds above 0, or null")
    retries = body.get("client_retries")
    if not isinstance(retries, int) or not _is_number(retries) or retries > 100:
        raise BadDocument("client_retries must be a whole number from 0 to 100")
    return Draft(
        **values,
        route=_word(body, "route", get_args(Route)),
        transport=_word(body, "transport", get_args(Transport)),
        options=options_from(body.get("options"), "options"),
        steps=steps,
        raw=tuple(_pair(pair) for pair in _typed(body, "headers", list, "a list")),
        client_timeout_s=timeout_s,
        client_retries=retries,
        policy=policy,
        keys=keys,
    )


def options_from(value: Json, place: str) -> Options:
    """Return the options that a JSON object states, by field name.

    Raises:
        BadDocument: a name is unknown, or a value is refused; with its place.
    """
    stated = _object(value, place)
    for name in stated:
        if name not in HEADERS:
            raise BadDocument(f"{place} must use the names of headers: {name[:40]!r} is none")
    values: dict[str, Any] = {
        name: tuple(entry) if isinstance(entry, list) else entry for name, entry in stated.items()
    }
    try:
        return Options(**values)
    except HeaderError as error:
        raise BadDocument(f"{place}: {error.field} {error.reason}") from error


def _step(value: Json, place: str) -> Step:
    entry = _object(value, place)
    return Step(
        provider=_typed(entry, "provider", str, "text"),
        model=_typed(entry, "model", str, "text"),
        options=options_from(entry.get("options"), f"{place}, options"),
    )


def _pair(value: Json) -> tuple[str, str]:
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(x, str) for x in value)):
        raise BadDocument("headers must be a list of pairs, name and value")
    return value[0], value[1]


def _object(value: Json, place: str) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise BadDocument(f"{place} must be a JSON object")
    return value


def _typed(body: Mapping[str, Json], name: str, kind: type, words: str) -> Any:
    if not isinstance(body.get(name), kind):
        raise BadDocument(f"{name} must be {words}")
    return body[name]


def _word(body: Mapping[str, Json], name: str, words: tuple[str, ...]) -> Any:
    if body.get(name) not in words:
        raise BadDocument(f"{name} must be one of {', '.join(words)}")
    return body[name]


def _is_number(value: Json, *, above: float | None = None) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and (value >= 0 if above is None else value > above)


def _is_secret(name: str, value: str) -> bool:
    return name.lower() in SECRET_HEADERS or holds_key(value)
