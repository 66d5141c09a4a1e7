"""responses_writer: the events of a stream, in OpenAI's order and with OpenAI's members."""

import json

import pytest
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from gateway.chat import Chat, Delta, ToolCallPart, Usage, say
from gateway.dialects import DIALECTS
from gateway.sse import Decoder

TEXT = [Delta(text="Good "), Delta(text="day")]
THOUGHT = [Delta(reasoning="Hm"), Delta(reasoning=".")]
CALL = [
    Delta(tool_calls=(ToolCallPart(index=0, id="c1", name="f"),)),
    Delta(tool_calls=(ToolCallPart(index=0, arguments='{"a":'),)),
    Delta(tool_calls=(ToolCallPart(index=0, arguments="1}"),)),
]
OPENED = ["response.created", "response.in_progress"]
SAID = [
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
]
MUSED = [
    "response.output_item.added",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done",
    "response.reasoning_summary_part.done",
    "response.output_item.done",
]
CALLED = [
    "response.output_item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
]
STREAMS = [
    (TEXT, SAID),
    (CALL, CALLED),
    (THOUGHT + TEXT + CALL, MUSED + SAID + CALLED),
    (CALL + TEXT, CALLED + SAID),
]


def written(deltas, finish="stop"):
    """Every event of a stream, as parsed JSON, with its SSE name."""
    writer = _writer()
    wire = writer.start() + b"".join(map(writer.write, deltas))
    wire += writer.end(finish, Usage(tokens_in=3, tokens_out=2))
    return [(event.event, json.loads(event.data)) for event in Decoder().feed(wire)]


def _writer():
    chat = Chat(provider="openai", model="m", messages=say("Hi"))
    return DIALECTS["responses"].writer(id="resp_1", model="m", created=1, chat=chat)


@pytest.mark.parametrize(("deltas", "kinds"), STREAMS)
def test_items_open_and_close_in_order(deltas, kinds):
    """The package's accumulator asserts this order."""
    events = written(deltas)

    assert [data["type"] for _, data in events] == [*OPENED, *kinds, "response.completed"]
    assert [name for name, _ in events] == [data["type"] for _, data in events]
    assert [data["sequence_number"] for _, data in events] == list(range(len(events)))


@pytest.mark.rule("clients.sse_names")
@pytest.mark.parametrize(("deltas", "kinds"), STREAMS)
def test_events_are_what_openais_own_types_say(deltas, kinds):
    """Validated strictly, which the package itself doesn't do."""
    check = TypeAdapter(ResponseStreamEvent).validate_python

    checked = [check(data) for _, data in written(deltas)]

    assert [event.type for event in checked[2:-1]] == kinds


def test_last_event_holds_the_whole_answer():
    """Many clients read only this one."""
    whole = written(TEXT + CALL)[-1][1]["response"]

    assert whole["output"][0]["content"][0]["text"] == "Good day"
    assert whole["output"][1]["arguments"] == '{"a":1}'
    assert whole["usage"]["total_tokens"] == 5


def test_cut_answer_ends_as_incomplete():
    """Not as completed: the limit was reached."""
    name, data = written(TEXT, "length")[-1]

    assert name == "response.incomplete"
    assert data["response"]["incomplete_details"] == {"reason": "max_output_tokens"}


def test_silence_is_an_empty_message():
    """Clients take the first message."""
    whole = written([])[-1][1]["response"]

    assert whole["output"][0]["content"][0]["text"] == ""


def test_failure_is_told_twice():
    """As OpenAI does: an error, then the failed response with what it had so far."""
    writer = _writer()
    writer.start()
    wire = writer.broken("Out of breath")

    kinds = [event.event for event in Decoder().feed(wire)]
    assert kinds == ["error", "response.failed"]


def test_piece_of_an_unknown_call_is_dropped():
    """A provider's own tool: nobody was told of its beginning."""
    assert _writer().write(Delta(tool_calls=(ToolCallPart(index=4, arguments="x"),))) == b""
