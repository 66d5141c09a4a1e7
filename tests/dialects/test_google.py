"""google: model and verb in the path, camelCase and snake_case, one id a stream."""

from dataclasses import replace

import orjson
import pytest

from gateway.chat import Chat, Completion, Delta, ToolCall, ToolCallPart, Usage, say
from gateway.dialects import DIALECTS
from gateway.errors import BadAnswer, BadRequest
from gateway.sse import Decoder, Event

GOOGLE = DIALECTS["google"]
HELLO = Chat(provider="google-ai-studio", model="gemini-2.5-flash", messages=say("Hello"))
USAGE = Usage(tokens_in=9, tokens_out=5, cached_in=4, reasoning=2)
COUNTS = {
    "promptTokenCount": 9,
    "candidatesTokenCount": 3,
    "totalTokenCount": 14,
    "cachedContentTokenCount": 4,
    "thoughtsTokenCount": 2,
}
MODELS = "models/gemini-2.5-flash"
PLACE = "projects/-/locations/us-central1"
PATHS = [
    (
        "google-ai-studio",
        "gemini-2.5-flash",
        True,
        f"v1beta/{MODELS}:streamGenerateContent?alt=sse",
    ),
    ("google-ai-studio", "gemini-2.5-flash", False, f"v1beta/{MODELS}:generateContent"),
    (
        "google-vertex-ai",
        "gemini-2.5-flash",
        False,
        f"v1/{PLACE}/publishers/google/{MODELS}:generateContent",
    ),
    (
        "google-vertex-ai",
        "google/gemini-2.5-flash",
        False,
        f"v1/{PLACE}/publishers/google/{MODELS}:generateContent",
    ),
    (
        "google-vertex-ai",
        f"projects/p/locations/r/publishers/google/{MODELS}",
        False,
        f"v1/projects/p/locations/r/publishers/google/{MODELS}:generateContent",
    ),
]
CHUNKS = [
    ('{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}', Delta(text="Hi")),
    (
        '{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true}]}}]}',
        Delta(reasoning="Hm"),
    ),
    ('{"candidates":[{"finishReason":"MAX_TOKENS"}]}', Delta(finish="length")),
    ('{"candidates":[{"finish_reason":"RECITATION"}]}', Delta(finish="content_filter")),
    ('{"candidates":[{"finishReason":"OTHER"}]}', Delta(finish="stop")),
    ('{"promptFeedback":{"blockReason":"SAFETY"}}', Delta(finish="content_filter")),
    (
        '{"usageMetadata":{"promptTokenCount":9,"toolUsePromptTokenCount":1},"responseId":"a",'
        '"modelVersion":"m"}',
        Delta(usage=Usage(tokens_in=10), id="a", model="m"),
    ),
    (
        '{"candidates":[{"content":{"parts":[{"functionCall":{"id":"c","name":"f","args":{"a":1}}}]'
        '},"finishReason":"STOP"}]}',
        Delta(
            tool_calls=(ToolCallPart(index=0, id="c", name="f", arguments='{"a":1}'),),
            finish="tool_calls",
        ),
    ),
    ('{"error":{"code":503,"message":"Overloaded"}}', Delta(error="Overloaded")),
]
REFUSED = [
    ({}, "contents must be a list with at least one content."),
    ({"contents": [{"role": "poet", "parts": []}]}, "contents[0].role must be user or model."),
    (
        {"contents": [{"parts": [{"inlineData": {"data": "aGk="}}]}]},
        "contents[0].parts[0].inlineData.mimeType must be given, as text.",
    ),
    (
        {"contents": [{"parts": [{"text": "a"}]}], "generation_config": {"top_p": "a"}},
        "generation_config.top_p must be a number.",
    ),
]
CONTENTS = [{"role": "user", "parts": [{"text": "Hello"}]}]


@pytest.mark.parametrize(("provider", "model", "stream", "path"), PATHS)
def test_path(provider, model, stream, path):
    """The verb says whether to stream; Vertex wants project and region too."""
    chat = Chat(provider=provider, model=model, stream=stream, messages=say("Hello"))

    assert GOOGLE.path(chat) == path


@pytest.mark.parametrize(
    ("path", "model", "stream"),
    [
        (f"v1beta/{MODELS}:streamGenerateContent?alt=sse", "gemini-2.5-flash", True),
        (f"v1/{MODELS}:generateContent", "gemini-2.5-flash", False),
        ("v1/projects/p/locations/r/publishers/google/models/g:generateContent", "g", False),
        ("v1/projects/p/locations/r/publishers/meta/models/l:generateContent", "meta/l", False),
    ],
)
def test_path_names_the_model(path, model, stream):
    """The body has neither model nor stream."""
    chat = GOOGLE.read({"contents": CONTENTS}, provider="google-ai-studio", path=path)

    assert (chat.model, chat.stream) == (model, stream)


