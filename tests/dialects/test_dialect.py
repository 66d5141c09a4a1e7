"""dialect: what is written is read back as it was, in all formats and both directions."""

from contextlib import suppress
from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.chat import Chat, Completion, Gathered, say
from gateway.dialects import DIALECTS, dialect_for
from gateway.errors import BadAnswer, BadRequest
from gateway.sse import Decoder, Event
from tests.dialects.chats import chats, completions, cuts, spoiled, streams, usages

NATIVE = [
    ("openai", "openai", "some-model"),
    ("openai", "groq", "some-model"),
    ("openai", "mistral", "some-model"),
    ("openai", "azure-openai", "resource/deployment"),
    ("openai", "custom-mine", "some-model"),
    ("anthropic", "anthropic", "some-model"),
    ("google", "google-ai-studio", "some-model"),
    ("google", "google-vertex-ai", "some-model"),
    ("workers-ai", "workers-ai", "@cf/maker/some-model"),
]
PATHS = [
    ("openai", "chat/completions", "openai"),
    ("openai", "v1/chat/completions?x=1", "openai"),
    ("groq", "openai/v1/chat/completions", "openai"),
    ("workers-ai", "v1/chat/completions", "openai"),
    ("workers-ai", "@cf/meta/llama-3.1-8b-instruct", "workers-ai"),
    ("workers-ai", "run/@cf/meta/llama-3.1-8b-instruct", "workers-ai"),
    ("azure-openai", "res/dep/chat/completions?api-version=2023-05-15", "openai"),
    ("anthropic", "v1/messages", "anthropic"),
    ("grok", "v1/messages", "anthropic"),
    ("aws-bedrock", "bedrock-mantle/us-east-1/anthropic/v1/messages", "anthropic"),
    (
        "aws-bedrock",
        "bedrock-runtime/us-east-1/model/us.anthropic.claude-x-v1:0/invoke",
        "anthropic",
    ),
    ("aws-bedrock", "bedrock-runtime/us-east-1/model/us.amazon.nova-lite-v1:0/invoke", None),
    ("google-ai-studio", "v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", "google"),
    ("google-ai-studio", "v1/models/gemini-2.5-flash:generateContent", "google"),
    ("google-ai-studio", "v1beta/models/gemini-embedding-001:embedContent", None),
    ("openai", "embeddings", None),
    ("openai", "responses", "responses"),
    ("openai", "v1/responses?x=1", "responses"),
    ("groq", "openai/v1/responses", "responses"),
    ("workers-ai", "v1/responses", "responses"),
    ("openai", "v1/responses/resp_1", None),
    ("anthropic", "v1/messages/count_tokens", None),
    ("cohere", "v1/chat", None),
    ("openai", "@cf/meta/llama-3.1-8b-instruct", None),
]
ALL = sorted(DIALECTS)
some = settings(max_examples=12, deadline=None)


@pytest.mark.parametrize(("slug", "path", "name"), PATHS)
def test_path_decides_the_format(slug, path, name):
    """A provider may serve several formats; the path tells which."""
    found = dialect_for(slug, path)

    assert (found.name if found else None) == name


@pytest.mark.parametrize(("name", "provider", "model"), NATIVE)
@some
@given(data=st.data())
def test_request_round_trip(name, provider, model, data):
    """What our client writes, our gateway reads as the same chat."""
    dialect = DIALECTS[name]
    chat = data.draw(chats(provider, model))

    wire = orjson.loads(orjson.dumps(dialect.body(chat)))
    path = dialect.path(chat)

    assert dialect.read(wire, provider=provider, path=path) == chat
    assert dialect_for(provider, path) is dialect


@pytest.mark.parametrize("name", ALL)
@some
@given(completion=completions())
def test_answer_round_trip(name, completion):
    """What a simulated provider answers, our client reads as the same answer."""
    dialect = DIALECTS[name]
    carried = _carried(name, completion)

    wire = orjson.loads(orjson.dumps(dialect.answer(carried, created=1)))

    assert dialect.reply(wire) == carried
    assert dialect.usage(wire) == carried.usage


@pytest.mark.parametrize("name", ALL)
@some
@given(data=st.data(), deltas=streams(), usage=usages())
def test_stream_round_trip(name, data, deltas, usage):
    """A stream arrives as it was sent, however the network cuts it."""
    dialect = DIALECTS[name]
    chat = Chat(provider="openai", model="some-model", messages=say("Hello"))
    sent = Gathered()
    for delta in deltas:
        sent.add(delta)
    finish = "tool_calls" if sent.completion().tool_calls else "length"
    whole = replace(sent.completion(), usage=usage, finish=finish, model="some-model", id="id-1")
    writer = dialect.writer(id="id-1", model="some-model", created=1, chat=chat)

    wire = writer.start() + b"".join(writer.write(delta) for delta in deltas)
    wire += writer.end(finish, usage)
    received, decoder = Gathered(), Decoder()
    for chunk in data.draw(cuts(wire)):
        for event in decoder.feed(chunk):
            received.add(dialect.delta(event))

    assert decoder.close() == []
    assert _streamed(name, received.completion()) == _streamed(name, whole)


