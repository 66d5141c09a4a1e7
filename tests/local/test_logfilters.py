"""logfilters: which rows pass, for every key and operator."""

import pytest

from gateway.local.logfilters import KEYS, OPERATORS, Filter, searched
from gateway.local.logsearch import LogSearch
from tests.local.rows import START_S, filled

PASSING = [
    ("id", "eq", ["00-a"], "a"),
    ("id", "contains", ["-B"], "b"),
    ("created_at", "eq", [START_S + 60], "b"),
    ("created_at", "lt", [START_S + 60], "a"),
    ("created_at", "gt", [START_S + 59.5], "bc"),
    ("created_at", "contains", ["16:01"], "b"),
    ("success", "eq", [True], "ac"),
    ("success", "neq", [True], "b"),
    ("success", "lt", [True], "b"),
    ("success", "contains", [True], "ac"),
    ("cached", "eq", [True, False], "abc"),
    ("provider", "eq", ["openai"], "ac"),
    ("provider", "eq", ["openai", "anthropic"], "abc"),
    ("provider", "neq", ["openai", "anthropic"], ""),
    ("provider", "contains", ["OPEN"], "ac"),
    ("model", "contains", ["gpt", "sonnet"], "abc"),
    ("model", "contains", ["gpt_5"], ""),
    ("model", "gt", ["openai/gpt-4z"], "c"),
    ("cost", "gt", [0.001], "a"),
    ("cost", "eq", [0.0], "bc"),
    ("cost", "contains", ["0.002"], "a"),
    ("tokens", "eq", [30.0], "a"),
    ("tokens", "lt", [1.0], "bc"),
    ("tokens_in", "eq", [None], "b"),
    ("tokens_in", "neq", [None], "ac"),
    ("tokens_in", "neq", [10.0], "bc"),
    ("tokens_out", "gt", [0.0], "a"),
    ("duration", "lt", [100.0, 6.0], "c"),
    ("feedback", "eq", [-1.0], "b"),
    ("feedback", "eq", [None], "c"),
    ("event_id", "eq", ["event-c"], "c"),
    ("request_type", "eq", [""], "ac"),
    ("request_type", "eq", ["Universal"], "b"),
    ("model_type", "eq", ["chat"], "abc"),
    ("request_content_type", "eq", [None], "abc"),
    ("response_content_type", "neq", [None], ""),
    ("metadata.key", "eq", ["team"], "ab"),
    ("metadata.key", "neq", ["team"], "c"),
    ("metadata.key", "contains", ["se"], "a"),
    ("metadata.value", "eq", ["Blue"], "a"),
    ("metadata.value", "eq", ["blue"], ""),
    ("metadata.value", "contains", ["RED_"], "b"),
    ("metadata.value", "eq", ["7"], "a"),
    ("metadata.value", "eq", [7.0], "a"),
    ("metadata.value", "gt", ["6.5"], "a"),
    ("metadata.value", "lt", [6.5], ""),
    ("metadata.value", "eq", ["true"], "a"),
    ("metadata.value", "eq", [True], "a"),
    ("metadata.value", "gt", ["Z"], "ab"),
    ("metadata.value", "lt", ["Bz"], "a"),
    ("authentication", "eq", [True], "a"),
    ("wholesale", "eq", [True], "c"),
    ("compatibilityMode", "eq", [True], "b"),
    ("dlp_action", "eq", [None], "abc"),
    ("dlp_action", "eq", ["FLAG"], ""),
    ("dlp_action", "neq", ["FLAG"], "abc"),
    ("user_agent", "eq", ["python"], "bc"),
]
SEARCHED = [
    ("blue", "a"),
    ("team", "ab"),
    ("claude", "b"),
    ("event-c", "c"),
    ("100%", ""),
]


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    with filled(tmp_path_factory.mktemp("filters")) as store:
        yield LogSearch(store)


def names(search, *conditions):
    rows, _ = search.page("g", conditions, limit=50, descending=False)
    return "".join(row["id"][-1] for row in rows)


@pytest.mark.rule("api.log_filters", "api.log_filters_case", "api.log_filters_metadata")
@pytest.mark.parametrize(("key", "operator", "values", "passing"), PASSING)
def test_filter_lets_these_rows_pass(search, key, operator, values, passing):
    """Values of one filter are joined with OR; ``neq`` means none of them."""
    row = Filter(key=key, operator=operator, values=tuple(values))

    assert names(search, row.condition) == passing


@pytest.mark.rule("api.log_filters")
def test_every_key_has_a_case():
    """A key that is added needs one too."""
    assert {key for key, *_ in PASSING} == set(KEYS)
    assert {operator for _, operator, *_ in PASSING} == set(OPERATORS)


@pytest.mark.rule("api.filters_joined")
def test_filters_are_joined_with_and(search):
    """And metadata's key and value match independently, not as a pair."""
    key = Filter(key="metadata.key", operator="eq", values=("user",)).condition
    value = Filter(key="metadata.value", operator="eq", values=("Blue",)).condition
    failed = Filter(key="success", operator="eq", values=(False,)).condition

    assert names(search, key, value) == "a"
    assert names(search, key, failed) == ""


@pytest.mark.rule("api.log_search")
@pytest.mark.parametrize(("words", "passing"), SEARCHED)
def test_search_looks_into_metadata_and_names(search, words, passing):
    """Wild cards of the database are letters like any other."""
    assert names(search, searched(words)) == passing
