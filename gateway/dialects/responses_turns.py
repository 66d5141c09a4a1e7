"""Input items, tools and formats of the Responses API, as requests have them.

One turn of a conversation is one item or several: an assistant's words and each of its calls stand
in items of their own, and so does each result.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gateway.chat import Image, Message, Tool, ToolCall
from gateway.dialects.members import Member, compact, put
from gateway.dialects.openai_turns import ROLES, read_image

Json = Any

SKIPPED = frozenset({"reasoning", "item_reference"})
"""Items that add no words: thoughts, and pointers to what OpenAI would have kept."""
OUTPUT = "function_call_output"


def write_items(message: Message) -> Iterator[dict[str, Json]]:
    """Write one message as the items that it becomes."""
    if message.role == "tool":
        yield {"type": OUTPUT, "call_id": message.tool_call_id, "output": message.text}
        return
    content: Json = message.text
    if message.images:
        text = [{"type": "input_text", "text": message.text}] if message.text else []
        images = [{"type": "input_image", "image_url": _url(image)} for image in message.images]
        content = [*text, *images]
    if content or not message.tool_calls:
        yield {"role": message.role, "content": content}
    for call in message.tool_calls:
        yield {
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
        }


def _url(image: Image) -> str:
    return image.url or f"data:{image.media_type};base64,{image.data}"


def write_tool(tool: Tool) -> dict[str, Json]:
    """Write one function; name and schema stand beside its type, not in an object of their own."""
    written: dict[str, Json] = {"type": "function", "name": tool.name}
    put(written, "description", tool.description or None)
    return {**written, "parameters": dict(tool.parameters), "strict": False}


def write_tool_choice(choice: str | None) -> Json:
    """Write how the model shall choose: one of three words, or one tool by name."""
    if choice is None or choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "name": choice}


def read_input(root: Member) -> tuple[Message, ...]:
    """Read instructions and input: text, or a list of items; it must not be empty."""
    instructions, given = root.at("instructions"), root.at("input")
    opening = (Message(role="system", text=instructions.must_text()),) if instructions.given else ()
    if isinstance(given.value, str):
        return (*opening, Message(role="user", text=given.value))
    messages: list[Message] = []
    for item in given.items():
        kind = item.at("type").text() or "message"
        if kind == "function_call":
            _add_call(messages, item)
        elif kind == OUTPUT:
            messages.append(_result(item))
        elif kind == "message":
            messages.append(_message(item))
        elif kind not in SKIPPED:
            item.at("type").refuse(f"message, function_call or {OUTPUT}")
    if not messages:
        given.refuse("text or a list with at least one message")
    return (*opening, *messages)


def _add_call(messages: list[Message], item: Member) -> None:
    """Add a call to the assistant's turn that it belongs to, or begin one with it."""
    call = ToolCall(
        id=item.at("call_id").must_text(),
        name=item.at("name").must_text(),
        arguments=item.at("arguments").text() or "",
    )
    if not messages or messages[-1].role != "assistant":
        messages.append(Message(role="assistant"))
    messages[-1] = replace(messages[-1], tool_calls=(*messages[-1].tool_calls, call))


def _result(item: Member) -> Message:
    output = item.at("output")
    text = output.value if isinstance(output.value, str) else _parts(output)[0]
    return Message(role="tool", text=text, tool_call_id=item.at("call_id").must_text())


def _message(item: Member) -> Message:
    role = item.at("role")
    if role.must_text() not in ROLES:
        role.refuse(f"one of {', '.join(ROLES)}")
    content = item.at("content")
    if isinstance(content.value, str):
        return Message(role=ROLES[role.value], text=content.value)
    text, images = _parts(content)
    return Message(role=ROLES[role.value], text=text, images=images)


def _parts(content: Member) -> tuple[str, tuple[Image, ...]]:
    """Return text and pictures; parts of other kinds (files, sound) are skipped."""
    texts, images = [], []
    for part in content.items():
        if (text := part.at("text", "refusal")).given:
            texts.append(text.must_text())
        elif (url := part.at("image_url")).given:
            images.append(read_image(url))
    return "\n".join(texts), tuple(images)


def read_tool_choice(choice: Member) -> str | None:
    """Read how the model shall choose; a choice among OpenAI's own tools says nothing here."""
    if choice.value is None or isinstance(choice.value, str):
        return choice.text()
    return choice.at("mode").text() or choice.at("name").text()


def read_schema(root: Member) -> tuple[dict[str, Json] | None, str]:
    """Return the JSON schema that the answer must fit, and its name."""
    wanted = root.at("text").at("format")
    kind = wanted.at("type").text()
    if kind == "json_object":
        return {"type": "object"}, "answer"
    if kind != "json_schema":
        return None, "answer"
    if not wanted.at("schema").given:
        wanted.at("schema").refuse("given, as an object")
    return wanted.at("schema").fields(), wanted.at("name").text() or "answer"


def output_text(item: Member) -> str:
    """Return the words of an answer's message."""
    return "".join(part.at("text", "refusal").text() or "" for part in item.at("content").items())


def summary_text(item: Member) -> str:
    """Return the thoughts of an answer's reasoning item."""
    told = [*item.at("summary").items(), *item.at("content").items()]
    return "".join(part.at("text").text() or "" for part in told)


def output_call(item: Member) -> ToolCall:
    """Return a call that an answer asks for."""
    arguments = item.at("arguments").value
    return ToolCall(
        id=item.at("call_id", "id").text() or "",
        name=item.at("name").must_text(),
        arguments=arguments if isinstance(arguments, str) else compact(arguments or {}),
    )
