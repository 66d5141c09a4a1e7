"""filters: three spellings, values by the key's kind, deprecated parameters, refusals."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from gateway.local.logfilters import KEYS, OPERATORS
from gateway.local.logsearch import LogSearch
from gateway.local.management.filters import conditions_of, dataset_filters
from gateway.local.settings import Invalid
from tests.local.rows import filled

ALL = "abc"
ASKED = [
    ("", ALL),
    # one filter, in each spelling
    ('filters=[{"key":"provider","operator":"eq","value":["openai"]}]', "ac"),
    ('filters={"key":"provider","operator":"eq","value":"openai"}', "ac"),
    ("filters.key=provider&filters.operator=eq&filters.value=openai", "ac"),
    ("filters.key=provider&filters.operator=eq&filters.value=openai&filters.value=x", "ac"),
    ("filters.key=provider&filters.operator=neq&filters.value=openai&filters.value=x", "b"),
    # two filters: grouped, interleaved, in another order, and one with several values
    (
        "filters.key=provider&filters.key=cached&filters.operator=eq&filters.operator=eq"
        "&filters.value=openai&filters.value=true",
        "c",
    ),
    (
        "filters.key=provider&filters.operator=eq&filters.value=openai"
        "&filters.key=cached&filters.operator=eq&filters.value=true",
        "c",
    ),
    (
        "filters.value=openai&filters.operator=eq&filters.key=provider"
        "&filters.value=true&filters.operator=eq&filters.key=cached",
        "c",
    ),
    (
        "filters.key=provider&filters.operator=eq&filters.value=openai&filters.value=anthropic"
        "&filters.key=duration&filters.operator=gt&filters.value=50",
        "ab",
    ),
    (
        "filters.key=metadata.key&filters.key=metadata.value&filters.operator=eq"
        "&filters.operator=eq&filters.value=user&filters.value=Blue",
        "a",
    ),
    # values by kind
    ("filters.key=cost&filters.operator=gt&filters.value=0.001", "a"),
    ("filters.key=feedback&filters.operator=eq&filters.value=-1", "b"),
    ("filters.key=feedback&filters.operator=eq&filters.value=", "c"),
    ("filters.key=feedback&filters.operator=eq&filters.value=null", "c"),
    ('filters=[{"key":"feedback","operator":"eq","value":[null]}]', "c"),
    ('filters=[{"key":"success","operator":"eq","value":[false]}]', "b"),
    ('filters=[{"key":"metadata.value","operator":"eq","value":[7]}]', "a"),
    ('filters=[{"key":"metadata.value","operator":"eq","value":[true]}]', "a"),
    ('filters=[{"key":"provider","operator":"contains","value":[5]}]', ""),
    ("filters.key=created_at&filters.operator=gt&filters.value=2025-11-24T16:00:30Z", "bc"),
    ("filters.key=created_at&filters.operator=lt&filters.value=2025-11-24T17:00:30%2B01:00", "a"),
    # deprecated parameters
    ("success=true", "ac"),
    ("cached=true&provider=openai", "c"),
    ("model=openai/gpt-5", "c"),
    ("model_type=chat&feedback=1", "a"),
    ("min_cost=0.001", "a"),
    ("max_duration=100", "ac"),
    ("min_tokens_in=1&max_tokens_out=20", "a"),
    ("min_total_tokens=30&max_total_tokens=30", "a"),
    ("start_date=2025-11-24T16:01:00Z&end_date=2025-11-24T16:02:00Z", "bc"),
    ("start_date=2025-11-24T16:01:30", "c"),
    ("search=blue", "a"),
    ("search=", ALL),
]
REFUSED = [
    "filters=nonsense",
    "filters=5",
    'filters=["provider"]',
    'filters=[{"key":"colour","operator":"eq","value":["x"]}]',
    'filters=[{"key":["provider"],"operator":"eq","value":["x"]}]',
    'filters=[{"key":"provider","operator":"like","value":["x"]}]',
    'filters=[{"key":"provider","operator":"eq"}]',
    'filters=[{"key":"provider","operator":"eq","value":[]}]',
    'filters=[{"key":"provider","operator":"eq","value":[{}]}]',
    'filters=[{"key":"provider","operator":"lt","value":[null]}]',
    'filters=[{"key":"metadata.value","operator":"eq","value":[[1]]}]',
    "filters.key=colour&filters.operator=eq&filters.value=red",
    "filters.key=provider&filters.value=openai",
    "filters.colour=red",
    "filters.value=openai",
    "filters.key=cost&filters.operator=gt&filters.value=cheap",
    "filters.key=cost&filters.operator=gt&filters.value=nan",
    "filters.key=success&filters.operator=eq&filters.value=perhaps",
    "filters.key=created_at&filters.operator=gt&filters.value=yesterday",
    "filters.key=provider&filters.operator=eq" + "&filters.value=x" * 101,
    "min_cost=much",
    "start_date=soon",
    "cached=maybe",
]


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    with filled(tmp_path_factory.mktemp("filters")) as store:
        yield LogSearch(store)


@pytest.mark.rule("api.filters_encodings", "api.filters_joined", "api.log_deprecated")
@pytest.mark.parametrize(("query", "passing"), ASKED)
def test_query_finds_these_rows(search, query, passing):
    """However the client spells it."""
    conditions = conditions_of(QueryParams(query))

    rows, _ = search.page("g", conditions, limit=50, descending=False)
    assert "".join(row["id"][-1] for row in rows) == passing


@pytest.mark.rule("api.log_filters_unknown")
@pytest.mark.parametrize("query", REFUSED)
def test_what_cannot_be_read_is_refused(query):
    """An unknown key is a 400 with code 7001; nothing is guessed."""
    with pytest.raises(Invalid, match="Input Validation Error") as refused:
        conditions_of(QueryParams(query))

    assert refused.value.path[0] == "query"


@pytest.mark.rule("api.dataset_filters")
@pytest.mark.parametrize(
    ("key", "operator", "value"),
    [
        ("user_agent", "eq", ["x"]),
        ("metadata.key", "eq", ["x"]),
        ("provider", "neq", ["openai"]),
        ("cached", "eq", ["perhaps"]),
    ],
)
def test_dataset_takes_fewer_filters(key, operator, value):
    """The place of the bad one is named."""
    good = {"key": "provider", "operator": "eq", "value": ["openai"]}
    bad = {"key": key, "operator": operator, "value": value}

    with pytest.raises(Invalid) as refused:
        dataset_filters([good, bad])

    assert refused.value.path[:3] == ["body", "filters", "1"]


VALUES = st.one_of(
    st.text(max_size=5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.none(),
    st.datetimes().map(str),
)
FILTER = st.fixed_dictionaries(
    {
        "key": st.sampled_from(list(KEYS)),
        "operator": st.sampled_from(OPERATORS),
        "value": st.lists(VALUES, min_size=1, max_size=3),
    }
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filters=st.lists(FILTER, max_size=3))
def test_every_filter_is_refused_or_can_be_asked(search, filters):
    """Whatever passes the reader is something that the database understands."""
    query = QueryParams({"filters": orjson.dumps(filters).decode()})

    try:
        conditions = conditions_of(query)
    except Invalid:
        conditions = []

    assert search.page("g", conditions, limit=5)[1] <= 3
