"""A recipe as the file that people share: JSON, or TOML for those who write it by hand."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.errors import BadRequest
from gateway.experiments.plan import Recipe

Json = Any


def to_json(recipe: Recipe) -> str:
    """Return a recipe as JSON text; ``Recipe.from_text`` reads it back."""
    return json.dumps(recipe.to_json(), indent=2) + "\n"


def to_toml(recipe: Recipe) -> str:
    """Return a recipe as TOML text; ``Recipe.from_text`` reads it back.

    Raises:
        BadRequest: it holds what TOML can't say: half a character, or nothing within a list.
    """
    document = recipe.to_json()
    knobs: Mapping[str, Json] = document.pop("knobs")
    lines = [f"{name} = {_value(value)}" for name, value in document.items()]
    lines += ["", "[knobs]", *(f"{_text(name)} = {_value(one)}" for name, one in knobs.items())]
    return "\n".join(lines) + "\n"


def _value(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{_text(name)} = {_value(one)}" for name, one in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    raise BadRequest(f"TOML can't say {value!r}: save the plan as JSON.")


def _text(text: str) -> str:
    """Spell text as both formats do, but for what only JSON allows: bare DEL, surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRequest("The plan holds half a character: save it as JSON.") from error
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
