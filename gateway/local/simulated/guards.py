"""The models that judge texts for guardrails: Llama Guard and Prompt Guard, at Workers AI.

They answer ``safe``, or ``unsafe`` and the codes in the next line, as Llama Guard does.
ASSUMPTION: Prompt Guard's answer isn't documented; it has the same form here.
"""

from typing import Any

from gateway.dialects import DIALECTS
from gateway.local.hazards import hazards_in
from gateway.local.simulated.said import Asked, Said, said, tokens_of

Json = Any


def judged(asked: Asked, model: str) -> Said:
    """Judge the messages of a request."""
    chat = DIALECTS["workers-ai"].read(asked.body(), provider=asked.provider.slug, path=model)
    text = "\n".join(message.text for message in chat.messages)
    found = hazards_in(text, model)
    verdict = f"unsafe\n{','.join(found)}" if found else "safe"
    usage = {"prompt_tokens": tokens_of(text), "completion_tokens": tokens_of(verdict)}
    total = {"total_tokens": sum(usage.values())}
    body = {
        "result": {"response": verdict, "usage": {**usage, **total}},
        "success": True,
        "errors": [],
        "messages": [],
    }
    return said(body, tokens=usage["completion_tokens"], model=model)
