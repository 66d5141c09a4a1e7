"""groups: log rows by dimensions, with sums, orders and filters."""

import pytest

from gateway.local.groups import DATASETS, Narrowing, groups
from tests.local.rows import filled, logged

REQUESTS = "aiGatewayRequestsAdaptiveGroups"
ERRORS = "aiGatewayErrorsAdaptiveGroups"
CACHE = "aiGatewayCacheAdaptiveGroups"
SIZE = "aiGatewaySizeAdaptiveGroups"


@pytest.fixture
def store(tmp_path):
    with filled(tmp_path) as store:
        store.logs.add(logged(3, "a"))
        yield store


def asked(store, name, *dimensions, metrics=("count",), where=(), order=(), limit=100):
    rows = groups(
        store,
        DATASETS[name],
        dimensions=dimensions,
        metrics=metrics,
        narrowings=[
            Narrowing(dimension=dimension, operator=operator, value=value)
            for dimension, operator, value in where
        ],
        order=order,
        limit=limit,
    )
    return [tuple(row[each] for each in (*dimensions, *metrics)) for row in rows]


MINE = [("gateway", "", "g")]


def test_one_group_for_each_combination(store):
    """And one in all where there is no dimension; none where there is no row."""
    by_provider = asked(store, REQUESTS, "provider", "cached", where=MINE, order=[("count", True)])

    assert by_provider[0] == ("openai", 0, 2)
    assert set(by_provider[1:]) == {("openai", 1, 1), ("anthropic", 0, 1)}
    assert asked(store, REQUESTS, where=MINE) == [(4,)]
    assert asked(store, REQUESTS, where=[("gateway", "", "nobody")]) == []


@pytest.mark.rule("graphql.sums")
@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("sum_cachedRequests", 1),
        ("sum_erroredRequests", 1),
        ("sum_cachedTokensIn", 0),
        ("sum_uncachedTokensIn", 20),
        ("sum_uncachedTokensOut", 40),
        ("sum_tokensIn", 20),
        ("sum_tokensOut", 40),
        ("sum_cost", pytest.approx(0.004)),
    ],
)
def test_sums(store, metric, value):
    """A token count that isn't known adds nothing."""
    assert asked(store, REQUESTS, metrics=[metric], where=MINE) == [(value,)]


@pytest.mark.rule("graphql.sums")
@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        ("date", ["2025-11-24"]),
        ("datetime", ["2025-11-24T16:00:00Z", "2025-11-24T16:01:00Z"]),
        ("datetimeMinute", ["2025-11-24T16:00:00Z", "2025-11-24T16:01:00Z"]),
        ("datetimeFiveMinutes", ["2025-11-24T16:00:00Z"]),
        ("datetimeHour", ["2025-11-24T16:00:00Z"]),
        ("error", [0, 1]),
        ("rateLimited", [0, 1]),
        ("statusCode", [200, 429]),
        ("userAgent", ["curl/8", "python"]),
        ("wholesale", [0, 1]),
        ("durationMs", [5, 100]),
        ("tokensIn", [None, 0]),
        ("model", ["anthropic/claude-sonnet-4-5", "openai/gpt-4o-mini"]),
        ("metadataRaw", ['{"team":"Blue","user":7,"beta":true}', '{"team":"red_1"}']),
    ],
)
def test_dimensions(store, dimension, values):
    """In their order, the first two of them."""
    found = asked(store, REQUESTS, dimension, where=MINE, order=[(dimension, False)], limit=2)

    assert [value for value, _ in found] == values


@pytest.mark.rule("graphql.filters")
@pytest.mark.parametrize(
    ("where", "count"),
    [
        (("statusCode", "geq", 400), 1),
        (("statusCode", "leq", 200), 3),
        (("durationMs", "gt", 100), 1),
        (("durationMs", "lt", 100), 1),
        (("provider", "neq", "openai"), 1),
        (("provider", "in", ["openai", "nobody"]), 3),
        (("tokensIn", "neq", 10), 2),
        (("datetimeMinute", "geq", "2025-11-24T16:02:00Z"), 2),
        (("date", "", "2025-11-24"), 4),
        (("cached", "", 1), 1),
    ],
)
def test_filters(store, where, count):
    """A null differs from every value."""
    assert asked(store, REQUESTS, where=[*MINE, where]) == [(count,)]


def test_order_may_name_what_is_not_asked_for(store):
    """Then it makes groups too, as the order would mean nothing otherwise."""
    found = asked(store, REQUESTS, "provider", where=MINE, order=[("datetimeMinute", True)])

    assert [provider for provider, _ in found] == ["openai", "openai", "anthropic", "openai"]


@pytest.mark.rule("graphql.datasets")
def test_errors_and_cache(store):
    """Failed calls only; hits and misses apart."""
    assert asked(store, ERRORS, "provider", where=MINE) == [("anthropic", 1)]
    assert sorted(asked(store, CACHE, "cacheOp", where=MINE)) == [("HIT", 1), ("MISS", 3)]
    assert sorted(asked(store, CACHE, "cacheStatus", where=MINE)) == [("HIT", 1), ("MISS", 3)]


@pytest.mark.rule("graphql.datasets")
def test_size_is_what_was_stored_by_then(store):
    """Rows, not bytes; with the cap that the gateway has."""
    store.put_gateway({"id": "g", "log_management": 10_000})

    by_minute = asked(
        store,
        SIZE,
        "datetimeMinute",
        "logManagement",
        metrics=["max_rows"],
        where=[*MINE, ("datetimeMinute", "geq", "2025-11-24T16:02:00Z")],
        order=[("datetimeMinute", False)],
    )
    by_gateway = asked(store, SIZE, "gateway", "logManagement", metrics=["max_rows"])

    assert by_minute == [
        ("2025-11-24T16:02:00Z", 10_000, 3),
        ("2025-11-24T16:03:00Z", 10_000, 4),
    ]
    assert sorted(by_gateway) == [("g", 10_000, 4), ("other", 100_000, 1)]
