"""embeddings: three shapes, several inputs, and errors that name the member."""

import pytest

pytestmark = pytest.mark.anyio

SMALL = "text-embedding-3-small"
BAD = [
    ({"input": []}, "input"),
    ({"input": [""]}, "input"),
    ({"input": [{"text": "a"}]}, "input"),
    ({"input": "a", "dimensions": 0}, "dimensions"),
    ({"input": "a", "dimensions": 9999}, "dimensions"),
    ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    ({"input": ["a"] * 3000}, "at most"),
]


@pytest.mark.parametrize(
    ("given", "count"), [("a", 1), (["a", "b"], 2), ([1, 2], 1), ([[1], [2], [3]], 3)]
)
async def test_every_form_of_input_counts(caller, given, count):
    """Text, texts, or tokens of either."""
    answer = await caller.ask("openai", "embeddings", {"model": SMALL, "input": given})

    assert [row["index"] for row in answer.json["data"]] == list(range(count))
    assert answer.json["usage"]["total_tokens"] >= count


@pytest.mark.rule("clients.embeddings_base64")
async def test_base64_and_dimensions(caller):
    """The default of OpenAI's clients, and a shorter vector on request."""
    body = {"model": SMALL, "input": "a", "encoding_format": "base64", "dimensions": 6}
    answer = await caller.ask("openai", "embeddings", body)

    assert len(answer.json["data"][0]["embedding"]) == 32


@pytest.mark.parametrize(("body", "word"), BAD)
async def test_bad_input_is_named(caller, body, word):
    """The provider's own 400."""
    answer = await caller.ask("openai", "embeddings", {"model": SMALL, **body})

    assert answer.status == 400
    assert word in answer.body.decode()


async def test_google_embeds_one_and_many(caller):
    """Both verbs, both spellings of the size."""
    content = {"content": {"parts": [{"text": "cats"}]}, "output_dimensionality": 5}
    path = "v1beta/models/gemini-embedding-001"
    one = await caller.ask("google-ai-studio", f"{path}:embedContent", content)
    many = await caller.ask(
        "google-ai-studio", f"{path}:batchEmbedContents", {"requests": [content, content]}
    )

    assert many.json["embeddings"] == [one.json["embedding"]] * 2
    assert len(one.json["embedding"]["values"]) == 5


async def test_vertex_predicts_embeddings(caller):
    """Vertex has a verb and a shape of its own."""
    path = "v1/projects/p/locations/l/publishers/google/models/text-embedding-005:predict"
    answer = await caller.ask("google-vertex-ai", path, {"instances": [{"content": "cats"}]})

    assert len(answer.json["predictions"][0]["embeddings"]["values"]) == 768


async def test_workers_ai_says_the_shape(caller):
    """In Cloudflare's envelope."""
    answer = await caller.ask("workers-ai", "@cf/baai/bge-base-en-v1.5", {"text": ["a", "b"]})

    assert answer.json["result"]["shape"] == [2, 768]
    assert len(answer.json["result"]["data"]) == 2


@pytest.mark.parametrize("model", ["does-not-exist", "claude-embed"])
async def test_missing_model_is_said(caller, model):
    """As for a chat."""
    answer = await caller.ask("openai", "embeddings", {"model": model, "input": "a"})

    assert answer.status == 404
