"""options: spelling at every level, and precedence."""

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.headers import CONFIG, COST_RATES, HEADERS, Effective, Options, effective

READ = [
    ("CF-AIG-Cache-TTL", " 60 ", {"cache_ttl": 60}),
    ("cf-aig-cache-ttl", "0", {"cache_ttl": 0}),
    ("cf-cache-ttl", "60", {"cache_ttl": 60}),
    ("cf-skip-cache", "TRUE", {"skip_cache": True}),
    ("cf-aig-backoff", "Linear", {"backoff": "linear"}),
    (
        "cf-aig-allowed-models",
        "anthropic/*, openai/x",
        {"allowed_models": ("anthropic/*", "openai/x")},
    ),
    ("cf-aig-otel-trace-id", "AB" * 16, {"otel_trace_id": "ab" * 16}),
    ("cf-aig-custom-cost", '{"total_cost":0.1}', {"custom_cost": {"total_cost": 0.1}}),
    ("cf-aig-log-id", "x", {}),
    ("authorization", "Bearer x", {}),
    ("content-type", "application/json", {}),
]

WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
NAMES = WORDS.filter(lambda word: "," not in word)
KEYS = st.text(max_size=20).filter(lambda key: not key.startswith("cf."))
FLAT = st.text(max_size=20) | st.integers(-(10**9), 10**9) | st.booleans()
FLAT = FLAT | st.floats(allow_nan=False, allow_infinity=False)
VALUES = {
    "gateway_id": WORDS,
    "byok_alias": WORDS,
    "no_wholesale": st.booleans(),
    "zdr": st.booleans(),
    "skip_cache": st.booleans(),
    "cache_ttl": st.just(0) | st.integers(60, 2_592_000),
    "cache_key": WORDS,
    "collect_log": st.booleans(),
    "collect_log_payload": st.booleans(),
    "metadata": st.dictionaries(KEYS, FLAT, min_size=1, max_size=5),
    "custom_cost": st.dictionaries(
        st.sampled_from(COST_RATES), st.floats(0, 1) | st.integers(0, 9), min_size=1
    ),
    "event_id": WORDS,
    "request_timeout": st.integers(0, 10**9),
    "max_attempts": st.integers(1, 5),
    "retry_delay": st.integers(0, 60_000),
    "backoff": st.sampled_from(["constant", "linear", "exponential"]),
    "session_id": WORDS,
    "turn_id": WORDS,
    "no_session_affinity": st.just(True),
    "allowed_models": st.lists(NAMES, min_size=1, max_size=4).map(tuple),
    "allowed_providers": st.lists(NAMES, min_size=1, max_size=4).map(tuple),
    "otel_trace_id": st.text("0123456789abcdef", min_size=32, max_size=32),
    "otel_parent_span_id": st.text("0123456789abcdef", min_size=16, max_size=16),
}
OPTIONS = st.fixed_dictionaries({}, optional=VALUES).map(lambda stated: Options(**stated))
some = settings(max_examples=15, deadline=None)


def test_every_option_has_its_row():
    """A field of Options without a row could be set and would never be sent."""
    assert {field.name for field in fields(Options)} == set(HEADERS) == set(VALUES)


@pytest.mark.parametrize(("name", "text", "stated"), READ)
def test_read_value(name, text, stated):
    """Names in any case, old names too; headers that are no options are skipped."""
    assert Options.from_headers({name: text}) == Options(**stated)


@pytest.mark.rule("headers.deprecated")
def test_current_name_beats_the_deprecated_one():
    """Whoever sends both means the current one."""
    headers = {"cf-cache-ttl": "60", "cf-aig-cache-ttl": "120"}

    assert Options.from_headers(headers) == Options(cache_ttl=120)


@some
@given(options=OPTIONS)
def test_headers_round_trip(options):
    """What one side writes, the other side reads back unchanged."""
    headers = options.to_headers()

    assert Options.from_headers(headers) == options
    assert all(" " <= letter <= "~" for value in headers.values() for letter in value)


@some
@given(options=OPTIONS)
def test_step_round_trip(options):
    """In a step, config and headers share the work; nothing is said twice."""
    config, headers = options.to_config(), options.step_headers()

    both = dict(Options.from_config(config).stated()) | dict(Options.from_headers(headers).stated())

    assert Options(**both) == options
    assert set(config) <= set(CONFIG.values())
    assert not set(headers) & {HEADERS[name].name for name in CONFIG}


@pytest.mark.rule("universal.config")
def test_config_speaks_camel_case():
    """The contract's four names."""
    options = Options(request_timeout=1000, max_attempts=2, retry_delay=500, backoff="linear")

    assert options.to_config() == {
        "requestTimeout": 1000,
        "maxAttempts": 2,
        "retryDelay": 500,
        "backoff": "linear",
    }


def test_nothing_stated_is_nothing_sent():
    """None means that this level says nothing."""
    assert Options().to_headers() == {}
    assert Options.from_config({"maxAttempts": None, "unknown": 1}) == Options()


@pytest.mark.rule("headers.levels")
def test_most_specific_level_wins():
    """Step beats request, request beats gateway, header by header."""
    settled = effective(
        gateway=Options(cache_ttl=60, max_attempts=1, backoff="constant"),
        request=Options(cache_ttl=120, max_attempts=2),
        step=Options(max_attempts=3),
    )

    assert settled == {
        "cache_ttl": Effective(120, "request", (("gateway", 60),)),
        "max_attempts": Effective(3, "step", (("request", 2), ("gateway", 1))),
        "backoff": Effective("constant", "gateway"),
    }


@some
@given(step=OPTIONS, request=OPTIONS, gateway=OPTIONS)
def test_winner_is_the_strongest_that_speaks(step, request, gateway):
    """For every header and every combination of levels."""
    settled = effective(step=step, request=request, gateway=gateway)
    stated = {"step": dict(step.stated()), "request": dict(request.stated())}
    stated["gateway"] = dict(gateway.stated())
    if gateway.no_wholesale:
        stated["step"].pop("no_wholesale", None)
        stated["request"].pop("no_wholesale", None)

    strongest = {name: level for level in ("gateway", "request", "step") for name in stated[level]}

    assert {name: found.level for name, found in settled.items()} == strongest
    assert all(found.value == stated[found.level][name] for name, found in settled.items())


@pytest.mark.rule("keys.byok_only_not_relaxed")
@pytest.mark.parametrize("weaker", [True, False, None])
@pytest.mark.parametrize("level", ["request", "step"])
def test_byok_only_cannot_be_relaxed(level, weaker):
    """A gateway that forbids Unified Billing stays that way (contract: headers, precedence)."""
    settled = effective(gateway=Options(no_wholesale=True), **{level: Options(no_wholesale=weaker)})

    assert settled["no_wholesale"] == Effective(True, "gateway")


@pytest.mark.rule("headers.no_wholesale")
def test_a_request_may_forbid_unified_billing():
    """The other way round it works."""
    settled = effective(gateway=Options(no_wholesale=False), request=Options(no_wholesale=True))

    assert settled["no_wholesale"].value is True


def test_options_are_hashable():
    """The local gateway keeps what it settled, by options."""
    assert hash(Options(metadata={"a": 1}, cache_ttl=60)) == hash(Options(cache_ttl=60))
