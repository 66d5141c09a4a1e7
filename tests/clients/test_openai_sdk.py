"""The openai package, unchanged, with only ``base_url`` and ``api_key`` set.

native     /openai               OpenAI's own bodies, passed through
unified    /compat               any provider in OpenAI's format, the model named "provider/model"
default    a gateway that wants its token: in cf-aig-authorization, or in place of the key
"""

import json
from contextlib import ExitStack

import openai
import pytest
from pydantic import BaseModel

from tests.clients.conftest import PIXEL, assert_gateway_headers

HELLO = [{"role": "user", "content": "What is an AI gateway?"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
COMPAT_MODELS = [
    "openai/gpt-4o-mini",
    "anthropic/claude-sonnet-4-5",
    "google-ai-studio/gemini-2.5-flash",
    "workers-ai/@cf/meta/llama-3.1-8b-instruct",
    "mistral/mistral-large-latest",
    "groq/llama-3.3-70b-versatile",
]


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    population: int
    landmarks: list[str]


@pytest.fixture
def connect(gateway):
    """Clients for a path of a gateway, closed at the end; they never retry."""
    with ExitStack() as clients:

        def connected(path="openai", *, to="demo", key="sk-anything", **how):
            url = f"{gateway.gateway_url(to)}/{path}"
            client = openai.OpenAI(base_url=url, api_key=key, max_retries=0, **how)
            return clients.enter_context(client)

        yield connected


def test_chat(connect):
    """The simplest call there is, with its usage."""
    answer = connect().chat.completions.create(model="gpt-4o-mini", messages=HELLO)

    assert answer.object == "chat.completion"
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_stream_ends_with_usage(connect):
    """Text arrives in pieces; the last chunk has the counts and no choices."""
    with connect().chat.completions.create(
        model="gpt-4o-mini",
        messages=HELLO,
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        *pieces, last = list(stream)

    assert len([each for each in pieces if each.choices[0].delta.content]) > 3
    assert [each.choices[0].finish_reason for each in pieces][-1] == "stop"
    assert last.choices == []
    assert last.usage.completion_tokens > 0


def test_stream_helper_collects_the_same_answer(connect):
    """The package's own accumulator is strict about ids, indexes and order."""
    client = connect()
    whole = client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)

    with client.chat.completions.stream(model="gpt-4o-mini", messages=HELLO) as stream:
        gathered = stream.get_final_completion()

    assert gathered.choices[0].message.content == whole.choices[0].message.content


@pytest.mark.rule("clients.tool_loop")
def test_tool_round_trip_ends(connect):
    """The model asks for a tool, gets its result, and then answers in words."""
    client = connect()
    messages = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    ask = {"model": "gpt-4o-mini", "tools": [WEATHER]}
    wanted = client.chat.completions.create(messages=messages, tool_choice="required", **ask)
    call = wanted.choices[0].message.tool_calls[0]

    messages.append(wanted.choices[0].message)
    messages.append({"role": "tool", "tool_call_id": call.id, "content": "Sunny, 21 degrees"})
    answer = client.chat.completions.create(messages=messages, **ask)

    assert wanted.choices[0].finish_reason == "tool_calls"
    assert call.function.name == "weather"
    assert set(json.loads(call.function.arguments)) == {"city"}
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.content
    assert not answer.choices[0].message.tool_calls


def test_streamed_tool_call_has_whole_arguments(connect):
    """The pieces of a streamed call add up to JSON that fits the tool's schema."""
    with connect().chat.completions.stream(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": "What is the weather in Lisbon?"}],
        tools=[WEATHER],
        tool_choice={"type": "function", "function": {"name": "weather"}},
    ) as stream:
        message = stream.get_final_completion().choices[0].message

    assert set(json.loads(message.tool_calls[0].function.arguments)) == {"city"}


@pytest.mark.rule("clients.structured")
def test_structured_answer_parses(connect):
    """The answer fits the schema, so that the package makes an object of it."""
    answer = connect().chat.completions.parse(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": "Describe Lisbon."}],
        response_format=City,
    )

    assert isinstance(answer.choices[0].message.parsed, City)


def test_image_in_a_message(connect):
    """A message of several parts, a picture among them, is answered like any other."""
    answer = connect().chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is in this picture?"},
                    {
                        "type": "image_url",
                        "image_url": {"url": f"data:image/png;base64,{PIXEL}"},
                    },
                ],
            }
        ],
    )

    assert answer.choices[0].message.content


