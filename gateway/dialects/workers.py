"""Workers AI's native format: messages as OpenAI writes them, an answer in Cloudflare's envelope.

The model stands in the path. Neither form reports why an answer ended. Newer models answer and
stream as OpenAI does; both are read.
"""

from typing import Any

import orjson

from gateway.chat import (
    Chat,
    Completion,
    Delta,
    Finish,
    Gathered,
    Message,
    ToolCall,
    ToolCallPart,
    Usage,
)
from gateway.dialects.members import (
    Member,
    arguments_object,
    compact,
    error_message,
    parsed,
    put,
    sound,
)
from gateway.dialects.openai import OpenAI, part_of
from gateway.dialects.openai_turns import (
    read_messages,
    read_schema,
    read_stop,
    read_tool_choice,
    read_tools,
    write_message,
    write_tool,
    write_tool_choice,
)
from gateway.dialects.openai_usage import read_usage, write_usage
from gateway.errors import BadAnswer, BadRequest
from gateway.sse import Event

Json = Any

CODES = {400: 5004, 401: 10000, 403: 5018, 404: 3042, 408: 3007, 413: 3006, 429: 3040}
"""Workers AI's own code for a status (contract: providers, Workers AI upstream error codes)."""

_OPENAI = OpenAI()


class WorkersAI:
    """The native run endpoint, in both directions."""

    name = "workers-ai"

    def path(self, chat: Chat) -> str:
        return chat.model

    def body(self, chat: Chat) -> dict[str, Json]:
        body: dict[str, Json] = {"messages": [write_message(message) for message in chat.messages]}
        put(body, "temperature", chat.temperature)
        put(body, "top_p", chat.top_p)
        put(body, "max_tokens", chat.max_tokens)
        put(body, "stop", list(chat.stop) or None)
        put(body, "seed", chat.seed)
        put(body, "tools", [write_tool(tool) for tool in chat.tools] or None)
        put(body, "tool_choice", write_tool_choice(chat.tool_choice))
        if chat.schema is not None:
            # Here json_schema is the schema itself, without a name around it.
            body["response_format"] = {"type": "json_schema", "json_schema": dict(chat.schema)}
        body["stream"] = chat.stream
        return body

    def read(self, body: Json, *, provider: str, path: str = "") -> Chat:
        root = Member(body, "", BadRequest)
        if root.at("prompt").given:
            messages: tuple[Message, ...] = (
                Message(role="user", text=root.at("prompt").must_text()),
            )
        else:
            messages = read_messages(root.at("messages"))
        model = path.partition("?")[0].strip("/").removeprefix("run/")
        return Chat(
            provider=provider,
            model=model or root.at("model").text() or "",
            messages=messages,
            stream=root.at("stream").flag(),
            temperature=root.at("temperature").number(),
            max_tokens=root.at("max_tokens", "max_completion_tokens").whole(),
            top_p=root.at("top_p").number(),
            stop=read_stop(root.at("stop")),
            seed=root.at("seed").whole(),
            tools=tuple(read_tools(root.at("tools"))),
            tool_choice=read_tool_choice(root.at("tool_choice")),
            schema=read_schema(root)[0],
        )

    def answer(self, completion: Completion, *, created: int, flavour: str = "") -> dict[str, Json]:
        result: dict[str, Json] = {"response": completion.text}
        calls = [_write_call(call) for call in completion.tool_calls]
        put(result, "tool_calls", calls or None)
        put(result, "usage", write_usage(completion.usage))
        return {"result": result, "success": True, "errors": [], "messages": []}

    def reply(self, body: Json) -> Completion:
        root = Member(body, "", BadAnswer)
        result = root.at("result") if root.at("result").given else root
        if result.at("choices").given:
            return _OPENAI.reply(result.value)
        if not result.at("response").given and not result.at("tool_calls").given:
            result.at("response").refuse("given")
        calls = tuple(_read_call(call, n) for n, call in enumerate(result.at("tool_calls").items()))
        return Completion(
            text=_text(result.at("response").value),
            tool_calls=calls,
            finish="tool_calls" if calls else "stop",
            usage=read_usage(result.at("usage").value),
        )

    def usage(self, body: Json) -> Usage:
        root = Member(body, "", BadAnswer)
        result = root.at("result") if root.at("result").given else root
        return read_usage(result.at("usage").value)

    def delta(self, event: Event) -> Delta:
        if event.data == "[DONE]":
            return Delta()
        data = parsed(event.data)
        if "choices" in data:
            return _OPENAI.delta(event)
        if data.get("errors") or data.get("error"):
            return Delta(error=error_message(data) or "The provider broke off without a reason.")
        calls, usage = data.get("tool_calls"), data.get("usage")
        try:
            delta = Delta(
                text=_text(data.get("response")),
                tool_calls=_parts(calls) if calls else (),
                usage=read_usage(usage) if usage else None,
            )
        except (AttributeError, TypeError) as error:
            raise BadAnswer("The stream holds an event that isn't Workers AI's.") from error
        return sound(delta)

    def writer(
        self,
        *,
        id: str,
        model: str,
        created: int,
        chat: Chat,
        flavour: str = "",
        usage: Usage = Usage(),
    ) -> "WorkersAIWriter":
        return WorkersAIWriter()

    def error(self, status: int, message: str) -> dict[str, Json]:
        code = CODES.get(status, status)
        return {
            "result": None,
            "success": False,
            "errors": [{"code": code, "message": message}],
            "messages": [],
        }

    def error_message(self, body: Json) -> str | None:
        return error_message(body)