@pytest.mark.parametrize("name", ALL)
def test_broken_stream_says_so(name):
    """A failure in mid-stream reaches the reader as words, not as an end."""
    dialect = DIALECTS[name]
    chat = Chat(provider="openai", model="some-model", messages=say("Hello"))
    writer = dialect.writer(id="id-1", model="some-model", created=1, chat=chat)

    received = Gathered()
    for event in Decoder().feed(writer.start() + writer.broken("Out of breath")):
        received.add(dialect.delta(event))

    assert received.error == "Out of breath"
    assert received.completion().finish is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 503])
@pytest.mark.parametrize("name", ALL)
def test_error_round_trip(name, status):
    """The words of an error body are found again."""
    dialect = DIALECTS[name]

    assert dialect.error_message(dialect.error(status, "Too much")) == "Too much"


@pytest.mark.parametrize(("name", "provider", "model"), NATIVE[5:])
@some
@given(data=st.data())
def test_spoiled_request_is_refused_with_a_sentence(name, provider, model, data):
    """Whatever a client sends, nothing but our own error comes out."""
    dialect = DIALECTS[name]
    chat = data.draw(chats(provider, model))
    body = data.draw(spoiled(dialect.body(chat)))

    with suppress(BadRequest):
        dialect.read(body, provider=provider, path=dialect.path(chat))


@pytest.mark.parametrize("name", ALL)
@some
@given(data=st.data(), completion=completions(), deltas=streams())
def test_spoiled_answer_is_refused_with_a_sentence(name, data, completion, deltas):
    """Whatever a provider answers, nothing but our own error comes out."""
    dialect = DIALECTS[name]
    chat = Chat(provider="openai", model="some-model", messages=say("Hello"))
    writer = dialect.writer(id="id-1", model="some-model", created=1, chat=chat)
    wire = writer.start() + b"".join(writer.write(delta) for delta in deltas)
    wire += writer.end("stop", completion.usage)
    events = [e for e in Decoder().feed(wire) if e.data != "[DONE]"]

    answer = data.draw(spoiled(dialect.answer(completion, created=1)))
    event = data.draw(spoiled(orjson.loads(data.draw(st.sampled_from(events)).data)))

    with suppress(BadAnswer):
        dialect.reply(answer)
    with suppress(BadAnswer):
        dialect.usage(answer)
    with suppress(BadAnswer):
        gathered = Gathered()
        gathered.add(dialect.delta(Event(orjson.dumps(event).decode())))
        assert isinstance(gathered.completion().text, str)
    dialect.error_message(answer)


@pytest.mark.parametrize("data", ["", "{", "[]", "null", '"text"', "[DONE"])
@pytest.mark.parametrize("name", ALL)
def test_event_that_is_no_object_is_refused(name, data):
    """A provider that talks nonsense is reported as that."""
    with pytest.raises(BadAnswer):
        DIALECTS[name].delta(Event(data))


@pytest.mark.parametrize("body", [None, [], "text", 7, {}])
@pytest.mark.parametrize("name", ALL)
def test_body_that_is_no_chat_is_refused(name, body):
    """The smallest mistakes are named too."""
    with pytest.raises(BadRequest):
        DIALECTS[name].read(body, provider="openai")
    with pytest.raises(BadAnswer):
        DIALECTS[name].reply(body)


def _carried(name: str, completion: Completion) -> Completion:
    """What a whole answer of this format can carry."""
    if name == "workers-ai":
        finish = "tool_calls" if completion.tool_calls else "stop"
        return replace(completion, reasoning="", finish=finish, model=None, id=None)
    return _counted(completion) if name == "responses" else completion


def _streamed(name: str, completion: Completion) -> Completion:
    """What a streamed answer of this format can carry."""
    if name == "workers-ai":
        return replace(completion, reasoning="", finish=None, model=None, id=None)
    return _counted(completion) if name == "responses" else completion


def _counted(completion: Completion) -> Completion:
    """The Responses API always tells the details of its counts."""
    usage = completion.usage
    usage = replace(
        usage,
        cached_in=usage.cached_in or 0,
        cache_write=usage.cache_write or 0,
        reasoning=usage.reasoning or 0,
    )
    return replace(completion, usage=usage)
