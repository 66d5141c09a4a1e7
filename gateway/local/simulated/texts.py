"""Endpoints that take a prompt and give text, each in a shape of its own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.chat import Chat, Completion, Message, say
from gateway.dialects import dialect_for
from gateway.errors import BadRequest
from gateway.local.simulated.chats import complete, pieces_of, tokens_in
from gateway.local.simulated.embeddings import texts_of
from gateway.local.simulated.models import missing_model
from gateway.local.simulated.pictures import data_url
from gateway.local.simulated.said import Asked, Said, said
from gateway.local.simulated.vectors import size_of, vector

Json = Any
NOVA_FINISHES: Mapping[str | None, str] = {"stop": "end_turn", "length": "max_tokens"}
_PICTURES = ("flux", "sdxl", "stable-diffusion", "imagen", "ideogram", "recraft", "image")


def _completed(
    asked: Asked, model: str, messages: tuple[Message, ...], limit: Json = None
) -> Completion:
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise BadRequest("The limit of tokens must be a whole number of 1 or more")
    chat = Chat(
        provider=asked.provider.slug,
        model=model,
        messages=messages,
        stream=False,
        max_tokens=limit,
    )
    return complete(chat, "openai", asked.seed)


def huggingface(asked: Asked, model: str) -> Said:
    """Answer ``{"inputs": ...}``: a continuation, or vectors from an embedding model."""
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    body = asked.body()
    texts = texts_of(body.get("inputs"), "inputs")
    if any(word in model.lower() for word in ("embed", "sentence-", "bge", "e5-")):
        vectors = [vector(text, size_of(model)) for text in texts]
        return said(vectors if isinstance(body["inputs"], list) else vectors[0], model=model)
    settings = _object(body, "parameters")
    limit = settings.get("max_new_tokens")
    answers = [_completed(asked, model, say(text), limit) for text in texts]
    whole = settings.get("return_full_text", False) is True
    rows = [
        {"generated_text": text + answer.text if whole else answer.text}
        for text, answer in zip(texts, answers, strict=True)
    ]
    tokens = sum(answer.usage.tokens_out or 0 for answer in answers)
    return said(rows, tokens=tokens, model=model)


def replicate(asked: Asked, model: str = "") -> Said:
    """Answer ``POST predictions``: done at once, which the API allows."""
    body = asked.body()
    given = body.get("input")
    if not isinstance(given, dict):
        raise BadRequest("input must be an object")
    version = str(body.get("version") or "")
    model = model or str(body.get("model") or version.partition(":")[0])
    if not model:
        raise BadRequest("version must be given")
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    prompt = str(given.get("prompt") or given.get("text") or "")
    tokens = 0
    output: Json = [data_url(prompt)]
    if not any(word in model.lower() for word in _PICTURES):
        answer = _completed(asked, model, say(prompt), given.get("max_tokens"))
        output, tokens = list(pieces_of(answer.text, 16)), answer.usage.tokens_out or 0
    moment = datetime.fromtimestamp(asked.created, UTC).isoformat().replace("+00:00", "Z")
    base = f"https://api.replicate.com/v1/predictions/{asked.id[:26]}"
    prediction = {
        "id": asked.id[:26],
        "model": model,
        "version": version,
        "input": given,
        "logs": "",
        "output": output,
        "data_removed": False,
        "error": None,
        "status": "succeeded",
        "created_at": moment,
        "urls": {"get": base, "cancel": f"{base}/cancel"},
    }
    return said(prediction, tokens=tokens, model=model, status=201)


def baseten(asked: Asked, model: str) -> Said:
    """Answer a model of one's own at Baseten; its answer is whatever the model returns."""
    answer = _completed(asked, model, say(asked.text("prompt", "input")))
    return said({"output": answer.text}, tokens=answer.usage.tokens_out or 0, model=model)


def bedrock(asked: Asked, model: str) -> Said:
    """Answer Nova's ``invoke``, and ``converse`` for every model."""
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    body = asked.body()
    turns = body.get("messages")
    if not isinstance(turns, list) or not turns:
        raise BadRequest("messages must be a list with at least one message")
    messages = [
        Message(role="system", text=_blocks(body.get("system"), "system")),
        *(_turn(turn, number) for number, turn in enumerate(turns)),
    ]
    config = _object(body, "inferenceConfig")
    limit = config.get("maxTokens", config.get("max_new_tokens"))
    answer = _completed(asked, model, tuple(m for m in messages if m.text), limit)
    usage = {
        "inputTokens": answer.usage.tokens_in or 0,
        "outputTokens": answer.usage.tokens_out or 0,
        "totalTokens": (answer.usage.tokens_in or 0) + (answer.usage.tokens_out or 0),
    }
    return said(
        {
            "output": {"message": {"role": "assistant", "content": [{"text": answer.text}]}},
            "stopReason": NOVA_FINISHES.get(answer.finish, "end_turn"),
            "usage": usage,
        },
        tokens=usage["outputTokens"],
        model=model,
    )


