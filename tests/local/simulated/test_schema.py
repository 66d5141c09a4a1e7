"""schema: what is made for a schema validates, with the prompt's own values where they fit."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import BadRequest
from gateway.local.clock import chance
from gateway.local.simulated.hints import Hints
from gateway.local.simulated.schema import sample

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            },
            "required": ["name", "children", "next"],
            "additionalProperties": False,
        }
    },
    "$ref": "#/$defs/node",
}
SCHEMAS = {
    "anything": {},
    "text": {"type": "string"},
    "whole number": {"type": "integer"},
    "number within bounds": {"type": "number", "minimum": 2.5, "maximum": 2.75},
    "excluded bounds": {"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6},
    "multiple": {"type": "integer", "multipleOf": 7, "minimum": 50, "maximum": 57},
    "small multiple": {"type": "number", "multipleOf": 0.25, "minimum": 0.1, "maximum": 0.3},
    "negative": {"type": "number", "maximum": -3},
    "truth": {"type": "boolean"},
    "nothing": {"type": "null"},
    "several types": {"type": ["null", "integer"]},
    "enum": {"enum": ["red", "green", 3, None]},
    "enum of a type": {"type": "string", "enum": ["low", "high"]},
    "const": {"const": {"version": 2}},
    "city": CITY,
    "nested": {
        "type": "object",
        "properties": {"trip": CITY, "notes": {"type": "array", "items": {"type": "string"}}},
        "required": ["trip", "notes"],
    },
    "list bounds": {"type": "array", "items": {"type": "integer"}, "minItems": 5, "maxItems": 6},
    "empty list": {"type": "array", "items": CITY, "maxItems": 0},
    "unique": {
        "type": "array",
        "items": {"enum": ["a", "b", "c"]},
        "uniqueItems": True,
        "minItems": 3,
    },
    "tuple": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "integer"}],
        "items": False,
        "minItems": 2,
    },
    "contains": {
        "type": "array",
        "items": {"type": ["integer", "string"]},
        "contains": {"const": 5},
        "minItems": 2,
    },
    "lengths": {"type": "string", "minLength": 90, "maxLength": 95},
    "one letter": {"type": "string", "minLength": 1, "maxLength": 1},
    "pattern": {"type": "string", "pattern": r"^[A-Z]{3}-\d{4}$"},
    "pattern with choices": {"type": "string", "pattern": r"^(?:EUR|USD) \d+(\.\d{2})?$"},
    "pattern and length": {"type": "string", "pattern": "^[a-z]+$", "minLength": 12},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "email": {"type": "string", "format": "email"},
    "uri": {"type": "string", "format": "uri"},
    "uuid": {"type": "string", "format": "uuid"},
    "any of": {"anyOf": [{"type": "null"}, CITY]},
    "one of": {
        "oneOf": [
            {"type": "object", "properties": {"kind": {"const": k}}, "required": ["kind"]}
            for k in ("a", "b")
        ]
    },
    "one of with overlap": {"oneOf": [{"type": "number"}, {"type": "integer"}]},
    "all of": {
        "allOf": [
            CITY | {"additionalProperties": True},
            {"properties": {"city": {"minLength": 3}, "zip": {"type": "string"}}},
            {"required": ["zip"]},
        ]
    },
    "not": {"type": "integer", "minimum": 0, "maximum": 3, "not": {"const": 0}},
    "if": {
        "type": "object",
        "properties": {"kind": {"enum": ["x", "y"]}, "size": {"type": "integer"}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "x"}}},
        "then": {"required": ["size"]},
    },
    "recursion": TREE,
    "definitions": {
        "definitions": {"money": {"type": "object", "properties": {"amount": {"type": "number"}}}},
        "type": "object",
        "properties": {"total": {"$ref": "#/definitions/money"}},
        "required": ["total"],
    },
    "map": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    "required but not described": {"type": "object", "required": ["a", "b"]},
    "no type": {"properties": {"a": {"minimum": 3}}, "required": ["a"]},
}
REFUSED = {
    "unknown type": {"type": "text"},
    "nothing allowed": {"type": "object", "properties": {"a": False}, "required": ["a"]},
    "outside reference": {"$ref": "https://example.com/schema.json"},
    "missing reference": {"$ref": "#/$defs/none"},
    "endless reference": {"$ref": "#"},
    "endless object": {
        "type": "object",
        "properties": {"me": {"$ref": "#"}},
        "required": ["me"],
    },
    "impossible bounds": {"type": "integer", "minimum": 5, "maximum": 4},
    "impossible length": {"type": "string", "minLength": 10**9},
    "impossible list": {"type": "array", "items": {"type": "string"}, "minItems": 10**9},
    "broken pattern": {"type": "string", "pattern": "(["},
    "look-ahead": {"type": "string", "pattern": "^(?=a)b"},
    "wrong keyword value": {"type": "string", "minLength": "three"},
    "not a schema": {"type": "object", "properties": ["a"]},
    "empty enum": {"enum": []},
}


def made(schema, prompt="Plan a trip to Paris for 4 days.", seed=0):
    hints = Hints(prompt, subject="a trip to Paris", sentences=("Paris is worth a trip.",))
    return sample(schema, hints, chance(seed))


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_value_validates(schema):
    """Clients parse the answer with the schema they sent; anything else is an error there."""
    value = made(schema)

    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(value)


@pytest.mark.parametrize("schema", REFUSED.values(), ids=REFUSED)
def test_schema_without_a_value_is_refused(schema):
    """The provider's 400 comes from here, never a traceback or an endless loop."""
    with pytest.raises(BadRequest, match=r"(?i)schema|pattern|simulated|number|bounds"):
        made(schema)


