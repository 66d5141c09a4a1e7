"""Typed access to the members of a JSON body, with an error that names the member that is wrong."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from gateway.chat import Delta
from gateway.errors import BadAnswer, GatewayError

Json = Any


@dataclass(slots=True)
class Member:
    """One value of a JSON body and the way to it. ``None`` and absent are the same.

    Attributes:
        way: How a person would write it: ``messages[2].content``; empty for the body itself.
        error: Raised where the value isn't what was asked for.
    """

    value: Json
    way: str
    error: type[GatewayError]

    def at(self, *names: str) -> "Member":
        """Return the first of these members that is given."""
        if self.value is not None and not isinstance(self.value, dict):
            self.refuse("an object")
        inside, name = self.value or {}, names[0]
        value = inside.get(name)
        if value is None:
            for other in names[1:]:
                if inside.get(other) is not None:
                    name, value = other, inside[other]
                    break
        return Member(value, f"{self.way}.{name}" if self.way else name, self.error)

    @property
    def given(self) -> bool:
        """Whether it is there and not null."""
        return self.value is not None

    def text(self) -> str | None:
        """Return text."""
        if self.value is not None and not isinstance(self.value, str):
            self.refuse("text")
        return self.value

    def must_text(self) -> str:
        """Return text that has to be there."""
        text = self.text()
        if text is None:
            self.refuse("given, as text")
        return text

    def whole(self) -> int | None:
        """Return a whole number; ``5.0`` is one."""
        value = self.number()
        if value is not None and value % 1 != 0:
            self.refuse("a whole number")
        return None if value is None else int(value)

    def count(self, name: str) -> int | None:
        """Return a member that is a whole number; the same as ``at(name).whole()``, but quicker.

        Each answer's tokens are counted, and nearly all counts are what they should be.
        """
        value = self.fields().get(name)
        return value if value is None or type(value) is int else self.at(name).whole()

    def number(self) -> float | None:
        """Return a number."""
        if self.value is not None and (
            isinstance(self.value, bool) or not isinstance(self.value, int | float)
        ):
            self.refuse("a number")
        return self.value

    def flag(self) -> bool:
        """Return true or false; absent is false."""
        if self.value is not None and not isinstance(self.value, bool):
            self.refuse("true or false")
        return bool(self.value)

    def fields(self) -> dict[str, Json]:
        """Return an object; absent is empty."""
        if self.value is not None and not isinstance(self.value, dict):
            self.refuse("an object")
        return self.value or {}

    def items(self) -> Iterator["Member"]:
        """Yield the entries of a list; absent is empty."""
        if self.value is not None and not isinstance(self.value, list):
            self.refuse("a list")
        for number, value in enumerate(self.value or ()):
            yield Member(value, f"{self.way}[{number}]", self.error)

    def refuse(self, wanted: str) -> NoReturn:
        """Raise the error: this member must be something else."""
        raise self.error(f"{self.way or 'The body'} must be {wanted}.")


def put(body: dict[str, Json], name: str, value: Json) -> None:
    """Set a member, unless there is nothing to say."""
    if value is not None:
        body[name] = value


def parsed(data: str) -> Json:
    """Return the JSON of one event.

    Raises:
        BadAnswer: it isn't an object.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"The stream holds an event that isn't JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadAnswer("The stream holds an event that isn't a JSON object.")
    return value


def sound(delta: Delta) -> Delta:
    """Return the delta, if what it holds is what it should be.

    The readers of streams take members as they come, because they run for every event.

    Raises:
        BadAnswer: words aren't text, or a tool call isn't one.
    """
    good = isinstance(delta.text, str) and isinstance(delta.reasoning, str)
    good = good and _words(delta.model) and _words(delta.id)
    for part in delta.tool_calls:
        good = good and _words(part.id) and _words(part.name)
        good = good and isinstance(part.arguments, str) and isinstance(part.index, int)
    if not good:
        raise BadAnswer("The stream holds an event with members of the wrong type.")
    return delta


def _words(value: Json) -> bool:
    return value is None or isinstance(value, str)


def arguments_object(arguments: str) -> dict[str, Json]:
    """Return a tool call's arguments as the object that some formats want.

    Models sometimes write broken JSON; then the text itself stands under ``arguments``.
    """
    try:
        value = orjson.loads(arguments or "{}")
    except orjson.JSONDecodeError:
        return {"arguments": arguments}
    return value if isinstance(value, dict) else {"arguments": value}


def compact(value: Json) -> str:
    """Return JSON as text without spaces."""
    return orjson.dumps(value).decode()


def error_message(body: Json, depth: int = 5) -> str | None:
    """Return the words of an error body, in any of the shapes that providers and gateways use.

    ``{"error": {"message": ...}}``, the same in a list, ``{"error": "..."}``,
    ``{"errors": [{"message": ...}]}``, ``{"message": ...}``, ``{"detail": ...}``.

    Args:
        depth: How many objects and lists to go into.
    """
    if isinstance(body, str):
        return body or None
    inside: Iterable[Json] = ()
    if isinstance(body, list):
        inside = body
    elif isinstance(body, dict):
        inside = (body.get(name) for name in ("error", "errors", "message", "detail"))
    found = (error_message(value, depth - 1) for value in inside if depth)
    return next((words for words in found if words), None)
