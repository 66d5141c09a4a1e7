"""What a free design varies: axes with their values, and the variants that they come to.

    axis       a header, the model, the endpoint, the transport, ...: a name and its values
    variants   every combination of one value of each axis

Values of headers are read as the header form reads them, so that a design refuses what the header
builder refuses. An empty value states nothing: the header isn't sent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, get_args

from gateway import form
from gateway.chat import Chat, Route, Target, Transport, say
from gateway.client.request import request_of
from gateway.errors import BadRequest
from gateway.experiments.plan import Recipe, Variant
from gateway.headers import HEADERS, Options
from gateway.providers import provider_of

Json = Any
Knobs = Mapping[str, Json]

CHOICES: Mapping[str, tuple[str, ...]] = {
    "route": get_args(Route),
    "transport": get_args(Transport),
    "stream": ("no", "yes"),
}
"""Axes besides the headers that are one of a few words."""
LABELS: Mapping[str, str] = {
    "model": "Model",
    "route": "Endpoint",
    "transport": "Transport",
    "stream": "Stream",
    "max_tokens": "Most tokens",
}
"""Axes besides the headers, in the order of the form."""
SWEPT: tuple[str, ...] = tuple(name for name in HEADERS if name != "gateway_id")
"""Headers that a design may state; which gateway is asked is the run's own business."""
MOST_VARIANTS = 64
UNSTATED = "not stated"
_NOWHERE = Target(
    name="design", base_url="http://gateway/v1/a/g", rest_url="http://gateway/a", token="any"
)
"""For trying what a variant would send; nothing leaves."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What varies, and through which values; ``None`` among them is a header that isn't sent."""

    name: str
    values: tuple[Json, ...]


def label_of(name: str) -> str:
    """Return what an axis is called."""
    return LABELS[name] if name in LABELS else form.FIELDS[name].label


def read_value(name: str, given: Json) -> Json:
    """Return one value of an axis.

    Args:
        name: A field of ``Options``, or one of ``LABELS``.

    Raises:
        BadRequest: it isn't accepted; the sentence says what would be.
    """
    if name in SWEPT:
        try:
            return form.read(name, tuple(given) if _is_list_of_text(given) else given)
        except ValueError as reason:
            raise BadRequest(f"{label_of(name)} {reason}, not {_short(given)}") from None
    if name in CHOICES:
        if given not in CHOICES[name]:
            accepted = ", ".join(CHOICES[name])
            raise BadRequest(f"{LABELS[name]} must be one of {accepted}, not {_short(given)}")
        return given
    if name == "max_tokens":
        whole = int(given) if isinstance(given, str) and given.strip().isdecimal() else given
        if not isinstance(whole, int) or isinstance(whole, bool) or whole < 1:
            raise BadRequest(f"{LABELS[name]} must be a whole number from 1, not {_short(given)}")
        return whole
    if name == "model":
        provider, _, model = given.partition("/") if isinstance(given, str) else ("", "", "")
        if not model or provider_of(provider) is None:
            raise BadRequest(f"A model is named provider/model, which {_short(given)} isn't")
        return given
    raise BadRequest(f"Nothing is called {name!r} that could vary; there are {', '.join(names())}.")


def names() -> tuple[str, ...]:
    """Return everything that can vary."""
    return (*LABELS, *SWEPT)


def read_axis(name: str, values: Json) -> Axis:
    """Return an axis with its values read.

    Raises:
        BadRequest: a value isn't accepted, or is there twice; the sentence names it.
    """
    if not isinstance(values, list | tuple) or not values:
        raise BadRequest(f"{_titled(name)} needs at least one value.")
    read: list[Json] = []
    for number, given in enumerate(values, 1):
        value = read_value(name, given)
        if value in read:
            raise BadRequest(
                f"{label_of(name)} has the same value twice, {spelled(name, value)}: variants "
                f"{read.index(value) + 1} and {number} would be one."
            )
        read.append(value)
    return Axis(name, tuple(read))


def read_axes(given: Json) -> tuple[Axis, ...]:
    """Read the axes of a recipe: ``[{"name": "cache_ttl", "values": [60, 3600]}]``.

    Raises:
        BadRequest: one can't be read, is there twice, or they come to too many variants.
    """
    if not isinstance(given, list | tuple):
        raise BadRequest('axes must be a list of {"name": ..., "values": [...]}.')
    axes: list[Axis] = []
    for number, one in enumerate(given, 1):
        if not isinstance(one, Mapping) or set(one) != {"name", "values"}:
            raise BadRequest(f"Axis {number} must have a name and values, and nothing else.")
        if any(axis.name == one["name"] for axis in axes):
            raise BadRequest(f"{_titled(one['name'])} varies twice: put its values together.")
        axes.append(read_axis(one["name"], one["values"]))
    if (count := prod(len(axis.values) for axis in axes)) > MOST_VARIANTS:
        raise BadRequest(
            f"These values come to {count:,} variants, and at most {MOST_VARIANTS} can be told "
            "apart: leave some out."
        )
    return tuple(axes)


