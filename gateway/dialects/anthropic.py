"""Anthropic's messages: content in blocks, system prompt apart, usage at both ends of a stream."""

import re
from typing import Any

from gateway.chat import (
    CallNumbers,
    Chat,
    Completion,
    Delta,
    Finish,
    ToolCallPart,
    Usage,
)
from gateway.dialects.anthropic_turns import (
    read_call,
    read_choice,
    read_message,
    read_system,
    read_tools,
    text_block,
    write_call,
    write_choice,
    write_messages,
    write_tool,
)
from gateway.dialects.members import Member, compact, error_message, parsed, put, sound
from gateway.errors import BadAnswer, BadRequest
from gateway.providers import provider_of
from gateway.sse import Event, encode

Json = Any

DEFAULT_MAX_TOKENS = 8192
"""Sent where the chat names no limit: the format requires one, and all current models allow it."""

SIGNATURE = "none"
"""Stands where Anthropic signs its reasoning; nothing checks it here."""

FINISHES: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
REASONS: dict[Finish | None, str | None] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
    None: None,
}
ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_BEDROCK = re.compile(r"/model/([^/?]+)/invoke")


class Anthropic:
    """Messages, in both directions."""

    name = "anthropic"

    def path(self, chat: Chat) -> str:
        return "v1/messages"

    def body(self, chat: Chat) -> dict[str, Json]:
        provider = provider_of(chat.provider)
        opening = 0
        while opening < len(chat.messages) and chat.messages[opening].role == "system":
            opening += 1
        body: dict[str, Json] = {
            "model": chat.model,
            "max_tokens": chat.max_tokens or DEFAULT_MAX_TOKENS,
            "messages": write_messages(chat.messages[opening:]),
        }
        system = [text_block(message.text) for message in chat.messages[:opening]]
        put(body, "system", system[0]["text"] if len(system) == 1 else system or None)
        if provider is None or provider.takes_sampling(chat.model):
            put(body, "temperature", chat.temperature)
            # The models that take both refuse them together.
            put(body, "top_p", chat.top_p if chat.temperature is None else None)
        put(body, "stop_sequences", list(chat.stop) or None)
        put(body, "tools", [write_tool(tool) for tool in chat.tools] or None)
        if chat.tool_choice is not None:
            body["tool_choice"] = write_choice(chat.tool_choice)
        if chat.schema is not None:
            body["output_config"] = {"format": {"type": "json_schema", "schema": dict(chat.schema)}}
        body["stream"] = chat.stream
        return body

    def read(self, body: Json, *, provider: str, path: str = "") -> Chat:
        root = Member(body, "", BadRequest)
        model = root.at("model").text()
        if model is None and (found := _BEDROCK.search(f"/{path}")):
            model = found.group(1)
        limit = root.at("max_tokens").whole()
        if limit is None:
            root.at("max_tokens").refuse("given, as a whole number")
        messages = [
            *read_system(root.at("system")),
            *(found for turn in root.at("messages").items() for found in read_message(turn)),
        ]
        if not any(message.role != "system" for message in messages):
            root.at("messages").refuse("a list with at least one message")
        wanted = root.at("output_config").at("format")
        wanted = wanted if wanted.given else root.at("output_format")
        return Chat(
            provider=provider,
            model=model or root.at("model").must_text(),
            messages=tuple(messages),
            stream=root.at("stream").flag(),
            temperature=root.at("temperature").number(),
            max_tokens=limit,
            top_p=root.at("top_p").number(),
            stop=tuple(word.must_text() for word in root.at("stop_sequences").items()),
            tools=tuple(read_tools(root.at("tools"))),
            tool_choice=read_choice(root.at("tool_choice")),
            schema=wanted.at("schema").fields() if wanted.at("schema").given else None,
        )

    def answer(self, completion: Completion, *, created: int, flavour: str = "") -> dict[str, Json]:
        content: list[dict[str, Json]] = []
        if completion.reasoning:
            content.append(
                {"type": "thinking", "thinking": completion.reasoning, "signature": SIGNATURE}
            )
        if completion.text or not completion.tool_calls:
            content.append(text_block(completion.text))
        content.extend(write_call(call) for call in completion.tool_calls)
        answer = {
            "id": completion.id or "msg_0",
            "type": "message",
            "role": "assistant",
            "model": completion.model or "",
            "content": content,
            "stop_reason": REASONS[completion.finish],
            "stop_sequence": None,
        }
        put(answer, "usage", _write_usage(completion.usage))
        return answer

    def reply(self, body: Json) -> Completion:
        root = Member(body, "", BadAnswer)
        if not root.at("content").given:
            root.at("content").refuse("a list of blocks")
        text, reasoning, calls = "", "", []
        for block in root.at("content").items():
            match block.at("type").value:
                case "text":
                    text += block.at("text").must_text()
                case "thinking":
                    reasoning += block.at("thinking").text() or ""
                case "tool_use":
                    calls.append(read_call(block))
        reason = root.at("stop_reason").text()
        return Completion(
            text=text,
            tool_calls=tuple(calls),
            reasoning=reasoning,
            finish=FINISHES.get(reason, "stop") if reason else None,
            usage=_read_usage(root.at("usage").value),
            model=root.at("model").text(),
            id=root.at("id").text(),
        )

    def usage(self, body: Json) -> Usage:
        return _read_usage(Member(body, "", BadAnswer).at("usage").value)

    def delta(self, event: Event) -> Delta:
        data = parsed(event.data)
        try:
            return sound(_delta(data))
        except (AttributeError, KeyError, TypeError) as error:
            raise BadAnswer("The stream holds an event that isn't a message's.") from error

    def writer(
        self,
        *,
        id: str,
        model: str,
        created: int,
        chat: Chat,
        flavour: str = "",
        usage: Usage = Usage(),
    ) -> "AnthropicWriter":
        return AnthropicWriter(id=id, model=model, usage=usage)

    def error(self, status: int, message: str) -> dict[str, Json]:
        kind = ERRORS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": message}}

    def error_message(self, body: Json) -> str | None:
        return error_message(body)


