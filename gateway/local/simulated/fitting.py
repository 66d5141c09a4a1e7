"""Whether a value fits a JSON schema, and a schema without its references and parts.

Knows types (Gemini's CAPITALS too), enum, const, nullable, properties, required,
additionalProperties, patternProperties, items, prefixItems, contains, allOf, anyOf, oneOf, not,
if, local $ref, and the bounds of numbers, texts, lists and objects.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import BadRequest

Json = Any
DEEPEST = 40
MOST_CHECKS = 100_000
ALSO = "$also"
"""A keyword of our own: schemas that a value must fit too, which are only checked."""
TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})


class Fitting:
    """The checker of one schema.

    Args:
        root: The schema that references point into.
    """

    def __init__(self, root: Json) -> None:
        self._root = root
        self._checks = 0

    def flat(self, schema: Json) -> dict[str, Json]:
        """Return a schema without $ref and allOf."""
        for _ in range(DEEPEST):
            if not isinstance(schema, dict):
                raise BadRequest("A schema must be an object, true or false")
            if "$ref" in schema:
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                schema = merged(self._target(schema["$ref"]), rest)
            elif "allOf" in schema:
                parts = schema["allOf"]
                schema = {key: value for key, value in schema.items() if key != "allOf"}
                for part in parts:
                    schema = merged(schema, self.flat(part))
            else:
                return dict(schema)
        raise BadRequest("The schema refers to itself without end")

    def _target(self, reference: Json) -> dict[str, Json]:
        found = self._root
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise BadRequest(f"The schema's reference {reference!r} isn't inside the schema")
        for step in reference[1:].split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, bool):
            return {} if found else {"not": {}}
        if not isinstance(found, dict):
            raise BadRequest(f"The schema has no {reference!r}")
        return found

    def fits(self, value: Json, schema: Json) -> bool:
        """Whether a value fits a schema, as far as this maker knows schemas."""
        if isinstance(schema, bool):
            return schema
        self._checks += 1
        if self._checks > MOST_CHECKS:
            raise BadRequest("The schema is too deep for the simulated model")
        schema = self.flat(schema)
        if value is None and schema.get("nullable") is True:
            return True
        return all(self._keeps(value, schema))

    def _keeps(self, value: Json, schema: Mapping[str, Json]) -> Iterator[bool]:
        """Yield for each keyword whether the value keeps it."""
        kinds = kinds_of(schema)
        yield not kinds or any(_is_a(value, kind) for kind in kinds)
        if "const" in schema:
            yield same(value, schema["const"])
        if "enum" in schema:
            yield any(same(value, allowed) for allowed in schema["enum"])
        if "anyOf" in schema:
            yield any(self.fits(value, option) for option in schema["anyOf"])
        if "oneOf" in schema:
            yield sum(self.fits(value, option) for option in schema["oneOf"]) == 1
        yield all(self.fits(value, other) for other in schema.get(ALSO, ()))
        if "not" in schema:
            yield not self.fits(value, schema["not"])
        if "if" in schema:
            branch = "then" if self.fits(value, schema["if"]) else "else"
            yield self.fits(value, schema.get(branch, True))
        if isinstance(value, dict):
            yield from self._object_keeps(value, schema)
        elif isinstance(value, list):
            yield from self._array_keeps(value, schema)
        elif isinstance(value, str):
            yield int(schema.get("minLength") or 0) <= len(value)
            yield schema.get("maxLength") is None or len(value) <= schema["maxLength"]
            yield "pattern" not in schema or _matches(schema["pattern"], value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield from _number_keeps(value, schema)

    def _object_keeps(
        self, value: Mapping[str, Json], schema: Mapping[str, Json]
    ) -> Iterator[bool]:
        properties = object_of(schema, "properties")
        patterns = object_of(schema, "patternProperties")
        extra = schema.get("additionalProperties", True)
        yield all(name in value for name in schema.get("required") or ())
        yield len(value) >= int(schema.get("minProperties") or 0)
        yield schema.get("maxProperties") is None or len(value) <= schema["maxProperties"]
        for name, inner in value.items():
            known = [properties[name]] if name in properties else []
            known += [rule for pattern, rule in patterns.items() if _matches(pattern, name)]
            yield all(self.fits(inner, rule) for rule in known or [extra])

    def _array_keeps(self, value: list[Json], schema: Mapping[str, Json]) -> Iterator[bool]:
        items = schema.get("items", True)
        first = schema.get("prefixItems") or (items if isinstance(items, list) else [])
        if isinstance(items, list):
            items = schema.get("additionalItems", True)
        yield len(value) >= int(schema.get("minItems") or 0)
        yield schema.get("maxItems") is None or len(value) <= schema["maxItems"]
        for number, inner in enumerate(value):
            yield self.fits(inner, first[number] if number < len(first) else items)
        if schema.get("uniqueItems"):
            yield not any(same(a, b) for n, a in enumerate(value) for b in value[:n])
        if "contains" in schema:
            yield any(self.fits(inner, schema["contains"]) for inner in value)


def kinds_of(schema: Mapping[str, Json]) -> list[str]:
    """Return the types that a schema names, in lower case."""
    stated = schema.get("type")
    names = [] if stated is None else stated if isinstance(stated, list) else [stated]
    kinds = [name.lower() if isinstance(name, str) else "" for name in names]
    unknown = next(
        (name for name, kind in zip(names, kinds, strict=True) if kind not in TYPES), None
    )
    if unknown is not None and unknown != "TYPE_UNSPECIFIED":
        raise BadRequest(f"The schema names a type that doesn't exist: {unknown!r}")
    return [kind for kind in kinds if kind in TYPES]


def _is_a(value: Json, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "integer":
            return _is_a(value, "number") and value == int(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(one: Json, other: Json) -> bool:
    """Whether two values are equal in JSON, where ``true`` isn't 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def _matches(pattern: Json, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except (re.error, TypeError):
        raise BadRequest(f"The schema's pattern {pattern!r} isn't a regular expression") from None


