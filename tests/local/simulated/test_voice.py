"""voice: written answers for suggested prompts; everything else shaped as it was asked for."""

import pytest

from gateway.chat import Chat, say
from gateway.local.simulated.voice import words_for
from gateway.showcase import SHOWCASES

FIRST_MODELS = {
    "openai": "gpt-5-mini",
    "anthropic": "claude-sonnet-4-5",
    "google-ai-studio": "gemini-2.5-flash",
    "workers-ai": "@cf/meta/llama-3.1-8b-instruct",
    "mistral": "mistral-large-latest",
    "grok": "grok-4",
}


def said(prompt, *, provider="openai", model="gpt-4o", system=None, seed=0):
    return words_for(
        Chat(provider=provider, model=model, messages=say(prompt, system=system)), seed
    )


@pytest.mark.parametrize("showcase", SHOWCASES, ids=lambda showcase: showcase.id)
@pytest.mark.parametrize(("provider", "model"), FIRST_MODELS.items())
def test_suggested_prompt_gets_its_written_answer(showcase, provider, model):
    """What stakeholders read first is what was written for them."""
    text = said(showcase.prompt, provider=provider, model=model)

    assert text.startswith(showcase.answers[provider])


def test_models_of_one_provider_differ():
    """A larger model says more; a further one at least opens differently."""
    prompt = SHOWCASES[0].prompt
    texts = [said(prompt, model=model) for model in ("gpt-4o", "gpt-4o-mini", "gpt-5-mini")]

    assert len(set(texts)) == 3
    assert len(texts[0]) > len(texts[1])


@pytest.mark.parametrize("prompt", ["Explain jitter", "How do I plan a garden?", "hello"])
def test_providers_differ(prompt):
    """Four columns show four ways of writing."""
    texts = {said(prompt, provider=p, model=m) for p, m in FIRST_MODELS.items()}

    assert len(texts) >= 5


def test_same_seed_says_the_same():
    """A demo is repeatable, and another seed may vary it."""
    prompt = "Tell me a joke"

    assert said(prompt, seed=1) == said(prompt, seed=1)
    assert len({said(prompt, seed=seed) for seed in range(12)}) > 1


@pytest.mark.parametrize("where", ["prompt", "system"])
def test_one_sentence_means_one(where):
    """Brevity is heard in the prompt and in the system prompt."""
    asked = "Answer in one sentence."
    text = (
        said(f"What is jitter? {asked}")
        if where == "prompt"
        else said("What is jitter?", system=asked)
    )

    assert text.count(".") == 1
    assert "\n" not in text


def test_word_limit_is_kept():
    """ "In 20 words" is a promise."""
    assert len(said("Explain caching in 20 words").split()) <= 20


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("Always answer in German.", "Deutsch"),
        ("You are a friendly pirate.", "pirate"),
        ("Write in capitals.", "JITTER"),
    ],
)
def test_system_prompt_is_heard(system, expected):
    """Language, role and form follow the standing instruction."""
    assert expected in said("What is jitter?", system=system)


def test_long_prompt_is_answered_at_once():
    """A body of many megabytes must not keep the gateway from its other callers."""
    assert said("word " * 2_000_000 + "?")