class AnthropicWriter:
    """Events of one streamed message: one block after the other, never two open at once."""

    def __init__(self, *, id: str, model: str, usage: Usage) -> None:
        self._id = id
        self._model = model
        self._usage = usage
        self._numbers = CallNumbers()
        self._call_blocks: dict[int, int] = {}
        self._blocks = 0
        self._open: str | None = None

    def start(self) -> bytes:
        counts = _write_usage(Usage(tokens_in=0, tokens_out=0).merged(self._usage))
        return _event(
            {
                "type": "message_start",
                "message": {
                    "id": self._id,
                    "type": "message",
                    "role": "assistant",
                    "model": self._model,
                    "content": [],
                    "stop_reason": None,
                    "stop_sequence": None,
                    "usage": counts,
                },
            }
        )

    def write(self, delta: Delta) -> bytes:
        out = b""
        if delta.reasoning:
            out += self._opened("thinking", {"type": "thinking", "thinking": "", "signature": ""})
            out += self._piece({"type": "thinking_delta", "thinking": delta.reasoning})
        if delta.text:
            out += self._opened("text", text_block(""))
            out += self._piece({"type": "text_delta", "text": delta.text})
        for part in delta.tool_calls:
            out += self._call(part)
        return out

    def end(self, finish: Finish, usage: Usage) -> bytes:
        counts = _write_usage(Usage(tokens_out=0).merged(self._usage).merged(usage))
        ending = {"stop_reason": REASONS[finish], "stop_sequence": None}
        return (
            self._closed()
            + _event({"type": "message_delta", "delta": ending, "usage": counts})
            + _event({"type": "message_stop"})
        )

    def broken(self, message: str) -> bytes:
        return _event(Anthropic().error(500, message))

    def _call(self, part: ToolCallPart) -> bytes:
        number = self._numbers.of(part)
        if number is None:
            return b""
        out = b""
        if number not in self._call_blocks:
            block: dict[str, Json] = {
                "type": "tool_use",
                "id": part.id,
                "name": part.name,
                "input": {},
            }
            out = self._opened(f"tool_use {number}", block)
            self._call_blocks[number] = self._blocks - 1
        if part.arguments:
            piece = {"type": "input_json_delta", "partial_json": part.arguments}
            out += self._piece(piece, self._call_blocks[number])
        return out

    def _opened(self, what: str, block: dict[str, Json]) -> bytes:
        """Return the start of a block, and the end of the one before it; nothing if it's open."""
        if self._open == what:
            return b""
        out = self._closed()
        self._open = what
        self._blocks += 1
        start = {"type": "content_block_start", "index": self._blocks - 1, "content_block": block}
        return out + _event(start)

    def _piece(self, piece: dict[str, Json], block: int | None = None) -> bytes:
        index = self._blocks - 1 if block is None else block
        return _event({"type": "content_block_delta", "index": index, "delta": piece})

    def _closed(self) -> bytes:
        if self._open is None:
            return b""
        signature = {"type": "signature_delta", "signature": SIGNATURE}
        out = self._piece(signature) if self._open == "thinking" else b""
        self._open = None
        return out + _event({"type": "content_block_stop", "index": self._blocks - 1})


