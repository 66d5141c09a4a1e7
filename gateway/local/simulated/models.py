"""Which models a simulated provider has, and what it says about one that it hasn't.

The rule: every model exists, except ids that say that they don't ("does-not-exist", "unknown"),
and, at providers that serve only their own, ids that clearly belong to another house. Workers AI's
ids begin with ``@cf/`` or ``@hf/``.
"""

import re
from typing import Any

from gateway.local.simulated.denials import denial
from gateway.local.simulated.said import Asked, Said, said
from gateway.local.simulated.workers import NO_SUCH_MODEL, numbered_error
from gateway.providers import Provider

Json = Any

_MISSING = re.compile(r"does-?not-?exist|unknown|no-?such", re.IGNORECASE)
_HOUSES = (
    (
        "openai",
        re.compile(r"^(?:gpt-(?!oss)|chatgpt|o[1-9](?:-|$)|text-embedding-3|dall-e|whisper)"),
    ),
    ("anthropic", re.compile(r"^claude")),
    ("google", re.compile(r"^gemini")),
    ("mistral", re.compile(r"^(?:open-)?(?:mistral|mixtral|ministral|codestral|magistral)")),
    ("xai", re.compile(r"^grok")),
    ("deepseek", re.compile(r"^deepseek-(?:chat|reasoner|v4)")),
    ("cohere", re.compile(r"^command|^c4ai")),
    ("perplexity", re.compile(r"^sonar")),
    ("cloudflare", re.compile(r"^@(?:cf|hf)/")),
)
OWN_MODELS_ONLY = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google-ai-studio": "google",
    "mistral": "mistral",
    "grok": "xai",
    "deepseek": "deepseek",
    "cohere": "cohere",
    "perplexity-ai": "perplexity",
    "workers-ai": "cloudflare",
    "groq": "",
    "cerebras": "",
}
"""Providers that don't serve other houses' models, with their house; "" serves open models only."""

_SAYS = {
    "openai": (404, "The model `{m}` does not exist or you do not have access to it."),
    "anthropic": (404, "model: {m}"),
    "google-ai-studio": (404, "models/{m} is not found, or is not supported for this method."),
    "google-vertex-ai": (404, "Publisher Model `{m}` was not found."),
    "aws-bedrock": (400, "The provided model identifier is invalid: {m}"),
    "azure-openai": (404, "The API deployment for this resource does not exist: {m}"),
    "cohere": (404, "model '{m}' not found, make sure the correct model ID was used"),
    "deepseek": (400, "Model Not Exist: {m}"),
    "grok": (404, "The model {m} does not exist or your team does not have access to it."),
    "mistral": (400, "Invalid model: {m}"),
    "openrouter": (400, "{m} is not a valid model ID"),
    "perplexity-ai": (400, "Invalid model '{m}'."),
}
_USUAL = (404, "The model `{m}` does not exist.")


def house_of(model: str) -> str | None:
    """Return whose model an id clearly is; ``None`` where that can't be told."""
    return next((house for house, pattern in _HOUSES if pattern.search(model.lower())), None)


def missing_model(provider: Provider, path: str, model: str) -> Said | None:
    """Return the provider's error for a model that it hasn't; ``None`` where it has it."""
    if model and _MISSING.search(model) is None and _serves(provider.slug, model):
        return None
    if provider.slug == "workers-ai":
        return numbered_error(NO_SUCH_MODEL, f"No such model {model or '(none)'} or task")
    status, words = _SAYS.get(provider.slug, _USUAL)
    return denial(provider.slug, path, status, words.format(m=model or "(none)"))


def _serves(slug: str, model: str) -> bool:
    own = OWN_MODELS_ONLY.get(slug)
    if own is None:
        return True
    house = house_of(model)
    return house == own if own == "cloudflare" else house in (None, own)


def ids_of(provider: Provider) -> list[str]:
    """Return the models that a provider lists: those one can choose, at least its example."""
    example = provider.example_model
    listed = [model.id for model in provider.models]
    return listed or ([] if "(" in example or ";" in example else [example])


def openai_list(asked: Asked) -> Said:
    """Answer ``GET models`` as OpenAI does."""
    rows = [_row(asked.provider, model) for model in ids_of(asked.provider)]
    return said({"object": "list", "data": rows})


def nothing_there(asked: Asked) -> Said:
    """Answer for a provider that lists no models."""
    return denial(asked.provider.slug, asked.path, 404)


def openai_one(asked: Asked, model: str) -> Said:
    """Answer ``GET models/{id}`` as OpenAI does."""
    return missing_model(asked.provider, asked.path, model) or said(_row(asked.provider, model))


def _row(provider: Provider, model: str) -> dict[str, Json]:
    owner = house_of(model) or provider.slug
    return {"id": model, "object": "model", "created": 1_760_000_000, "owned_by": owner}


def anthropic_list(asked: Asked) -> Said:
    """Answer ``GET v1/models`` as Anthropic does."""
    rows = [
        {
            "type": "model",
            "id": model.id,
            "display_name": model.label,
            "created_at": "2026-01-01T00:00:00Z",
        }
        for model in asked.provider.models
    ]
    ends = {"first_id": rows[0]["id"], "last_id": rows[-1]["id"]} if rows else {}
    return said({"data": rows, "has_more": False, **ends})


def google_list(asked: Asked) -> Said:
    """Answer ``GET v1beta/models`` as Google does."""
    rows = [_google_row(model.id, model.label) for model in asked.provider.models]
    return said({"models": rows})


def google_one(asked: Asked, model: str) -> Said:
    """Answer ``GET v1beta/models/{id}`` as Google does."""
    return missing_model(asked.provider, asked.path, model) or said(_google_row(model, model))


def _google_row(model: str, label: str) -> dict[str, Json]:
    return {
        "name": f"models/{model}",
        "displayName": label,
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }
