"""An answer of the Responses API as a list of output items, and the object around them.

answer          response: status, output, usage
output          reasoning, message, function_call items, each with an id of its own
"""

from typing import Any

from gateway.chat import Chat, Completion, Finish, ToolCall, Usage
from gateway.dialects.members import Member
from gateway.dialects.responses_turns import write_tool, write_tool_choice
from gateway.errors import BadAnswer

Json = Any

REASONS: dict[str, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}
"""Why an answer is incomplete, by finish."""
FINISHES: dict[str, Finish] = {reason: "length" for reason in ("max_output_tokens", "max_messages")}
FINISHES["content_filter"] = "content_filter"


def response(
    *, id: str, model: str, created: int, status: str, chat: Chat | None = None
) -> dict[str, Json]:
    """Return the object around an answer, with what the chat asked for where it is known.

    Nothing is ever kept: ``store`` says so.
    """
    sampling = (chat.temperature, chat.top_p) if chat else (None, None)
    return {
        "id": id,
        "object": "response",
        "created_at": created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": chat.max_tokens if chat else None,
        "model": model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "default",
        "store": False,
        "temperature": 1.0 if sampling[0] is None else sampling[0],
        "text": {"format": write_format(chat)},
        "tool_choice": (write_tool_choice(chat.tool_choice) if chat else None) or "auto",
        "tools": [write_tool(tool) for tool in chat.tools] if chat else [],
        "top_p": 1.0 if sampling[1] is None else sampling[1],
        "truncation": "disabled",
        "usage": None,
        "user": None,
        "metadata": {},
    }


def write_format(chat: Chat | None) -> dict[str, Json]:
    """Write what the answer shall be: free text, or JSON that fits a schema."""
    if chat is None or chat.schema is None:
        return {"type": "text"}
    return {
        "type": "json_schema",
        "name": chat.schema_name,
        "schema": dict(chat.schema),
        "strict": True,
    }


def finished(
    around: dict[str, Json], output: list[Json], finish: Finish | None, usage: Usage
) -> dict[str, Json]:
    """Return a response that has come to its end."""
    reason = REASONS.get(finish or "")
    return {
        **around,
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "output": output,
        "usage": write_usage(usage),
    }


def output_of(completion: Completion, base: str) -> list[Json]:
    """Return the items of a whole answer.

    Args:
        base: What the items' ids end with.
    """
    items: list[Json] = []
    if completion.reasoning:
        items.append(reasoning_item(f"rs_{base}", completion.reasoning))
    if completion.text or not completion.tool_calls:
        items.append(message_item(f"msg_{base}", completion.text))
    for number, call in enumerate(completion.tool_calls):
        items.append(call_item(f"fc_{base}_{number}", call))
    return items


def reasoning_item(id: str, text: str) -> dict[str, Json]:
    """Return thoughts as an item; empty ones as it begins."""
    summary = [{"type": "summary_text", "text": text}] if text else []
    return {"id": id, "type": "reasoning", "summary": summary}


def message_item(id: str, text: str, *, status: str = "completed") -> dict[str, Json]:
    """Return words as an item; one in progress has no content yet."""
    content = [] if status == "in_progress" else [text_part(text)]
    return {
        "id": id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def text_part(text: str) -> dict[str, Json]:
    """Return the only part of a message that we write."""
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def call_item(id: str, call: ToolCall, *, status: str = "completed") -> dict[str, Json]:
    """Return a call as an item."""
    return {
        "id": id,
        "type": "function_call",
        "status": status,
        "arguments": call.arguments,
        "call_id": call.id,
        "name": call.name,
    }


def write_usage(usage: Usage) -> dict[str, Json] | None:
    """Write token counts; ``None`` where none are known. The details are always there."""
    if usage.tokens_in is None and usage.tokens_out is None:
        return None
    tokens_in, tokens_out = usage.tokens_in or 0, usage.tokens_out or 0
    return {
        "input_tokens": tokens_in,
        "input_tokens_details": {
            "cached_tokens": usage.cached_in or 0,
            "cache_write_tokens": usage.cache_write or 0,
        },
        "output_tokens": tokens_out,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": tokens_in + tokens_out,
    }


def read_usage(usage: Json) -> Usage:
    """Read token counts."""
    root = Member(usage, "usage", BadAnswer)
    given, made = root.at("input_tokens_details"), root.at("output_tokens_details")
    return Usage(
        tokens_in=root.at("input_tokens").whole(),
        tokens_out=root.at("output_tokens").whole(),
        cached_in=given.at("cached_tokens").whole(),
        cache_write=given.at("cache_write_tokens").whole(),
        reasoning=made.at("reasoning_tokens").whole(),
    )


def read_finish(root: Member) -> Finish:
    """Read why a whole answer ended."""
    if root.at("status").text() == "incomplete":
        reason = root.at("incomplete_details").at("reason").text() or ""
        return FINISHES.get(reason, "length")
    kinds = [item.at("type").value for item in root.at("output").items()]
    return "tool_calls" if "function_call" in kinds else "stop"