def test_snake_case_is_read_too():
    """Google's own Python package mixes both."""
    body = {
        "contents": CONTENTS,
        "system_instruction": {"parts": [{"text": "Be brief"}]},
        "generation_config": {
            "max_output_tokens": 5,
            "top_p": 0.5,
            "stop_sequences": ["a"],
            "response_mime_type": "application/json",
        },
        "tool_config": {"function_calling_config": {"mode": "any"}},
    }

    chat = GOOGLE.read(body, provider="google-ai-studio")

    assert chat.messages == say("Hello", system="Be brief")
    assert (chat.max_tokens, chat.top_p, chat.stop) == (5, 0.5, ("a",))
    assert (chat.schema, chat.tool_choice) == ({"type": "object"}, "required")


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("responseJsonSchema", {"type": "object", "properties": {"a": {"type": "string"}}}),
        ("response_json_schema", {"type": "object", "properties": {"a": {"type": "string"}}}),
        ("responseSchema", {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}),
    ],
)
def test_schema_in_both_spellings(name, schema):
    """The older one writes types in capitals."""
    body = {"contents": CONTENTS, "generationConfig": {name: schema}}

    found = GOOGLE.read(body, provider="google-ai-studio").schema

    assert found == {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.mark.parametrize(("data", "delta"), CHUNKS)
def test_chunks_of_the_real_provider(data, delta):
    """Each is a whole answer in small."""
    assert GOOGLE.delta(Event(data)) == delta


@pytest.mark.rule("clients.sse_form", "clients.one_id", "clients.usage_gemini")
def test_stream_has_one_id_and_no_comments():
    """Google's clients break on a second responseId, and on comment lines (contract: clients)."""
    writer = GOOGLE.writer(id="id-1", model="m", created=1, chat=HELLO)
    part = ToolCallPart(index=0, id="c", name="f", arguments='{"a":')

    wire = writer.start() + writer.write(Delta(text="Hi", reasoning="Hm"))
    wire += writer.write(Delta(tool_calls=(part,)))
    wire += writer.write(Delta(tool_calls=(ToolCallPart(index=0, arguments="1}"),)))
    wire += writer.end("tool_calls", USAGE)
    first, last = (orjson.loads(event.data) for event in Decoder().feed(wire))

    assert b"\n:" not in wire
    assert (first["responseId"], last["responseId"]) == ("id-1", "id-1")
    assert "finishReason" not in first["candidates"][0]
    assert last["candidates"][0] == {
        "content": {
            "role": "model",
            "parts": [{"functionCall": {"id": "c", "name": "f", "args": {"a": 1}}}],
        },
        "index": 0,
        "finishReason": "STOP",
    }
    assert last["usageMetadata"] == COUNTS


def test_calls_without_an_id_get_one():
    """Older models give none; two calls of one answer must differ."""
    call = {"functionCall": {"name": "f", "args": {}}}
    body = {"candidates": [{"content": {"parts": [call, call]}, "finishReason": "STOP"}]}

    first, second = GOOGLE.reply(body).tool_calls

    assert (first.name, first.arguments) == ("f", "{}")
    assert first.id
    assert first.id != second.id


def test_thoughts_are_counted_apart():
    """Google's candidates leave them out; ours have them in."""
    answer = GOOGLE.answer(Completion(text="Hi", finish="stop", usage=USAGE), created=1)

    assert answer["usageMetadata"] == COUNTS
    assert GOOGLE.reply(answer).usage == USAGE


@pytest.mark.parametrize(("body", "sentence"), REFUSED)
def test_bad_request_names_the_member(body, sentence):
    """In the spelling that the caller used."""
    with pytest.raises(BadRequest) as caught:
        GOOGLE.read(body, provider="google-ai-studio")

    assert str(caught.value) == sentence


@pytest.mark.parametrize("body", [{}, {"candidates": 7}, {"candidates": [7]}, {"candidates": [[]]}])
def test_answer_without_an_answer_is_refused(body):
    """A provider that talks nonsense is reported as that."""
    with pytest.raises(BadAnswer):
        GOOGLE.reply(body)


def test_blocked_prompt_is_an_answer():
    """Google answers 200 without candidates."""
    reply = GOOGLE.reply({"promptFeedback": {"blockReason": "SAFETY"}})

    assert (reply.text, reply.finish) == ("", "content_filter")


def test_result_carries_the_name_of_its_call():
    """Google finds the call by name; our messages know only its id."""
    call = ToolCall(id="c", name="f", arguments="{}")
    asked = replace(say("a")[0], role="assistant", tool_calls=(call,))
    result = replace(say("42")[0], role="tool", tool_call_id="c")

    contents = GOOGLE.body(replace(HELLO, messages=(asked, result)))["contents"]

    assert contents[1]["parts"][0]["functionResponse"] == {
        "id": "c",
        "name": "f",
        "response": {"output": "42"},
    }