class WorkersAIWriter:
    """Events of one streamed answer: words under ``response``, usage in the last one."""

    def __init__(self) -> None:
        self._calls = Gathered()

    def start(self) -> bytes:
        return b""

    def write(self, delta: Delta) -> bytes:
        # A call goes out whole: its pieces wait for the end.
        if delta.tool_calls:
            self._calls.add(Delta(tool_calls=delta.tool_calls))
        return _event({"response": delta.text}) if delta.text else b""

    def end(self, finish: Finish, usage: Usage) -> bytes:
        calls = [_write_call(call) for call in self._calls.completion().tool_calls]
        out = _event({"response": "", "tool_calls": calls}) if calls else b""
        last: dict[str, Json] = {"response": ""}
        put(last, "usage", write_usage(usage))
        return out + _event(last) + b"data: [DONE]\n\n"

    def broken(self, message: str) -> bytes:
        return _event(WorkersAI().error(500, message))


def _event(data: dict[str, Json]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"


def _text(response: Json) -> str:
    """Return the words; with a schema the answer is the object itself."""
    if response is None or isinstance(response, str):
        return response or ""
    return compact(response)


def _write_call(call: ToolCall) -> dict[str, Json]:
    return {"id": call.id, "name": call.name, "arguments": arguments_object(call.arguments)}


def _read_call(call: Member, number: int) -> ToolCall:
    """Read a call, bare or in OpenAI's form; older models give it no id."""
    inside = call.at("function") if call.at("function").given else call
    arguments = inside.at("arguments").value
    return ToolCall(
        id=call.at("id").text() or f"call_{number}",
        name=inside.at("name").must_text(),
        arguments=arguments if isinstance(arguments, str) else compact(arguments or {}),
    )


def _parts(calls: Json) -> tuple[ToolCallPart, ...]:
    if all(isinstance(call, dict) and "index" in call for call in calls):
        return tuple(part_of(call) for call in calls)
    members = Member(calls, "tool_calls", BadAnswer).items()
    read = [_read_call(call, number) for number, call in enumerate(members)]
    return tuple(
        ToolCallPart(index=number, id=call.id, name=call.name, arguments=call.arguments)
        for number, call in enumerate(read)
    )
