"""credentials: what bypasses a stored key, and what leaks one."""

import pytest

from gateway.headers import Options
from gateway.lint.credentials import RULES
from gateway.policy import GatewayPolicy
from tests.lint.cases import (
    KEY,
    OWN,
    TOKEN,
    findings,
    fixes_of,
    label_of,
    made,
    said,
    typed,
)

CASES = [
    (
        "placeholder-key",
        typed(("Authorization", "Bearer YOUR_API_KEY")),
        typed(("Authorization", f"Bearer {KEY}")),
    ),
    ("placeholder-key", typed(("x-api-key", "dummy")), made(keys=OWN)),
    ("placeholder-key", typed(("authorization", "Bearer $OPENAI_API_KEY")), typed(("x-y", "test"))),
    ("placeholder-key", typed(("authorization", "Bearer ")), typed(("authorization", "Bearer k7"))),
    (
        "gateway-token-to-provider",
        typed(("authorization", f"Bearer {TOKEN}")),
        typed(("cf-aig-authorization", f"Bearer {TOKEN}"), ("authorization", f"Bearer {KEY}")),
    ),
    (
        "gateway-token-to-provider",
        typed(("cf-aig-authorization", "Bearer same"), ("authorization", "Bearer same")),
        typed(("authorization", f"Bearer {TOKEN}"), provider="workers-ai"),
    ),
    (
        "provider-key-to-gateway",
        typed(("cf-aig-authorization", f"Bearer {KEY}")),
        typed(("cf-aig-authorization", f"Bearer {TOKEN}")),
    ),
    (
        "alias-elsewhere",
        made(route="rest", options=Options(byok_alias="team")),
        said(byok_alias="team"),
    ),
    (
        "alias-beside-key",
        made(options=Options(byok_alias="team"), keys=OWN),
        said(byok_alias="team"),
    ),
    (
        "alias-beside-key",
        typed(("x-api-key", KEY), options=Options(byok_alias="team")),
        typed(("x-api-key", KEY)),
    ),
    (
        "billing-not-relaxed",
        made(options=Options(no_wholesale=False), policy=GatewayPolicy(id="g", byok_only=True)),
        said(no_wholesale=False),
    ),
    (
        "retention-without-effect",
        made(provider="groq", options=Options(zdr=True)),
        said(zdr=True),
    ),
    ("retention-without-effect", made(options=Options(zdr=True), keys=OWN), made(keys=OWN)),
    (
        "key-in-url",
        made(url=f"https://gateway.ai.cloudflare.com/v1/a/g/google-ai-studio/x?key={KEY}&alt=sse"),
        made(url="https://gateway.ai.cloudflare.com/v1/a/g/google-ai-studio/x?alt=sse"),
    ),
    ("secret-in-value", said(metadata={"note": KEY}), said(metadata={"note": "risky business"})),
    ("secret-in-value", typed(("x-note", KEY)), typed(("authorization", KEY))),
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
