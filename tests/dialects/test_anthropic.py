"""anthropic: events in their order, usage at both ends, and the members that models refuse."""

from dataclasses import replace

import orjson
import pytest
from anthropic.types import Message as AnthropicMessage
from anthropic.types import RawMessageStreamEvent
from pydantic import TypeAdapter

from gateway.chat import Chat, Completion, Delta, ToolCallPart, Usage, say
from gateway.dialects import DIALECTS
from gateway.errors import BadAnswer, BadRequest
from gateway.sse import Decoder, Event

ANTHROPIC = DIALECTS["anthropic"]
HELLO = Chat(provider="anthropic", model="claude-sonnet-4-5", messages=say("Hello"))
USAGE = Usage(tokens_in=100, tokens_out=7, cached_in=60, cache_write=30, reasoning=2)
COUNTS = {
    "input_tokens": 10,
    "cache_creation_input_tokens": 30,
    "cache_read_input_tokens": 60,
    "output_tokens": 7,
    "output_tokens_details": {"thinking_tokens": 2},
}
EVENTS = [
    ('{"type":"ping"}', Delta()),
    ('{"type":"message_stop"}', Delta()),
    ('{"type":"content_block_stop","index":0}', Delta()),
    ('{"type":"news_of_tomorrow"}', Delta()),
    (
        '{"type":"message_start","message":{"id":"a","model":"m",'
        '"usage":{"input_tokens":9,"output_tokens":1}}}',
        Delta(id="a", model="m", usage=Usage(tokens_in=9, tokens_out=1)),
    ),
    (
        '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hi"}}',
        Delta(text="Hi"),
    ),
    (
        '{"type":"content_block_start","index":1,"content_block":'
        '{"type":"tool_use","id":"c","name":"f","input":{}}}',
        Delta(tool_calls=(ToolCallPart(index=1, id="c", name="f"),)),
    ),
    (
        '{"type":"content_block_start","index":1,"content_block":'
        '{"type":"server_tool_use","id":"c","name":"web_search","input":{}}}',
        Delta(),
    ),
    (
        '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"x"}}',
        Delta(),
    ),
    (
        '{"type":"message_delta","delta":{"stop_reason":"refusal"},"usage":{"output_tokens":3}}',
        Delta(finish="content_filter", usage=Usage(tokens_out=3)),
    ),
    (
        '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
        Delta(error="Overloaded"),
    ),
]
TURN = [{"role": "user", "content": "Hello"}]
REFUSED = [
    (
        {"model": "m", "messages": TURN},
        "max_tokens must be given, as a whole number.",
    ),
    ({"max_tokens": 5, "messages": TURN}, "model must be given, as text."),
    (
        {"model": "m", "max_tokens": 5, "messages": []},
        "messages must be a list with at least one message.",
    ),
    (
        {"model": "m", "max_tokens": 5, "messages": [{"role": "tool", "content": "a"}]},
        "messages[0].role must be user, assistant or system.",
    ),
    (
        {"model": "m", "max_tokens": 5, "messages": TURN, "stop_sequences": "a"},
        "stop_sequences must be a list.",
    ),
]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
FORMAT = {"type": "json_schema", "schema": SCHEMA}


def events(deltas, usage=Usage(), finish="stop"):
    """The events of a stream, by name."""
    writer = ANTHROPIC.writer(id="msg_1", model="m", created=1, chat=HELLO, usage=usage)
    wire = writer.start() + b"".join(writer.write(delta) for delta in deltas)
    found = Decoder().feed(wire + writer.end(finish, USAGE))
    return [(event.event, orjson.loads(event.data)) for event in found]


def test_blocks_open_and_close_in_order():
    """Anthropic's clients keep blocks by index, and drop events without a name."""
    deltas = [
        Delta(reasoning="Hm"),
        Delta(text="Hel"),
        Delta(text="lo"),
        Delta(tool_calls=(ToolCallPart(index=0, id="a", name="f", arguments='{"x"'),)),
        Delta(tool_calls=(ToolCallPart(index=0, arguments=":1}"),)),
        Delta(tool_calls=(ToolCallPart(index=1, id="b", name="g"),)),
    ]

    found = events(deltas, finish="tool_calls")

    assert all(name == data["type"] for name, data in found)
    assert [(name, data.get("index")) for name, data in found] == [
        ("message_start", None),
        ("content_block_start", 0),
        ("content_block_delta", 0),
        ("content_block_delta", 0),
        ("content_block_stop", 0),
        ("content_block_start", 1),
        ("content_block_delta", 1),
        ("content_block_delta", 1),
        ("content_block_stop", 1),
        ("content_block_start", 2),
        ("content_block_delta", 2),
        ("content_block_delta", 2),
        ("content_block_stop", 2),
        ("content_block_start", 3),
        ("content_block_stop", 3),
        ("message_delta", None),
        ("message_stop", None),
    ]


