"""Google's generateContent: model and streaming stand in the path, roles are user and model.

Clients mix camelCase and snake_case in one body; both are read.
"""

import re
from typing import Any
from zlib import crc32

import orjson

from gateway.chat import (
    Chat,
    Completion,
    Delta,
    Finish,
    Gathered,
    ToolCall,
    ToolCallPart,
    Usage,
)
from gateway.dialects.google_turns import (
    both,
    read_content,
    read_schema,
    read_system,
    read_tool_choice,
    read_tools,
    snake,
    write_call,
    write_contents,
    write_tool,
    write_tool_choice,
)
from gateway.dialects.members import Member, compact, error_message, parsed, put, sound
from gateway.errors import BadAnswer, BadRequest
from gateway.sse import Event, encode

Json = Any

VERTEX = "google-vertex-ai"
WHOLE, STREAMED = "generateContent", "streamGenerateContent"
VERTEX_PLACE = "projects/-/locations/us-central1"
"""Project and region for Vertex, where the model isn't given with its full resource name."""

FINISHES: dict[str, Finish] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
}
REASONS: dict[Finish | None, str | None] = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
    None: None,
}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_PATH = re.compile(r"(?:publishers/([^/]+)/)?models/([^/:?]+):(\w+)")


class Google:
    """generateContent and streamGenerateContent, in both directions."""

    name = "google"

    def path(self, chat: Chat) -> str:
        verb = f"{STREAMED}?alt=sse" if chat.stream else WHOLE
        if chat.provider != VERTEX:
            return f"v1beta/models/{chat.model}:{verb}"
        if chat.model.startswith("projects/"):
            return f"v1/{chat.model}:{verb}"
        author, _, model = chat.model.rpartition("/")
        place = f"{VERTEX_PLACE}/publishers/{author or 'google'}"
        return f"v1/{place}/models/{model}:{verb}"

    def body(self, chat: Chat) -> dict[str, Json]:
        system = [{"text": m.text} for m in chat.messages if m.role == "system"]
        body: dict[str, Json] = {"contents": write_contents(chat.messages)}
        put(body, "systemInstruction", {"parts": system} if system else None)
        declared = [write_tool(tool) for tool in chat.tools]
        put(body, "tools", [{"functionDeclarations": declared}] if declared else None)
        put(body, "toolConfig", write_tool_choice(chat.tool_choice))
        config: dict[str, Json] = {}
        put(config, "temperature", chat.temperature)
        put(config, "topP", chat.top_p)
        put(config, "maxOutputTokens", chat.max_tokens)
        put(config, "stopSequences", list(chat.stop) or None)
        put(config, "seed", chat.seed)
        if chat.schema is not None:
            config["responseMimeType"] = "application/json"
            config["responseJsonSchema"] = dict(chat.schema)
        put(body, "generationConfig", config or None)
        return body

    def read(self, body: Json, *, provider: str, path: str = "") -> Chat:
        root = Member(body, "", BadRequest)
        config = both(root, "generationConfig")
        turns = [message for turn in root.at("contents").items() for message in read_content(turn)]
        if not turns:
            root.at("contents").refuse("a list with at least one content")
        model, verb = _model_of(path)
        return Chat(
            provider=provider,
            model=model or root.at("model").text() or "",
            messages=(*read_system(both(root, "systemInstruction")), *turns),
            stream=verb == STREAMED,
            temperature=config.at("temperature").number(),
            max_tokens=both(config, "maxOutputTokens").whole(),
            top_p=both(config, "topP").number(),
            stop=tuple(word.must_text() for word in both(config, "stopSequences").items()),
            seed=config.at("seed").whole(),
            tools=tuple(read_tools(root.at("tools"))),
            tool_choice=read_tool_choice(both(root, "toolConfig")),
            schema=_schema_of(config),
        )

    def answer(self, completion: Completion, *, created: int, flavour: str = "") -> dict[str, Json]:
        parts: list[dict[str, Json]] = []
        if completion.reasoning:
            parts.append({"text": completion.reasoning, "thought": True})
        if completion.text:
            parts.append({"text": completion.text})
        parts.extend(write_call(call) for call in completion.tool_calls)
        answer: dict[str, Json] = {"candidates": [_candidate(parts, completion.finish)]}
        put(answer, "usageMetadata", _write_usage(completion.usage))
        put(answer, "modelVersion", completion.model)
        put(answer, "responseId", completion.id)
        return answer

    def reply(self, body: Json) -> Completion:
        root = Member(body, "", BadAnswer)
        blocked = both(both(root, "promptFeedback"), "blockReason").given
        if not root.at("candidates").given and not blocked:
            root.at("candidates").refuse("a list of candidates")
        delta = _delta(root.fields())
        calls = tuple(
            ToolCall(id=part.id or "", name=part.name or "", arguments=part.arguments)
            for part in delta.tool_calls
        )
        return Completion(
            text=delta.text,
            tool_calls=calls,
            reasoning=delta.reasoning,
            finish=delta.finish,
            usage=delta.usage or Usage(),
            model=delta.model,
            id=delta.id,
        )

    def usage(self, body: Json) -> Usage:
        counts = _get(Member(body, "", BadAnswer).fields(), "usageMetadata")
        return _read_usage(counts) or Usage()

    def delta(self, event: Event) -> Delta:
        if event.data == "[DONE]":
            return Delta()
        return _delta(parsed(event.data))

    def writer(
        self,
        *,
        id: str,
        model: str,
        created: int,
        chat: Chat,
        flavour: str = "",
        usage: Usage = Usage(),
    ) -> "GoogleWriter":
        return GoogleWriter(id=id, model=model)

    def error(self, status: int, message: str) -> dict[str, Json]:
        word = STATUSES.get(status, "INTERNAL" if status >= 500 else "FAILED_PRECONDITION")
        return {"error": {"code": status, "message": message, "status": word}}

    def error_message(self, body: Json) -> str | None:
        return error_message(body)


