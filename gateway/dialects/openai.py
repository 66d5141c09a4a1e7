"""OpenAI's chat completions: the format of most providers, and of the unified API.

Providers differ in small ways. The body follows the chat's provider; answers follow ``flavour``,
the slug of the provider that answers.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.chat import (
    CallNumbers,
    Chat,
    Completion,
    Delta,
    Finish,
    ToolCallPart,
    Usage,
)
from gateway.dialects.members import Member, compact, error_message, parsed, put, sound
from gateway.dialects.openai_turns import (
    read_call,
    read_messages,
    read_schema,
    read_stop,
    read_tool_choice,
    read_tools,
    write_call,
    write_message,
    write_tool,
    write_tool_choice,
)
from gateway.dialects.openai_usage import read_usage, write_usage
from gateway.errors import BadAnswer, BadRequest
from gateway.providers import provider_of
from gateway.sse import Event, encode

Json = Any

AZURE = "azure-openai"
GROQ = "groq"
MISTRAL = "mistral"
HIDES_REASONING = frozenset({"openai", AZURE})
SAYS_REASONING = frozenset({GROQ, "openrouter", "cerebras"})
"""Flavours whose reasoning stands under ``reasoning``; the others use ``reasoning_content``."""
ALWAYS_USAGE = frozenset({MISTRAL, "perplexity-ai"})
"""Flavours whose streams report usage in the chunk with the finish, asked or not."""

FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


class OpenAI:
    """Chat completions, in both directions."""

    name = "openai"

    def path(self, chat: Chat) -> str:
        provider = provider_of(chat.provider)
        endpoint = provider.chat_endpoint if provider is not None else None
        if chat.route in ("compat", "rest") or endpoint is None:
            return "chat/completions"
        if chat.provider == AZURE:
            return f"{chat.model}/{endpoint}"
        return "v1/chat/completions" if endpoint.startswith("{") else endpoint

    def body(self, chat: Chat) -> dict[str, Json]:
        provider = provider_of(chat.provider)
        model = chat.model
        if chat.route == "compat" and provider is not None:
            model = provider.compat_model(model) or model
        if chat.route == "rest" and provider is not None:
            model = provider.rest_model(model) or model
        if chat.provider == AZURE:
            model = model.rpartition("/")[2]
        body: dict[str, Json] = {
            "model": model,
            "messages": [write_message(message) for message in chat.messages],
        }
        if provider is None or provider.takes_sampling(chat.model):
            put(body, "temperature", chat.temperature)
            put(body, "top_p", chat.top_p)
        limit = "max_completion_tokens" if chat.provider in HIDES_REASONING else "max_tokens"
        put(body, limit, chat.max_tokens)
        put(body, "stop", list(chat.stop) or None)
        put(body, "random_seed" if chat.provider == MISTRAL else "seed", chat.seed)
        put(body, "tools", [write_tool(tool) for tool in chat.tools] or None)
        put(body, "tool_choice", write_tool_choice(chat.tool_choice))
        if chat.schema is not None:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": chat.schema_name, "schema": dict(chat.schema)},
            }
        body["stream"] = chat.stream
        # Mistral refuses members that it doesn't know, and reports usage without being asked.
        if chat.stream and chat.usage_asked and chat.provider != MISTRAL:
            body["stream_options"] = {"include_usage": True}
        return body

    def read(self, body: Json, *, provider: str, path: str = "") -> Chat:
        root = Member(body, "", BadRequest)
        stream = root.at("stream").flag()
        asked = root.at("stream_options").at("include_usage").flag()
        schema, schema_name = read_schema(root)
        return Chat(
            provider=provider,
            model=_model(root, provider, path),
            messages=read_messages(root.at("messages")),
            stream=stream,
            temperature=root.at("temperature").number(),
            max_tokens=root.at("max_completion_tokens", "max_tokens").whole(),
            top_p=root.at("top_p").number(),
            stop=read_stop(root.at("stop")),
            seed=root.at("seed", "random_seed").whole(),
            tools=tuple(read_tools(root.at("tools"))),
            tool_choice=read_tool_choice(root.at("tool_choice")),
            schema=schema,
            schema_name=schema_name,
            usage_asked=asked or not stream or provider == MISTRAL,
        )

    def answer(self, completion: Completion, *, created: int, flavour: str = "") -> dict[str, Json]:
        message: dict[str, Json] = {
            "role": "assistant",
            "content": completion.text or (None if completion.tool_calls else ""),
            "refusal": None,
        }
        if completion.tool_calls:
            message["tool_calls"] = [write_call(call) for call in completion.tool_calls]
        message.update(_reasoning(completion.reasoning, flavour))
        answer: dict[str, Json] = {
            "id": completion.id or "chatcmpl-0",
            "object": "chat.completion",
            "created": created,
            "model": completion.model or "",
            "choices": [
                {
                    "index": 0,
                    "message": message,
                    "logprobs": None,
                    "finish_reason": completion.finish,
                }
            ],
            "service_tier": _tier(flavour),
        }
        put(answer, "usage", write_usage(completion.usage))
        return answer

    def reply(self, body: Json) -> Completion:
        root = Member(body, "", BadAnswer)
        choice = next(root.at("choices").items(), None)
        if choice is None:
            raise BadAnswer("The answer holds no choices.")
        message = choice.at("message")
        text, thoughts = _content(message.at("content").value)
        finish = choice.at("finish_reason").text()
        return Completion(
            text=text or message.at("refusal").text() or "",
            tool_calls=tuple(read_call(call) for call in message.at("tool_calls").items()),
            reasoning=message.at("reasoning_content", "reasoning").text() or thoughts,
            finish=FINISHES.get(finish, "stop") if finish else None,
            usage=read_usage(root.at("usage").value),
            model=root.at("model").text(),
            id=root.at("id").text(),
        )

    def usage(self, body: Json) -> Usage:
        return read_usage(Member(body, "", BadAnswer).at("usage").value)

    def delta(self, event: Event) -> Delta:
        if event.data == "[DONE]":
            return Delta()
        chunk = parsed(event.data)
        try:
            return sound(_delta(chunk))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadAnswer("The stream holds a chunk that isn't a chat completion's.") from error

    def writer(
        self,
        *,
        id: str,
        model: str,
        created: int,
        chat: Chat,
        flavour: str = "",
        usage: Usage = Usage(),
    ) -> "OpenAIWriter":
        return OpenAIWriter(
            id=id, model=model, created=created, usage_asked=chat.usage_asked, flavour=flavour
        )

    def error(self, status: int, message: str) -> dict[str, Json]:
        kind, code = {
            401: ("invalid_request_error", "invalid_api_key"),
            403: ("invalid_request_error", "permission_denied"),
            404: ("invalid_request_error", "not_found"),
            429: ("requests", "rate_limit_exceeded"),
        }.get(status, ("server_error" if status >= 500 else "invalid_request_error", None))
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}

    def error_message(self, body: Json) -> str | None:
        return error_message(body)


class OpenAIWriter:
    """Chunks of one streamed chat completion."""

    def __init__(
        self, *, id: str, model: str, created: int, usage_asked: bool, flavour: str
    ) -> None:
        self._flavour = flavour
        self._usage_asked = usage_asked
        self._numbers = CallNumbers()
        self._head: dict[str, Json] = {
            "id": id,
            "object": "chat.completion.chunk",
            "created": created,
            "model": model,
            "service_tier": _tier(flavour),
            "system_fingerprint": None,
        }
        # With include_usage every chunk but the last has "usage": null.
        self._null_usage = {"usage": None} if usage_asked and flavour not in ALWAYS_USAGE else {}
        frame = orjson.dumps(self._chunk({}, None))
        before, _, after = frame.partition(b'"delta":{}')
        self._before, self._after = b"data: " + before + b'"delta":', after + b"\n\n"

    def start(self) -> bytes:
        first = {"role": "assistant", "content": ""}
        if self._flavour == GROQ:
            return _event({**self._chunk(first, None), "x_groq": {"id": self._head["id"]}})
        return self._framed(first)

    def write(self, delta: Delta) -> bytes:
        out = b""
        if delta.reasoning and (reasoning := _reasoning(delta.reasoning, self._flavour)):
            out += self._framed(reasoning)
        if delta.text:
            out += self._framed({"content": delta.text})
        calls = [self._call(number, part) for number, part in self._numbered(delta)]
        if calls:
            out += self._framed({"tool_calls": calls})
        return out

    def end(self, finish: Finish, usage: Usage) -> bytes:
        last = self._chunk({}, finish)
        counts = write_usage(usage)
        if self._flavour == GROQ:
            last["x_groq"] = {"id": self._head["id"], "usage": counts}
        if self._flavour in ALWAYS_USAGE:
            last["usage"] = counts
        out = _event(last)
        if self._usage_asked and self._flavour not in ALWAYS_USAGE:
            out += _event({**self._head, "choices": [], "usage": counts})
        return out + b"data: [DONE]\n\n"

    def broken(self, message: str) -> bytes:
        return _event(OpenAI().error(500, message))

    def _numbered(self, delta: Delta) -> Iterator[tuple[int, ToolCallPart]]:
        for part in delta.tool_calls:
            number = self._numbers.of(part)
            if number is not None:
                yield number, part

    def _call(self, number: int, part: ToolCallPart) -> dict[str, Json]:
        function: dict[str, Json] = {"arguments": part.arguments}
        if part.name is None:
            return {"index": number, "function": function}
        return {
            "index": number,
            "id": part.id,
            "type": "function",
            "function": {"name": part.name, **function},
        }

    def _chunk(self, delta: dict[str, Json], finish: Finish | None) -> dict[str, Json]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**self._head, "choices": [choice], **self._null_usage}

    def _framed(self, delta: dict[str, Json]) -> bytes:
        return self._before + orjson.dumps(delta) + self._after


def _event(chunk: dict[str, Json]) -> bytes:
    return encode(compact(chunk))


def _tier(flavour: str) -> str:
    return "on_demand" if flavour == GROQ else "default"


def _reasoning(text: str, flavour: str) -> dict[str, Json]:
    if not text or flavour in HIDES_REASONING:
        return {}
    return {"reasoning" if flavour in SAYS_REASONING else "reasoning_content": text}


def _delta(chunk: dict[str, Json]) -> Delta:
    """Read a chunk. Runs for every one, so it goes straight to what it needs."""
    if chunk.get("error"):
        return Delta(error=error_message(chunk) or "The provider broke off without a reason.")
    usage = chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage")
    counts = read_usage(usage) if usage else None
    choices = chunk.get("choices")
    # With n > 1 each choice has chunks of its own; we follow the first.
    if not choices or choices[0].get("index"):
        return Delta(usage=counts, model=chunk.get("model"), id=chunk.get("id"))
    choice = choices[0]
    delta = choice.get("delta") or {}
    text = delta.get("content") or delta.get("refusal") or ""
    thoughts = delta.get("reasoning_content") or delta.get("reasoning") or ""
    if isinstance(text, list):
        text, thoughts = _content(text)
    finish = choice.get("finish_reason")
    calls = delta.get("tool_calls")
    return Delta(
        text=text,
        reasoning=thoughts,
        tool_calls=tuple(part_of(call) for call in calls) if calls else (),
        finish=FINISHES.get(finish, "stop") if finish else None,
        usage=counts,
        model=chunk.get("model"),
        id=chunk.get("id"),
    )


def part_of(call: dict[str, Json]) -> ToolCallPart:
    """Read one piece of a streamed tool call."""
    function = call.get("function") or {}
    arguments = function.get("arguments") or ""
    return ToolCallPart(
        index=call.get("index") or 0,
        id=call.get("id") or None,
        name=function.get("name") or None,
        arguments=arguments if isinstance(arguments, str) else compact(arguments),
    )


def _content(content: Json) -> tuple[str, str]:
    """Return text and reasoning of an answer's content: text, or a list of parts (Mistral)."""
    if content is None or isinstance(content, str):
        return content or "", ""
    text, thoughts = "", ""
    for part in Member(content, "content", BadAnswer).items():
        if part.at("type").value == "thinking":
            thoughts += "".join(p.at("text").text() or "" for p in part.at("thinking").items())
        else:
            text += part.at("text").text() or ""
    return text, thoughts


def _model(root: Member, provider: str, path: str) -> str:
    """Return the model; Azure's stands in the path, as resource and deployment."""
    if provider == AZURE and "/chat/completions" in path:
        return path.lstrip("/").partition("/chat/completions")[0]
    return root.at("model").must_text()
