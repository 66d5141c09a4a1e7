"""logbook: what an answer becomes in the log, where other tests don't see it."""

import pytest

from gateway.local.logbook import log_model
from gateway.providers import PROVIDERS
from tests.local.conftest import HELLO


@pytest.mark.rule("logs.model_name", "logs.model_rule")
@pytest.mark.parametrize(
    ("slug", "model", "name"),
    [
        ("openai", "gpt-4o-mini", "openai/gpt-4o-mini"),
        ("google-ai-studio", "gemini-2.5-flash", "google/gemini-2.5-flash"),
        ("grok", "grok-4", "xai/grok-4"),
        ("mistral", "mistral-large-latest", "mistral/mistral-large-latest"),
        ("workers-ai", "@cf/meta/llama-3.1-8b-instruct", "@cf/meta/llama-3.1-8b-instruct"),
        ("openai", "", ""),
    ],
)
def test_model_is_named_by_author_and_model(slug, model, name):
    """As logs and invoices do since 2026-09-01."""
    assert log_model(PROVIDERS[slug], model) == name


@pytest.mark.rule("logs.tokens")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("anthropic/v1/messages", {**HELLO, "model": "claude-sonnet-4-5", "max_tokens": 50}),
        (
            "google-ai-studio/v1beta/models/gemini-2.5-flash:generateContent",
            {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
        ),
        ("workers-ai/@cf/meta/llama-3.1-8b-instruct", {"messages": HELLO["messages"]}),
        ("groq/chat/completions", {**HELLO, "model": "llama-3.3-70b-versatile", "stream": True}),
        ("compat/chat/completions", {**HELLO, "model": "anthropic/claude-sonnet-4-5"}),
        ("openai/responses", {"model": "gpt-5-mini", "input": "Hello"}),
        ("openai/v1/responses", {"model": "gpt-5-mini", "input": "Hello", "stream": True}),
        ("grok/v1/responses", {"model": "grok-4", "input": "Hello"}),
        ("groq/openai/v1/responses", {"model": "openai/gpt-oss-20b", "input": "Hello"}),
    ],
)
def test_tokens_are_read_in_every_format(gateway, path, body):
    """And priced, where the price is known."""
    row = gateway.log(gateway.ask(path, body, cf_aig_skip_cache="true"))

    assert row["tokens_in"] > 0
    assert row["tokens_out"] > 0
    assert row["usage_metadata"]["total_tokens"] == row["tokens_in"] + row["tokens_out"]
    assert row["cost"] > 0


def test_embeddings_have_input_tokens_only(gateway):
    """They are no chat."""
    body = {"model": "text-embedding-3-small", "input": "one two three"}
    row = gateway.log(gateway.ask("openai/embeddings", body))

    assert row["model_type"] == "embeddings"
    assert row["tokens_in"] > 0
    assert row["tokens_out"] is None
