"""logsearch: pages, ranges, averages, and what is deleted."""

import pytest

from gateway.local.logfilters import Filter
from gateway.local.logsearch import ORDERS, LogSearch
from tests.local.rows import START_S, filled, logged

OPENAI = Filter(key="provider", operator="eq", values=("openai",)).condition
FAILED = Filter(key="success", operator="eq", values=(False,)).condition

ASCENDING = [
    ("created_at", "abc"),
    ("provider", "bac"),
    ("model", "bac"),
    ("model_type", "abc"),
    ("success", "bac"),
    ("cached", "abc"),
    ("cost", "bca"),
    ("tokens", "bca"),
    ("tokens_in", "bca"),
    ("tokens_out", "bca"),
    ("duration", "cab"),
    ("feedback", "cba"),
]


@pytest.fixture
def store(tmp_path):
    with filled(tmp_path) as store:
        yield store


@pytest.fixture
def search(store):
    return LogSearch(store)


def names(rows):
    return "".join(row["id"][-1] for row in rows)


@pytest.mark.rule("api.log_order")
@pytest.mark.parametrize(("order", "ascending"), ASCENDING)
def test_rows_are_in_order(search, order, ascending):
    """Both ways; rows that are equal are in order of time."""
    up, _ = search.page("g", limit=50, order=order, descending=False)
    down, _ = search.page("g", limit=50, order=order)

    assert (names(up), names(down)) == (ascending, ascending[::-1])


@pytest.mark.rule("api.log_order")
def test_every_order_has_a_case():
    """An order that is added needs one too."""
    assert [name for name, _ in ASCENDING] == list(ORDERS)


def test_pages_know_how_many_rows_there_are(search, store):
    """Newest first, a row that was just answered among them, and without bodies."""
    store.logs.add(logged(3, "a", request=b"asked"))

    first, total = search.page("g", limit=3)
    rest, _ = search.page("g", limit=3, offset=3)
    beyond, _ = search.page("g", limit=3, offset=6)

    assert (names(first), names(rest), beyond, total) == ("acb", "a", [], 4)
    assert first[2]["metadata"] == {"team": "red_1"}
    assert "request" not in first[0]


def test_ranges_are_those_of_the_rows_that_pass(search):
    """For the sliders of a dashboard."""
    ranges = search.ranges("g", [OPENAI])

    assert (ranges["min_duration"], ranges["max_duration"]) == (5, 100)
    assert (ranges["min_total_tokens"], ranges["max_total_tokens"]) == (0, 30)
    assert (ranges["min_cost"], ranges["max_cost"]) == (0, 0.002)
    assert search.ranges("nobody")["min_cost"] is None


@pytest.mark.rule("api.log_delete")
@pytest.mark.parametrize(
    ("how", "left"),
    [
        ({}, ""),
        ({"conditions": [OPENAI]}, "b"),
        ({"limit": 1, "descending": False}, "bc"),
        ({"limit": 1}, "ab"),
        ({"limit": 2, "order": "duration"}, "c"),
        ({"limit": 1, "conditions": [OPENAI], "descending": False}, "bc"),
        ({"limit": 0}, "abc"),
    ],
)
def test_rows_are_deleted_by_filter_and_limit(search, how, left):
    """The oldest hundred, say; other gateways' rows stay."""
    search.delete("g", **how)

    rows, _ = search.page("g", limit=50, descending=False)
    assert names(rows) == left
    assert search.page("other", limit=1)[1] == 1


def test_summary_joins_alternatives(search):
    """A row that passes two of them counts once."""
    summary = search.summary("g", [[OPENAI], [OPENAI, FAILED], [FAILED]])

    assert summary == {
        "total": 3,
        "cost": pytest.approx(0.002 / 3),
        "duration": 135,
        "rated": 2,
        "liked": 1,
    }


def test_summary_of_nothing(search):
    """No division by zero."""
    summary = search.summary("g", [[OPENAI, FAILED]])

    assert (summary["total"], summary["cost"], summary["liked"]) == (0, None, 0)


def test_what_unified_billing_paid(search, store):
    """By window of time, in all gateways; callers' own keys cost them elsewhere."""
    store.logs.add(logged(4, "c", cost=0.5))
    store.logs.add(logged(5, "c", cost=0.25))
    store.logs.add(logged(6, "a", cost=9.0))

    assert search.spent(86_400) == [(START_S - START_S % 86_400, 0.75)]
    assert search.spent(60, since_s=START_S + 240, until_s=START_S + 300) == [(START_S + 240, 0.5)]