def read_headers(given: Json) -> Options:
    """Read the headers that all variants send.

    Raises:
        BadRequest: one is unknown or has a value that the gateway would refuse.
    """
    if not isinstance(given, Mapping):
        raise BadRequest('headers must be an object: {"cache_ttl": 60}.')
    if strange := sorted(set(given) - set(SWEPT)):
        raise BadRequest(f"There is no header {strange[0]!r}; there are {', '.join(SWEPT)}.")
    return Options(**{name: read_value(name, value) for name, value in given.items()})


def plain(value: Json) -> Json:
    """Return a value as a recipe holds it; ``read_value`` reads it back unchanged."""
    return "" if value is None else list(value) if isinstance(value, tuple) else value


def spelled(name: str, value: Json) -> str:
    """Return a value for the eye."""
    if value is None:
        return UNSTATED
    if name not in HEADERS:
        return f"{value:,}" if isinstance(value, int) else str(value)
    shown = form.show(name, value)
    if form.FIELDS[name].kind in ("table", "rates"):
        return HEADERS[name].rule.spell(value)
    return HEADERS[name].rule.spell(shown) if isinstance(shown, bool) else str(shown)


def variants_of(
    recipe: Recipe, axes: Sequence[Axis], base: Options, knobs: Knobs
) -> tuple[Variant, ...]:
    """Return every combination, each with a gateway of its own.

    Raises:
        BadRequest: two come to the same, or one can't be sent; the sentence names it.
    """
    found: list[Variant] = []
    for number, values in enumerate(product(*(axis.values for axis in axes)), 1):
        chosen = dict(zip((axis.name for axis in axes), values, strict=True))
        words = [_worded(name, value) for name, value in chosen.items()]
        label = ", ".join(words) or f"{recipe.provider} {recipe.model}"
        variant = _variant(recipe, chosen, base, knobs, _id(number, label), label)
        _try(variant)
        found.append(variant)
    return tuple(found)


def _variant(
    recipe: Recipe, chosen: Mapping[str, Json], base: Options, knobs: Knobs, id: str, label: str
) -> Variant:
    named: str = chosen.get("model", f"{recipe.provider}/{recipe.model}")
    provider, _, model = named.partition("/")
    headers = {name: value for name, value in chosen.items() if name in HEADERS}
    return Variant(
        id=id,
        label=label,
        provider=provider,
        model=model,
        factors={name: plain(value) for name, value in chosen.items()},
        options=Options(**(dict(base.stated()) | headers)),
        route=chosen.get("route", knobs["route"]),
        transport=chosen.get("transport", knobs["transport"]),
        stream=chosen.get("stream", knobs["stream"]) == "yes",
        gateway=id.partition("-")[0],
        max_tokens=chosen.get("max_tokens", knobs["max_tokens"]),
        concurrency=knobs["concurrency"],
    )


def _try(variant: Variant) -> None:
    """Refuse a variant that couldn't be sent: before the run and not in each of its rows."""
    chat = Chat(
        provider=variant.provider, model=variant.model, messages=say("?"), route=variant.route
    )
    try:
        if variant.route == "rest" and variant.transport == "websocket":
            raise BadRequest("The REST endpoint has no WebSocket: choose another route.")
        request_of(chat, variant.options, _NOWHERE)
    except BadRequest as error:
        raise BadRequest(f"The variant {variant.label!r} can't be sent: {error}") from error


def _worded(name: str, value: Json) -> str:
    if name == "model":
        return str(value).partition("/")[2]
    if name in ("route", "transport"):
        return str(value)
    return f"{label_of(name)} {spelled(name, value)}"


def _id(number: int, label: str) -> str:
    """Return an id that tells variants apart and can be read: ``v2-cache-ttl-1-h``."""
    return f"v{number}-{re.sub(r'[^a-z0-9]+', '-', label.lower()).strip('-')[:40]}"


def _titled(name: Json) -> str:
    return label_of(name) if isinstance(name, str) and name in names() else repr(name)


def _is_list_of_text(given: Json) -> bool:
    return isinstance(given, list) and all(isinstance(one, str) for one in given)


def _short(given: Json) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:59]}…"
