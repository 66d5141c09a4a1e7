"""cohere: both versions of chat say the same, whole and streamed."""

import orjson
import pytest

from gateway.sse import Decoder

pytestmark = pytest.mark.anyio

MODEL = {"model": "command-r-plus"}
V2 = {**MODEL, "messages": [{"role": "user", "content": [{"type": "text", "text": "Say hi"}]}]}
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


async def test_version_one_has_text_and_history(caller):
    """The history comes back with both new turns."""
    history = [{"role": "USER", "message": "My name is Ana."}]
    body = {**MODEL, "message": "What is my name?", "chat_history": history, "preamble": "Be kind"}
    answer = await caller.ask("cohere", "v1/chat", body)

    assert "Ana" in answer.json["text"]
    assert [turn["role"] for turn in answer.json["chat_history"]] == ["USER", "USER", "CHATBOT"]
    assert answer.json["meta"]["billed_units"]["output_tokens"] > 0


async def test_version_one_streams_lines(caller):
    """One JSON object a line; the last one holds the whole answer."""
    answer = await caller.ask("cohere", "v1/chat", {**MODEL, "message": "Hello", "stream": True})
    lines = [orjson.loads(line) for line in answer.body.splitlines()]

    assert [line["event_type"] for line in (lines[0], lines[-1])] == ["stream-start", "stream-end"]
    assert "".join(line.get("text", "") for line in lines) == lines[-1]["response"]["text"]
    assert [line["is_finished"] for line in lines].count(True) == 1


@pytest.mark.rule("clients.usage_cohere")
async def test_version_two_streams_events(caller):
    """Named events; the words are those of the whole answer."""
    whole = await caller.ask("cohere", "v2/chat", V2)
    answer = await caller.ask("cohere", "v2/chat", {**V2, "stream": True})
    events = Decoder().feed(answer.body)
    data = [orjson.loads(event.data) for event in events if event.data != "[DONE]"]
    pieces = [
        d["delta"]["message"]["content"]["text"] for d in data if d["type"] == "content-delta"
    ]

    assert "".join(pieces) == whole.json["message"]["content"][0]["text"] == "hi"
    assert [event.event for event in events[:-1]] == [d["type"] for d in data]
    assert data[-1]["delta"]["usage"]["tokens"]["output_tokens"] > 0


@pytest.mark.parametrize("stream", [False, True])
async def test_version_two_calls_tools(caller, stream):
    """A plan, a call, and its arguments."""
    body = {**V2, "tools": [TOOL], "tool_choice": "REQUIRED", "stream": stream}
    answer = await caller.ask("cohere", "v2/chat", body)

    assert b"TOOL_CALL" in answer.body
    assert b'"name":"weather"' in answer.body


async def test_tool_loop_ends(caller):
    """After a result there are words."""
    call = {"id": "1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    turns = [
        *V2["messages"],
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": [{"document": {"data": "rain"}}]},
    ]
    answer = await caller.ask("cohere", "v2/chat", {**V2, "messages": turns, "tools": [TOOL]})

    assert "rain" in answer.json["message"]["content"][0]["text"]


async def test_schema_is_kept(caller):
    """Structured output, in Cohere's spelling."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    form = {"type": "json_object", "json_schema": schema}
    answer = await caller.ask("cohere", "v2/chat", {**V2, "response_format": form})

    assert isinstance(orjson.loads(answer.json["message"]["content"][0]["text"])["n"], int)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({**V2, "max_tokens": -1}, "max_tokens"),
        ({**V2, "stop_sequences": "x"}, "stop_sequences"),
        ({**V2, "tools": "all"}, "tools"),
    ],
)
async def test_bad_body_is_named(caller, body, word):
    """In Cohere's own shape."""
    answer = await caller.ask("cohere", "v2/chat", body)

    assert answer.status == 400
    assert word in answer.json["message"]


@pytest.mark.parametrize(
    ("version", "kinds", "member"),
    [("v1", None, list), ("v2", None, dict), ("v1", ["float", "base64"], dict)],
)
async def test_embeddings_by_version(caller, version, kinds, member):
    """A bare list in version 1, by type in version 2 or where types are named."""
    body = {"texts": ["a", "b"], "model": "embed-english-v3.0", "embedding_types": kinds}
    answer = await caller.ask("cohere", f"{version}/embed", body)

    assert isinstance(answer.json["embeddings"], member)
    assert answer.json["texts"] == ["a", "b"]
