"""Messages, tools and pictures as Anthropic writes them in requests: everything is a block."""

from collections.abc import Iterable
from typing import Any

from gateway.chat import Image, Message, Tool, ToolCall
from gateway.dialects.members import Member, arguments_object, compact, put

Json = Any

CHOICES = {"auto": "auto", "none": "none", "required": "any"}


def text_block(text: str) -> dict[str, Json]:
    """Write a block of text."""
    return {"type": "text", "text": text}


def write_tool(tool: Tool) -> dict[str, Json]:
    """Write one tool; a schema has to be there."""
    schema = dict(tool.parameters) or {"type": "object", "properties": {}}
    written: dict[str, Json] = {"name": tool.name, "input_schema": schema}
    put(written, "description", tool.description or None)
    return written


def write_call(call: ToolCall) -> dict[str, Json]:
    """Write one whole tool call."""
    given = arguments_object(call.arguments)
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": given}


def write_messages(messages: Iterable[Message]) -> list[dict[str, Json]]:
    """Write the turns. Results of tools are blocks of the user's; neighbours share one turn."""
    turns: list[dict[str, Json]] = []
    results: list[dict[str, Json]] | None = None
    for message in messages:
        if message.role != "tool":
            results = None
            turns.append({"role": message.role, "content": _write_content(message)})
            continue
        if results is None:
            results = []
            turns.append({"role": "user", "content": results})
        result = {
            "type": "tool_result",
            "tool_use_id": message.tool_call_id or "",
            "content": _write_content(message),
        }
        results.append(result)
    return turns


def _write_content(message: Message) -> str | list[dict[str, Json]]:
    if not message.images and not message.tool_calls:
        return message.text
    images = [{"type": "image", "source": _source(image)} for image in message.images]
    text = [text_block(message.text)] if message.text else []
    return [*images, *text, *(write_call(call) for call in message.tool_calls)]


def _source(image: Image) -> dict[str, Json]:
    if image.url is not None:
        return {"type": "url", "url": image.url}
    return {"type": "base64", "media_type": image.media_type, "data": image.data}


def read_system(system: Member) -> list[Message]:
    """Read the system prompt: text, or one message for each block."""
    if isinstance(system.value, str):
        return [Message(role="system", text=system.value)]
    return [Message(role="system", text=b.at("text").must_text()) for b in system.items()]


def read_message(turn: Member) -> list[Message]:
    """Read one turn: the results of tools first, then what is said."""
    role = turn.at("role")
    if role.value not in ("user", "assistant", "system"):
        role.refuse("user, assistant or system")
    content = turn.at("content")
    if isinstance(content.value, str):
        return [Message(role=role.value, text=content.value)]
    if not isinstance(content.value, list):
        content.refuse("text or a list of blocks")
    results = [
        _read_result(block) for block in content.items() if block.at("type").value == "tool_result"
    ]
    text, images = _read_blocks(content)
    calls = tuple(read_call(b) for b in content.items() if b.at("type").value == "tool_use")
    if text or images or calls or not results:
        said = Message(role=role.value, text=text, images=images, tool_calls=calls)
        return [*results, said]
    return results


def _read_result(block: Member) -> Message:
    content = block.at("content")
    plain = not content.given or isinstance(content.value, str)
    text, images = (content.text() or "", ()) if plain else _read_blocks(content)
    return Message(
        role="tool",
        text=text,
        images=images,
        tool_call_id=block.at("tool_use_id").must_text(),
    )


def _read_blocks(content: Member) -> tuple[str, tuple[Image, ...]]:
    """Return text and pictures; blocks of other kinds are skipped."""
    texts, images = [], []
    for block in content.items():
        if block.at("type").value == "text":
            texts.append(block.at("text").must_text())
        elif block.at("type").value == "image":
            source = block.at("source")
            if source.at("url").given:
                images.append(Image(url=source.at("url").must_text()))
            elif source.at("data").given:
                media_type = source.at("media_type").must_text()
                images.append(Image(media_type=media_type, data=source.at("data").must_text()))
    return "\n".join(texts), tuple(images)


def read_call(block: Member) -> ToolCall:
    """Read one whole tool call."""
    return ToolCall(
        id=block.at("id").must_text(),
        name=block.at("name").must_text(),
        arguments=compact(block.at("input").fields()),
    )


def read_tools(tools: Member) -> Iterable[Tool]:
    """Read the caller's own tools; those that Anthropic runs itself have no schema."""
    for tool in tools.items():
        if tool.at("input_schema").given:
            yield Tool(
                name=tool.at("name").must_text(),
                description=tool.at("description").text() or "",
                parameters=tool.at("input_schema").fields(),
            )


def write_choice(choice: str) -> dict[str, Json]:
    """Write how the model shall choose."""
    kind = CHOICES.get(choice)
    return {"type": kind} if kind else {"type": "tool", "name": choice}


def read_choice(choice: Member) -> str | None:
    """Read how the model shall choose: one of three words, or one tool by name."""
    kind = choice.at("type").text()
    return {"any": "required", "tool": choice.at("name").text()}.get(kind or "", kind)
