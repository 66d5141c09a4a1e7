"""Token counts of answers that are in no chat format of ours, such as embeddings.

Each provider has its own place for them:

usage.prompt_tokens | input_tokens | inputTokens        OpenAI and most others, Bedrock
usage.billed_units, meta.billed_units                   Cohere
usageMetadata.promptTokenCount                          Google AI Studio
predictions[].embeddings.statistics.token_count         Vertex AI
result.usage                                            Workers AI, where it tells at all
"""

from typing import Any

from gateway.chat import Usage

Json = Any
GIVEN = ("prompt_tokens", "input_tokens", "inputTokens", "promptTokenCount")
MADE = ("completion_tokens", "output_tokens", "outputTokens")


def plain_usage(body: Json) -> Usage:
    """Read the counts of an answer; what isn't told is ``None``."""
    for place in (
        _at(body, "usage", "billed_units"),
        _at(body, "usage"),
        _at(body, "meta", "billed_units"),
        _at(body, "usageMetadata"),
        _at(body, "result", "usage"),
    ):
        given, made = _count(place, GIVEN), _count(place, MADE)
        if given is not None or made is not None:
            return Usage(tokens_in=given, tokens_out=made)
    return Usage(tokens_in=_predicted(_at(body, "predictions")))


def _at(value: Json, *names: str) -> Json:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _count(place: Json, names: tuple[str, ...]) -> int | None:
    found = (_at(place, name) for name in names)
    return next((count for count in found if isinstance(count, int)), None)


def _predicted(predictions: Json) -> int | None:
    if not isinstance(predictions, list):
        return None
    rows = [_at(row, "embeddings", "statistics", "token_count") for row in predictions]
    counts = [count for count in rows if isinstance(count, int)]
    return sum(counts) if counts else None
