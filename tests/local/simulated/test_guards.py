"""guards: what the models of guardrails answer when they are asked themselves."""

import pytest

pytestmark = pytest.mark.anyio
LLAMA = "@cf/meta/llama-guard-3-8b"
JUDGED = [
    (LLAMA, "Hello", "safe"),
    (LLAMA, "simulated hazard S1, simulated hazard S9", "unsafe\nS1,S9"),
    (f"run/{LLAMA}", "simulated hazard S2", "unsafe\nS2"),
    ("@cf/meta/prompt-guard-2-86m", "simulated hazard P1", "unsafe\nP1"),
]


@pytest.mark.parametrize(("path", "text", "verdict"), JUDGED)
async def test_verdict_names_the_categories(caller, path, text, verdict):
    """As Llama Guard writes it, in Workers AI's envelope."""
    body = {"messages": [{"role": "user", "content": text}]}
    answer = await caller.ask("workers-ai", path, body)

    assert answer.status == 200
    assert answer.json["result"]["response"] == verdict
    assert answer.json["result"]["usage"]["total_tokens"] > 0


async def test_judgement_takes_about_half_a_second(paced_caller, clock):
    """Which is what guardrails add to a call."""
    began = clock.steady()
    await paced_caller.ask("workers-ai", LLAMA, {"messages": [{"role": "user", "content": "Hi"}]})

    assert 0.2 < clock.steady() - began < 1.2
