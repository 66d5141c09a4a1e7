"""cache: lifetimes and keys that do not do what they say."""

import pytest

from gateway.headers import Options
from gateway.lint.cache import RULES
from gateway.policy import GatewayPolicy
from tests.lint.cases import (
    CACHING,
    findings,
    fixes_of,
    label_of,
    made,
    said,
    step,
    stepping,
    typed,
)

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


@pytest.mark.parametrize(("rule", "failing", "passing"), CASES)
def test_rule_speaks_only_where_it_must(rule, failing, passing):
    """One sentence with its reason, a place, sources; silence for the draft beside it."""
    finding = findings(rule, failing)[0]

    assert not findings(rule, passing)
    assert len(finding.sentence) > 30
    assert finding.sentence.endswith((".", ")"))
    assert finding.place
    assert all(link.url for link in finding.sources)


@pytest.mark.parametrize(("rule", "failing", "place", "fix"), fixes_of(CASES), ids=label_of)
def test_fix_makes_its_finding_go_away(rule, failing, place, fix):
    """One click, and that finding is gone; the draft given stays as it was."""
    before = repr(failing), failing.raw

    mended = fix.apply(failing)

    assert place not in [finding.place for finding in findings(rule, mended)]
    assert (repr(failing), failing.raw) == before


def test_every_rule_has_its_cases():
    """A rule without a failing and a passing draft would be a rule on trust."""
    assert {rule for rule, _, _ in CASES} == {rule.id for rule in RULES}
