"""The Responses API's stream: typed, numbered events, in which each output item opens and closes.

response.created, response.in_progress
    response.output_item.added
        response.content_part.added, response.output_text.delta ..., .done, content_part.done
        | response.reasoning_summary_part.added, response.reasoning_summary_text.delta ..., .done
        | response.function_call_arguments.delta ..., .done
    response.output_item.done
response.completed | response.incomplete | error, response.failed
"""

from typing import Any, Literal

from gateway.chat import CallNumbers, Chat, Delta, Finish, ToolCall, ToolCallPart, Usage
from gateway.dialects.members import compact
from gateway.dialects.responses_items import (
    call_item,
    finished,
    message_item,
    reasoning_item,
    response,
    text_part,
)
from gateway.sse import encode

Json = Any
Kind = Literal["message", "reasoning", "function_call"]
PREFIXES: dict[Kind, str] = {"message": "msg", "reasoning": "rs", "function_call": "fc"}

DELTAS: dict[Kind, str] = {
    "message": "response.output_text.delta",
    "reasoning": "response.reasoning_summary_text.delta",
    "function_call": "response.function_call_arguments.delta",
}


class _Item:
    """One output item on its way: what it is, where it stands, and what has come of it."""

    def __init__(self, kind: Kind, base: str, index: int) -> None:
        self.kind = kind
        self.id = f"{PREFIXES[kind]}_{base}_{index}"
        self.index = index
        self.call = ToolCall(id="", name="", arguments="")
        self.pieces: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def place(self) -> dict[str, Json]:
        """Where events about this item's content say that they belong."""
        place: dict[str, Json] = {"item_id": self.id, "output_index": self.index}
        if self.kind == "function_call":
            return place
        return {**place, "content_index" if self.kind == "message" else "summary_index": 0}

    def written(self, *, done: bool) -> dict[str, Json]:
        status = "completed" if done else "in_progress"
        match self.kind:
            case "message":
                return message_item(self.id, self.text, status=status)
            case "reasoning":
                return reasoning_item(self.id, self.text)
            case "function_call":
                call = ToolCall(id=self.call.id, name=self.call.name, arguments=self.text)
                return call_item(self.id, call, status=status)


class ResponsesWriter:
    """Events of one streamed answer. One item is open at a time, as OpenAI does it."""

    def __init__(self, *, id: str, model: str, created: int, chat: Chat) -> None:
        self._around = response(
            id=id, model=model, created=created, status="in_progress", chat=chat
        )
        self._base = id.removeprefix("resp_")
        self._number = 0
        self._numbers = CallNumbers()
        self._calls: dict[int, _Item] = {}
        self._open: _Item | None = None
        self._output: list[Json] = []

    def start(self) -> bytes:
        first = self._event("response.created", response=self._around)
        return first + self._event("response.in_progress", response=self._around)

    def write(self, delta: Delta) -> bytes:
        out = b""
        if delta.reasoning:
            out += self._piece("reasoning", delta.reasoning)
        if delta.text:
            out += self._piece("message", delta.text)
        for part in delta.tool_calls:
            out += self._call(part)
        return out

    def end(self, finish: Finish, usage: Usage) -> bytes:
        out = self._close()
        if not self._output:
            # Clients look for a message even where the model said nothing.
            out += self._begin("message") + self._close()
        whole = finished(self._around, self._output, finish, usage)
        return out + self._event(f"response.{whole['status']}", response=whole)

    def broken(self, message: str) -> bytes:
        error = {"code": "server_error", "message": message}
        failed = {**self._around, "status": "failed", "error": error, "output": self._output}
        out = self._event("error", **error, param=None)
        return out + self._event("response.failed", response=failed)

    def _piece(self, kind: Kind, text: str) -> bytes:
        out = b""
        if self._open is None or self._open.kind != kind:
            out = self._begin(kind)
        assert self._open is not None
        return out + self._add(self._open, text)

    def _call(self, part: ToolCallPart) -> bytes:
        number = self._numbers.of(part)
        if number is None:
            return b""
        out, item = b"", self._calls.get(number)
        if item is None:
            call = ToolCall(id=part.id or "", name=part.name or "", arguments="")
            out = self._begin("function_call", call)
            item = self._open
            assert item is not None
            self._calls[number] = item
        return out + (self._add(item, part.arguments) if part.arguments else b"")

    def _begin(self, kind: Kind, call: ToolCall | None = None) -> bytes:
        out = self._close()
        item = self._open = _Item(kind, self._base, len(self._output))
        item.call = call or item.call
        out += self._event(
            "response.output_item.added", output_index=item.index, item=item.written(done=False)
        )
        if kind == "message":
            out += self._event("response.content_part.added", **item.place, part=text_part(""))
        elif kind == "reasoning":
            part = {"type": "summary_text", "text": ""}
            out += self._event("response.reasoning_summary_part.added", **item.place, part=part)
        return out

    def _add(self, item: _Item, text: str) -> bytes:
        item.pieces.append(text)
        more: dict[str, Json] = {"logprobs": []} if item.kind == "message" else {}
        return self._event(DELTAS[item.kind], **item.place, delta=text, **more)

    def _close(self) -> bytes:
        item, self._open = self._open, None
        if item is None:
            return b""
        match item.kind:
            case "message":
                out = self._event(
                    "response.output_text.done", **item.place, text=item.text, logprobs=[]
                )
                part = text_part(item.text)
                out += self._event("response.content_part.done", **item.place, part=part)
            case "reasoning":
                done = "response.reasoning_summary_text.done"
                out = self._event(done, **item.place, text=item.text)
                part = {"type": "summary_text", "text": item.text}
                out += self._event("response.reasoning_summary_part.done", **item.place, part=part)
            case "function_call":
                out = self._event(
                    "response.function_call_arguments.done",
                    **item.place,
                    name=item.call.name,
                    arguments=item.text,
                )
        written = item.written(done=True)
        self._output.append(written)
        return out + self._event("response.output_item.done", output_index=item.index, item=written)

    def _event(self, kind: str, **members: Json) -> bytes:
        number, self._number = self._number, self._number + 1
        return encode(compact({"type": kind, "sequence_number": number, **members}), kind)