class GoogleWriter:
    """Chunks of one streamed answer; each is a whole answer in small, with the same id."""

    def __init__(self, *, id: str, model: str) -> None:
        self._names = {"modelVersion": model, "responseId": id}
        self._calls = Gathered()
        frame = orjson.dumps({"candidates": [_candidate([], None)], **self._names})
        before, _, after = frame.partition(b'"parts":[]')
        self._before, self._after = b"data: " + before + b'"parts":', after + b"\n\n"

    def start(self) -> bytes:
        return b""

    def write(self, delta: Delta) -> bytes:
        # Google sends a call whole: its pieces wait for the end.
        if delta.tool_calls:
            self._calls.add(Delta(tool_calls=delta.tool_calls))
        parts: list[dict[str, Json]] = []
        if delta.reasoning:
            parts.append({"text": delta.reasoning, "thought": True})
        if delta.text:
            parts.append({"text": delta.text})
        return self._before + orjson.dumps(parts) + self._after if parts else b""

    def end(self, finish: Finish, usage: Usage) -> bytes:
        parts: list[dict[str, Json]] = [
            write_call(call) for call in self._calls.completion().tool_calls
        ]
        last = {"candidates": [_candidate(parts or [{"text": ""}], finish)]}
        put(last, "usageMetadata", _write_usage(usage))
        return encode(compact({**last, **self._names}))

    def broken(self, message: str) -> bytes:
        return encode(compact(Google().error(500, message)))


def _candidate(parts: list[dict[str, Json]], finish: Finish | None) -> dict[str, Json]:
    candidate: dict[str, Json] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    put(candidate, "finishReason", REASONS[finish])
    return candidate