def _number_keeps(value: int | float, schema: Mapping[str, Json]) -> Iterator[bool]:
    low, high = bounds_of(schema)
    yield low is None or value >= low
    yield high is None or value <= high
    yield not (schema.get("exclusiveMinimum") not in (None, False) and value == low)
    yield not (schema.get("exclusiveMaximum") not in (None, False) and value == high)
    if step := schema.get("multipleOf"):
        yield math.isclose(value / step, round(value / step), rel_tol=0, abs_tol=1e-9)


def bounds_of(schema: Mapping[str, Json]) -> tuple[float | None, float | None]:
    """Return the lowest and highest number; excluded bounds count too (draft 4 and later)."""

    def bound(plain: str, exclusive: str, tighter: Any) -> float | None:
        found = [
            value
            for value in (schema.get(plain), schema.get(exclusive))
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        return tighter(found) if found else None

    return bound("minimum", "exclusiveMinimum", max), bound("maximum", "exclusiveMaximum", min)


def object_of(schema: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = schema.get(name) or {}
    if not isinstance(found, dict):
        raise BadRequest(f"The schema's {name} must be an object")
    return found


def _narrower(one: Mapping[str, Json], other: Mapping[str, Json]) -> list[str]:
    """Return the types that both allow; a whole number is a number too."""
    left, right = kinds_of(one), kinds_of(other)
    both = [kind for kind in left if kind in right]
    whole = [("integer", "number"), ("number", "integer")]
    both += ["integer" for a, b in whole if a in left and b in right and "integer" not in both]
    return both


def merged(one: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    """Return a schema that asks for what both ask.

    One schema can't always say it; therefore both parts are kept, for the check.
    """
    if not one or not other:
        return dict(one or other)
    together = {**one, ALSO: [one, other]}
    for key, value in other.items():
        known = together.get(key)
        if known is None:
            together[key] = value
        elif key == "properties":
            both = {name: {"allOf": [known[name], value[name]]} for name in known if name in value}
            together[key] = {**known, **value, **both}
        elif key == "required":
            together[key] = list(dict.fromkeys([*known, *value]))
        elif key in ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"):
            together[key] = max(known, value)
        elif key in ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"):
            together[key] = min(known, value)
        elif key == "enum":
            together[key] = [entry for entry in known if any(same(entry, v) for v in value)]
        elif key == "not":
            together[key] = {"anyOf": [known, value]}
        elif key == "type":
            together[key] = _narrower(one, other)
            together.update({} if together[key] else {"not": {}})
        elif key not in ("anyOf", "oneOf", "if", ALSO):
            together[key] = value
    return together
