"""openai: one format, and where its providers differ."""

import orjson
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from gateway.chat import Chat, Completion, Delta, ToolCall, ToolCallPart, Usage, say
from gateway.dialects import DIALECTS
from gateway.errors import BadAnswer, BadRequest
from gateway.sse import Decoder, Event

OPENAI = DIALECTS["openai"]
HELLO = Chat(provider="openai", model="gpt-4o-mini", messages=say("Hello"))
USAGE = Usage(tokens_in=9, tokens_out=3)
COUNTS = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
PATHS = [
    ("openai", "native", "gpt-5-mini", "chat/completions"),
    ("openai", "universal", "gpt-5-mini", "chat/completions"),
    ("openai", "compat", "gpt-5-mini", "chat/completions"),
    ("mistral", "native", "mistral-large-latest", "v1/chat/completions"),
    ("grok", "native", "grok-4", "v1/chat/completions"),
    ("grok", "compat", "grok-4", "chat/completions"),
    ("custom-mine", "native", "m", "v1/chat/completions"),
    ("azure-openai", "native", "r/d", "r/d/chat/completions?api-version=2023-05-15"),
]
COMPAT_MODELS = [
    ("openai", "gpt-5-mini", "openai/gpt-5-mini"),
    ("workers-ai", "@cf/meta/llama", "workers-ai/@cf/meta/llama"),
    ("google-vertex-ai", "gemini-2.5-pro", "google-vertex-ai/google/gemini-2.5-pro"),
    ("custom-mine", "m", "custom-mine/m"),
]
CHUNKS = [
    ("[DONE]", Delta()),
    ('{"choices":[{"index":0,"delta":{"content":"Hi"}}]}', Delta(text="Hi")),
    ('{"choices":[{"index":1,"delta":{"content":"Hi"}}]}', Delta()),
    ('{"choices":[{"delta":{"content":null},"finish_reason":"stop"}]}', Delta(finish="stop")),
    ('{"choices":[{"delta":{},"finish_reason":"model_length"}]}', Delta(finish="length")),
    ('{"choices":[{"delta":{},"finish_reason":"odd"}]}', Delta(finish="stop")),
    ('{"choices":[{"delta":{"refusal":"No"}}]}', Delta(text="No")),
    ('{"choices":[{"delta":{"reasoning_content":"Hm"}}]}', Delta(reasoning="Hm")),
    ('{"choices":[{"delta":{"reasoning":"Hm"}}]}', Delta(reasoning="Hm")),
    (
        '{"choices":[{"delta":{"content":[{"type":"thinking","thinking":'
        '[{"type":"text","text":"Hm"}]},{"type":"text","text":"Hi"}]}}]}',
        Delta(text="Hi", reasoning="Hm"),
    ),
    ('{"id":"a","model":"m","choices":[]}', Delta(id="a", model="m")),
    (
        '{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}}',
        Delta(usage=USAGE),
    ),
    (
        '{"choices":[{"delta":{},"finish_reason":"stop"}],'
        '"x_groq":{"usage":{"prompt_tokens":9,"completion_tokens":3}}}',
        Delta(finish="stop", usage=USAGE),
    ),
    (
        '{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"c","function":'
        '{"name":"f","arguments":""}}]}}]}',
        Delta(tool_calls=(ToolCallPart(index=1, id="c", name="f"),)),
    ),
    ('{"error":{"message":"Overloaded"}}', Delta(error="Overloaded")),
    ('{"error":{}}', Delta()),
]
REFUSED = [
    ({"model": "m", "messages": []}, "messages must be a list with at least one message."),
    ({"messages": [{"role": "user"}]}, "model must be given, as text."),
    ({"model": "m", "messages": "Hello"}, "messages must be a list."),
    (
        {"model": "m", "messages": [{"role": "poet", "content": "Hello"}]},
        "messages[0].role must be one of system, developer, user, assistant, tool, function.",
    ),
    (
        {"model": "m", "messages": [{"role": "user", "content": 7}]},
        "messages[0].content must be text or a list of parts.",
    ),
    (
        {"model": "m", "messages": [{"role": "user", "content": "a"}], "temperature": "hot"},
        "temperature must be a number.",
    ),
    (
        {"model": "m", "messages": [{"role": "user", "content": "a"}], "max_tokens": 1.5},
        "max_tokens must be a whole number.",
    ),
    (
        {"model": "m", "messages": [{"role": "user", "content": "a"}], "stream": "yes"},
        "stream must be true or false.",
    ),
]


