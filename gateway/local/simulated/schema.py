"""JSON schema -> a value that fits it, with words and numbers of the prompt where they fit.

Every value is checked (``fitting``) before it is handed out.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from gateway.errors import BadRequest
from gateway.local.simulated.fitting import (
    DEEPEST,
    Fitting,
    bounds_of,
    kinds_of,
    merged,
    object_of,
    same,
)
from gateway.local.simulated.hints import Hints
from gateway.local.simulated.pattern import PatternSampler

Json = Any
TRIES = 12
"""Values that are made before a schema is given up."""
DEEP = 6
"""From this depth on, what isn't required is left out, so that recursion ends."""
MOST_VALUES = 20_000
MOST_ITEMS = 1000
LONGEST = 100_000
USUAL_ITEMS = 3

FORMATS: Mapping[str, str] = {
    "date": "2026-11-23",
    "date-time": "2026-11-23T09:30:00Z",
    "time": "09:30:00Z",
    "duration": "PT30M",
    "email": "ana@example.com",
    "idn-email": "ana@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.10",
    "ipv6": "2001:db8::10",
    "uri": "https://example.com/",
    "uri-reference": "https://example.com/",
    "url": "https://example.com/",
    "iri": "https://example.com/",
    "uuid": "3f2b8c1e-5d47-4a9b-8e60-1c2d3e4f5a6b",
    "json-pointer": "/answer",
    "regex": "^[a-z]+$",
    "byte": "YW5zd2Vy",
}
_SHAPES = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def sample(schema: Json, hints: Hints, random: Random) -> Json:
    """Return a value that fits a schema.

    Raises:
        BadRequest: the schema isn't one, nothing fits it, or it is beyond this maker.
    """
    maker = _Maker(schema, hints, random)
    try:
        for _ in range(TRIES):
            value = maker.make(schema, "", 0)
            if maker.fitting.fits(value, schema):
                return value
    except BadRequest:
        raise
    except (
        AttributeError,
        KeyError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        # A keyword's value isn't of the kind that JSON Schema asks for, such as "minLength": "a".
        raise BadRequest("The schema isn't a valid JSON schema") from error
    raise BadRequest("The schema asks for a value that the simulated model can't make")


class _Maker:
    def __init__(self, root: Json, hints: Hints, random: Random) -> None:
        self.fitting = Fitting(root)
        self._hints = hints
        self._random = random
        self._made = 0

    def make(self, schema: Json, name: str, depth: int) -> Json:
        """Make one value for a schema; ``name`` is the property it is for."""
        self._made += 1
        if self._made > MOST_VALUES or depth > DEEPEST:
            raise BadRequest("The schema asks for more values than the simulated model makes")
        if schema is False:
            raise BadRequest("The schema allows no value")
        schema = self.fitting.flat({} if schema is True else schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._one_of_enum(schema)
        if "if" in schema:
            branches = [
                {"allOf": [schema.pop("if"), schema.pop("then", {})]},
                schema.pop("else", {}),
            ]
            schema = merged(schema, {"anyOf": branches})
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return self._one_of(schema, keyword, name, depth)
        match self._kind(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "string":
                return self._string(schema, name)
            case "integer" | "number" as kind:
                return self._number(schema, name, whole=kind == "integer")
            case "boolean":
                return self._hints.flag(name)
        return None

    def _kind(self, schema: Mapping[str, Json]) -> str:
        kinds = kinds_of(schema)
        if not kinds:
            shape = (kind for kind, words in _SHAPES.items() if any(w in schema for w in words))
            return next(shape, "string")
        return next((kind for kind in kinds if kind != "null"), "null")

    def _one_of_enum(self, schema: Mapping[str, Json]) -> Json:
        rest = {key: value for key, value in schema.items() if key != "enum"}
        allowed = [value for value in schema["enum"] or () if self.fitting.fits(value, rest)]
        if not allowed:
            raise BadRequest("The schema's enum holds no value that fits the rest of it")
        return self._hints.word(allowed, self._random)

    def _one_of(self, schema: Json, keyword: str, name: str, depth: int) -> Json:
        options = schema[keyword]
        if not isinstance(options, list) or not options:
            raise BadRequest(f"The schema's {keyword} must be a list of schemas")
        base = {key: value for key, value in schema.items() if key != keyword}
        simple_first = sorted(options, key=_weight) if depth > DEEP else options
        not_null_first = sorted(simple_first, key=lambda o: _is_null(o) and depth <= DEEP)
        reason: BadRequest | None = None
        for option in not_null_first:
            asked = merged(base, self.fitting.flat(option))
            others = [other for other in options if other is not option]
            if keyword == "oneOf" and others:
                asked = merged(asked, {"not": {"anyOf": others}})
            try:
                value = self.make(asked, name, depth + 1)
            except BadRequest as error:
                reason = error
                continue
            if self.fitting.fits(value, schema):
                return value
        raise reason or BadRequest(f"Nothing fits the schema's {keyword}")

    def _object(self, schema: Mapping[str, Json], depth: int) -> dict[str, Json]:
        properties = object_of(schema, "properties")
        required = schema.get("required") or []
        extra = schema.get("additionalProperties", True)
        most = schema.get("maxProperties")
        made: dict[str, Json] = {}
        wanted = [*required, *(() if depth > DEEP else properties)]
        if most is not None:
            wanted = wanted[: max(most, len(required))]
        # The schema's order, as real structured output has it.
        for name in (*properties, *required):
            if name in wanted and name not in made:
                inner = properties.get(name, extra if extra is not False else True)
                made[name] = self.make(inner, name, depth + 1)
        open_ended = isinstance(extra, dict) and not properties and depth <= DEEP
        least = max(int(schema.get("minProperties") or 0), min(2, most or 2) if open_ended else 0)
        if least > MOST_ITEMS:
            raise BadRequest(f"The simulated model makes objects of at most {MOST_ITEMS} members")
        for number in range(1, least + 1 - len(made)):
            made[f"entry_{number}"] = self.make(extra if extra else {}, "", depth + 1)
        return made

    def _array(self, schema: Mapping[str, Json], name: str, depth: int) -> list[Json]:
        items = schema.get("items", True)
        first = schema.get("prefixItems") or (items if isinstance(items, list) else [])
        if isinstance(items, list):
            items = schema.get("additionalItems", True)
        least = max(int(schema.get("minItems") or 0), 1 if "contains" in schema else 0)
        most = schema.get("maxItems")
        if least > MOST_ITEMS:
            raise BadRequest(f"The simulated model makes lists of at most {MOST_ITEMS} entries")
        usual = self._hints.count or USUAL_ITEMS
        count = max(least, 0 if depth > DEEP else usual, len(first))
        count = min(count, MOST_ITEMS if most is None else int(most))
        if items is False:
            count = min(count, len(first))
        made: list[Json] = []
        singular = name[:-1] if name.endswith("s") else name
        for number in range(count):
            inner = first[number] if number < len(first) else items
            if number == len(first) and "contains" in schema:
                inner = schema["contains"]
            value = self.make(inner, singular, depth + 1)
            if schema.get("uniqueItems") and any(same(value, other) for other in made):
                try:
                    new = merged(self.fitting.flat(inner), {"not": {"enum": list(made)}})
                    value = self.make(new, "", depth + 1)
                except BadRequest:
                    break
            made.append(value)
        return made

    def _string(self, schema: Mapping[str, Json], name: str) -> str:
        low, high = int(schema.get("minLength") or 0), schema.get("maxLength")
        if low > LONGEST:
            raise BadRequest(f"The simulated model writes texts of at most {LONGEST} characters")
        if "pattern" in schema:
            return self._patterned(schema, low, high)
        form = str(schema.get("format"))
        if form in FORMATS:
            return self._hints.formatted(form) or FORMATS[form]
        text = self._hints.text(name, str(schema.get("description") or ""))
        if high is not None and len(text) > high:
            cut = text[: int(high)]
            text = cut.rsplit(" ", 1)[0].rstrip(",;:") if " " in cut and high > 12 else cut
        while len(text) < low:
            text = f"{text} {self._hints.filler}" if text else self._hints.filler
            if high is not None:
                text = text[: int(high)]
        return text

    def _patterned(self, schema: Mapping[str, Json], low: int, high: int | None) -> str:
        pattern = str(schema["pattern"])
        for more in (2, 1, 0, 4, 8, 16, 32, 64, 128):
            text = PatternSampler(pattern, self._random, more=more).sample()
            if low <= len(text) and (high is None or len(text) <= high):
                return text
        raise BadRequest(f"No text of the pattern {pattern!r} has the length that the schema asks")

    def _number(self, schema: Mapping[str, Json], name: str, *, whole: bool) -> int | float:
        low, high = bounds_of(schema)
        step = schema.get("multipleOf") or (1 if whole else 0)
        for wanted in self._hints.numbers(name):
            value = _rounded(wanted, step, whole)
            if self.fitting.fits(value, schema):
                return value
        bottom = low if low is not None else (0 if high is None else high - 100)
        top = high if high is not None else bottom + 100
        for share in (self._random.random(), 0.5, 0.0, 1.0, 0.25, 0.75):
            value = _rounded(bottom + (top - bottom) * share, step, whole)
            for candidate in (value, value + step, value - step):
                if self.fitting.fits(candidate, schema):
                    return candidate
        raise BadRequest("No number lies within the schema's bounds")


def _is_null(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("type") in ("null", "NULL")


def _weight(schema: Json) -> int:
    """How likely an option leads deeper: a null is light, an object or a reference heavy."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return 2
    return 0 if _is_null(schema) else 2 if {"properties", "items"} & set(schema) else 1


def _rounded(value: float, step: float, whole: bool) -> int | float:
    if step:
        value = round(value / step) * step
    if whole and value == int(value):
        return int(value)
    return round(value, 6) if abs(value) >= 1e-3 or value == 0 else value
