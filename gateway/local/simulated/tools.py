"""Which tool a simulated model calls, and with which arguments."""

import re
from collections.abc import Sequence
from random import Random
from typing import Any

import orjson

from gateway.chat import Chat, Message, Tool, ToolCall
from gateway.errors import BadRequest
from gateway.local.simulated.hints import Hints, words_of
from gateway.local.simulated.schema import sample
from gateway.local.simulated.subject import key_terms

Json = Any
FINAL = re.compile(r"final|output|answer|respon[ds]|result|structured", re.IGNORECASE)
"""Names of tools through which agents want their last answer."""
WRAPPERS = {"content", "output", "result", "return_value"}
"""Members in which packages put a result where an object is wanted, some beside the tool's name."""
_SMALL_TALK = re.compile(
    r"(?:hi|hello|hey|thanks|thank you|good (?:morning|evening))\b.{0,30}", re.I
)


def called(chat: Chat, hints: Hints, random: Random, *, id: str) -> tuple[ToolCall, ...]:
    """Return the call that the model makes; none where it answers in words.

    After a tool's result it answers in words, so that loops end. Only where a call is required
    does it then call the tool that takes the last answer, if there is one.

    Raises:
        BadRequest: the wanted tool isn't among the tools, or its schema can't be used.
    """
    tool = _wanted(chat)
    if tool is None:
        return ()
    arguments = sample(dict(tool.parameters) or {"type": "object"}, hints, random)
    if not isinstance(arguments, dict):
        raise BadRequest(f"The parameters of the tool {tool.name!r} must describe an object")
    return (ToolCall(id=id, name=tool.name, arguments=orjson.dumps(arguments).decode()),)


def _wanted(chat: Chat) -> Tool | None:
    choice = chat.tool_choice or "auto"
    if not chat.tools or choice == "none":
        return None
    if choice not in ("auto", "required"):
        named = next((tool for tool in chat.tools if tool.name == choice), None)
        if named is None:
            raise BadRequest(f"tool_choice names the tool {choice!r}, which isn't among the tools")
        return None if _answered(chat) else named
    if _answered(chat):
        last = (tool for tool in chat.tools if FINAL.search(tool.name))
        return next(last, None) if choice == "required" else None
    others = [tool for tool in chat.tools if not FINAL.search(tool.name)] or list(chat.tools)
    best = max(others, key=lambda tool: _fit(tool, chat.prompt))
    small_talk = _SMALL_TALK.fullmatch(chat.prompt.strip()) is not None
    return None if choice == "auto" and small_talk and not _fit(best, chat.prompt) else best


def _answered(chat: Chat) -> bool:
    return chat.messages[-1].role == "tool"


def _fit(tool: Tool, prompt: str) -> float:
    """How well a tool suits a prompt: words in common, those of its name counting most."""
    asked = {_stem(term) for term in key_terms(prompt)}
    own = {_stem(word) for word in words_of(tool.name)}
    described = {_stem(term) for term in key_terms(tool.description)}
    return 3 * len(asked & own) + len(asked & described)


def _stem(word: str) -> str:
    return re.sub(r"(?:ing|es|s|ed)$", "", word) if len(word) > 4 else word


def words_after(chat: Chat) -> str | None:
    """Return an answer that uses the newest results of tools; ``None`` where there are none."""
    results = _results(chat.messages)
    if not results:
        return None
    names = {call.id: call for message in chat.messages for call in message.tool_calls}
    lines = []
    for message in results:
        call = names.get(message.tool_call_id or "")
        tool = call.name if call is not None else ""
        what = f"`{tool}`" if tool else "The tool"
        lines.append(f"{what} says: {_readable(message.text, tool)}")
    if len(lines) == 1:
        return f"{lines[0][:1].upper()}{lines[0][1:]}"
    return "Here is what the tools found:\n\n" + "\n".join(f"- {line}" for line in lines)


def _results(messages: Sequence[Message]) -> list[Message]:
    found: list[Message] = []
    for message in reversed(messages):
        if message.role != "tool":
            break
        found.insert(0, message)
    return found


def _readable(text: str, tool: str) -> str:
    """Return a result in words: an object's members one after the other."""
    try:
        value: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text.strip() or "nothing"
    if isinstance(value, dict):
        members = {k: v for k, v in value.items() if (k, v) != ("name", tool)}
        value = members.popitem()[1] if len(members) == 1 and members.keys() & WRAPPERS else value
    if isinstance(value, dict):
        return ", ".join(f"{' '.join(words_of(k)) or k} {_short(v)}" for k, v in value.items())
    return _short(value)


def _short(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(v, str | int | float) for v in value):
        return ", ".join(map(str, value))
    return orjson.dumps(value).decode()
