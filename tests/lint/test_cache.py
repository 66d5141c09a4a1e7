"""cache: lifetimes and keys that do not do what they say."""

from gateway.headers import Options
from gateway.lint.cache import RULES
from gateway.policy import GatewayPolicy
from tests.lint.drafts import (
    CACHING,
    made,
    said,
    step,
    stepping,
    typed,
)
from tests.lint.trials import trials

CASES = [
    ("lifetime-without-caching", said(cache_ttl=600), said(cache_ttl=600, cache_key="k")),
    (
        "lifetime-without-caching",
        stepping(step("a"), step("b", cache_ttl=600)),
        stepping(step("a"), step("b", cache_ttl=600), policy=CACHING),
    ),
    ("lifetime-without-caching", typed(("cf-cache-ttl", "600")), made(policy=CACHING)),
    ("streamed-and-cached", made(policy=CACHING, stream=True), made(policy=CACHING)),
    (
        "streamed-and-cached",
        made(stream=True, options=Options(cache_key="k")),
        made(stream=True, policy=CACHING, options=Options(skip_cache=True)),
    ),
    ("skipped-with-settings", said(skip_cache=True, cache_ttl=60), said(skip_cache=True)),
    ("skipped-with-settings", said(skip_cache=True, cache_key="k"), said(cache_key="k")),
    (
        "key-on-personal-data",
        made(options=Options(cache_key="k"), prompt="Write to ada@example.com"),
        made(options=Options(cache_key="k"), prompt="What is a gateway?"),
    ),
    ("key-on-personal-data", said(cache_key="ada@example.com"), said(cache_key="faq-2026-09-17")),
    (
        "key-on-personal-data",
        made(options=Options(cache_key="k"), prompt="Call me at +49 170 1234567"),
        made(options=Options(cache_key="k"), prompt="a@" * 50_000),
    ),
    (
        "key-shared-by-steps",
        stepping(step("a"), step("b"), options=Options(cache_key="k")),
        stepping(step("a", cache_key="k"), step("b")),
    ),
    ("zero-lifetime-on-request", said(cache_ttl=0), stepping(step(cache_ttl=0), step("b"))),
    (
        "lifetime-below-setting",
        made(policy=GatewayPolicy(id="g", cache_ttl=30)),
        made(policy=GatewayPolicy(id="g", cache_ttl=0)),
    ),
]

(
    test_rule_speaks_only_where_it_must,
    test_fix_makes_its_finding_go_away,
    test_every_rule_has_its_cases,
) = trials(CASES, RULES)