def chunks(flavour, chat=HELLO, usage=USAGE):
    """The chunks of a short stream, each valid for OpenAI's own package, without the last mark."""
    writer = OPENAI.writer(id="id-1", model="m", created=1, chat=chat, flavour=flavour)
    wire = writer.start() + writer.write(Delta(text="Hi", reasoning="Hm"))
    wire += writer.end("stop", usage)
    *events, done = Decoder().feed(wire)

    assert done.data == "[DONE]"
    return [orjson.loads(event.data) for event in events]


@pytest.mark.parametrize(("provider", "route", "model", "path"), PATHS)
def test_path(provider, route, model, path):
    """Providers put the same endpoint in different places."""
    chat = Chat(provider=provider, route=route, model=model, messages=say("Hello"))

    assert OPENAI.path(chat) == path


@pytest.mark.parametrize(("provider", "model", "name"), COMPAT_MODELS)
def test_compat_model(provider, model, name):
    """The unified API wants the provider in front of the model."""
    chat = Chat(provider=provider, route="compat", model=model, messages=say("Hello"))

    assert OPENAI.body(chat)["model"] == name


def test_limit_has_two_names():
    """OpenAI's newer models refuse max_tokens; other providers know nothing else."""
    ours = OPENAI.body(Chat(provider="openai", model="m", messages=say("a"), max_tokens=5))
    other = OPENAI.body(Chat(provider="groq", model="m", messages=say("a"), max_tokens=5))

    assert (ours["max_completion_tokens"], other["max_tokens"]) == (5, 5)
    assert "max_tokens" not in ours


def test_mistral_gets_only_what_it_knows():
    """Mistral answers 422 to members of others."""
    body = OPENAI.body(Chat(provider="mistral", model="m", messages=say("a"), seed=7))

    assert body["random_seed"] == 7
    assert "stream_options" not in body


def test_sampling_is_left_out_where_it_is_refused():
    """A temperature would cost the whole answer."""
    chat = Chat(provider="openai", model="gpt-5-mini", messages=say("a"), temperature=0.2)

    assert "temperature" not in OPENAI.body(chat)


@pytest.mark.parametrize("flavour", ["openai", "groq", "mistral", "deepseek", "grok", ""])
def test_every_chunk_is_what_openais_package_expects(flavour):
    """Strict clients validate each chunk."""
    for chunk in chunks(flavour):
        ChatCompletionChunk.model_validate(chunk | {"service_tier": None})


@pytest.mark.rule("clients.usage_openai")
def test_usage_comes_last_and_only_if_asked():
    """OpenAI: a chunk without choices, if include_usage was set; null before it."""
    asked = chunks("openai")
    silent = chunks("openai", Chat(provider="openai", model="m", messages=(), usage_asked=False))

    assert [chunk.get("usage") for chunk in asked] == [None, None, None, COUNTS]
    assert asked[-1]["choices"] == []
    assert all("usage" not in chunk for chunk in silent)


@pytest.mark.rule("clients.usage_groq")
def test_groq_reports_usage_beside_the_finish():
    """Groq's package never asks for usage, and needs service_tier."""
    silent = Chat(provider="groq", model="m", messages=(), usage_asked=False)

    *before, last = chunks("groq", silent)

    assert last["x_groq"]["usage"] == COUNTS
    assert last["choices"][0]["finish_reason"] == "stop"
    assert all(chunk["service_tier"] == "on_demand" for chunk in [*before, last])
    assert before[0]["x_groq"]["id"]


@pytest.mark.rule("clients.usage_mistral")
def test_mistral_reports_usage_unasked():
    """Mistral's package raises without it."""
    silent = Chat(provider="mistral", model="m", messages=(), usage_asked=False)

    last = chunks("mistral", silent)[-1]

    assert (last["usage"], last["choices"][0]["finish_reason"]) == (COUNTS, "stop")


