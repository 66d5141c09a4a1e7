"""finding: worst first, and no secret in what is said."""

import pytest

from gateway.draft import Draft, Keys
from gateway.headers import Options
from gateway.lint import RULES, check
from gateway.policy import GatewayPolicy

KEY = "sk-" + "a" * 24


def test_plain_draft_has_no_findings():
    """A first visitor isn't scolded."""
    draft = Draft(
        provider="openai",
        model="gpt-4o-mini",
        stream=True,
        options=Options(skip_cache=True, max_attempts=3, retry_delay=500, backoff="exponential"),
        policy=GatewayPolicy(id="g", cache_ttl=300),
        keys=Keys(token=True),
    )

    assert check(draft) == ()


def test_worst_comes_first():
    """What leaks stands above what is merely odd."""
    draft = Draft(
        provider="openai",
        model="m",
        options=Options(cache_ttl=600, collect_log=False, collect_log_payload=True),
        raw=(("authorization", "Bearer dummy"),),
    )

    assert [finding.severity for finding in check(draft)] == ["error", "warning", "hint"]


@pytest.mark.parametrize(
    "pair",
    [
        ("authorization", f"Bearer cfut_{'a' * 24}"),
        ("cf-aig-authorization", f"Bearer {KEY}"),
        ("x-note", KEY),
        ("cf-aig-backoff", KEY),
        ("cf-aig-metadata", KEY),
        ("cf-aig-otel-trace-id", KEY),
        ("cf-aig-cache-ttl", KEY),
    ],
)
def test_no_secret_is_said(pair):
    """A pasted key stays out of every sentence and every button."""
    draft = Draft(provider="openai", model="m", raw=(pair,))

    findings = check(draft)

    assert findings
    assert "aaaa" not in repr(findings)


def test_fixing_all_ends():
    """Fixes don't lead in circles: applied one after the other, nothing is left."""
    draft = Draft(
        provider="openai",
        model="m",
        stream=True,
        options=Options(cache_ttl=600, retry_delay=500, request_timeout=90_000, zdr=True),
        raw=(
            ("authorization", "Bearer dummy"),
            ("cf-aig-cash-key", "k"),
            ("cf-cache-ttl", "30"),
            ("cf-aig-metadata", '{"a":{},"b":1,"c":1,"d":1,"e":1,"f":1,"cf.g":1}'),
        ),
        client_timeout_s=30,
        client_retries=2,
    )

    clicks = 0
    while (findings := check(draft)) and clicks < 30:
        draft = findings[0].fixes[0].apply(draft)
        clicks += 1

    assert not findings
    assert clicks <= 15


def test_there_are_many_rules_and_none_twice():
    """The traps of the issue trackers, one rule each."""
    assert len({rule.id for rule in RULES}) == len(RULES) >= 25
    assert all(rule.summary.endswith(".") for rule in RULES)
