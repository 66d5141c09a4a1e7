"""What a pasted body asks, at the place that its URL leads to."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.chat import Chat, Step
from gateway.dialects import DIALECTS
from gateway.draft import Draft
from gateway.errors import BadRequest
from gateway.headers import BY_NAME, CONFIG, HEADERS, Options
from gateway.local import rest
from gateway.paste.address import Place
from gateway.paste.raw import Unread
from gateway.providers import PROVIDERS, Provider, by_compat_prefix, by_rest_author, provider_of

Json = Any


def json_of(body: str | None, unread: list[Unread]) -> Json:
    """Return a body as JSON; ``None`` where it is empty or can't be read."""
    if body is None or not body.strip():
        return None
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, character {error.colno} of the body"
        unread.append(Unread("The body", f"it isn't JSON: {error.msg} ({where})"))
    except RecursionError:
        unread.append(Unread("The body", "it is nested too deeply"))
    return None


def asked(place: Place | None, body: Json, unread: list[Unread]) -> tuple[Draft, Chat | None]:
    """Return a draft with provider, model and question of a body, and its chat.

    Args:
        place: Where it goes; ``None`` where nobody knows.
        unread: Gets what can't be read.
    """
    if place is None:
        model = body.get("model") if isinstance(body, dict) else None
        return Draft(provider="", model=model if isinstance(model, str) else ""), None
    if place.route == "universal":
        return _universal(body, unread)
    chat = None
    row, name, form, endpoint = _form(place, body)
    if row is not None and form is not None and body is not None:
        asked = {**body, "model": name} if isinstance(body, dict) and name else body
        chat = _chat(form, asked, row.slug, endpoint, "The body", unread)
        chat = chat and replace(chat, route=place.route, model=name or chat.model)
    elif row is not None and body is not None:
        unread.append(Unread("The body", f"we don't read {row.name}'s own format"))
    elif row is None:
        unread.append(Unread("The model", "no provider of that name is known"))
    return (
        Draft(
            provider=row.slug if row else place.provider,
            model=name or (chat.model if chat else ""),
            route=place.route,
            stream=chat.stream if chat else _streams(body, place.endpoint),
            prompt=chat.prompt if chat else "",
        ),
        chat,
    )


def _form(place: Place, body: Json) -> tuple[Provider | None, str, str | None, str]:
    """Return provider, its own name of the model ("" where the body has it), and the format."""
    named = body.get("model") if isinstance(body, dict) else None
    model = named if isinstance(named, str) else ""
    match place.route:
        case "compat":
            found = by_compat_prefix(model)
            if found is None and model.startswith(("dynamic/", "cloudflare/")):
                return PROVIDERS["compat"], model, "openai", place.endpoint
            return (*(found or (None, model)), "openai", place.endpoint)
        case "rest":
            if place.endpoint.startswith(f"{rest.RUN}/"):
                model = place.endpoint.removeprefix(f"{rest.RUN}/")
            rested = by_rest_author(model)
            listed = rest.FORMATS.get(place.endpoint, "")
            known = listed if listed in DIALECTS else None
            if not listed and rested is not None and rested[0].slug == "workers-ai":
                known = "workers-ai"
            return (*(rested or (None, model)), known, model)
    row = provider_of(place.provider)
    form: str | None = row.dialect if row is not None else None
    if form == "openai" and place.endpoint.partition("?")[0].endswith("responses"):
        form = "responses"
    if form == "workers-ai" and "v1/chat/completions" in place.endpoint:
        form = "openai"
    return row, model, form, place.endpoint


def _chat(
    form: str, body: Json, slug: str, endpoint: str, what: str, unread: list[Unread]
) -> Chat | None:
    if form == "workers-ai" and isinstance(body, dict):
        inner = body.get("input") if isinstance(body.get("input"), dict) else body
        body = inner
    try:
        return DIALECTS[form].read(body, provider=slug, path=endpoint)
    except BadRequest as error:
        unread.append(Unread(what, str(error).rstrip(".")))
        return None


def _streams(body: Json, endpoint: str) -> bool:
    asked = isinstance(body, dict) and body.get("stream") is True
    return asked or ":streamGenerateContent" in endpoint


def _universal(body: Json, unread: list[Unread]) -> tuple[Draft, Chat | None]:
    """Return the steps of a universal body, and the chat of the first that can be read."""
    entries = [body] if isinstance(body, dict) else body
    steps: list[Step] = []
    first: Chat | None = None
    for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
        place = f"Step {number}"
        if not isinstance(entry, dict) or not isinstance(entry.get("provider"), str):
            unread.append(Unread(place, "it must be an object with a provider"))
            continue
        slug, endpoint, query = (
            entry["provider"],
            str(entry.get("endpoint", "")),
            entry.get("query"),
        )
        row = provider_of(slug)
        form = "openai" if slug == "compat" else row.dialect if row else None
        chat = _chat(form, query, slug, endpoint, place, unread) if form else None
        model = query.get("model") if isinstance(query, dict) else None
        steps.append(
            Step(
                provider=slug,
                model=chat.model if chat else model if isinstance(model, str) else endpoint,
                options=_step_options(entry, place, unread),
            )
        )
        first = first or chat
    if not steps:
        unread.append(Unread("The body", "a universal request is a list of steps"))
        return Draft(provider="", model="", route="universal"), None
    chat = first and replace(
        first,
        route="universal",
        provider=steps[0].provider,
        model=steps[0].model,
        steps=tuple(steps),
    )
    draft = Draft(
        provider=steps[0].provider,
        model=steps[0].model,
        route="universal",
        stream=chat.stream if chat else False,
        prompt=chat.prompt if chat else "",
        steps=tuple(steps),
    )
    return draft, chat


def _step_options(entry: Mapping[str, Json], place: str, unread: list[Unread]) -> Options:
    """Return what a step's headers and its ``config`` say, as far as it is valid."""
    given = entry.get("headers")
    found: dict[str, Any] = {}
    for name, value in (given if isinstance(given, dict) else {}).items():
        row = BY_NAME.get(str(name).lower())
        if row is None or row.field is None:
            continue
        try:
            text = value if isinstance(value, str) else json.dumps(value)
            found[row.field] = row.rule.parse(text)
            row.rule.check(found[row.field])
        except ValueError as reason:
            found.pop(row.field, None)
            unread.append(Unread(f"{place}, {name}", str(reason)))
    config = entry.get("config")
    for field_name, spelled in CONFIG.items():
        if isinstance(config, dict) and spelled in config:
            try:
                HEADERS[field_name].rule.check(config[spelled])
                found[field_name] = config[spelled]
            except ValueError as reason:
                unread.append(Unread(f"{place}, {spelled}", str(reason)))
    return Options(**found)
