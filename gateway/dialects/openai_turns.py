"""Messages, tools and pictures as OpenAI writes them in requests. Workers AI has the same forms."""

from collections.abc import Iterator
from typing import Any

from gateway.chat import Image, Message, Role, Tool, ToolCall
from gateway.dialects.members import Member, compact, put

Json = Any

ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


def write_message(message: Message) -> dict[str, Json]:
    """Write one message."""
    written: dict[str, Json] = {"role": message.role, "content": message.text}
    if message.images:
        text = [{"type": "text", "text": message.text}] if message.text else []
        images = [{"type": "image_url", "image_url": {"url": _url(i)}} for i in message.images]
        written["content"] = [*text, *images]
    if message.tool_calls:
        written["content"] = message.text or None
        written["tool_calls"] = [write_call(call) for call in message.tool_calls]
    put(written, "tool_call_id", message.tool_call_id)
    return written


def write_call(call: ToolCall) -> dict[str, Json]:
    """Write one whole tool call."""
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def write_tool(tool: Tool) -> dict[str, Json]:
    """Write one tool."""
    function: dict[str, Json] = {"name": tool.name, "parameters": dict(tool.parameters)}
    put(function, "description", tool.description or None)
    return {"type": "function", "function": function}


def write_tool_choice(choice: str | None) -> Json:
    """Write how the model shall choose: one of three words, or one tool by name."""
    if choice is None or choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}


def _url(image: Image) -> str:
    return image.url or f"data:{image.media_type};base64,{image.data}"


def read_messages(messages: Member) -> tuple[Message, ...]:
    """Read the list of messages, which must not be empty."""
    found = tuple(_message(message) for message in messages.items())
    if not found:
        messages.refuse("a list with at least one message")
    return found


def _message(member: Member) -> Message:
    role = member.at("role")
    if role.must_text() not in ROLES:
        role.refuse(f"one of {', '.join(ROLES)}")
    text, images = _parts(member.at("content"))
    return Message(
        role=ROLES[role.value],
        text=text,
        images=images,
        tool_calls=tuple(read_call(call) for call in member.at("tool_calls").items()),
        tool_call_id=member.at("tool_call_id").text(),
    )


def read_call(call: Member) -> ToolCall:
    """Read one whole tool call; some providers send the arguments as an object."""
    function = call.at("function")
    arguments = function.at("arguments").value
    return ToolCall(
        id=call.at("id").text() or "",
        name=function.at("name").must_text(),
        arguments=arguments if isinstance(arguments, str) else compact(arguments or {}),
    )


def _parts(content: Member) -> tuple[str, tuple[Image, ...]]:
    """Return text and pictures; parts of other kinds (sound, files) are skipped."""
    if not content.given or isinstance(content.value, str):
        return content.text() or "", ()
    if not isinstance(content.value, list):
        content.refuse("text or a list of parts")
    texts, images = [], []
    for part in content.items():
        if (text := part.at("text")).given:
            texts.append(text.must_text())
        elif (url := part.at("image_url")).given:
            address = url if isinstance(url.value, str) else url.at("url")
            images.append(read_image(address))
    return "\n".join(texts), tuple(images)


def read_image(address: Member) -> Image:
    """Read a picture given as a data URL or as an address."""
    url = address.must_text()
    if not url.startswith("data:"):
        return Image(url=url)
    head, comma, data = url.removeprefix("data:").partition(",")
    media_type, _, encoding = head.partition(";")
    if not comma or encoding != "base64":
        address.refuse("an address, or a data URL in base64")
    return Image(media_type=media_type, data=data)


def read_stop(stop: Member) -> tuple[str, ...]:
    """Read stop sequences: one, or a list."""
    if isinstance(stop.value, str):
        return (stop.value,)
    return tuple(entry.must_text() for entry in stop.items())


def read_tools(tools: Member) -> Iterator[Tool]:
    """Read the functions among the tools, in OpenAI's form or as bare declarations."""
    for tool in tools.items():
        function = tool.at("function") if tool.at("function").given else tool
        if tool.at("type").value not in (None, "function") or not function.at("name").given:
            continue
        yield Tool(
            name=function.at("name").must_text(),
            description=function.at("description").text() or "",
            parameters=function.at("parameters").fields(),
        )


def read_tool_choice(choice: Member) -> str | None:
    """Read how the model shall choose. ``any`` is Mistral's word for ``required``."""
    if isinstance(choice.value, str):
        return "required" if choice.value == "any" else choice.value
    if (mode := choice.at("allowed_tools").at("mode")).given:
        return mode.text()
    name = choice.at("function") if choice.at("function").given else choice
    return name.at("name").text()


def read_schema(root: Member) -> tuple[dict[str, Json] | None, str]:
    """Return the JSON schema that the answer must fit, and its name.

    Workers AI puts the bare schema where OpenAI has name and schema. ``json_object`` asks for any
    object.
    """
    wanted = root.at("response_format")
    kind = wanted.at("type").text()
    if kind == "json_object":
        return {"type": "object"}, "answer"
    if kind != "json_schema":
        return None, "answer"
    named = wanted.at("json_schema")
    if not named.at("schema").given:
        return named.fields(), "answer"
    return named.at("schema").fields(), named.at("name").text() or "answer"
