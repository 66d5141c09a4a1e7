"""Token counts as OpenAI reports them. Workers AI uses the same names."""

from typing import Any

from gateway.chat import Usage
from gateway.dialects.members import Member, put
from gateway.errors import BadAnswer

Json = Any


def read_usage(usage: Json) -> Usage:
    """Read token counts."""
    root = Member(usage, "usage", BadAnswer)
    prompt, details = root.at("prompt_tokens_details"), root.at("completion_tokens_details")
    tokens_in, tokens_out = root.count("prompt_tokens"), root.count("completion_tokens")
    reasoning, total = details.count("reasoning_tokens"), root.count("total_tokens")
    cached = prompt.count("cached_tokens")
    if cached is None:
        cached = root.at("cached_tokens", "prompt_cache_hit_tokens").whole()
    if tokens_in is not None and tokens_out is not None and reasoning:
        # xAI counts reasoning beside the completion; only the total tells.
        beside = total == tokens_in + tokens_out + reasoning
        tokens_out += reasoning if beside else 0
    return Usage(
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cached_in=cached,
        cache_write=prompt.count("cache_write_tokens"),
        reasoning=reasoning,
    )


def write_usage(usage: Usage) -> dict[str, Json] | None:
    """Write token counts; ``None`` where none are known."""
    if usage.tokens_in is None and usage.tokens_out is None:
        return None
    tokens_in, tokens_out = usage.tokens_in or 0, usage.tokens_out or 0
    counts: dict[str, Json] = {
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
    }
    prompt: dict[str, Json] = {}
    put(prompt, "cached_tokens", usage.cached_in)
    put(prompt, "cache_write_tokens", usage.cache_write)
    put(counts, "prompt_tokens_details", prompt or None)
    if usage.reasoning is not None:
        counts["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning}
    return counts