@pytest.mark.rule("clients.embeddings_base64")
def test_embeddings_by_default_and_as_floats(connect):
    """The package asks for base64 unless told otherwise; both hold the same numbers."""
    ask = {"model": "text-embedding-3-small", "input": ["one", "two"]}
    client = connect()

    usual = client.embeddings.create(**ask)
    floats = client.embeddings.create(encoding_format="float", **ask)

    assert len(usual.data) == 2
    assert usual.data[0].embedding == pytest.approx(floats.data[0].embedding, rel=1e-6)
    assert usual.data[0].embedding != usual.data[1].embedding


@pytest.mark.rule("url.methods")
def test_models_are_listed(connect):
    """A tool that fills a menu from the list finds a model that it can ask."""
    models = [model.id for model in connect().models.list()]

    assert "gpt-4o-mini" in models


def test_repeat_is_a_hit(connect):
    """The same question twice: a MISS, then a HIT with the same words and a log row of its own."""
    ask = connect().chat.completions.with_raw_response.create
    question = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Once more, please"}],
    }

    first = ask(**question)
    second = ask(**question)

    assert_gateway_headers(first.headers, cache="MISS")
    assert_gateway_headers(second.headers, cache="HIT")
    assert first.headers["cf-aig-log-id"] != second.headers["cf-aig-log-id"]
    assert first.parse().choices[0].message.content == second.parse().choices[0].message.content


@pytest.mark.rule("clients.headers_on_streams")
def test_streams_have_the_headers_too(connect):
    """The log row of a stream is known before its first word; streams are never cached."""
    ask = connect().chat.completions.with_raw_response.create

    answers = [ask(model="gpt-4o-mini", messages=HELLO, stream=True) for _ in range(2)]

    for answer in answers:
        assert_gateway_headers(answer.headers, cache="MISS")
        assert list(answer.parse())


@pytest.mark.rule("unified.translated")
@pytest.mark.parametrize("model", COMPAT_MODELS)
def test_any_provider_in_openai_format(connect, model):
    """Unified API: the same code asks any provider, whatever its own format is."""
    client = connect("compat")

    answer = client.chat.completions.create(model=model, messages=HELLO)
    with client.chat.completions.stream(model=model, messages=HELLO) as stream:
        streamed = stream.get_final_completion()

    assert answer.object == "chat.completion"
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens > 0
    assert streamed.choices[0].message.content == answer.choices[0].message.content
    assert streamed.choices[0].finish_reason == "stop"


@pytest.mark.rule("unified.translated")
@pytest.mark.parametrize("model", COMPAT_MODELS)
def test_tools_of_any_provider_in_openai_format(connect, model):
    """A tool call is translated on its way there and back, and so is its result."""
    client = connect("compat")
    messages = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    ask = {"model": model, "tools": [WEATHER]}
    wanted = client.chat.completions.create(messages=messages, tool_choice="required", **ask)
    call = wanted.choices[0].message.tool_calls[0]

    messages.append(wanted.choices[0].message)
    messages.append({"role": "tool", "tool_call_id": call.id, "content": "Sunny, 21 degrees"})
    answer = client.chat.completions.create(messages=messages, **ask)

    assert call.function.name == "weather"
    assert set(json.loads(call.function.arguments)) == {"city"}
    assert answer.choices[0].message.content


