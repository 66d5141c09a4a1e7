"""Embedding endpoints: OpenAI's and Mistral's, Google's, Workers AI's."""

from typing import Any

from gateway.errors import BadRequest
from gateway.local.simulated.models import missing_model
from gateway.local.simulated.said import Asked, Said, said, tokens_of
from gateway.local.simulated.vectors import base64_of, size_of, vector

Json = Any
MOST_TEXTS = 2048


def openai(asked: Asked) -> Said:
    """Answer ``POST embeddings``."""
    body = asked.body()
    model = asked.text("model")
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    texts = texts_of(body.get("input"), "input")
    size = _size(body.get("dimensions"), "dimensions", model)
    form = body.get("encoding_format") or "float"
    if form not in ("float", "base64"):
        raise BadRequest("encoding_format must be float or base64")
    vectors = [vector(text, size) for text in texts]
    rows = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64_of(values) if form == "base64" else values,
        }
        for index, values in enumerate(vectors)
    ]
    tokens = sum(map(tokens_of, texts))
    return said(
        {
            "id": f"embd-{asked.id[:24]}",
            "object": "list",
            "data": rows,
            "model": model,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        },
        model=model,
    )


def google(asked: Asked, model: str) -> Said:
    """Answer ``POST models/{model}:embedContent``."""
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    text, values = _google_vector(asked.body(), model, "")
    return said({"embedding": {"values": values}, **_google_usage([text])}, model=model)


def google_batch(asked: Asked, model: str) -> Said:
    """Answer ``POST models/{model}:batchEmbedContents``."""
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    requests = asked.body().get("requests")
    if not isinstance(requests, list) or not requests:
        raise BadRequest("requests must be a list with at least one request")
    found = [
        _google_vector(request, model, f"requests[{number}].")
        for number, request in enumerate(requests)
    ]
    rows = [{"values": values} for _, values in found]
    usage = _google_usage([text for text, _ in found])
    return said({"embeddings": rows, **usage}, model=model)


def vertex(asked: Asked, model: str) -> Said:
    """Answer ``POST .../models/{model}:predict`` for embedding models."""
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    instances = asked.body().get("instances")
    if not isinstance(instances, list) or not instances:
        raise BadRequest("instances must be a list with at least one instance")
    texts = texts_of([i.get("content") if isinstance(i, dict) else i for i in instances], "content")
    rows = [
        {
            "embeddings": {
                "values": vector(text, size_of(model)),
                "statistics": {"truncated": False, "token_count": tokens_of(text)},
            }
        }
        for text in texts
    ]
    return said({"predictions": rows}, model=model)


def workers(asked: Asked, model: str) -> Said:
    """Answer ``POST @cf/baai/bge-...``."""
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    texts = texts_of(asked.body().get("text"), "text")
    size = size_of(model)
    result = {
        "shape": [len(texts), size],
        "data": [vector(text, size) for text in texts],
        "pooling": "mean",
    }
    return said({"result": result, "success": True, "errors": [], "messages": []}, model=model)


def texts_of(value: Json, name: str) -> list[str]:
    """Return the texts of an input: one, a list, or lists of token numbers.

    Raises:
        BadRequest: it is none of these, or empty.
    """
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list) and value and all(_is_whole(entry) for entry in value):
        value = [value]
    if not isinstance(value, list) or not value:
        raise BadRequest(f"{name} must be text or a list of texts, and not empty")
    if len(value) > MOST_TEXTS:
        raise BadRequest(f"{name} must have at most {MOST_TEXTS} entries")
    texts = []
    for entry in value:
        if isinstance(entry, list) and entry and all(_is_whole(token) for token in entry):
            entry = " ".join(map(str, entry))
        if not isinstance(entry, str) or not entry:
            raise BadRequest(f"{name} must hold texts that aren't empty")
        texts.append(entry)
    return texts


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _size(value: Json, name: str, model: str) -> int:
    if value is None:
        return size_of(model)
    if not _is_whole(value) or not 1 <= value <= size_of(model):
        raise BadRequest(f"{name} must be a whole number from 1 to {size_of(model)}")
    return int(value)


def _google_usage(texts: list[str]) -> dict[str, Json]:
    return {"usageMetadata": {"promptTokenCount": sum(map(tokens_of, texts))}}


def _google_vector(request: Json, model: str, way: str) -> tuple[str, tuple[float, ...]]:
    """Return the text of a request and its vector."""
    content = request.get("content") if isinstance(request, dict) else None
    if isinstance(content, dict):
        parts = content.get("parts")
        entries = parts if isinstance(parts, list) else [parts]
        content = "\n".join(
            str(part.get("text") or "") for part in entries if isinstance(part, dict)
        )
    if not isinstance(content, str) or not content:
        raise BadRequest(f"{way}content must have a part with text")
    wanted = request.get("outputDimensionality", request.get("output_dimensionality"))
    return content, vector(content, _size(wanted, f"{way}outputDimensionality", model))
