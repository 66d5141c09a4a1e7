"""Conditions in the Common Expression Language, and actors with fields of it in braces.

The language's library is loaded with the first policy: that takes 0.2 s, which no other start
should wait for.
"""

import re
from collections.abc import Mapping
from typing import Any

Json = Any
LIMIT = 2_000
"""Characters of an expression (our bound: none is documented)."""
_FIELD = re.compile(r"\{([^{}]*)\}")


class BadExpression(ValueError):
    """An expression isn't CEL. The message says where."""


class Missing(Exception):
    """An expression names a field that a request doesn't have."""


class Failed(Exception):
    """An expression can't be evaluated: types that don't go together, a name that nobody knows."""


class Expression:
    """One expression, compiled.

    Args:
        source: CEL.

    Raises:
        BadExpression: it isn't.
    """

    def __init__(self, source: str) -> None:
        from cel import compile

        if len(source) > LIMIT:
            raise BadExpression(f"is longer than {LIMIT} characters")
        try:
            self._program = compile(source)
        except ValueError as error:
            raise BadExpression(str(error)) from error

    def value(self, identity: Mapping[str, Json]) -> Json:
        """Evaluate it for whom a request speaks for.

        Raises:
            Missing: it needs a field that isn't there.
            Failed: it can't be evaluated.
        """
        try:
            return self._program.execute(dict(identity))
        except KeyError as error:
            raise Missing(str(error)) from error
        except Exception as error:
            # The library raises what fits: RuntimeError, TypeError, ZeroDivisionError and others.
            raise Failed(str(error)) from error

    def holds(self, identity: Mapping[str, Json]) -> bool:
        """Whether a condition is true.

        Raises:
            Missing: it needs a field that isn't there.
            Failed: it can't be evaluated, or is neither true nor false.
        """
        value = self.value(identity)
        if not isinstance(value, bool):
            raise Failed("A condition must be true or false.")
        return value


class Actor:
    """Whose budget a policy draws on: text, with fields in braces.

    Raises:
        BadExpression: a field isn't CEL.
    """

    def __init__(self, source: str) -> None:
        # Every second piece is a field.
        pieces = _FIELD.split(source)
        self._pieces: list[str | Expression] = [
            Expression(piece) if number % 2 else piece for number, piece in enumerate(pieces)
        ]

    def resolved(self, identity: Mapping[str, Json]) -> str:
        """Return the actor of a request.

        Raises:
            Missing: a field isn't there.
            Failed: one can't be evaluated.
        """
        return "".join(
            piece if isinstance(piece, str) else _spelled(piece.value(identity))
            for piece in self._pieces
        )


def _spelled(value: Json) -> str:
    """Spell a field of an actor as JSON would, text without its quotes.

    Raises:
        Failed: it is no single value.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise Failed("A field of an actor must be text, a number, true or false.")
    return str(value)