def _object(body: Json, name: str) -> dict[str, Json]:
    found = body.get(name)
    if found is not None and not isinstance(found, dict):
        raise BadRequest(f"{name} must be an object")
    return found or {}


def _turn(turn: Json, number: int) -> Message:
    role = turn.get("role") if isinstance(turn, dict) else None
    if role not in ("user", "assistant"):
        raise BadRequest(f"messages[{number}].role must be user or assistant")
    return Message(role=role, text=_blocks(turn.get("content"), f"messages[{number}].content"))


def _blocks(blocks: Json, way: str) -> str:
    if isinstance(blocks, str):
        return blocks
    if not isinstance(blocks or [], list):
        raise BadRequest(f"{way} must be a list of blocks")
    return "\n".join(str(b.get("text") or "") for b in blocks or [] if isinstance(b, dict))


def counted(asked: Asked, model: str = "") -> Said:
    """Answer a request for a count of tokens: Anthropic's and Google's."""
    google = asked.provider.dialect == "google"
    path = f"models/{model}:generateContent" if google else "v1/messages"
    dialect = dialect_for(asked.provider.slug, path)
    if dialect is None:
        raise BadRequest("Tokens can't be counted here")
    body = asked.body()
    body = body.get("generateContentRequest", body) if google else {"max_tokens": 1, **body}
    tokens = tokens_in(dialect.read(body, provider=asked.provider.slug, path=path), dialect.name)
    return said({"totalTokens": tokens} if google else {"input_tokens": tokens})


def parallel_run(asked: Asked) -> Said:
    """Answer ``POST v1/tasks/runs``: the run is there, its result can be fetched."""
    body = asked.body()
    if not isinstance(body.get("input"), str | dict) or not body["input"]:
        raise BadRequest("input must be text or an object, and not empty")
    return said(_run(asked, f"trun_{asked.id}", "queued"), status=202)


def parallel_status(asked: Asked, run: str) -> Said:
    """Answer ``GET v1/tasks/runs/{id}``."""
    return said(_run(asked, run, "completed"))


def parallel_result(asked: Asked, run: str) -> Said:
    """Answer ``GET v1/tasks/runs/{id}/result``."""
    text = "A simulated run has finished. A connected provider would report what it found."
    output = {"type": "text", "content": text, "basis": []}
    return said({"run": _run(asked, run, "completed"), "output": output})


def _run(asked: Asked, run: str, status: str) -> dict[str, Json]:
    moment = datetime.fromtimestamp(asked.created, UTC).isoformat().replace("+00:00", "Z")
    processor = asked.body().get("processor", "base") if asked.raw else "base"
    return {
        "run_id": run,
        "interaction_id": run,
        "status": status,
        "is_active": status == "queued",
        "processor": processor,
        "created_at": moment,
        "modified_at": moment,
    }


def parallel_search(asked: Asked) -> Said:
    """Answer ``POST v1beta/search`` with addresses that are reserved for examples."""
    body = asked.body()
    queries = body.get("search_queries") or []
    if not isinstance(queries, list):
        raise BadRequest("search_queries must be a list of texts")
    wanted = str(body.get("objective") or " ".join(map(str, queries)))
    if not wanted.strip():
        raise BadRequest("objective or search_queries must be given")
    completion = _completed(asked, "search", say(wanted))
    excerpts = [line for line in completion.text.splitlines() if line.strip()]
    results = [
        {
            "url": f"https://example.com/simulated-result-{n}",
            "title": f"Simulated result {n} for: {wanted[:60]}",
            "excerpts": excerpts[n - 1 : n] or [wanted],
        }
        for n in range(1, 4)
    ]
    return said({"search_id": f"search_{asked.id}", "results": results}, model="search")


def parallel_ingest(asked: Asked) -> Said:
    """Answer ``POST v1beta/findall/ingest``: an objective becomes conditions."""
    objective = asked.text("objective")
    condition = {"name": "fits_objective", "description": f"It fits: {objective}"}
    return said(
        {"objective": objective, "entity_type": "entities", "match_conditions": [condition]}
    )
