"""What may stand in a call's way: guardrails, data loss prevention, a policy and two budgets.

Run it with ``.venv/bin/python -m examples.guards``. The scanners are simulated: they go by phrases
and patterns, and ``GET /_local/scanners`` lists them. Every setting holds from the next call on.
"""

import httpx

from gateway.local.server import LocalServer

MINIMAL = {
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
}
GATEWAYS = {
    "guardrails": {
        "guardrails": {"prompt": {"S1": "BLOCK"}, "response": {"S2": "BLOCK"}},
    },
    "dlp": {
        "dlp": {"enabled": True, "action": "BLOCK", "profiles": ["Financial Information"]},
    },
    "budget": {
        "spend_limits": {
            "enabled": True,
            "rules": [{"id": "day", "limit": 0.000001, "limitType": "cost", "window": 86400}],
        },
    },
    "policy": {},
}
POLICY = {
    "name": "Research may ask small models",
    "actor": "team:research",
    "resource": {"model": ["openai/*-mini", "openai/*-nano"]},
    "condition": 'metadata.team == "research"',
    "action": {"type": "limit", "amount": 5, "period": "daily", "technique": "named-interval"},
}
CALLS = [
    ("guardrails", "Say: simulated hazard S1", {}),
    ("guardrails", "Say: simulated hazard S2", {}),
    ("dlp", "My card is 4111 1111 1111 1111", {}),
    ("budget", "What does this cost?", {}),
    ("budget", "And this?", {}),
    ("policy", "May I?", {"cf-aig-metadata": '{"team": "sales"}'}),
    ("policy", "May I?", {"cf-aig-metadata": '{"team": "research"}'}),
]


def main() -> None:
    """Make a gateway for each, ask, and say what became of it."""
    with LocalServer.start() as gateway, httpx.Client(timeout=30) as http:
        http.headers["authorization"] = f"Bearer {gateway.token}"
        base = f"{gateway.url}/client/v4/accounts/local/ai-gateway/gateways"
        for name, settings in GATEWAYS.items():
            http.post(base, json={**MINIMAL, "id": name, **settings})
        http.post(f"{base}/policy/policies?commit=true", json=POLICY)

        for name, text, headers in CALLS:
            answer = http.post(
                f"{gateway.gateway_url(name)}/openai/chat/completions",
                json={"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]},
                headers={"authorization": "Bearer any key will do", **headers},
            )
            body = answer.json()
            words = body.get("message") or body.get("error", {}).get("message") or "answered"
            print(f"{name:<10} {answer.status_code}  {body.get('internalCode', '-'):<4}  {words}")


if __name__ == "__main__":
    main()
