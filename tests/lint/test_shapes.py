"""shapes: routes, models and URLs that do not go together."""

from gateway.headers import Options
from gateway.lint.shapes import RULES
from tests.lint.drafts import made, said, settings, step, stepping
from tests.lint.trials import trials

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

(
    test_rule_speaks_only_where_it_must,
    test_fix_makes_its_finding_go_away,
    test_every_rule_has_its_cases,
) = trials(CASES, RULES)
