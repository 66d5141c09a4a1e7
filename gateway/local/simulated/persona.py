"""Who speaks: the way of writing and the size of a model, by its name and its provider."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from gateway.providers import provider_of

FAMILIES: tuple[tuple[str, str], ...] = (
    (r"claude", "anthropic"),
    (r"gpt-oss", "workers-ai"),
    (r"(?:chat)?gpt|\bo[1-9]\b|deepseek", "openai"),
    (r"gemini|gemma|sonar|glm|kimi", "google-ai-studio"),
    (r"mi[sx]tral|ministral|codestral|magistral|devstral|pixtral|command", "mistral"),
    (r"grok", "grok"),
    (r"llama|qwen|phi|nova", "workers-ai"),
)
"""Which persona a model speaks with; the first pattern that its id contains decides."""

BY_PROVIDER = {
    "openai": "openai",
    "azure-openai": "openai",
    "deepseek": "openai",
    "anthropic": "anthropic",
    "aws-bedrock": "anthropic",
    "google-ai-studio": "google-ai-studio",
    "google-vertex-ai": "google-ai-studio",
    "perplexity-ai": "google-ai-studio",
    "mistral": "mistral",
    "cohere": "mistral",
    "grok": "grok",
}
"""The same for models whose id says nothing; the others speak plainly, as "workers-ai"."""

_FAMILIES = tuple((re.compile(pattern), persona) for pattern, persona in FAMILIES)
_SMALL = re.compile(
    r"(?<!ge)mini|nano|haiku|flash|lite|small|luna|instant|micro|tiny|fast-non|(?<!\d)[1-9]b\b|r7b"
)
_REASONS = re.compile(
    r"\bo[1-9]\b|gpt-[5-9](?!\d)(?!.*chat)|gpt-oss|(?<!non-)reason|\br1\b|thinking|magistral|qwen3"
    r"|gemini-(?:2\.5|[3-9]).*(?<!lite)$|grok-[4-9](?!.*non-reasoning)|deepseek-v4-pro"
)
_SHOWS = re.compile(r"deepseek.*(?:reason|r1|pro)|gpt-oss|magistral|qwen3|sonar.*reason|thinking")
OPENINGS = (
    ("", ""),
    ("Certainly.", "Let me think."),
    ("Of course.", "Good question."),
    ("Sure.", "Here is how I see it."),
    ("Gladly.", "Let me put it this way."),
    ("With pleasure.", "A fair question."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """How one model writes.

    Attributes:
        voice: Key of ``showcase.PERSONAS``.
        large: Whether it says a little more.
        reasons: Whether it spends tokens on reasoning before it answers.
        shows_reasoning: Whether its provider also sends the reasoning as text.
        openings: Words before an answer to a request, and to a question; may be empty.
    """

    voice: str
    large: bool
    reasons: bool
    shows_reasoning: bool
    openings: tuple[str, str]


@lru_cache(maxsize=4096)
def persona_of(provider: str, model: str) -> Persona:
    """Return how a model writes. The same model at two providers may open differently."""
    name = model.lower()
    found = (persona for pattern, persona in _FAMILIES if pattern.search(name))
    reasons = _REASONS.search(name) is not None
    return Persona(
        voice=next(found, BY_PROVIDER.get(provider, "workers-ai")),
        large=_SMALL.search(name) is None,
        reasons=reasons,
        shows_reasoning=reasons and _SHOWS.search(name) is not None,
        openings=_openings(provider, model),
    )


def _openings(provider: str, model: str) -> tuple[str, str]:
    """Return a model's opening words: none for the model that its provider offers first."""
    row = provider_of(provider)
    if row is not None and row.models and row.models[0].id == model:
        return OPENINGS[0]
    digest = hashlib.sha256(f"{provider}\n{model}".encode()).digest()
    return OPENINGS[digest[0] % len(OPENINGS)]
