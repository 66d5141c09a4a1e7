"""counts: where each provider tells tokens in answers that are no chats."""

import pytest

from gateway.chat import Usage
from gateway.local.counts import plain_usage

BODIES = [
    ({"usage": {"prompt_tokens": 3, "total_tokens": 3}}, Usage(tokens_in=3)),
    ({"usage": {"input_tokens": 3, "output_tokens": 5}}, Usage(tokens_in=3, tokens_out=5)),
    ({"usage": {"inputTokens": 3, "outputTokens": 5}}, Usage(tokens_in=3, tokens_out=5)),
    (
        {"usage": {"billed_units": {"input_tokens": 3, "output_tokens": 5}}},
        Usage(tokens_in=3, tokens_out=5),
    ),
    ({"meta": {"billed_units": {"input_tokens": 3}}}, Usage(tokens_in=3)),
    ({"usageMetadata": {"promptTokenCount": 3}}, Usage(tokens_in=3)),
    ({"result": {"usage": {"prompt_tokens": 3}}}, Usage(tokens_in=3)),
    (
        {"predictions": [{"embeddings": {"statistics": {"token_count": 2}}}] * 2},
        Usage(tokens_in=4),
    ),
]
SILENT = [None, [], "text", {}, {"usage": None}, {"usage": {"prompt_tokens": "3"}}]
SILENT += [{"predictions": "none"}, {"predictions": [{}]}, {"meta": {"billed_units": []}}]
TEXT = "hello world"
PART = {"content": {"parts": [{"text": TEXT}]}}
GEMINI = "google-ai-studio/v1beta/models/gemini-embedding-001"
VERTEX = "google-vertex-ai/v1/projects/p/locations/us-east1/publishers/google/models"
ENDPOINTS = [
    ("openai/embeddings", {"model": "text-embedding-3-small", "input": TEXT}),
    (
        "openai/v1/embeddings",
        {"model": "text-embedding-3-small", "input": TEXT, "encoding_format": "base64"},
    ),
    ("mistral/v1/embeddings", {"model": "mistral-embed", "input": [TEXT]}),
    (f"{GEMINI}:embedContent", PART),
    (f"{GEMINI}:batchEmbedContents", {"requests": [PART]}),
    (f"{VERTEX}/text-embedding-005:predict", {"instances": [{"content": TEXT}]}),
    ("workers-ai/v1/embeddings", {"model": "@cf/baai/bge-m3", "input": TEXT}),
    ("cohere/v1/embed", {"model": "embed-v4.0", "texts": [TEXT], "input_type": "search_query"}),
    ("cohere/v2/embed", {"model": "embed-v4.0", "texts": [TEXT], "input_type": "search_query"}),
]
UNPRICED = "text-embedding-005:predict"
"""The only one whose price nobody tells us."""


@pytest.mark.parametrize(("body", "usage"), BODIES)
def test_each_provider_has_its_own_place(body, usage):
    """Found wherever it is."""
    assert plain_usage(body) == usage


@pytest.mark.parametrize("body", SILENT)
def test_what_is_not_told_is_not_known(body):
    """Nor does nonsense become a count."""
    assert plain_usage(body) == Usage()


@pytest.mark.parametrize(("path", "body"), ENDPOINTS, ids=[path for path, _ in ENDPOINTS])
def test_embeddings_are_counted_and_charged(gateway, path, body):
    """The log row has their tokens and, where a price is known, their cost."""
    answer = gateway.ask(path, body)

    row = gateway.log(answer)
    assert (row["tokens_in"], row["model_type"]) == (3, "embeddings")
    assert (row["cost"] > 0) is (not path.endswith(UNPRICED))


def test_native_workers_ai_embeddings_tell_no_tokens(gateway):
    """Their documented answer has no place for them, so the row has none either."""
    row = gateway.log(gateway.ask("workers-ai/@cf/baai/bge-m3", {"text": [TEXT]}))

    assert (row["tokens_in"], row["cost"], row["model_type"]) == (None, 0, "embeddings")
