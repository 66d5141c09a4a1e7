"""credentials: what bypasses a stored key, and what leaks one."""

from gateway.headers import Options
from gateway.lint.credentials import RULES
from gateway.policy import GatewayPolicy
from tests.lint.drafts import (
    KEY,
    OWN,
    TOKEN,
    made,
    said,
    typed,
)
from tests.lint.trials import trials

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

(
    test_rule_speaks_only_where_it_must,
    test_fix_makes_its_finding_go_away,
    test_every_rule_has_its_cases,
) = trials(CASES, RULES)
