"""reading: a gateway never fails a request over one of its headers."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.headers import HEADERS
from gateway.local.reading import config_of, options_of, settle
from gateway.policy import GatewayPolicy

CHARACTERS = st.characters(exclude_categories=())
"""All of them, halves of surrogate pairs too: JSON can spell these, and UTF-8 can't."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(CHARACTERS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(CHARACTERS), inner),
    max_leaves=6,
)
GATEWAY = GatewayPolicy(
    id="g", cache_ttl=600, retry_max_attempts=2, retry_delay=100, retry_backoff="linear"
)

READ = [
    ("cf-aig-cache-ttl", "3600", "cache_ttl", 3600),
    ("cf-aig-cache-ttl", "1", "cache_ttl", 60),
    ("cf-aig-cache-ttl", "0", "cache_ttl", 0),
    ("cf-aig-cache-ttl", "99999999", "cache_ttl", 2_592_000),
    ("cf-aig-cache-ttl", "an hour", "cache_ttl", None),
    ("cf-aig-max-attempts", "9", "max_attempts", 5),
    ("cf-aig-max-attempts", "-1", "max_attempts", 1),
    ("cf-aig-max-attempts", "2.5", "max_attempts", None),
    ("cf-aig-retry-delay", "90000", "retry_delay", 60_000),
    ("cf-aig-backoff", "random", "backoff", None),
    ("cf-aig-backoff", " Linear ", "backoff", "linear"),
    ("cf-aig-skip-cache", "TRUE", "skip_cache", True),
    ("cf-aig-skip-cache", "yes", "skip_cache", None),
    ("cf-aig-otel-trace-id", "xyz", "otel_trace_id", None),
    ("cf-aig-custom-cost", '{"per_token_in":"free"}', "custom_cost", None),
    ("cf-aig-metadata", '{"a":1', "metadata", None),
    ("cf-aig-metadata", '{"a":1,"b":{}}', "metadata", None),
    ("cf-aig-metadata", '{"a":1,"b":null}', "metadata", None),
    ("cf-aig-metadata", r'{"a":"\ud800"}', "metadata", None),
    ("cf-aig-metadata", r'{"\udfff":1}', "metadata", None),
    ("cf-aig-metadata", '{"a":100000000000000000000}', "metadata", None),
    ("cf-aig-metadata", '{"a":NaN}', "metadata", None),
    ("cf-aig-metadata", '{"cf.user":1,"a":true}', "metadata", {"a": True}),
    (
        "cf-aig-metadata",
        '{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}',
        "metadata",
        {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},
    ),
    ("cf-aig-cache-key", "", "cache_key", None),
    ("cf-aig-cache-key", "x" * 9000, "cache_key", None),
]


@pytest.mark.rule(
    "cache.ttl_bounds",
    "cache.ttl_month",
    "retry.attempts",
    "retry.delay",
    "limits.metadata",
    "headers.malformed",
    "headers.metadata_five",
    "headers.metadata_nested",
    "headers.clamped",
)
@pytest.mark.parametrize(("name", "text", "field", "value"), READ)
def test_value_is_read_mended_or_ignored(name, text, field, value):
    """Numbers are clamped, what can't be read says nothing."""
    assert getattr(options_of([(name, text)]), field) == value


@pytest.mark.rule("headers.malformed")
def test_ignored_value_lets_the_next_level_speak():
    """A typo in a header doesn't switch the gateway's own setting off."""
    settled = settle(GATEWAY, (("cf-aig-max-attempts", "many"), ("cf-aig-backoff", "constant")))

    assert (settled.attempts, settled.backoff, settled.delay_s) == (2, "constant", 0.1)
    assert settled.levels["max_attempts"].level == "gateway"


@pytest.mark.rule("headers.levels", "headers.config_wins")
def test_step_beats_request_beats_gateway():
    """And in a step, its config beats its headers."""
    settled = settle(
        GATEWAY,
        (("cf-aig-max-attempts", "3"), ("cf-aig-cache-ttl", "60")),
        (("cf-aig-cache-ttl", "0"), ("cf-aig-retry-delay", "5")),
        {"retryDelay": 200, "requestTimeout": 1500},
    )

    assert (settled.attempts, settled.cache_ttl, settled.delay_s) == (3, 0, 0.2)
    assert settled.timeout_s == 1.5
    assert {name: found.level for name, found in settled.levels.items()} == {
        "cache_ttl": "step",
        "collect_log": "gateway",
        "no_wholesale": "gateway",
        "zdr": "gateway",
        "max_attempts": "request",
        "retry_delay": "step",
        "backoff": "gateway",
        "request_timeout": "step",
    }


@pytest.mark.rule(
    "universal.config",
)
@pytest.mark.parametrize(
    ("config", "field", "value"),
    [
        ({"maxAttempts": 7}, "max_attempts", 5),
        ({"maxAttempts": "7"}, "max_attempts", None),
        ({"maxAttempts": True}, "max_attempts", None),
        ({"backoff": "linear"}, "backoff", "linear"),
        ({"backoff": 3}, "backoff", None),
        ({"retryDelay": 1.5}, "retry_delay", None),
    ],
)
def test_config_of_a_step_is_read_as_tolerantly(config, field, value):
    """Its members are JSON, so a number in quotes is not a number."""
    assert getattr(config_of(config), field) == value


@pytest.mark.rule("keys.byok_only_not_relaxed")
def test_a_request_cannot_relax_byok_only():
    """``cf-aig-no-wholesale: false`` doesn't override the gateway (contract: headers)."""
    policy = GatewayPolicy(id="g", byok_only=True)

    assert settle(policy, (("cf-aig-no-wholesale", "false"),)).no_wholesale
    assert settle(GATEWAY, (("cf-aig-no-wholesale", "true"),)).no_wholesale
    assert not settle(GATEWAY, ()).no_wholesale


@given(
    st.dictionaries(
        st.sampled_from([row.name for row in HEADERS.values()]),
        JSON.map(json.dumps) | st.text(st.characters(max_codepoint=255)),
        max_size=3,
    )
)
def test_whatever_a_header_says_can_be_logged(headers):
    """A row must be written of every call; one that can't be costs the caller the answer."""
    settled = settle(GATEWAY, tuple(headers.items()))

    assert orjson.loads(orjson.dumps(settled.metadata)) == settled.metadata
    assert settled.custom_cost is None or orjson.dumps(settled.custom_cost)
