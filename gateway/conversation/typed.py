"""Settings that are typed as text: stop sequences, a JSON schema, tools; and fallback models.

``read`` turns what was typed into a value, ``show`` back into text.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.chat import Step, Tool
from gateway.providers import provider_of

Json = Any

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What all providers accept as the name of a tool."""

STOPS_LIMIT = 4
"""Stop sequences that OpenAI takes at most; others take more."""


def read_stop(text: str) -> tuple[str, ...]:
    """Return one stop sequence for each line that isn't empty.

    Raises:
        ValueError: there are more than providers take.
    """
    found = tuple(line for line in text.splitlines() if line)
    if len(found) > STOPS_LIMIT:
        raise ValueError(f"must be at most {STOPS_LIMIT} lines")
    return found


def show_stop(stop: Sequence[str]) -> str:
    """Return stop sequences as lines."""
    return "\n".join(stop)


def read_schema(text: str) -> Mapping[str, Json] | None:
    """Return a JSON schema; ``None`` for no text.

    Raises:
        ValueError: it isn't a JSON object; with the position of the mistake.
    """
    if not text.strip():
        return None
    schema = _json(text)
    if not isinstance(schema, dict):
        raise ValueError('must be a JSON object, such as {"type": "object"}')
    return schema


def show_schema(schema: Mapping[str, Json] | None) -> str:
    """Return a JSON schema as text."""
    return "" if schema is None else json.dumps(schema, indent=2, ensure_ascii=False)


def read_tools(text: str) -> tuple[Tool, ...]:
    """Return tools from a JSON list, as we write it or as OpenAI does.

    Raises:
        ValueError: what is wrong, and with which tool.
    """
    if not text.strip():
        return ()
    rows = _json(text)
    if not isinstance(rows, list):
        raise ValueError('must be a JSON list, such as [{"name": "now", "parameters": {}}]')
    return tuple(_tool(row, number) for number, row in enumerate(rows, 1))


def show_tools(tools: Sequence[Tool]) -> str:
    """Return tools as a JSON list."""
    rows = [
        {"name": t.name, "description": t.description, "parameters": dict(t.parameters)}
        for t in tools
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) if rows else ""


def read_step(text: str) -> Step:
    """Return a fallback step of ``provider/model``; the model may have slashes of its own.

    Raises:
        ValueError: it names no provider that we know, or no model.
    """
    slug, _, model = text.strip().partition("/")
    row = provider_of(slug)
    if row is None or row.dialect is None or not model:
        raise ValueError(f"{text!r} must be provider/model, such as anthropic/claude-sonnet-4-5")
    return Step(provider=slug, model=model)


def show_step(step: Step) -> str:
    """Return a fallback step as text."""
    return f"{step.provider}/{step.model}"


def _tool(row: Json, number: int) -> Tool:
    inside = row.get("function", row) if isinstance(row, dict) else None
    if not isinstance(inside, dict):
        raise ValueError(f"tool {number} must be an object with a name")
    name, parameters = inside.get("name"), inside.get("parameters", {})
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"tool {number} must have a name of letters, digits, _ and -")
    if not isinstance(parameters, dict):
        raise ValueError(f"parameters of {name} must be a JSON schema")
    return Tool(name=name, description=str(inside.get("description") or ""), parameters=parameters)


def _json(text: str) -> Json:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"must be JSON: {error.msg.lower()} at {place}") from error
    except RecursionError as error:
        raise ValueError("must be JSON that isn't nested so deeply") from error
