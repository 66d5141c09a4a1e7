"""Cohere: chat in both versions, whole and streamed, and embeddings. Only the server's side."""

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.chat import Chat, Completion, Message, Role, Tool, ToolCall
from gateway.errors import BadRequest
from gateway.local.simulated.chats import complete, pieces_of
from gateway.local.simulated.embeddings import texts_of
from gateway.local.simulated.models import missing_model
from gateway.local.simulated.pace import profile_of
from gateway.local.simulated.said import SSE_TYPE, Asked, Said, said, tokens_of
from gateway.local.simulated.vectors import base64_of, size_of, vector
from gateway.sse import encode

Json = Any
USUAL_MODEL = "command-a-03-2025"
ROLES_V1: dict[Json, Role] = {
    "USER": "user",
    "CHATBOT": "assistant",
    "SYSTEM": "system",
    "TOOL": "tool",
}
ROLES_V2: dict[Json, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
FINISHES = {"stop": "COMPLETE", "length": "MAX_TOKENS", "tool_calls": "TOOL_CALL"}
LINES_TYPE = (("content-type", "application/stream+json"),)


def chat_v1(asked: Asked) -> Said:
    """Answer ``POST v1/chat``: one message, with the history beside it."""
    body = asked.body()
    message = asked.text("message")
    history = []
    for number, turn in enumerate(_entries(body, "chat_history")):
        role = ROLES_V1.get(turn.get("role"))
        if role is None:
            raise BadRequest(f"chat_history[{number}].role must be one of {', '.join(ROLES_V1)}")
        history.append(Message(role=role, text=str(turn.get("message") or "")))
    system = (Message(role="system", text=str(body["preamble"])),) if body.get("preamble") else ()
    chat = _chat(asked, body, (*system, *history, Message(role="user", text=message)))
    if (refused := missing_model(asked.provider, asked.path, chat.model)) is not None:
        return refused
    completion = complete(chat, "cohere", asked.seed)
    whole = {
        "response_id": asked.id,
        "generation_id": asked.id[::-1],
        "text": completion.text,
        "finish_reason": FINISHES[completion.finish or "stop"],
        "chat_history": [
            *_entries(body, "chat_history"),
            {"role": "USER", "message": message},
            {"role": "CHATBOT", "message": completion.text},
        ],
        "meta": {"api_version": {"version": "1"}, **_usage(completion)},
    }
    tokens = completion.usage.tokens_out or 0
    if not chat.stream:
        return said(whole, tokens=tokens, model=chat.model)
    pieces = _lines(chat, completion, whole)
    return Said(headers=LINES_TYPE, pieces=pieces, tokens=tokens, model=chat.model)


def _lines(chat: Chat, completion: Completion, whole: Json) -> Iterator[tuple[int, bytes]]:
    def line(kind: str, **members: Json) -> bytes:
        finished = kind == "stream-end"
        return orjson.dumps({"is_finished": finished, "event_type": kind, **members}) + b"\n"

    yield 1, line("stream-start", generation_id=whole["generation_id"])
    for piece in pieces_of(completion.text, _size(chat)):
        yield tokens_of(piece), line("text-generation", text=piece)
    yield 0, line("stream-end", finish_reason=whole["finish_reason"], response=whole)


def chat_v2(asked: Asked) -> Said:
    """Answer ``POST v2/chat``: messages as OpenAI has them, an answer in blocks."""
    body = asked.body()
    messages = tuple(
        _message(turn, number) for number, turn in enumerate(_entries(body, "messages"))
    )
    if not messages:
        raise BadRequest("messages must be a list with at least one message")
    chat = _chat(asked, body, messages)
    if (refused := missing_model(asked.provider, asked.path, chat.model)) is not None:
        return refused
    completion = complete(chat, "cohere", asked.seed)
    tokens = completion.usage.tokens_out or 0
    if chat.stream:
        pieces = _events(asked, chat, completion)
        return Said(headers=SSE_TYPE, pieces=pieces, tokens=tokens, model=chat.model)
    message: dict[str, Json] = {"role": "assistant"}
    if completion.tool_calls:
        message["tool_plan"] = _plan(completion)
        message["tool_calls"] = [_call(call) for call in completion.tool_calls]
    else:
        message["content"] = [{"type": "text", "text": completion.text}]
    whole = {
        "id": asked.id,
        "finish_reason": FINISHES[completion.finish or "stop"],
        "message": message,
        "usage": _usage(completion),
    }
    return said(whole, tokens=tokens, model=chat.model)


def _events(asked: Asked, chat: Chat, completion: Completion) -> Iterator[tuple[int, bytes]]:
    def event(kind: str, index: int | None = None, **members: Json) -> bytes:
        place = {} if index is None else {"index": index}
        return encode(orjson.dumps({"type": kind, **place, **members}).decode(), kind)

    def content(text: str, **members: str) -> Json:
        return {"message": {"content": {**members, "text": text}}}

    empty = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield 1, event("message-start", id=asked.id, delta={"message": empty})
    if completion.tool_calls:
        plan = {"message": {"tool_plan": _plan(completion)}}
        yield tokens_of(_plan(completion)), event("tool-plan-delta", delta=plan)
        for index, call in enumerate(completion.tool_calls):
            start = {**_call(call), "function": {"name": call.name, "arguments": ""}}
            yield 8, event("tool-call-start", index, delta={"message": {"tool_calls": start}})
            part = {"message": {"tool_calls": {"function": {"arguments": call.arguments}}}}
            yield tokens_of(call.arguments), event("tool-call-delta", index, delta=part)
            yield 0, event("tool-call-end", index)
    else:
        yield 0, event("content-start", 0, delta=content("", type="text"))
        for piece in pieces_of(completion.text, _size(chat)):
            yield tokens_of(piece), event("content-delta", 0, delta=content(piece))
        yield 0, event("content-end", 0)
    end = {"finish_reason": FINISHES[completion.finish or "stop"], "usage": _usage(completion)}
    yield 0, event("message-end", id=asked.id, delta=end) + encode("[DONE]")


def embed(asked: Asked, version: str) -> Said:
    """Answer ``POST v1/embed`` and ``POST v2/embed``."""
    body = asked.body()
    model = str(body.get("model") or "embed-v4.0")
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    texts = texts_of(body.get("texts"), "texts")
    kinds = body.get("embedding_types") or (["float"] if version == "2" else [])
    unknown = next((kind for kind in kinds if kind not in ("float", "base64")), None)
    if unknown is not None:
        raise BadRequest(f"embedding_types must hold float or base64 here, not {unknown!r}")
    vectors = [vector(text, size_of(model)) for text in texts]
    by_kind = {"float": vectors, "base64": [base64_of(values) for values in vectors]}
    tokens = sum(map(tokens_of, texts))
    return said(
        {
            "id": asked.id,
            "embeddings": {kind: by_kind[kind] for kind in kinds} if kinds else vectors,
            "texts": texts,
            "meta": {
                "api_version": {"version": version},
                "billed_units": {"input_tokens": tokens},
            },
            "response_type": "embeddings_by_type" if kinds else "embeddings_floats",
        },
        model=model,
    )


def _chat(asked: Asked, body: Json, messages: tuple[Message, ...]) -> Chat:
    limit, stop = body.get("max_tokens"), body.get("stop_sequences") or []
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise BadRequest("max_tokens must be a whole number of 1 or more")
    if not isinstance(stop, list) or not all(isinstance(word, str) for word in stop):
        raise BadRequest("stop_sequences must be a list of texts")
    choice = {"REQUIRED": "required", "NONE": "none"}.get(body.get("tool_choice"))
    wanted = body.get("response_format") or {}
    schema = wanted.get("schema") or wanted.get("json_schema") if isinstance(wanted, dict) else None
    if schema is None and isinstance(wanted, dict) and wanted.get("type") == "json_object":
        schema = {"type": "object"}
    return Chat(
        provider=asked.provider.slug,
        model=str(body.get("model") or USUAL_MODEL),
        messages=messages,
        stream=body.get("stream") is True,
        max_tokens=limit,
        stop=tuple(stop),
        tools=tuple(_tool(tool, number) for number, tool in enumerate(_entries(body, "tools"))),
        tool_choice=choice,
        schema=schema,
    )


def _message(turn: Json, number: int) -> Message:
    role, content = turn.get("role"), turn.get("content")
    if role not in ROLES_V2:
        raise BadRequest(f"messages[{number}].role must be one of {', '.join(ROLES_V2)}")
    if isinstance(content, list):
        content = "\n".join(
            str(part.get("text") or (part.get("document") or {}).get("data") or "")
            for part in content
            if isinstance(part, dict)
        )
    calls = [
        ToolCall(
            id=str(call.get("id") or ""),
            name=str((call.get("function") or {}).get("name") or ""),
            arguments=str((call.get("function") or {}).get("arguments") or "{}"),
        )
        for call in _entries(turn, "tool_calls")
    ]
    return Message(
        role=ROLES_V2[role],
        text=str(content or ""),
        tool_calls=tuple(calls),
        tool_call_id=turn.get("tool_call_id"),
    )


def _tool(tool: Json, number: int) -> Tool:
    function = tool.get("function") if isinstance(tool.get("function"), dict) else tool
    if not isinstance(function.get("name"), str):
        raise BadRequest(f"tools[{number}].function.name must be text")
    return Tool(
        name=function["name"],
        description=str(function.get("description") or ""),
        parameters=function.get("parameters") or {},
    )


def _entries(body: Json, name: str) -> list[dict[str, Json]]:
    found = body.get(name) or []
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise BadRequest(f"{name} must be a list of objects")
    return found


def _call(call: ToolCall) -> dict[str, Json]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _plan(completion: Completion) -> str:
    return f"I will use {completion.tool_calls[0].name} for this."


def _usage(completion: Completion) -> dict[str, Json]:
    usage = completion.usage
    counts = {"input_tokens": usage.tokens_in or 0, "output_tokens": usage.tokens_out or 0}
    return {"billed_units": counts, "tokens": counts}


def _size(chat: Chat) -> int:
    return 4 * profile_of(chat.provider, chat.model).tokens_per_chunk
