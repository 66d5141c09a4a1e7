"""OpenAI's Responses API: input and output as lists of items, a stream of typed events.

Conversations that OpenAI would keep (``previous_response_id``, ``conversation``), prompts stored
there and answers in the background are refused: nobody here keeps them. ``store`` is skipped.
"""

from typing import Any

from gateway.chat import Chat, Completion, Delta, ToolCallPart, Usage
from gateway.dialects.members import Member, error_message, parsed, put, sound
from gateway.dialects.openai import OpenAI
from gateway.dialects.openai_turns import read_tools
from gateway.dialects.responses_items import (
    finished,
    output_of,
    read_finish,
    read_usage,
    response,
    write_format,
)
from gateway.dialects.responses_turns import (
    output_call,
    output_text,
    read_input,
    read_schema,
    read_tool_choice,
    summary_text,
    write_items,
    write_tool,
    write_tool_choice,
)
from gateway.dialects.responses_writer import ResponsesWriter
from gateway.errors import BadAnswer, BadRequest
from gateway.sse import Event

Json = Any

KEPT_ELSEWHERE = ("previous_response_id", "conversation", "prompt")
"""Members that name something which only OpenAI's own storage has."""
TEXT = frozenset({"response.output_text.delta", "response.refusal.delta"})
THOUGHTS = frozenset({"response.reasoning_summary_text.delta", "response.reasoning_text.delta"})
ENDS = frozenset({"response.completed", "response.incomplete"})
FAILURES = frozenset({"error", "response.failed"})
SILENT = "The provider broke off without a reason."


class Responses:
    """The Responses API, in both directions."""

    name = "responses"

    def path(self, chat: Chat) -> str:
        return "v1/responses"

    def body(self, chat: Chat) -> dict[str, Json]:
        messages = chat.messages
        body: dict[str, Json] = {"model": chat.model}
        if messages and messages[0].role == "system":
            body["instructions"], messages = messages[0].text, messages[1:]
        body["input"] = [item for message in messages for item in write_items(message)]
        put(body, "temperature", chat.temperature)
        put(body, "top_p", chat.top_p)
        put(body, "max_output_tokens", chat.max_tokens)
        put(body, "tools", [write_tool(tool) for tool in chat.tools] or None)
        put(body, "tool_choice", write_tool_choice(chat.tool_choice))
        if chat.schema is not None:
            body["text"] = {"format": write_format(chat)}
        return {**body, "stream": chat.stream}

    def read(self, body: Json, *, provider: str, path: str = "") -> Chat:
        root = Member(body, "", BadRequest)
        for name in KEPT_ELSEWHERE:
            if root.at(name).given:
                root.at(name).refuse("left out: nothing is kept here, send earlier turns as input")
        if root.at("background").flag():
            root.at("background").refuse("false: there are no answers in the background here")
        schema, schema_name = read_schema(root)
        return Chat(
            provider=provider,
            model=root.at("model").must_text(),
            messages=read_input(root),
            stream=root.at("stream").flag(),
            temperature=root.at("temperature").number(),
            max_tokens=root.at("max_output_tokens").whole(),
            top_p=root.at("top_p").number(),
            tools=tuple(read_tools(root.at("tools"))),
            tool_choice=read_tool_choice(root.at("tool_choice")),
            schema=schema,
            schema_name=schema_name,
        )

    def answer(self, completion: Completion, *, created: int, flavour: str = "") -> dict[str, Json]:
        id = completion.id or "resp_0"
        around = response(
            id=id, model=completion.model or "", created=created, status="in_progress"
        )
        output = output_of(completion, id.removeprefix("resp_"))
        return finished(around, output, completion.finish, completion.usage)

    def reply(self, body: Json) -> Completion:
        root = Member(body, "", BadAnswer)
        if root.at("error").given or root.at("status").value == "failed":
            raise BadAnswer(error_message(body) or SILENT)
        if not root.at("output").given:
            root.at("output").refuse("given, as a list")
        texts, thoughts, calls = [], [], []
        for item in root.at("output").items():
            match item.at("type").value:
                case "message":
                    texts.append(output_text(item))
                case "reasoning":
                    thoughts.append(summary_text(item))
                case "function_call":
                    calls.append(output_call(item))
        return Completion(
            text="".join(texts),
            tool_calls=tuple(calls),
            reasoning="".join(thoughts),
            finish=read_finish(root),
            usage=read_usage(root.at("usage").value),
            model=root.at("model").text(),
            id=root.at("id").text(),
        )

    def usage(self, body: Json) -> Usage:
        return read_usage(Member(body, "", BadAnswer).at("usage").value)

    def delta(self, event: Event) -> Delta:
        data = parsed(event.data)
        try:
            return sound(_delta(data))
        except (AttributeError, KeyError, TypeError) as error:
            raise BadAnswer("The stream holds an event that isn't the Responses API's.") from error

    def writer(
        self,
        *,
        id: str,
        model: str,
        created: int,
        chat: Chat,
        flavour: str = "",
        usage: Usage = Usage(),
    ) -> ResponsesWriter:
        return ResponsesWriter(id=id, model=model, created=created, chat=chat)

    def error(self, status: int, message: str) -> dict[str, Json]:
        return OpenAI().error(status, message)

    def error_message(self, body: Json) -> str | None:
        return error_message(body)


def _delta(data: dict[str, Json]) -> Delta:
    """Read an event. Runs for every one, so it goes straight to what it needs."""
    kind = data.get("type")
    if kind in TEXT:
        return Delta(text=data["delta"])
    if kind in THOUGHTS:
        return Delta(reasoning=data["delta"])
    if kind == "response.function_call_arguments.delta":
        part = ToolCallPart(index=data["output_index"], arguments=data["delta"])
        return Delta(tool_calls=(part,))
    if kind == "response.output_item.added" and data["item"].get("type") == "function_call":
        item = data["item"]
        call = ToolCallPart(index=data["output_index"], id=item["call_id"], name=item["name"])
        return Delta(tool_calls=(call,))
    if kind in FAILURES or (kind is None and data.get("error")):
        return Delta(error=error_message(data.get("response") or data) or SILENT)
    if kind == "response.created":
        return Delta(model=data["response"].get("model"), id=data["response"].get("id"))
    if kind in ENDS:
        root = Member(data["response"], "response", BadAnswer)
        return Delta(
            finish=read_finish(root),
            usage=read_usage(root.at("usage").value),
            model=root.at("model").text(),
            id=root.at("id").text(),
        )
    return Delta()