def test_values_come_from_the_prompt():
    """A demo is convincing when the answer holds what was asked for."""
    assert made(CITY) == {"city": "Paris", "days": 4}


@pytest.mark.rule("clients.structured")
def test_gemini_types_are_understood():
    """Gemini writes types in capitals and says nullable."""
    schema = {
        "type": "OBJECT",
        "properties": {
            "title": {"type": "STRING"},
            "stars": {"type": "INTEGER", "minimum": 1, "maximum": 5},
            "note": {"type": "STRING", "nullable": True},
        },
        "required": ["title", "stars"],
    }

    value = made(schema)

    assert isinstance(value["title"], str)
    assert 1 <= value["stars"] <= 5


def test_same_seed_gives_the_same_value():
    """Stakeholders see the same answer on every run."""
    assert made(SCHEMAS["enum"], seed=3) == made(SCHEMAS["enum"], seed=3)


TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={"minLength": st.integers(0, 30), "maxLength": st.integers(30, 60)},
)
NUMBERS = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={"minimum": st.integers(-50, 10), "maximum": st.integers(10, 90)},
)
LEAVES = TEXTS | NUMBERS | st.just({"type": "boolean"}) | st.just({"enum": ["a", 2, False]})


def grown(inner):
    """Schemas around other schemas."""
    names = st.sampled_from(["name", "city", "amount", "tags", "x"])
    objects = st.dictionaries(names, inner, max_size=4).map(
        lambda properties: {
            "type": "object",
            "properties": properties,
            "required": sorted(properties)[:2],
            "additionalProperties": False,
        }
    )
    lists = st.builds(
        lambda items, low, more: {
            "type": "array",
            "items": items,
            "minItems": low,
            "maxItems": low + more,
        },
        inner,
        st.integers(0, 4),
        st.integers(0, 3),
    )
    return objects | lists | st.lists(inner, min_size=1, max_size=3).map(lambda o: {"anyOf": o})


@settings(max_examples=80, deadline=None)
@given(st.recursive(LEAVES, grown, max_leaves=8), st.text(max_size=60))
def test_any_sensible_schema_gets_a_value(schema, prompt):
    """Whatever a client combines of the usual keywords, the answer fits."""
    jsonschema.validate(made(schema, prompt), schema)
