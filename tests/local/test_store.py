"""store: what a data directory holds survives restarts, and is read at once."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import select

from gateway.errors import LocalGatewayError
from gateway.local.cache import Entry
from gateway.local.logqueue import TRIMMED_AFTER
from gateway.local.store import Store
from gateway.local.tables import LOGS

ENTRY = Entry(
    scope="g",
    key="k",
    provider="openai",
    status=200,
    content_type="application/json",
    body=b"{}",
    stored_at=100.0,
    expires_at=160.0,
    original_ms=812.5,
    log_id="first",
)


def row(number, gateway="g"):
    values = dict.fromkeys(LOGS.c.keys())
    return values | {
        "id": f"{number:04}",
        "gateway": gateway,
        "account": "a",
        "created_s": float(number),
        "metadata": b'{"team":"x"}',
        "timings": b'{"total":1.5}',
        "request": b"asked",
    }


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def test_all_is_there_after_a_restart(tmp_path):
    """Gateways, keys, log rows and cached answers; the token stays the same."""
    first = Store.open(tmp_path)
    first.put_gateway({"id": "g", "cache_ttl": 60})
    first.add_keys("g", ["openai"])
    first.logs.add(row(1))
    first.add_entry(ENTRY)
    first.close()

    second = Store.open(tmp_path)

    assert second.gateways() == {"g": {"id": "g", "cache_ttl": 60}}
    assert second.keys() == {("g", "openai", "default")}
    assert second.entries(150.0) == [ENTRY]
    assert second.token == first.token
    assert second.log("g", "0001")["request"] == b"asked"
    second.close()


@pytest.mark.rule("logs.readable_at_once")
def test_row_is_readable_at_once(store):
    """A log id that a client has just got is found, though writing is queued."""
    store.logs.add(row(1))

    found = store.log("g", "0001")

    assert found["metadata"] == {"team": "x"}
    assert store.log("other", "0001") is None


@pytest.mark.rule("logs.feedback")
def test_feedback_lands_on_its_row(store):
    """A row that isn't there is said to be missing, also for an empty change."""
    store.logs.add(row(1))

    assert store.patch_log("g", "0001", {"feedback": 1, "metadata": {"b": 2}})
    assert store.patch_log("g", "0001", {})
    assert not store.patch_log("g", "0002", {"feedback": 1})
    assert not store.patch_log("g", "0002", {})
    assert store.log("g", "0001")["metadata"] == {"b": 2}


def test_newer_answer_replaces_the_older(store):
    """Under one key there is one entry; entries past their time are gone."""
    store.add_entry(ENTRY)
    store.add_entry(Entry(**{**vars_of(ENTRY), "body": b"[]"}))
    store.flush()

    assert [entry.body for entry in store.entries(150.0)] == [b"[]"]
    assert store.entries(160.0) == []


def test_deleting_a_gateway_deletes_what_it_held(store):
    """Nothing of it comes back with a gateway of the same name."""
    store.put_gateway({"id": "g"})
    store.add_keys("g", ["openai"])
    store.logs.add(row(1))
    store.add_entry(ENTRY)

    store.delete_gateway("g")

    assert (store.gateways(), store.keys(), store.log("g", "0001")) == ({}, set(), None)
    assert store.entries(150.0) == []


def test_provider_is_forgotten_in_every_gateway(store):
    """A custom provider that was changed."""
    store.add_entry(ENTRY)
    store.add_entry(Entry(**{**vars_of(ENTRY), "scope": "h", "provider": "custom-x"}))

    store.forget_provider("custom-x")

    assert store.entries(150.0) == [ENTRY]


def test_two_processes_cannot_share_a_directory(store):
    """Their caches would disagree; the sentence says what to do."""
    with pytest.raises(LocalGatewayError, match="in use by another local gateway"):
        Store.open(store.directory)


def test_directory_that_is_a_file_is_named(tmp_path):
    """No traceback at the start, but a sentence."""
    place = tmp_path / "file"
    place.write_text("")

    with pytest.raises(LocalGatewayError, match="can't be written"):
        Store.open(place)


def test_broken_database_is_named(tmp_path):
    """The user's way out stands in the sentence."""
    (tmp_path / "gateway.db").write_bytes(b"this is no database " * 100)

    with pytest.raises(LocalGatewayError, match=r"Move gateway\.db away"):
        Store.open(tmp_path)


def test_damaged_settings_are_named(store):
    """They can't be guessed, so the gateway doesn't start without them."""
    store.put_gateway({"id": "g"})
    with store.engine.begin() as base:
        base.exec_driver_sql("UPDATE gateways SET settings = x'7b'")

    with pytest.raises(LocalGatewayError, match=r"Move gateway\.db away"):
        store.gateways()


@pytest.mark.parametrize("damage", ["expires_at = 'soon'", "body = 'text'", "status = 'OK'"])
def test_damaged_answers_are_forgotten(store, damage):
    """The others stay; those come again, fresh."""
    store.add_entry(ENTRY)
    store.add_entry(Entry(**{**vars_of(ENTRY), "key": "other"}))
    store.flush()
    with store.engine.begin() as base:
        base.exec_driver_sql(f"UPDATE answers SET {damage} WHERE key = 'other'")

    assert store.entries(150.0) == [ENTRY]
    store.flush()
    assert store.entries(150.0) == [ENTRY]


def test_answers_of_another_shape_are_made_anew(tmp_path):
    """An older or edited file costs the cache, not the start."""
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as base:
        base.execute("CREATE TABLE answers (body TEXT)")

    with closing(Store.open(tmp_path)) as store:
        assert store.entries(150.0) == []


def vars_of(entry):
    return {name: getattr(entry, name) for name in Entry.__slots__}


@pytest.mark.rule("limits.log_cap")
@pytest.mark.parametrize(
    ("strategy", "kept"),
    [
        ("DELETE_OLDEST", ["0997", "0998", "0999"]),
        (None, ["0997", "0998", "0999"]),
        ("STOP_INSERTING", ["0002", "0003", "0004"]),
    ],
)
def test_full_log_drops_the_oldest_rows_or_takes_no_more(store, strategy, kept):
    """A gateway's own cap, looked after once in a thousand rows; other gateways keep theirs."""
    store.put_gateway({"id": "g", "log_management": 3, "log_management_strategy": strategy})
    store.put_gateway({"id": "h"})
    for number in range(TRIMMED_AFTER):
        store.logs.add(row(number, gateway="h" if number < 2 else "g"))
    store.flush()

    with store.engine.connect() as base:
        mine = select(LOGS.c.id).where(LOGS.c.gateway == "g").order_by(LOGS.c.id)
        assert base.execute(mine).scalars().all() == kept
    assert store.log("h", "0000") is not None
