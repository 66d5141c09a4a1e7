"""Contents, tools and schemas as Google writes them in requests: everything is a part."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from gateway.chat import Image, Message, Tool, ToolCall
from gateway.dialects.members import Member, arguments_object, compact, put

Json = Any

MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
WORDS = {"AUTO": "auto", "NONE": "none", "ANY": "required", "VALIDATED": "auto"}


def both(member: Member, name: str) -> Member:
    """Return a member by its camelCase name, or by the same in snake_case."""
    return member.at(name, snake(name))


@cache
def snake(name: str) -> str:
    """Return a camelCase name in snake_case."""
    return re.sub(r"[A-Z]", lambda found: f"_{found.group().lower()}", name)


def write_contents(messages: Iterable[Message]) -> list[dict[str, Json]]:
    """Write the turns; neighbouring results of tools share one."""
    contents: list[dict[str, Json]] = []
    names: dict[str, str] = {}
    results: list[dict[str, Json]] | None = None
    for message in messages:
        names.update((call.id, call.name) for call in message.tool_calls)
        if message.role == "system":
            continue
        if message.role != "tool":
            results = None
            role = "model" if message.role == "assistant" else "user"
            contents.append({"role": role, "parts": _write_parts(message)})
            continue
        if results is None:
            results = []
            contents.append({"role": "user", "parts": results})
        results.append(_write_result(message, names))
    return contents


def _write_parts(message: Message) -> list[dict[str, Json]]:
    parts: list[dict[str, Json]] = [{"text": message.text}] if message.text else []
    parts.extend(_write_image(image) for image in message.images)
    parts.extend(write_call(call) for call in message.tool_calls)
    return parts or [{"text": ""}]


def _write_image(image: Image) -> dict[str, Json]:
    if image.url is not None:
        return {"fileData": {"fileUri": image.url}}
    return {"inlineData": {"mimeType": image.media_type, "data": image.data}}


def write_call(call: ToolCall) -> dict[str, Json]:
    """Write one whole tool call."""
    given = {"name": call.name, "args": arguments_object(call.arguments)}
    return {"functionCall": {"id": call.id, **given} if call.id else given}


def _write_result(message: Message, names: dict[str, str]) -> dict[str, Json]:
    """Write what a tool answered. The call's name goes with it; only the call itself knows it."""
    id = message.tool_call_id or ""
    given = {"id": id, "name": names.get(id, id), "response": {"output": message.text}}
    return {"functionResponse": given}


def write_tool(tool: Tool) -> dict[str, Json]:
    """Write one tool; an empty schema is refused, so it is left out."""
    written: dict[str, Json] = {"name": tool.name}
    put(written, "description", tool.description or None)
    put(written, "parametersJsonSchema", dict(tool.parameters) or None)
    return written


def write_tool_choice(choice: str | None) -> dict[str, Json] | None:
    """Write how the model shall choose: one of three modes, or one tool by name."""
    if choice is None:
        return None
    named = {"mode": "ANY", "allowedFunctionNames": [choice]}
    mode = {"mode": MODES[choice]} if choice in MODES else named
    return {"functionCallingConfig": mode}


def read_system(system: Member) -> Iterator[Message]:
    """Yield the system prompt: one message for each part."""
    if isinstance(system.value, str):
        yield Message(role="system", text=system.value)
        return
    for part in system.at("parts").items():
        yield Message(role="system", text=part.at("text").must_text())


def read_content(content: Member) -> Iterator[Message]:
    """Yield the messages of one turn: the results of tools first, then what is said."""
    role = content.at("role")
    if role.value not in (None, "user", "model", "function", "tool"):
        role.refuse("user or model")
    texts: list[str] = []
    images: list[Image] = []
    calls: list[ToolCall] = []
    results = 0
    for part in content.at("parts").items():
        if (call := both(part, "functionCall")).given:
            calls.append(_read_call(call))
        elif (result := both(part, "functionResponse")).given:
            results += 1
            yield _read_result(result)
        elif (data := both(part, "inlineData")).given:
            media_type = both(data, "mimeType").must_text()
            images.append(Image(media_type=media_type, data=data.at("data").must_text()))
        elif (file := both(part, "fileData")).given:
            images.append(Image(url=both(file, "fileUri").must_text()))
        elif not part.at("thought").flag():
            texts.append(part.at("text").text() or "")
    if texts or images or calls or not results:
        yield Message(
            role="assistant" if role.value == "model" else "user",
            text="\n".join(texts),
            images=tuple(images),
            tool_calls=tuple(calls),
        )


def _read_call(call: Member) -> ToolCall:
    name = call.at("name").must_text()
    return ToolCall(
        id=call.at("id").text() or name,
        name=name,
        arguments=compact(call.at("args").fields()),
    )


def _read_result(result: Member) -> Message:
    """Read what a tool answered: the words under ``output``, or the whole object."""
    answered = result.at("response")
    output = answered.at("output", "result").value
    text = output if isinstance(output, str) else compact(answered.fields())
    return Message(
        role="tool",
        text=text,
        tool_call_id=result.at("id").text() or result.at("name").must_text(),
    )


def read_tools(tools: Member) -> Iterator[Tool]:
    """Yield the caller's own functions; Google's tools (search, code) are skipped."""
    for tool in tools.items():
        for declared in both(tool, "functionDeclarations").items():
            schema = both(declared, "parametersJsonSchema")
            capital = declared.at("parameters")
            yield Tool(
                name=declared.at("name").must_text(),
                description=declared.at("description").text() or "",
                parameters=schema.fields() if schema.given else read_schema(capital),
            )


def read_tool_choice(config: Member) -> str | None:
    """Read how the model shall choose."""
    calling = both(config, "functionCallingConfig")
    mode = (calling.at("mode").text() or "").upper()
    names = [name.must_text() for name in both(calling, "allowedFunctionNames").items()]
    if mode == "ANY" and len(names) == 1:
        return names[0]
    return WORDS.get(mode)


def read_schema(schema: Member) -> dict[str, Json]:
    """Return a JSON schema for one in Google's own words: types in capitals, ``nullable``."""
    try:
        return dict(_read_schema(schema.fields()))
    except RecursionError:
        schema.refuse("nested less deeply")


def _read_schema(schema: Json) -> Json:
    if isinstance(schema, list):
        return [_read_schema(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    read: dict[str, Json] = {}
    for name, value in schema.items():
        match value:
            case _ if name in ("propertyOrdering", "property_ordering", "nullable"):
                continue
            case dict() if name == "properties":
                read[name] = {key: _read_schema(inside) for key, inside in value.items()}
            case str() if name == "type":
                read[name] = value.lower()
            case _ if name in ("enum", "required", "default", "example"):
                read[name] = value
            case _:
                read[_camel(name)] = _read_schema(value)
    if schema.get("nullable") is True and "type" in read:
        read["type"] = [read["type"], "null"]
    return read


@cache
def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), name)
