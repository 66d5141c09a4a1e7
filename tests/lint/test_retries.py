"""retries: who waits for whom, and how many calls come of one."""

import pytest

from gateway.headers import Options
from gateway.lint.retries import RULES
from gateway.policy import GatewayPolicy
from tests.lint.cases import LIMITED, findings, fixes_of, label_of, made, said, step, stepping

CASES = [
    (
        "retries-without-delay",
        said(max_attempts=3),
        said(max_attempts=3, retry_delay=500),
    ),
    (
        "retries-without-delay",
        made(policy=GatewayPolicy(id="g", retry_max_attempts=3)),
        made(policy=GatewayPolicy(id="g", retry_max_attempts=3, retry_delay=100)),
    ),
    ("delay-without-retries", said(retry_delay=500), said(retry_delay=500, max_attempts=2)),
    ("delay-without-retries", stepping(step(backoff="linear"), step("b")), said(max_attempts=1)),
    (
        "timeout-beyond-client",
        made(options=Options(request_timeout=60_000), client_timeout_s=30),
        made(options=Options(request_timeout=20_000), client_timeout_s=30),
    ),
    (
        "plan-beyond-client",
        made(
            options=Options(max_attempts=3, retry_delay=1000, request_timeout=20_000),
            client_timeout_s=30,
        ),
        made(
            options=Options(max_attempts=3, retry_delay=1000, request_timeout=5000),
            client_timeout_s=30,
        ),
    ),
    (
        "last-try-unlimited",
        said(max_attempts=2, retry_delay=500, request_timeout=5000),
        made(
            options=Options(max_attempts=2, retry_delay=500, request_timeout=5000),
            client_timeout_s=30,
        ),
    ),
    (
        "retries-within-window",
        made(policy=LIMITED, options=Options(max_attempts=3, retry_delay=500)),
        made(policy=LIMITED, options=Options(max_attempts=5, retry_delay=20_000)),
    ),
    (
        "retries-within-window",
        made(policy=LIMITED, client_retries=2),
        made(client_retries=2),
    ),
    (
        "retries-within-window",
        made(
            policy=GatewayPolicy(id="g", rate_limiting_limit=9, rate_limiting_interval=3600),
            client_retries=2,
        ),
        made(policy=LIMITED),
    ),
    (
        "amplification",
        made(options=Options(max_attempts=3, retry_delay=500), client_retries=2),
        made(options=Options(max_attempts=3, retry_delay=500)),
    ),
    (
        "amplification",
        stepping(step("a"), step("b"), step("c"), client_retries=1),
        stepping(step("a"), step("b"), client_retries=1),
    ),
    ("repeated-step", stepping(step("a"), step("b"), step("a")), stepping(step("a"), step("b"))),
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
