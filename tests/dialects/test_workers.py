"""workers: Cloudflare's envelope, the bare schema, and models that answer as OpenAI does."""

from dataclasses import replace

import pytest

from gateway.chat import Chat, Delta, Message, ToolCall, ToolCallPart, Usage, say
from gateway.dialects import DIALECTS
from gateway.errors import BadAnswer, BadRequest
from gateway.sse import Event

WORKERS = DIALECTS["workers-ai"]
LLAMA = "@cf/meta/llama-3.1-8b-instruct"
HELLO = Chat(provider="workers-ai", model=LLAMA, messages=say("Hello"))
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
COUNTS = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
USAGE = Usage(tokens_in=9, tokens_out=3)
CALL = {"name": "f", "arguments": {"a": 1}}
EVENTS = [
    ("[DONE]", Delta()),
    ('{"response":"Hi","p":"abcdef"}', Delta(text="Hi")),
    ('{"response":null}', Delta()),
    (
        '{"response":"","usage":{"prompt_tokens":9,"completion_tokens":3}}',
        Delta(usage=USAGE),
    ),
    (
        '{"response":"","tool_calls":[{"name":"f","arguments":{"a":1}}]}',
        Delta(tool_calls=(ToolCallPart(index=0, id="call_0", name="f", arguments='{"a":1}'),)),
    ),
    (
        '{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}',
        Delta(tool_calls=(ToolCallPart(index=0, arguments="{"),)),
    ),
    (
        '{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}',
        Delta(text="Hi", finish="stop"),
    ),
    ('{"errors":[{"code":3040,"message":"Out of capacity"}]}', Delta(error="Out of capacity")),
]
ANSWERS = [
    ({"response": "Hi"}, "Hi", ()),
    ({"response": {"a": "b"}}, '{"a":"b"}', ()),
    (
        {"response": None, "tool_calls": [CALL]},
        "",
        (ToolCall(id="call_0", name="f", arguments='{"a":1}'),),
    ),
    (
        {
            "response": "",
            "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}],
        },
        "",
        (ToolCall(id="c", name="f", arguments="{}"),),
    ),
    ({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}, "Hi", ()),
]


@pytest.mark.rule("clients.structured")
def test_schema_is_bare():
    """Here json_schema is the schema itself (contract: clients, 10)."""
    body = WORKERS.body(replace(HELLO, schema=SCHEMA))

    assert body["response_format"] == {"type": "json_schema", "json_schema": SCHEMA}


@pytest.mark.parametrize("path", [LLAMA, f"run/{LLAMA}", f"/{LLAMA}?x=1"])
def test_path_names_the_model(path):
    """Clients send it with and without run/."""
    chat = WORKERS.read({"prompt": "Hello"}, provider="workers-ai", path=path)

    assert (chat.model, chat.messages) == (LLAMA, (Message(role="user", text="Hello"),))


@pytest.mark.parametrize(("result", "text", "calls"), ANSWERS)
def test_answers_of_real_models(result, text, calls):
    """Old and new models answer in different forms, in an envelope or without."""
    enveloped = WORKERS.reply({"result": result, "success": True, "errors": [], "messages": []})
    bare = WORKERS.reply(result)

    assert enveloped == bare
    assert (bare.text, bare.tool_calls) == (text, calls)


@pytest.mark.parametrize(("data", "delta"), EVENTS)
def test_events_of_real_models(data, delta):
    """The classic form, and OpenAI's."""
    assert WORKERS.delta(Event(data)) == delta


@pytest.mark.rule("clients.usage_workers")
def test_usage_is_in_the_last_event():
    """Clients that count tokens look there."""
    writer = WORKERS.writer(id="id-1", model=LLAMA, created=1, chat=HELLO)

    assert writer.end("stop", USAGE) == (
        b'data: {"response":"","usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}'
        b"\n\ndata: [DONE]\n\n"
    )


@pytest.mark.rule("workers_ai.envelope")
def test_error_has_workers_ais_code():
    """The contract lists a code for each status."""
    body = WORKERS.error(429, "Out of capacity")

    assert body["errors"] == [{"code": 3040, "message": "Out of capacity"}]
    assert body["success"] is False


@pytest.mark.parametrize(
    "body", [{"result": {}}, {"result": {"response": None}}, {"success": True}]
)
def test_answer_without_an_answer_is_refused(body):
    """A provider that talks nonsense is reported as that."""
    with pytest.raises(BadAnswer):
        WORKERS.reply(body)


def test_question_has_to_be_there():
    """Neither prompt nor messages."""
    with pytest.raises(BadRequest, match="messages must be a list with at least one message"):
        WORKERS.read({"text": "Hello"}, provider="workers-ai", path=LLAMA)
