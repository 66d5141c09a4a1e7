"""Fixes over any draft: whatever is found, each of its buttons makes it go away."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.chat import Step
from gateway.draft import Draft, Keys
from gateway.headers import Options
from gateway.lint import check
from gateway.policy import GatewayPolicy

NAMES = [
    "authorization", "x-api-key", "cf-aig-authorization", "cf-cache-ttl", "CF-Skip-Cache",
    "cf-aig-cache-ttl", "cf-aig-cash-key", "cf_aig_backoff", "cf-aig-teleport", "cf-aig-metadata",
    "cf-aig-cache-status", "cf-aig-backoff", "cf-aig-otel-trace-id", "cf-aig-max-attempts",
    "x-mine",
]  # fmt: skip
VALUES = [
    "", "60", "30", "9", "true", "Bearer dummy", "sk-" + "a" * 20, "cfut_" + "b" * 20, "exponental",
    '{"a":{}}', '{"a":1,"b":2,"c":3,"d":4,"e":5,"cf.f":6}', "{", "a\r\nb", "x" * 9000, "4bf9",
]  # fmt: skip
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "gateway_id": st.just("g"),
        "byok_alias": st.just("team"),
        "no_wholesale": st.booleans(),
        "zdr": st.booleans(),
        "skip_cache": st.booleans(),
        "cache_ttl": st.sampled_from([0, 60, 3600]),
        "cache_key": st.sampled_from(["k", "ada@example.com", "k" * 8192]),
        "collect_log": st.booleans(),
        "collect_log_payload": st.booleans(),
        "metadata": st.sampled_from(
            [{"a": 1}, {"gen_ai.cf.a": 1, "a": 2}, {"k": "sk-" + "c" * 20}]
        ),
        "custom_cost": st.sampled_from([{"per_token_in": 3.0}, {"per_token_out": 0.000001}]),
        "event_id": st.just("e"),
        "request_timeout": st.sampled_from([500, 20_000, 90_000]),
        "max_attempts": st.integers(1, 5),
        "retry_delay": st.sampled_from([0, 500, 60_000]),
        "backoff": st.sampled_from(["constant", "linear", "exponential"]),
        "session_id": st.just("s"),
        "otel_parent_span_id": st.just("00f067aa0ba902b7"),
    },
).map(lambda stated: Options(**stated))
POLICIES = st.builds(
    GatewayPolicy,
    id=st.just("g"),
    cache_ttl=st.sampled_from([0, 30, 300]),
    collect_logs=st.booleans(),
    rate_limiting_limit=st.sampled_from([0, 10]),
    rate_limiting_interval=st.sampled_from([0, 60, 3600]),
    retry_max_attempts=st.sampled_from([None, 3]),
    retry_delay=st.sampled_from([None, 500]),
    byok_only=st.booleans(),
    zdr=st.booleans(),
    other=st.sampled_from([{}, {"guardrails": {"response": {"S1": "BLOCK"}}}]),
)
PROVIDERS = st.sampled_from(
    ["openai", "anthropic", "groq", "workers-ai", "compat", "cohere", "nobody"]
)
MODELS = st.sampled_from(["m", "dynamic/x", "cloudflare/auto", "@cf/meta/llama"])
URLS = st.sampled_from(
    [None, "https://api.openai.com/v1/v1/x?key=abc&a=b", "https://gateway.ai.cloudflare.com/v1/a/g"]
)
DRAFTS = st.builds(
    Draft,
    provider=PROVIDERS,
    model=MODELS,
    route=st.sampled_from(["native", "compat", "universal", "rest"]),
    transport=st.sampled_from(["http", "websocket"]),
    stream=st.booleans(),
    prompt=st.sampled_from(["Hello", "my name is Ada"]),
    options=OPTIONS,
    steps=st.lists(
        st.builds(Step, provider=PROVIDERS, model=MODELS, options=OPTIONS), max_size=3
    ).map(tuple),
    raw=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=3).map(tuple),
    url=URLS,
    policy=POLICIES,
    keys=st.sampled_from([Keys(), Keys(own=frozenset({"openai"})), Keys(token=True, stored={})]),
    client_timeout_s=st.sampled_from([None, 5.0, 30.0]),
    client_retries=st.integers(0, 3),
    rated=st.booleans(),
)


@settings(max_examples=25, deadline=None)
@given(DRAFTS)
def test_every_button_keeps_its_word(draft):
    """Whatever else is wrong with a draft, a click on a fix is not in vain."""
    for finding in check(draft):
        for fix in finding.fixes:
            left = {(found.rule, found.place) for found in check(fix.apply(draft))}

            assert (finding.rule, finding.place) not in left, (finding.rule, fix.label)
