"""limits: dated facts that agree with those of the other tables."""

from datetime import date

from gateway.headers import HEADERS, Metadata, Whole
from gateway.limits import LIMITS
from gateway.sources import links

BY_ITEM = {row.item: row for row in LIMITS}


def test_every_limit_has_source_and_date():
    """A number without a date can't be trusted a year later."""
    assert all(row.item and row.limit and links(row.source) for row in LIMITS)
    assert all(date.fromisoformat(row.date).year >= 2026 for row in LIMITS)
    assert len(BY_ITEM) == len(LIMITS)


def test_limits_agree_with_the_header_table():
    """The same number isn't said differently in two places."""
    metadata, tries, wait = (
        HEADERS[name].rule for name in ("metadata", "max_attempts", "retry_delay")
    )

    assert isinstance(metadata, Metadata)
    assert isinstance(tries, Whole)
    assert isinstance(wait, Whole)
    assert BY_ITEM["Metadata entries"].limit.startswith(f"{metadata.high} ")
    assert BY_ITEM["Tries of a request"].limit == str(tries.high)
    assert BY_ITEM["Wait between tries"].limit == f"{wait.high // 1000} s"
