"""Cohere: chat in both versions, whole and streamed, and embeddings. Only the server's side."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from gateway.chat import Chat, Completion, Message, Role, ToolCall
from gateway.dialects.members import Member
from gateway.dialects.openai_turns import ROLES, read_call, read_tools
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
ROLES_V1: dict[str, Role] = {
    "USER": "user",
    "CHATBOT": "assistant",
    "SYSTEM": "system",
    "TOOL": "tool",
}
FINISHES = {"stop": "COMPLETE", "length": "MAX_TOKENS", "tool_calls": "TOOL_CALL"}
LINES_TYPE = (("content-type", "application/stream+json"),)


def chat_v1(asked: Asked) -> Said:
    """Answer ``POST v1/chat``: one message, with the history beside it.

    Tools have another form there, which isn't played: it answers in words.
    """
    root = _root(asked)
    message = asked.text("message")
    history = [_turn(turn) for turn in root.at("chat_history").items()]
    preamble = root.at("preamble").text()
    system = (Message(role="system", text=preamble),) if preamble else ()
    messages = (*system, *history, Message(role="user", text=message))
    chat = replace(_chat(asked, root, messages), tools=())
    if (refused := missing_model(asked.provider, asked.path, chat.model)) is not None:
        return refused
    completion = complete(chat, "cohere", asked.seed)
    whole = {
        "response_id": asked.id,
        "generation_id": asked.id[::-1],
        "text": completion.text,
        "finish_reason": FINISHES[completion.finish or "stop"],
        "chat_history": [
            *(root.at("chat_history").value or ()),
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
    root = _root(asked)
    messages = tuple(_message(turn) for turn in root.at("messages").items())
    if not messages:
        root.at("messages").refuse("a list with at least one message")
    chat = _chat(asked, root, messages)
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
    root = _root(asked)
    model = root.at("model").text() or "embed-v4.0"
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    texts = texts_of(root.at("texts").value, "texts")
    kinds = [kind.text() for kind in root.at("embedding_types").items()]
    kinds = kinds or (["float"] if version == "2" else [])
    if not set(kinds) <= {"float", "base64"}:
        root.at("embedding_types").refuse("a list of float or base64")
    vectors = [vector(text, size_of(model)) for text in texts]
    by_kind: dict[str | None, Json] = {
        "float": vectors,
        "base64": [base64_of(values) for values in vectors],
    }
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


def _root(asked: Asked) -> Member:
    return Member(asked.body(), "", BadRequest)


def _chat(asked: Asked, root: Member, messages: tuple[Message, ...]) -> Chat:
    limit = root.at("max_tokens").whole()
    if limit is not None and limit < 1:
        root.at("max_tokens").refuse("1 or more")
    return Chat(
        provider=asked.provider.slug,
        model=root.at("model").text() or USUAL_MODEL,
        messages=messages,
        stream=root.at("stream").flag(),
        max_tokens=limit,
        stop=tuple(word.must_text() for word in root.at("stop_sequences").items()),
        tools=tuple(read_tools(root.at("tools"))),
        tool_choice={"REQUIRED": "required", "NONE": "none"}.get(
            root.at("tool_choice").text() or ""
        ),
        schema=_schema(root.at("response_format")),
    )


def _schema(wanted: Member) -> dict[str, Json] | None:
    schema = wanted.at("json_schema", "schema")
    if schema.given:
        return schema.fields()
    return {"type": "object"} if wanted.at("type").text() == "json_object" else None


def _turn(turn: Member) -> Message:
    role = turn.at("role").must_text()
    if role not in ROLES_V1:
        turn.at("role").refuse(f"one of {', '.join(ROLES_V1)}")
    return Message(role=ROLES_V1[role], text=turn.at("message").text() or "")


def _message(turn: Member) -> Message:
    """Read a message: OpenAI's form, and documents where a tool's result stands."""
    role, content = turn.at("role").must_text(), turn.at("content")
    if role not in ROLES:
        turn.at("role").refuse(f"one of {', '.join(ROLES)}")
    text = content.value
    if not isinstance(text, str):
        text = "\n".join(map(_part, content.items()))
    return Message(
        role=ROLES[role],
        text=text,
        tool_calls=tuple(read_call(call) for call in turn.at("tool_calls").items()),
        tool_call_id=turn.at("tool_call_id").text(),
    )


def _part(part: Member) -> str:
    data = part.at("document").at("data").value
    if data is None:
        return part.at("text").text() or ""
    return data if isinstance(data, str) else orjson.dumps(data).decode()


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