@pytest.mark.parametrize(
    ("flavour", "name"),
    [
        ("deepseek", "reasoning_content"),
        ("grok", "reasoning_content"),
        ("groq", "reasoning"),
        ("openai", None),
    ],
)
def test_reasoning_has_its_own_place(flavour, name):
    """OpenAI's chat completions don't show reasoning; others do, under two names."""
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks(flavour) if chunk["choices"]]
    names = {key for delta in deltas for key in delta} - {"role", "content"}

    assert names == ({name} if name else set())


def test_calls_at_one_index_are_numbered_apart():
    """Google's calls all come at index 0; OpenAI's clients would glue them together."""
    writer = OPENAI.writer(id="id-1", model="m", created=1, chat=HELLO)
    parts = [
        ToolCallPart(index=0, id="a", name="f", arguments="{}"),
        ToolCallPart(index=0, id="b", name="g", arguments="{"),
        ToolCallPart(index=0, arguments="}"),
        ToolCallPart(index=9, arguments="lost"),
    ]

    wire = b"".join(writer.write(Delta(tool_calls=(part,))) for part in parts)
    deltas = [orjson.loads(e.data)["choices"][0]["delta"] for e in Decoder().feed(wire)]

    assert [delta["tool_calls"][0]["index"] for delta in deltas] == [0, 1, 1]


@pytest.mark.rule("clients.full_bodies")
def test_answer_is_what_openais_package_expects():
    """Full bodies: id, object, created, model, usage (contract: clients, 9)."""
    completion = Completion(text="Hi", finish="stop", usage=USAGE, model="m", id="id-1")

    answer = OPENAI.answer(completion, created=1)

    ChatCompletion.model_validate(answer)
    assert (answer["object"], answer["created"], answer["usage"]) == ("chat.completion", 1, COUNTS)
    assert answer["service_tier"]


@pytest.mark.parametrize(("data", "delta"), CHUNKS)
def test_chunks_of_real_providers(data, delta):
    """Every provider's own way of saying it is understood."""
    assert OPENAI.delta(Event(data)) == delta


@pytest.mark.parametrize(("body", "sentence"), REFUSED)
def test_bad_request_names_the_member(body, sentence):
    """The person who wrote the body must find the mistake."""
    with pytest.raises(BadRequest) as caught:
        OPENAI.read(body, provider="openai")

    assert str(caught.value) == sentence


@pytest.mark.rule("clients.nulls")
def test_nulls_and_strangers_are_skipped():
    """Clients send "stop": null and members that we don't know."""
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello", "name": "me", "x": 1}],
        "stop": None,
        "stream": None,
        "tools": None,
        "logit_bias": {},
        "max_tokens": 5.0,
    }

    chat = OPENAI.read(body, provider="openai")

    assert (chat.messages, chat.stop, chat.stream, chat.max_tokens) == (say("Hello"), (), False, 5)


def test_azures_model_stands_in_the_path():
    """Resource and deployment; the body may hold no model at all."""
    body = {"messages": [{"role": "user", "content": "Hello"}]}

    chat = OPENAI.read(body, provider="azure-openai", path="r/d/chat/completions?api-version=x")

    assert chat.model == "r/d"


@pytest.mark.parametrize(
    "body",
    [{}, {"choices": []}, {"choices": [{"message": {"content": 7}}]}, {"choices": "none"}],
)
def test_answer_without_an_answer_is_refused(body):
    """A provider that talks nonsense is reported as that."""
    with pytest.raises(BadAnswer):
        OPENAI.reply(body)


def test_arguments_given_as_an_object_become_text():
    """Some providers don't wrap them in a string."""
    call = {"id": "c", "function": {"name": "f", "arguments": {"a": 1}}}
    body = {"choices": [{"message": {"content": None, "tool_calls": [call]}}]}

    assert OPENAI.reply(body).tool_calls == (ToolCall(id="c", name="f", arguments='{"a":1}'),)
