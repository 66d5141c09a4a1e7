"""ids: lower-case UUIDv7, ordered."""

import uuid

import pytest

from gateway.local.clock import Clock
from gateway.local.ids import Ids


def clock_at(*seconds):
    moments = iter(seconds)
    return Clock(wall=lambda: 0.0, steady=lambda: next(moments))


@pytest.mark.rule("headers.ids_uuid7")
def test_ids_are_uuid7_in_lower_case():
    """Clients of the logs API may parse them; the time stamp is the emulated one."""
    text = Ids(clock_at(0.0, 1_764_000_000.5)).new()
    value = uuid.UUID(text)

    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert text == text.lower()
    assert value.int >> 80 == 1_764_000_000_500


@pytest.mark.rule("headers.ids_uuid7")
def test_ids_of_one_millisecond_stay_in_order():
    """More than the counter holds moves the stamp on; a clock set back doesn't."""
    ids = Ids(clock_at(0.0, *[5.0] * 9000, *[4.0] * 10))
    made = [ids.new() for _ in range(9010)]

    assert made == sorted(made)
    assert len(set(made)) == 9010
