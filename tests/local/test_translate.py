"""translate: answers of other formats, as clients of the format that they asked in read them."""

import json

import pytest

from gateway.chat import Chat, Completion, Delta, Gathered, ToolCall, Usage, say
from gateway.dialects import DIALECTS
from gateway.errors import BadAnswer
from gateway.local.translate import Envelope, Translation
from gateway.sse import Decoder

CHAT = Chat(provider="anthropic", model="claude-sonnet-4-5", messages=say("Hi"))
ANSWER = Completion(
    text="Good day",
    tool_calls=(ToolCall(id="call_1", name="find", arguments='{"a":1}'),),
    finish="tool_calls",
    usage=Usage(tokens_in=12, tokens_out=7),
    model="claude-sonnet-4-5",
    id="msg_1",
)
SOURCES = ["anthropic", "google"]


@pytest.mark.parametrize("source", SOURCES)
def test_whole_answer_becomes_an_openai_one(source):
    """Text, tool calls, finish and usage, where OpenAI's clients look."""
    body = json.dumps(DIALECTS[source].answer(ANSWER, created=5)).encode()

    told = json.loads(Translation(DIALECTS[source], CHAT).whole(body, created=5))
    choice = told["choices"][0]

    assert (told["object"], told["created"]) == ("chat.completion", 5)
    assert choice["message"]["content"] == "Good day"
    assert choice["message"]["tool_calls"][0]["function"]["name"] == "find"
    assert choice["finish_reason"] == "tool_calls"
    assert told["usage"]["prompt_tokens"] == 12
    assert told["usage"]["completion_tokens"] == 7


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"type":"message"}'])
def test_nonsense_is_no_answer(body):
    """The pipeline makes code 2005 of it."""
    with pytest.raises(BadAnswer):
        Translation(DIALECTS["anthropic"], CHAT).whole(body, created=5)


def streamed(source, *, whole=True):
    writer = DIALECTS[source].writer(id="m", model=CHAT.model, created=5, chat=CHAT)
    out = writer.start() + writer.write(Delta(text="Good ")) + writer.write(Delta(text="day"))
    return out + writer.end("stop", Usage(tokens_in=12, tokens_out=2)) if whole else out


def gathered(text):
    found, decoder = Gathered(), Decoder()
    for event in (*decoder.feed(text), *decoder.close()):
        found.add(DIALECTS["openai"].delta(event))
    return found.completion()


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_stream_is_translated_event_by_event(source, size):
    """However its bytes are split; text comes as soon as its event is complete."""
    translation = Translation(DIALECTS[source], CHAT).stream(created=5, log_id="x")
    text = streamed(source)

    out = b"".join(translation.feed(text[at : at + size]) for at in range(0, len(text), size))
    out += translation.close()
    told = gathered(out)

    assert (told.text, told.finish) == ("Good day", "stop")
    assert (told.usage.tokens_in, told.usage.tokens_out) == (12, 2)
    assert out.rstrip().endswith(b"data: [DONE]")


def test_stream_without_an_end_stays_without_one():
    """A cut stream isn't made to look whole."""
    translation = Translation(DIALECTS["anthropic"], CHAT).stream(created=5, log_id="x")

    out = translation.feed(streamed("anthropic", whole=False)) + translation.close()

    assert gathered(out).text == "Good day"
    assert b"[DONE]" not in out
    assert gathered(out).finish is None


@pytest.mark.parametrize("into", ["anthropic", "responses"])
def test_any_format_becomes_the_one_that_was_asked_in(into):
    """Whole and streamed, with usage; the stream's id looks like that format's own."""
    translation = Translation(DIALECTS["google"], CHAT, into=DIALECTS[into])
    body = json.dumps(DIALECTS["google"].answer(ANSWER, created=5)).encode()

    whole = DIALECTS[into].reply(json.loads(translation.whole(body, created=5)))
    stream = translation.stream(created=5, log_id="7")
    out = stream.feed(streamed("google")) + stream.close()

    found, decoder = Gathered(), Decoder()
    for event in decoder.feed(out):
        found.add(DIALECTS[into].delta(event))
    told = found.completion()
    assert (whole.text, whole.tool_calls[0].name) == ("Good day", "find")
    assert (whole.usage.tokens_in, whole.usage.tokens_out) == (12, 7)
    assert (told.text, told.finish, told.usage.tokens_out) == ("Good day", "stop", 2)
    assert told.id == {"anthropic": "msg_7", "responses": "resp_7"}[into]


def test_envelope_holds_an_answer_as_it_came():
    """A stream has none: it passes as it is."""
    envelope = Envelope(None)

    told = json.loads(envelope.whole(b'{"a": 1}', created=5))

    assert told == {"result": {"a": 1}, "success": True, "errors": [], "messages": []}
    assert envelope.stream(created=5, log_id="7") is None
    assert envelope.into is None


def test_envelope_holds_a_translated_answer():
    """Its stream is translated, and has no envelope."""
    envelope = Envelope(Translation(DIALECTS["anthropic"], CHAT))
    body = json.dumps(DIALECTS["anthropic"].answer(ANSWER, created=5)).encode()

    told = json.loads(envelope.whole(body, created=5))
    stream = envelope.stream(created=5, log_id="7")
    out = stream.feed(streamed("anthropic")) + stream.close()

    assert told["result"]["object"] == "chat.completion"
    assert gathered(out).text == "Good day"
    assert envelope.into is DIALECTS["openai"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 300 + b"]" * 300])
def test_envelope_holds_no_nonsense(body):
    """The pipeline makes code 2005 of it."""
    with pytest.raises(BadAnswer):
        Envelope(None).whole(body, created=5)


@pytest.mark.parametrize(("into", "begins"), [("openai", "chatcmpl-"), ("responses", "resp_")])
def test_id_of_a_whole_answer_is_of_its_new_format(into, begins):
    """Clients tell what they got by it, and streams have such ids too."""
    body = DIALECTS["anthropic"].answer(ANSWER, created=5)
    translation = Translation(DIALECTS["anthropic"], CHAT, into=DIALECTS[into])

    whole = json.loads(translation.whole(json.dumps(body).encode(), created=5))

    assert whole["id"] == f"{begins}msg_1"
