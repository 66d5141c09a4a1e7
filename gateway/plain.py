"""Our own classes as plain JSON, and back: for records, saved sessions and links.

A frozen dataclass becomes an object of its fields, ``None`` left out; a moment becomes RFC 3339.
What comes back is checked against the types of the fields, since a file may come from anywhere.
"""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Json = Any
T = TypeVar("T")

_ATOMS = (str, int, float)
"""What JSON has too; ``bool`` is an ``int``."""


def plain(value: Any) -> Json:
    """Return JSON for a value of our own classes; fields that are ``None`` are left out."""
    if value is None or isinstance(value, _ATOMS):
        return value
    if isinstance(value, tuple | list):
        # Arrival times are most of a record: numbers and words need no second look.
        return list(value) if value and isinstance(value[0], _ATOMS) else [*map(plain, value)]
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    named = ((field.name, getattr(value, field.name)) for field in fields(value))
    return {name: plain(part) for name, part in named if part is not None}


def revived(kind: type[T], value: Json) -> T:
    """Return what ``plain`` was given. Members that the class doesn't have are skipped.

    Args:
        kind: A dataclass of ours; its fields say what their parts are.

    Raises:
        ValueError, TypeError: the JSON doesn't fit; or a value that the class refuses.
    """
    return cast(T, _revived(kind, value))


def revived_as(kind: Any, value: Json) -> Any:
    """Return one value of any type that a field may have; as ``revived``."""
    return _revived(kind, value)


def _revived(kind: Any, value: Json) -> Any:
    if kind in _ATOMS or kind is bool:
        return _atom(kind, value)
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in inside:
            return None
        return _revived(next(part for part in inside if part is not type(None)), value)
    if origin is Literal:
        return _checked(value in inside, value, f"one of {', '.join(map(str, inside))}")
    if origin is tuple:
        items = _checked(isinstance(value, list), value, "a list")
        kinds = [inside[0]] * len(items) if inside[1:] == (...,) else inside
        return tuple([_revived(kind, item) for kind, item in zip(kinds, items, strict=True)])
    if kind is datetime:
        return datetime.fromisoformat(_checked(isinstance(value, str), value, "a moment"))
    if is_dataclass(kind):
        given = _checked(isinstance(value, dict), value, "an object")
        hints = hints_of(cast(type, kind))
        parts = {name: _revived(hints[name], part) for name, part in given.items() if name in hints}
        return cast(Any, kind)(**parts)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _checked(isinstance(value, dict), value, "an object")
    return value


def _atom(kind: type, value: Json) -> Json:
    if kind is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    elif kind is int:
        fits = isinstance(value, int) and not isinstance(value, bool)
    else:
        fits = isinstance(value, kind)
    words = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}
    return _checked(fits, value, words[kind])


def _checked(fits: bool, value: Json, wanted: str) -> Json:
    if not fits:
        raise TypeError(f"{str(value)[:40]!r} stands where {wanted} should be")
    return value


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """Return the types of a class's fields, by name."""
    return get_type_hints(kind)
