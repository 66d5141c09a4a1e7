"""durations: what people type is read, and what is shown can be typed again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.form.durations import parse_duration, spell_duration

READ = [
    ("3600", "s", 3600),
    ("1 h", "s", 3600),
    ("1h", "s", 3600),
    ("90 s", "s", 90),
    ("1h 30m", "s", 5400),
    ("1 h, 30 min", "s", 5400),
    ("1.5 hours", "s", 5400),
    ("1.1 h", "s", 3960),
    ("2 Days", "s", 172_800),
    ("1 month", "s", 2_592_000),
    ("1 week", "s", 604_800),
    ("5000 ms", "s", 5),
    ("0", "s", 0),
    ("90.0", "s", 90),
    ("-5", "s", -5),
    ("500", "ms", 500),
    ("0.5 s", "ms", 500),
    ("1 min", "ms", 60_000),
]
REFUSED = [
    ("soon", "s", "such as"),
    ("", "s", "such as"),
    ("1 h ago!", "s", "not 'ago' after|character 5"),
    ("3 fortnights", "s", "must use ms, s, min, h or d, not 'fortnights'"),
    ("500 ms", "s", "whole seconds"),
    ("0.5 ms", "ms", "whole milliseconds"),
    ("1,5 h", "s", "character 2"),
    ("1.5", "s", "must be whole seconds"),
    ("5 s 3", "ms", "the last number has no unit"),
    ("\u0661 h", "s", "character 1"),
]
WRITTEN = [
    (3600, "s", "1 h"),
    (90, "s", "90 s"),
    (5400, "s", "90 min"),
    (2_592_000, "s", "30 d"),
    (0, "s", "0 s"),
    (500, "ms", "500 ms"),
    (1500, "ms", "1.5 s"),
    (1234, "ms", "1234 ms"),
    (60_000, "ms", "1 min"),
]


@pytest.mark.parametrize(("text", "unit", "value"), READ)
def test_duration_is_read(text, unit, value):
    """Hours, seconds and bare numbers all say the same thing."""
    assert parse_duration(text, unit) == value


@pytest.mark.parametrize(("text", "unit", "reason"), REFUSED)
def test_unreadable_duration_says_where_and_what(text, unit, reason):
    """The sentence stands at the widget: it names the place, or what would be accepted."""
    with pytest.raises(ValueError, match=reason):
        parse_duration(text, unit)


@pytest.mark.parametrize(("value", "unit", "text"), WRITTEN)
def test_duration_is_written_readably(value, unit, text):
    """Nobody divides 2592000 by 86400 in the head."""
    assert spell_duration(value, unit) == text


@given(st.integers(0, 10**10), st.sampled_from(["s", "ms"]))
def test_what_is_written_can_be_read(value, unit):
    """A form that opens again shows the same value."""
    assert parse_duration(spell_duration(value, unit), unit) == value
