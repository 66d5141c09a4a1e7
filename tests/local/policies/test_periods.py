"""periods: when an hour, a day, a week and a month begin and end, in UTC."""

from datetime import UTC, datetime

import pytest

from gateway.local.policies.periods import PERIODS, period_at


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


CASES = [
    ("hourly", "2026-11-25T13:59:59", "2026-11-25T13:00", "2026-11-25T14:00"),
    ("daily", "2026-11-25T13:59:59", "2026-11-25", "2026-11-26"),
    ("weekly", "2026-11-25T13:59:59", "2026-11-23", "2026-11-30"),
    ("weekly", "2026-11-23", "2026-11-23", "2026-11-30"),
    ("weekly", "2026-11-29T23:59:59", "2026-11-23", "2026-11-30"),
    ("monthly", "2026-11-25T13:59:59", "2026-11-01", "2026-12-01"),
    ("monthly", "2026-12-31T23:59:59", "2026-12-01", "2027-01-01"),
    ("monthly", "2028-02-29", "2028-02-01", "2028-03-01"),
]


@pytest.mark.rule("policies.periods")
@pytest.mark.parametrize(("period", "now", "start", "end"), CASES)
def test_period_is_the_calendars(period, now, start, end):
    """Weeks begin on Monday, months on their first day."""
    assert period in PERIODS
    assert period_at(period, at(now)) == (at(start), at(end))