@pytest.mark.rule("unified.translated")
@pytest.mark.parametrize("model", COMPAT_MODELS)
def test_structured_answer_of_any_provider(connect, model):
    """The schema is translated too, and the answer fits it."""
    answer = connect("compat").chat.completions.parse(
        model=model,
        messages=[{"role": "user", "content": "Describe Lisbon."}],
        response_format=City,
    )

    assert isinstance(answer.choices[0].message.parsed, City)


def test_default_gateway_wants_its_token(connect):
    """Without the token, the gateway refuses in its own envelope; the package says why."""
    client = connect(to="default")

    with pytest.raises(openai.AuthenticationError) as refused:
        client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)

    assert "2009" in refused.value.response.text


@pytest.mark.rule("headers.authorization")
def test_token_in_the_gateways_own_header(gateway, connect):
    """As Cloudflare's documentation has it: the token beside the provider's key."""
    client = connect(
        to="default", default_headers={"cf-aig-authorization": f"Bearer {gateway.token}"}
    )

    assert client.chat.completions.create(model="gpt-4o-mini", messages=HELLO).choices


@pytest.mark.rule("auth.token_in_provider_header")
@pytest.mark.parametrize("path", ["openai", "compat"])
def test_token_in_place_of_the_key(gateway, connect, path):
    """With stored keys the token may stand where the provider's key would."""
    client = connect(path, to="default", key=gateway.token)
    model = "gpt-4o-mini" if path == "openai" else "openai/gpt-4o-mini"

    assert client.chat.completions.create(model=model, messages=HELLO).choices


def test_wrong_key(connect):
    """The provider's refusal of a key isn't the gateway's: no code of the gateway's in it."""
    with pytest.raises(openai.AuthenticationError) as refused:
        connect(key="sk-wrong").chat.completions.create(model="gpt-4o-mini", messages=HELLO)

    assert "AiGatewayError" not in refused.value.response.text
    assert_gateway_headers(refused.value.response.headers)


def test_unknown_model_is_not_found(connect):
    """The provider's own error arrives as the class that its users catch."""
    with pytest.raises(openai.NotFoundError, match="no-such-model"):
        connect().chat.completions.create(model="no-such-model", messages=HELLO)


@pytest.mark.rule("clients.exceptions")
def test_rate_limited_provider(connect):
    """A fault on demand: the provider answers 429 and says when to come back."""
    client = connect(
        default_headers={"x-local-fault": "429;retry-after=7", "cf-aig-skip-cache": "true"}
    )

    with pytest.raises(openai.RateLimitError) as refused:
        client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)

    assert refused.value.response.headers["retry-after"] == "7"


def test_gateway_retries_in_place_of_the_package(connect):
    """With the gateway's retries on, one call of the package meets a provider that recovers."""
    client = connect(
        default_headers={"x-local-fault": "503, 503, ok", "cf-aig-max-attempts": "3"},
    )

    answer = client.chat.completions.create(model="gpt-4o-mini", messages=HELLO, seed=1)

    assert answer.choices[0].message.content


@pytest.mark.rule("clients.exceptions")
def test_unknown_gateway(connect):
    """A mistyped gateway id is a 400 with the gateway's own code."""
    with pytest.raises(openai.BadRequestError) as refused:
        connect(to="no-such-gateway").chat.completions.create(model="gpt-4o-mini", messages=HELLO)

    assert refused.value.response.json()["error"][0]["code"] == 2001


@pytest.mark.rule("clients.broken_stream")
def test_broken_stream_is_an_error(connect):
    """A connection that breaks mid-stream is never taken for a short answer."""
    client = connect(default_headers={"x-local-fault": "reset;after=2"})

    with (
        pytest.raises(openai.APIConnectionError),
        client.chat.completions.create(model="gpt-4o-mini", messages=HELLO, stream=True) as stream,
    ):
        list(stream)
