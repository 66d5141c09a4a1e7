"""logs: a row of the gateway's log, to and from the JSON of the logs API."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.logs import REQUIRED, LogEntry

ENTRY = LogEntry(
    id="019a7b3e-5f2c-7c41-9d3e-2b8f6a1c4e07",
    created_at=datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC),
    provider="openai",
    model="openai/gpt-5-mini",
    path="chat/completions",
    duration=410,
    success=True,
    cached=False,
    status_code=200,
    tokens_in=9,
    tokens_out=3,
    cost=0.00001,
    metadata={"team": "AI", "user": 12345, "test": True},
    timings={"total": 410.5, "latency": 120.25},
)
TEAM = {"team": "AI"}
METADATA = [
    (TEAM, TEAM),
    ('{"team":"AI"}', TEAM),
    ("", {}),
    ("not JSON", {}),
    ("[1]", {}),
    (None, {}),
]


def test_row_round_trip():
    """What the local gateway lists, our client reads back unchanged."""
    assert LogEntry.from_json(json.loads(json.dumps(ENTRY.to_json()))) == ENTRY


def test_every_member_is_listed():
    """A client tests for null, not for absence."""
    row = replace(ENTRY, tokens_in=None, cost=None).to_json()

    assert row["tokens_in"] is None
    assert row["cost"] is None
    assert row["created_at"] == "2026-11-23T12:00:00.123456Z"


def test_moment_is_listed_in_utc():
    """Whatever zone it was made in."""
    berlin = ENTRY.created_at.astimezone(timezone(timedelta(hours=1)))

    assert replace(ENTRY, created_at=berlin).to_json() == ENTRY.to_json()


@pytest.mark.parametrize("text", ["2026-11-23T12:00:00Z", "2026-11-23 12:00:00"])
def test_moment_is_aware(text):
    """A moment without a zone can't be compared with ours."""
    row = ENTRY.to_json() | {"created_at": text}

    assert LogEntry.from_json(row).created_at == datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(("given", "read"), METADATA)
def test_metadata_as_object_or_text(given, read):
    """The API's schema says text, live rows have an object (contract: log row)."""
    assert LogEntry.from_json(ENTRY.to_json() | {"metadata": given}).metadata == read


def test_strangers_are_skipped():
    """Cloudflare adds members without notice."""
    assert LogEntry.from_json(ENTRY.to_json() | {"brand_new": 1}) == ENTRY


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_member_is_named(name):
    """A row without it isn't a row."""
    row = ENTRY.to_json()
    del row[name]

    with pytest.raises(KeyError, match=name):
        LogEntry.from_json(row)
