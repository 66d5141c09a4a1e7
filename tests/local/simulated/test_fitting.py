"""fitting: a value fits a schema exactly when a full validator says so."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.local.simulated.fitting import Fitting, merged

VALUES = [
    None, True, 0, 1, 1.0, 2.5, -3, "", "a", "abc", "2026-11-23", [], [1], [1, 1], [1, "a"],
    {}, {"a": 1}, {"a": "x", "b": None}, {"a": {"a": 1}}, [[1], [True]],
]  # fmt: skip
SCHEMAS = [
    {"type": "integer"},
    {"type": ["string", "null"]},
    {"const": 1},
    {"const": [1, 1]},
    {"enum": [True, "a", {}]},
    {"minimum": 1},
    {"exclusiveMinimum": 1, "maximum": 3},
    {"multipleOf": 2.5},
    {"minLength": 1, "maxLength": 3},
    {"pattern": "^a"},
    {"items": {"type": "integer"}},
    {"prefixItems": [{"type": "integer"}], "items": {"type": "string"}},
    {"minItems": 1, "maxItems": 1},
    {"uniqueItems": True},
    {"contains": {"type": "string"}},
    {"required": ["a"]},
    {"properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": {"type": "null"}},
    {"minProperties": 1, "maxProperties": 1},
    {"anyOf": [{"type": "string"}, {"minimum": 2}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"allOf": [{"type": "number"}, {"minimum": 1}]},
    {"not": {"type": "object"}},
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "object"}},
    {"$defs": {"n": {"type": "number"}}, "properties": {"a": {"$ref": "#/$defs/n"}}},
    True,
    False,
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_agrees_with_a_full_validator(schema):
    """Our checker is small; where it speaks, it must not be wrong."""
    full = jsonschema.Draft202012Validator(schema)
    small = Fitting(schema)

    assert [value for value in VALUES if small.fits(value, schema)] == [
        value for value in VALUES if full.is_valid(value)
    ]


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([s for s in SCHEMAS if isinstance(s, dict) and "$defs" not in s]),
    st.sampled_from([s for s in SCHEMAS if isinstance(s, dict) and "$defs" not in s]),
    st.sampled_from(VALUES),
)
def test_merged_schema_asks_for_both(one, other, value):
    """allOf is settled by merging: what fits the result fits both parts."""
    both = merged(one, other)

    if Fitting(both).fits(value, both):
        assert Fitting(one).fits(value, one)
        assert Fitting(other).fits(value, other)


def test_nullable_lets_null_pass():
    """Gemini's word for it."""
    schema = {"type": "STRING", "nullable": True}

    assert Fitting(schema).fits(None, schema)
    assert not Fitting({"type": "STRING"}).fits(None, {"type": "STRING"})