def _delta(chunk: dict[str, Json]) -> Delta:
    """Read one answer, whole or in small. Runs for every event of a stream."""
    if chunk.get("error"):
        return Delta(error=error_message(chunk) or "The provider broke off without a reason.")
    text, reasoning = "", ""
    calls: list[ToolCallPart] = []
    finish: Finish | None = None
    try:
        candidates = chunk.get("candidates")
        if candidates:
            candidate = candidates[0]
            for part in (candidate.get("content") or {}).get("parts") or ():
                if (call := _get(part, "functionCall")) is not None:
                    calls.append(_part(call, len(calls)))
                elif part.get("thought"):
                    reasoning += part.get("text") or ""
                else:
                    text += part.get("text") or ""
            reason = _get(candidate, "finishReason")
            finish = FINISHES.get(reason, "stop") if reason else None
        elif _get(_get(chunk, "promptFeedback") or {}, "blockReason"):
            finish = "content_filter"
        return sound(
            Delta(
                text=text,
                reasoning=reasoning,
                tool_calls=tuple(calls),
                finish="tool_calls" if calls and finish == "stop" else finish,
                usage=_read_usage(_get(chunk, "usageMetadata")),
                model=_get(chunk, "modelVersion"),
                id=_get(chunk, "responseId"),
            )
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise BadAnswer("The answer isn't one of generateContent.") from error


def _get(value: dict[str, Json], name: str) -> Json:
    found = value.get(name)
    return value.get(snake(name)) if found is None else found


def _part(call: dict[str, Json], place: int) -> ToolCallPart:
    """Read one call, always whole. Older models give it no id: then its words are its id."""
    arguments = compact(call.get("args") or {})
    made = f"call_{crc32((call['name'] + arguments).encode()):08x}_{place}"
    return ToolCallPart(
        index=place, id=call.get("id") or made, name=call["name"], arguments=arguments
    )


def _read_usage(usage: Json) -> Usage | None:
    """Read token counts. Google counts thoughts beside the candidates; ours are among them."""
    if usage is None:
        return None
    root = Member(usage, "usageMetadata", BadAnswer)
    prompt = both(root, "promptTokenCount").whole()
    candidates = both(root, "candidatesTokenCount").whole()
    thoughts = both(root, "thoughtsTokenCount").whole()
    tools = both(root, "toolUsePromptTokenCount").whole() or 0
    counted = candidates is not None or thoughts is not None
    return Usage(
        tokens_in=None if prompt is None else prompt + tools,
        tokens_out=(candidates or 0) + (thoughts or 0) if counted else None,
        cached_in=both(root, "cachedContentTokenCount").whole(),
        reasoning=thoughts,
    )


def _write_usage(usage: Usage) -> dict[str, Json] | None:
    """Write token counts; ``None`` where none are known."""
    if usage.tokens_in is None and usage.tokens_out is None:
        return None
    tokens_in, tokens_out = usage.tokens_in or 0, usage.tokens_out or 0
    counts: dict[str, Json] = {
        "promptTokenCount": tokens_in,
        "candidatesTokenCount": max(0, tokens_out - (usage.reasoning or 0)),
        "totalTokenCount": tokens_in + tokens_out,
    }
    put(counts, "cachedContentTokenCount", usage.cached_in)
    put(counts, "thoughtsTokenCount", usage.reasoning)
    return counts


def _model_of(path: str) -> tuple[str, str]:
    """Return model and verb of a path; an author other than Google stays before the model."""
    found = _PATH.search(path)
    if found is None:
        return "", ""
    author, model, verb = found.groups()
    return (f"{author}/{model}" if author not in (None, "google") else model), verb


def _schema_of(config: Member) -> dict[str, Json] | None:
    if (schema := both(config, "responseJsonSchema")).given:
        return schema.fields()
    if (schema := both(config, "responseSchema")).given:
        return read_schema(schema)
    asks_json = both(config, "responseMimeType").text() == "application/json"
    return {"type": "object"} if asks_json else None
