"""shapes: routes, models and URLs that do not go together."""

import pytest

from gateway.headers import Options
from gateway.lint.shapes import RULES
from tests.lint.cases import findings, fixes_of, label_of, made, said, settings, step, stepping

CASES = [
    (
        "workers-ai-without-gateway",
        made(
            provider="workers-ai",
            model="@cf/meta/llama-3.1-8b-instruct",
            route="rest",
            url="https://api.cloudflare.com/client/v4/accounts/a/ai/run",
        ),
        made(
            provider="workers-ai",
            model="@cf/meta/llama-3.1-8b-instruct",
            route="rest",
            url="https://api.cloudflare.com/client/v4/accounts/a/ai/run",
            options=Options(gateway_id="g"),
        ),
    ),
    (
        "doubled-version",
        made(url="https://gateway.ai.cloudflare.com/v1/a/g/openai/v1/v1/chat/completions"),
        made(url="https://gateway.ai.cloudflare.com/v1/a/g/openai/v1/chat/completions"),
    ),
    (
        "past-the-gateway",
        made(url="https://api.openai.com/v1/chat/completions"),
        made(url="https://ai.example.com/openai/v1/chat/completions"),
    ),
    (
        "past-the-gateway",
        made(url="https://mine.openai.azure.com/openai/deployments/x"),
        made(url="https://api.cloudflare.com/client/v4/accounts/a/ai/run"),
    ),
    (
        "stream-with-guardrails",
        made(stream=True, policy=settings(guardrails={"response": {"S1": "BLOCK"}})),
        made(stream=True, policy=settings(guardrails={"prompt": {"S1": "BLOCK"}})),
    ),
    (
        "stream-with-dlp",
        made(
            stream=True,
            policy=settings(dlp={"enabled": True, "policies": [{"check": ["RESPONSE"]}]}),
        ),
        made(
            stream=True,
            policy=settings(dlp={"enabled": True, "policies": [{"check": ["REQUEST"]}]}),
        ),
    ),
    (
        "dynamic-route-elsewhere",
        made(model="dynamic/support", route="rest"),
        made(model="dynamic/support", route="compat"),
    ),
    (
        "dynamic-route-elsewhere",
        stepping(step("dynamic/support", "openai"), step("b")),
        stepping(step("dynamic/support", "compat"), step("b")),
    ),
    (
        "auto-elsewhere",
        made(model="cloudflare/auto", route="native"),
        made(model="cloudflare/auto", route="compat"),
    ),
    (
        "auto-elsewhere",
        made(model="cloudflare/auto", route="compat", transport="websocket"),
        made(transport="websocket"),
    ),
    (
        "auto-headers-elsewhere",
        said(session_id="s", allowed_models=("a/*",)),
        made(model="cloudflare/auto", route="compat", options=Options(session_id="s")),
    ),
    (
        "gateway-id-elsewhere",
        said(gateway_id="g"),
        made(route="rest", options=Options(gateway_id="g")),
    ),
    (
        "unlisted-header",
        made(route="rest", options=Options(event_id="e", custom_cost={"per_token_in": 0})),
        said(event_id="e"),
    ),
    ("steps-elsewhere", made(steps=(step("a"),)), stepping(step("a"), step("b"))),
    ("retiring-route", made(route="compat"), made()),
    (
        "retiring-route",
        stepping(step("a", cache_ttl=60)),
        made(route="compat", model="dynamic/support"),
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
