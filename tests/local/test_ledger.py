"""ledger: what a bucket holds as its windows go by, and after a restart."""

import pytest

from gateway.local.ledger import Ledger
from gateway.local.store import Store

HOUR = 3600.0
READ = [
    ("the same window", 0, (5.0, 0.0)),
    ("the next window", HOUR, (0.0, 5.0)),
    ("a window later", 2 * HOUR, (0.0, 0.0)),
    ("a clock that went back", -HOUR, (5.0, 0.0)),
]


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path)
    yield store
    store.close()


@pytest.mark.parametrize(
    ("start_s", "sums"), [row[1:] for row in READ], ids=[row[0] for row in READ]
)
def test_bucket_rolls_with_its_windows(store, start_s, sums):
    """One window is remembered besides the current one: sliding limits weigh it."""
    ledger = Ledger(store, 0)
    ledger.add("g", "b", 2.0, start_s=0, length_s=HOUR)
    ledger.add("g", "b", 3.0, start_s=0, length_s=HOUR)

    total = ledger.read("g", "b", start_s=start_s, length_s=HOUR)

    assert (total.spent, total.before) == sums


def test_gateways_have_buckets_of_their_own(store):
    """Two gateways may have rules of the same name."""
    ledger = Ledger(store, 0)
    ledger.add("g", "b", 2.0, start_s=0, length_s=HOUR)

    assert ledger.read("other", "b", start_s=0, length_s=HOUR).spent == 0
    assert ledger.read("g", "other", start_s=0, length_s=HOUR).spent == 0


def test_forgotten_gateway_has_spent_nothing(store):
    """A gateway of the same name may be made again."""
    ledger = Ledger(store, 0)
    ledger.add("g", "b", 2.0, start_s=0, length_s=HOUR)
    ledger.forget_gateway("g")

    assert ledger.read("g", "b", start_s=0, length_s=HOUR).spent == 0


def test_totals_survive_a_restart_while_they_count(tmp_path):
    """A bucket whose windows are both over isn't read back."""
    store = Store.open(tmp_path)
    ledger = Ledger(store, 0)
    ledger.add("g", "old", 1.0, start_s=0, length_s=HOUR)
    ledger.add("g", "new", 2.0, start_s=2 * HOUR, length_s=HOUR)
    ledger.add("g", "new", 2.0, start_s=2 * HOUR, length_s=HOUR)
    store.close()

    again = Store.open(tmp_path)
    read = Ledger(again, 2 * HOUR)
    again.close()

    assert read.read("g", "new", start_s=2 * HOUR, length_s=HOUR).spent == 4
    assert read.read("g", "old", start_s=0, length_s=HOUR).spent == 0
