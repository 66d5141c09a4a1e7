"""A fallback on the universal endpoint: the first provider fails, the second one answers.

Run it with ``.venv/bin/python -m examples.universal_fallback``. The failure is a fault on demand of
the local gateway; the journal shows every attempt and what the gateway waited between them.
"""

import httpx

from gateway.local.server import LocalServer

QUESTION = [{"role": "user", "content": "Why do we need a second provider?"}]
STEPS = [
    {
        "provider": "openai",
        "endpoint": "chat/completions",
        "headers": {"authorization": "Bearer any key will do"},
        "config": {"maxAttempts": 2, "retryDelay": 200, "backoff": "constant"},
        "query": {"model": "gpt-4o-mini", "messages": QUESTION},
    },
    {
        "provider": "anthropic",
        "endpoint": "v1/messages",
        "headers": {"x-api-key": "any key will do", "anthropic-version": "2023-06-01"},
        "query": {"model": "claude-sonnet-4-5", "max_tokens": 300, "messages": QUESTION},
    },
]


def main() -> None:
    """Break OpenAI, ask both, and say who answered."""
    with LocalServer.start() as gateway, httpx.Client(timeout=30) as http:
        http.post(f"{gateway.url}/_local/faults", json={"provider": "openai", "status": 503})
        answer = http.post(gateway.gateway_url(), json=STEPS)
        text = answer.json()["content"][0]["text"]
        print(f"step {answer.headers['cf-aig-step']} answered: {text[:60]!r}")

        request = {"log_id": answer.headers["cf-aig-request-id"]}
        journal = http.get(f"{gateway.url}/_local/journal", params=request).json()
        for attempt in journal["attempts"]:
            print(
                f"  {attempt['provider']:<10} attempt {attempt['attempt']}"
                f"  status {attempt['status']}  after a wait of {attempt['wait_before_s']:.1f} s"
            )


if __name__ == "__main__":
    main()