def _event(data: dict[str, Json]) -> bytes:
    return encode(compact(data), data["type"])


def _delta(data: dict[str, Json]) -> Delta:
    """Read an event. Runs for every one, so the most frequent comes first."""
    kind = data.get("type")
    if kind == "content_block_delta":
        piece = data["delta"]
        match piece["type"]:
            case "text_delta":
                return Delta(text=piece["text"])
            case "thinking_delta":
                return Delta(reasoning=piece["thinking"])
            case "input_json_delta":
                part = ToolCallPart(index=data["index"], arguments=piece["partial_json"])
                return Delta(tool_calls=(part,))
        return Delta()
    if kind == "content_block_start":
        block = data["content_block"]
        if block["type"] == "tool_use":
            given = block.get("input")
            part = ToolCallPart(
                index=data["index"],
                id=block["id"],
                name=block["name"],
                arguments=compact(given) if given else "",
            )
            return Delta(tool_calls=(part,))
        return Delta(text=block.get("text") or "", reasoning=block.get("thinking") or "")
    if kind == "message_start":
        message = data["message"]
        usage = _read_usage(message.get("usage"))
        return Delta(usage=usage, model=message.get("model"), id=message.get("id"))
    if kind == "message_delta":
        reason = data["delta"].get("stop_reason")
        return Delta(
            finish=FINISHES.get(reason, "stop") if reason else None,
            usage=_read_usage(data.get("usage")),
        )
    if kind == "error":
        return Delta(error=error_message(data) or "The provider broke off without a reason.")
    return Delta()


def _read_usage(usage: Json) -> Usage:
    """Read token counts. ``input_tokens`` leaves out those of the prompt cache; ours has them."""
    root = Member(usage, "usage", BadAnswer)
    fresh = root.at("input_tokens").whole()
    cached = root.at("cache_read_input_tokens").whole()
    written = root.at("cache_creation_input_tokens").whole()
    return Usage(
        tokens_in=None if fresh is None else fresh + (cached or 0) + (written or 0),
        tokens_out=root.at("output_tokens").whole(),
        cached_in=cached,
        cache_write=written,
        reasoning=root.at("output_tokens_details").at("thinking_tokens").whole(),
    )


def _write_usage(usage: Usage) -> dict[str, Json] | None:
    """Write token counts; ``None`` where none are known."""
    if usage.tokens_in is None and usage.tokens_out is None:
        return None
    counts: dict[str, Json] = {}
    if usage.tokens_in is not None:
        cached = (usage.cached_in or 0) + (usage.cache_write or 0)
        counts["input_tokens"] = max(0, usage.tokens_in - cached)
    put(counts, "cache_creation_input_tokens", usage.cache_write)
    put(counts, "cache_read_input_tokens", usage.cached_in)
    put(counts, "output_tokens", usage.tokens_out)
    if usage.reasoning is not None:
        counts["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    return counts
