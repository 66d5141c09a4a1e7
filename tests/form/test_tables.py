"""tables: rows become one-line JSON, and come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.form.tables import object_of, rows_of

VALUES = [
    ("AI", "AI"),
    ("12345", 12345),
    ('"12345"', "12345"),
    ("0.000001", 0.000001),
    ("1e-6", 1e-6),
    ("true", True),
    ("True", "True"),
    ("007", "007"),
    ('"', '"'),
    ('"a"b"', '"a"b"'),
    ("", ""),
    (None, ""),
]
REFUSED = [
    ([("team", "AI"), ("", "x")], "must have a name in row 2"),
    ([("team", "AI"), (" team ", "x")], "row 2 is 'team' again"),
]
ENTRIES = st.dictionaries(
    st.text(min_size=1, max_size=6).filter(lambda name: name == name.strip()),
    st.text(max_size=8) | st.booleans() | st.integers() | st.floats(allow_nan=False, width=32),
    max_size=5,
)


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_value_is_what_it_looks_like(text, value):
    """Numbers and true or false need no quotes; text that looks like one has them."""
    assert object_of([("name", text)]) == {"name": value}


def test_empty_rows_are_skipped():
    """A table editor always shows one more row."""
    assert object_of([("team", "AI"), ("", ""), (None, None)]) == {"team": "AI"}


@pytest.mark.parametrize(("rows", "reason"), REFUSED)
def test_bad_row_is_named_by_its_number(rows, reason):
    """The sentence says which row to look at."""
    with pytest.raises(ValueError, match=reason):
        object_of(rows)


@given(
    ENTRIES.filter(
        lambda found: all(value not in (float("inf"), float("-inf")) for value in found.values())
    )
)
def test_rows_say_the_same_object(entries):
    """What was saved opens in the editor unchanged, type by type."""
    back = object_of(rows_of(entries))

    assert back == entries
    assert [type(value) for value in back.values()] == [type(value) for value in entries.values()]
