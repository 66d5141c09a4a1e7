"""models: what a provider lists it also serves; what it clearly doesn't have it refuses."""

import pytest

from gateway.local.simulated.models import OWN_MODELS_ONLY, ids_of, missing_model
from gateway.providers import PROVIDERS, provider_of

EVERY_MODEL = [(slug, model) for slug, row in PROVIDERS.items() for model in ids_of(row)]
MISSING = [
    ("openai", "claude-sonnet-4-5", 404),
    ("openai", "gemini-2.5-flash", 404),
    ("openai", "model-does-not-exist", 404),
    ("openai", "", 404),
    ("anthropic", "gpt-4o", 404),
    ("google-ai-studio", "claude-sonnet-4-5", 404),
    ("mistral", "unknown-model", 400),
    ("deepseek", "gpt-4o", 400),
    ("workers-ai", "llama-3", 400),
    ("groq", "gpt-4o", 404),
    ("groq", "grok-4", 404),
    ("cohere", "sonar", 404),
]
SERVED = [
    ("openai", "ft:gpt-4o-mini:acme::abc"),
    ("openai", "gpt-7-some-day"),
    ("openai", "omni-moderation-latest"),
    ("groq", "openai/gpt-oss-20b"),
    ("groq", "deepseek-r1-distill-llama-70b"),
    ("openrouter", "anthropic/claude-sonnet-4.5"),
    ("aws-bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
    ("azure-openai", "resource/deployment"),
    ("workers-ai", "@cf/some/new-model"),
    ("custom-mine", "claude-sonnet-4-5"),
]


@pytest.mark.parametrize(("slug", "model"), EVERY_MODEL)
def test_listed_model_is_served(slug, model):
    """Whatever the playground offers must answer."""
    assert missing_model(PROVIDERS[slug], "chat/completions", model) is None


@pytest.mark.parametrize(("slug", "model"), SERVED)
def test_plausible_model_is_served(slug, model):
    """New models appear every week; nobody should have to teach them to a simulation."""
    assert missing_model(provider_of(slug), "chat/completions", model) is None


@pytest.mark.parametrize(("slug", "model", "status"), MISSING)
def test_model_of_another_house_is_missing(slug, model, status):
    """A mistyped or misplaced model is the provider's own error, as in reality."""
    answer = missing_model(PROVIDERS[slug], "chat/completions", model)

    assert answer.status == status
    assert b"model" in answer.body.lower()


def test_rule_is_about_providers_of_the_table():
    """A misspelled slug would switch the rule off."""
    assert set(OWN_MODELS_ONLY) <= set(PROVIDERS)
