"""fields: every option has a field, and a form of valid values becomes the same options."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.form import FIELDS, GROUPS, fill, read, show
from gateway.headers import HEADERS, TEXT_LIMIT, Options

READ = [
    ("cache_ttl", "1 h", 3600),
    ("cache_ttl", "3600", 3600),
    ("cache_ttl", 3600.0, 3600),
    ("cache_ttl", "", None),
    ("cache_ttl", "  ", None),
    ("request_timeout", "1.5 s", 1500),
    ("max_attempts", "3", 3),
    ("max_attempts", 3, 3),
    ("skip_cache", False, False),
    ("skip_cache", "true", True),
    ("backoff", "Linear", "linear"),
    ("allowed_models", "a/*, b/c", ("a/*", "b/c")),
    ("metadata", [("team", "AI"), ("user", "12345")], {"team": "AI", "user": 12345}),
    ("metadata", '{"team": "AI",\n "test": true}', {"team": "AI", "test": True}),
    ("metadata", [("", "")], None),
    ("custom_cost", [("per_token_in", "0.000001")], {"per_token_in": 0.000001}),
    ("otel_trace_id", "4BF92F3577B34DA6A3CE929D0E0E4736", "4bf92f3577b34da6a3ce929d0e0e4736"),
]
REFUSED = [
    ("cache_ttl", "30 s", "must be 0 or from 60 to 2592000 s"),
    ("cache_ttl", "soon", 'must be a duration such as "1 h"'),
    ("max_attempts", 6, "must be from 1 to 5 attempts"),
    ("max_attempts", 2.5, "must be a whole number"),
    ("backoff", "random", "must be one of constant, linear, exponential"),
    ("cache_key", "a\r\nx-evil: 1", "must be one line, which character 2 ends"),
    ("cache_key", "schlüssel", "must be printable ASCII, which character 5 isn't"),
    ("cache_key", "k" * (TEXT_LIMIT + 1), "must have from 1 to 8192 characters"),
    ("metadata", '{"team": "AI",}', r"at character 15 \(there is a comma too many before it\)"),
    ("metadata", "{'team': 'AI'}", r"at character 2 \(names and texts want double quotes\)"),
    ("metadata", '{"test": True}', r"at character 10 \(true is written small\)"),
    ("metadata", '{"team": "AI"', "it ends too early, after character 13"),
    ("metadata", [("a", "1"), ("a", "2")], "row 2 is 'a' again"),
    ("metadata", [("cf.user", "1")], "must not use names that begin with 'cf.'"),
    ("custom_cost", [("per_token", "1")], "must use the names per_token_in"),
    ("otel_trace_id", "xyz", "must be 32 hex digits"),
]
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
NAMES = PRINTABLE.filter(lambda name: "," not in name)
VALUES = {
    "switch": st.booleans(),
    "choice": st.sampled_from(["constant", "linear", "exponential"]),
    "number": st.integers(1, 5),
    "duration": st.integers(60, 60_000),
    "names": st.lists(NAMES, min_size=1, max_size=3).map(tuple),
    "table": st.dictionaries(
        PRINTABLE.filter(lambda name: not name.startswith("cf.")),
        st.text(max_size=8) | st.booleans() | st.integers(-(10**9), 10**9),
        min_size=1,
        max_size=5,
    ),
    "rates": st.dictionaries(
        st.sampled_from(["per_token_in", "per_token_out"]), st.floats(0, 1), min_size=1
    ),
}
SPECIAL = {
    "no_session_affinity": st.just(True),
    "gateway_id": st.text("abc", min_size=1, max_size=64),
    "otel_trace_id": st.text("0123456789abcdef", min_size=32, max_size=32),
    "otel_parent_span_id": st.text("0123456789abcdef", min_size=16, max_size=16),
}
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        name: SPECIAL.get(name, VALUES.get(here.kind, PRINTABLE)) for name, here in FIELDS.items()
    },
).map(lambda stated: Options(**stated))


def test_groups_hold_every_option_once():
    """A new row of the header table appears in the form without another line of code."""
    placed = [here.name for group in GROUPS for here in group.fields]

    assert sorted(placed) == sorted(HEADERS)


@pytest.mark.parametrize("name", FIELDS)
def test_field_explains_itself(name):
    """One sentence, a source with its day, and limits wherever there are some."""
    here = FIELDS[name]

    assert here.summary.endswith((".", ":"))
    assert here.sources
    assert here.row.date
    assert here.words or here.limits


@pytest.mark.parametrize(("name", "typed", "value"), READ)
def test_typed_value_is_read(name, typed, value):
    """People write durations, tables and JSON; the header gets its own spelling."""
    assert read(name, typed) == value


@pytest.mark.parametrize(("name", "typed", "reason"), REFUSED)
def test_refused_value_says_what_would_be_accepted(name, typed, reason):
    """The rest of the form keeps working; the sentence doesn't repeat what was typed."""
    filled = fill({name: typed, "event_id": "kept"})

    with pytest.raises(ValueError, match=reason):
        read(name, typed)
    assert filled.options == Options(event_id="kept")
    assert filled.problems[name].sentence.startswith(FIELDS[name].label)
    assert "evil" not in filled.problems[name].sentence


@given(OPTIONS)
def test_shown_form_is_the_same_options(options):
    """What is saved, shown in the widgets and read again is what was meant."""
    filled = fill({name: show(name, value) for name, value in options.stated()})

    assert not filled.problems
    assert filled.options == options


@given(OPTIONS)
def test_headers_are_the_same_options(options):
    """Build, send, parse: the other side reads what the form says."""
    headers = options.to_headers()

    assert Options.from_headers(headers) == options
    assert all(value.isascii() and "\n" not in value for value in headers.values())
    assert all(json.loads(headers[name]) for name in headers if name.endswith("metadata"))


def test_levels_of_a_field():
    """The form shows three levels beside each other, where there are three."""
    assert FIELDS["cache_ttl"].per_step
    assert FIELDS["cache_ttl"].setting == "cache_ttl"
    assert not FIELDS["gateway_id"].per_step
    assert FIELDS["metadata"].setting is None
