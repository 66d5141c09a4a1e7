"""rules: what a value may be, and the words in which another one is refused."""

import pytest

from gateway.errors import HeaderError
from gateway.headers import BY_NAME, COST_RATES, HEADERS, TEXT_LIMIT, Options, Whole

REFUSED = [
    ("cf-aig-cache-ttl", "59", "must be 0 or from 60 to 2592000 s"),
    ("cf-aig-cache-ttl", "2592001", "must be 0 or from 60 to 2592000 s"),
    ("cf-aig-cache-ttl", "soon", "must be a whole number"),
    ("cf-aig-cache-ttl", "1e3", "must be a whole number"),
    ("cf-aig-cache-ttl", "٣٦٠٠", "must be a whole number"),
    ("cf-aig-cache-ttl", "9" * 5000, "must be a whole number"),
    ("cf-aig-max-attempts", "0", "must be from 1 to 5 attempts"),
    ("cf-aig-max-attempts", "6", "must be from 1 to 5 attempts"),
    ("cf-aig-retry-delay", "60001", "must be from 0 to 60000 ms"),
    ("cf-aig-request-timeout", "-1", "must be 0 or more ms"),
    ("cf-aig-backoff", "random", "must be one of constant, linear, exponential"),
    ("cf-aig-skip-cache", "yes", "must be true or false"),
    ("cf-aig-skip-cache", "1", "must be true or false"),
    ("cf-aig-no-session-affinity", "false", "must be true"),
    ("cf-aig-gateway-id", "", "must have from 1 to 64 characters"),
    ("cf-aig-gateway-id", "a" * 65, "must have from 1 to 64 characters"),
    (
        "cf-aig-cache-key",
        "a\r\nx-evil: 1",
        "must be one line, which character 2 ends: no CR, no LF",
    ),
    ("cf-aig-cache-key", "é", "must be printable ASCII, which character 1 isn't"),
    ("cf-aig-cache-key", " a", "must not begin or end with a space"),
    ("cf-aig-cache-key", "a" * (TEXT_LIMIT + 1), f"must have from 1 to {TEXT_LIMIT} characters"),
    ("cf-aig-metadata", "team=AI", "must be JSON: Expecting value at character 1"),
    ("cf-aig-metadata", "[1]", "must be a JSON object"),
    ("cf-aig-metadata", "{}", "must be an object with at least one entry"),
    ("cf-aig-metadata", "[" * 100_000, "must be a flat object"),
    (
        "cf-aig-metadata",
        '{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}',
        "must have at most 5 entries: the gateway drops the rest",
    ),
    (
        "cf-aig-metadata",
        '{"cf.user_id":1}',
        "must not use names that begin with 'cf.': 'cf.user_id'",
    ),
    (
        "cf-aig-metadata",
        '{"a":{"b":1}}',
        "must be flat: text, number, true or false, which 'a' isn't",
    ),
    ("cf-aig-metadata", '{"a":null}', "must be flat: text, number, true or false, which 'a' isn't"),
    ("cf-aig-metadata", '{"a":NaN}', "must be flat: text, number, true or false, which 'a' isn't"),
    (
        "cf-aig-metadata",
        '{"a":"%s"}' % ("a" * TEXT_LIMIT),
        f"must have at most {TEXT_LIMIT} characters as a header",
    ),
    (
        "cf-aig-custom-cost",
        '{"per_token":1}',
        f"must use the names {', '.join(COST_RATES)}, not 'per_token'",
    ),
    ("cf-aig-custom-cost", '{"per_token_in":"1"}', "must hold numbers, which 'per_token_in' isn't"),
    (
        "cf-aig-custom-cost",
        '{"per_token_in":true}',
        "must hold numbers, which 'per_token_in' isn't",
    ),
    (
        "cf-aig-custom-cost",
        '{"per_token_in":-1}',
        "must hold prices of 0 or more, which 'per_token_in' isn't",
    ),
    ("cf-aig-allowed-models", " , ", "must be one or more names, separated by commas"),
    (
        "cf-aig-allowed-models",
        ",".join(["a" * 100] * 100),
        f"must have at most {TEXT_LIMIT} characters as a header",
    ),
    ("cf-aig-otel-trace-id", "abc", "must be 32 hex digits, 0-9 and a-f"),
    ("cf-aig-otel-parent-span-id", "g" * 16, "must be 16 hex digits, 0-9 and a-f"),
]


@pytest.mark.rule("cache.ttl_bounds")
@pytest.mark.parametrize(("name", "text", "reason"), REFUSED)
def test_refused_value_says_what_would_be_accepted(name, text, reason):
    """A value outside the limits is refused before anything is sent."""
    with pytest.raises(HeaderError) as caught:
        Options.from_headers({name: text})

    assert caught.value.reason == reason
    assert caught.value.field == BY_NAME[name].field


@pytest.mark.rule("headers.clamped")
@pytest.mark.parametrize(
    ("value", "nearest"), [(-5, 60), (59, 60), (3600, 3600), (9_999_999, 2_592_000)]
)
def test_clamp_gives_the_nearest_accepted_number(value, nearest):
    """The local gateway mends what the form would refuse."""
    assert HEADERS["cache_ttl"].rule.clamp(value) == nearest


def test_true_is_no_number():
    """Python would take True for 1."""
    with pytest.raises(ValueError, match="must be a whole number"):
        Whole(0, 5).check(True)
