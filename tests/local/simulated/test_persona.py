"""persona: a model's id, then its provider, decides how it writes."""

import pytest

from gateway.local.simulated.persona import persona_of
from gateway.providers import PROVIDERS

VOICES = [
    ("openai", "gpt-4o", "openai", True),
    ("openai", "gpt-5-mini", "openai", False),
    ("openrouter", "anthropic/claude-sonnet-4.5", "anthropic", True),
    ("aws-bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic", False),
    ("aws-bedrock", "us.amazon.nova-lite-v1:0", "workers-ai", False),
    ("google-vertex-ai", "gemini-2.5-pro", "google-ai-studio", True),
    ("groq", "llama-3.3-70b-versatile", "workers-ai", True),
    ("groq", "llama-3.1-8b-instant", "workers-ai", False),
    ("cerebras", "gpt-oss-120b", "workers-ai", True),
    ("mistral", "mistral-large-latest", "mistral", True),
    ("azure-openai", "my-resource/my-deployment", "openai", True),
    ("custom-mine", "anything", "workers-ai", True),
]
REASONING = [
    ("gpt-4o", False),
    ("gpt-5-mini", True),
    ("o3", True),
    ("deepseek-chat", False),
    ("deepseek-reasoner", True),
    ("grok-4", True),
    ("grok-4-fast-non-reasoning", False),
    ("gemini-2.5-pro", True),
    ("claude-sonnet-4-5", False),
]


@pytest.mark.parametrize(("provider", "model", "voice", "large"), VOICES)
def test_model_has_a_voice_and_a_size(provider, model, voice, large):
    """The same model writes alike wherever it is served."""
    persona = persona_of(provider, model)

    assert (persona.voice, persona.large) == (voice, large)


@pytest.mark.parametrize(("model", "reasons"), REASONING)
def test_reasoning_models_are_known(model, reasons):
    """They are paid for tokens that nobody sees."""
    assert persona_of("openai", model).reasons is reasons


def test_first_model_of_a_provider_comes_to_the_point():
    """What stakeholders see first is the written answer, with nothing before it."""
    firsts = [(slug, row.models[0].id) for slug, row in PROVIDERS.items() if row.models]

    assert {persona_of(*first).openings for first in firsts} == {("", "")}