@pytest.mark.rule("clients.sse_names")
def test_every_event_is_what_anthropics_package_expects():
    """Strict clients validate each event."""
    part = ToolCallPart(index=0, id="a", name="f", arguments="{}")
    expected = TypeAdapter(RawMessageStreamEvent)

    for _, data in events([Delta(reasoning="Hm", text="Hi", tool_calls=(part,))]):
        expected.validate_python(data)


@pytest.mark.rule("clients.usage_anthropic")
def test_usage_stands_at_both_ends():
    """Some clients take input tokens from the start, others from the end."""
    found = dict(events([Delta(text="Hi")], usage=replace(USAGE, tokens_out=None)))

    start, end = found["message_start"]["message"]["usage"], found["message_delta"]["usage"]

    assert (start["input_tokens"], start["cache_read_input_tokens"]) == (10, 60)
    assert end == COUNTS


@pytest.mark.rule("cost.usage_styles")
def test_cache_tokens_are_counted_apart():
    """Anthropic's input_tokens leave them out; ours have them in."""
    completion = Completion(text="Hi", finish="stop", usage=USAGE)

    answer = ANTHROPIC.answer(completion, created=1)

    assert answer["usage"] == COUNTS
    assert ANTHROPIC.reply(answer).usage == USAGE


@pytest.mark.rule("clients.full_bodies")
def test_answer_is_what_anthropics_package_expects():
    """Full bodies: id, type, role, model, content, stop_reason, usage."""
    completion = Completion(text="Hi", finish="length", usage=USAGE, model="m", id="msg_1")

    message = AnthropicMessage.model_validate(ANTHROPIC.answer(completion, created=1))

    assert (message.id, message.type, message.stop_reason) == ("msg_1", "message", "max_tokens")


@pytest.mark.parametrize(("data", "delta"), EVENTS)
def test_events_of_the_real_provider(data, delta):
    """Events that add nothing to us are skipped, whatever their name."""
    assert ANTHROPIC.delta(Event(data)) == delta


@pytest.mark.parametrize(("body", "sentence"), REFUSED)
def test_bad_request_names_the_member(body, sentence):
    """Anthropic asks for a limit in every request."""
    with pytest.raises(BadRequest) as caught:
        ANTHROPIC.read(body, provider="anthropic")

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "place", [{"output_config": {"format": FORMAT}}, {"output_format": FORMAT}]
)
def test_schema_is_read_in_both_places(place):
    """It moved from output_format to output_config."""
    body = {"model": "m", "max_tokens": 5, "messages": TURN, **place}

    assert ANTHROPIC.read(body, provider="anthropic").schema == SCHEMA


def test_schema_is_written_where_it_belongs_today():
    """output_config.format, without a forced tool."""
    assert ANTHROPIC.body(replace(HELLO, schema=SCHEMA))["output_config"] == {"format": FORMAT}


def test_limit_is_always_sent():
    """The format requires one."""
    assert ANTHROPIC.body(HELLO)["max_tokens"] > 1000


@pytest.mark.parametrize(
    ("model", "sent"),
    [("claude-sonnet-4-5", {"temperature": 0.2}), ("claude-opus-5", {})],
)
def test_sampling_follows_the_model(model, sent):
    """Newer models refuse temperature and top_p, older ones refuse both together."""
    chat = replace(HELLO, model=model, temperature=0.2, top_p=0.9)

    body = ANTHROPIC.body(chat)

    assert {name: body[name] for name in ("temperature", "top_p") if name in body} == sent


def test_bedrocks_model_stands_in_the_path():
    """The body of invoke has none."""
    path = "bedrock-runtime/us-east-1/model/us.anthropic.claude-haiku-4-5-v1:0/invoke"
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 5, "messages": TURN}

    chat = ANTHROPIC.read(body, provider="aws-bedrock", path=path)

    assert chat.model == "us.anthropic.claude-haiku-4-5-v1:0"


@pytest.mark.parametrize("body", [{}, {"content": "Hi"}, {"content": [{"type": "text"}]}])
def test_answer_without_an_answer_is_refused(body):
    """A provider that talks nonsense is reported as that."""
    with pytest.raises(BadAnswer):
        ANTHROPIC.reply(body)
