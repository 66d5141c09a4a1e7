"""The openai package's Responses API and embeddings, unchanged, over the gateway."""

import json
from contextlib import ExitStack

import openai
import pytest
from pydantic import BaseModel

from tests.clients.conftest import PIXEL, assert_gateway_headers

ASK = {"model": "gpt-4o-mini", "input": "What is an AI gateway?"}
WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "Tells the weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
TURN = {"role": "user", "content": "What is the weather in Lisbon?"}


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    population: int


@pytest.fixture
def connect(gateway):
    """Clients for a path of the gateway, closed at the end; they never retry."""
    with ExitStack() as clients:

        def connected(path="openai", **how):
            url = f"{gateway.gateway_url('demo')}/{path}"
            client = openai.OpenAI(base_url=url, api_key="sk-anything", max_retries=0, **how)
            return clients.enter_context(client)

        yield connected


@pytest.mark.parametrize("path", ["openai", "openai/v1"])
def test_response(connect, path):
    """The simplest call there is, with its usage; the docs print both paths."""
    answer = connect(path).responses.create(**ASK, instructions="Be brief.")

    assert (answer.object, answer.status) == ("response", "completed")
    assert answer.output_text
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_stream_collects_the_same_answer(connect):
    """The package's accumulator is strict about items, parts and their order."""
    client = connect()
    whole = client.responses.create(**ASK)

    with client.responses.stream(**ASK) as stream:
        pieces = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()

    assert len(pieces) > 3
    assert "".join(pieces) == final.output_text == whole.output_text
    assert final.usage.output_tokens == whole.usage.output_tokens


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_structured_answer_parses(connect, streamed):
    """The answer fits the schema, so that the package makes an object of it."""
    responses = connect().responses
    how = {"model": "gpt-4o-mini", "input": "Describe Lisbon.", "text_format": City}

    if streamed:
        with responses.stream(**how) as stream:
            answer = stream.get_final_response()
    else:
        answer = responses.parse(**how)

    assert isinstance(answer.output_parsed, City)


def test_tool_round_trip_ends(connect):
    """The model asks for a tool, gets its result, and then answers in words."""
    client = connect()
    ask = {"model": "gpt-4o-mini", "tools": [WEATHER]}
    wanted = client.responses.create(input=[TURN], tool_choice="required", **ask)
    call = wanted.output[0]

    result = {"type": "function_call_output", "call_id": call.call_id, "output": "Sunny"}
    answer = client.responses.create(input=[TURN, *wanted.output, result], **ask)

    assert (call.type, call.name) == ("function_call", "weather")
    assert set(json.loads(call.arguments)) == {"city"}
    assert "Sunny" in answer.output_text
    assert [item.type for item in answer.output] == ["message"]


def test_streamed_tool_call_has_whole_arguments(connect):
    """The pieces of a streamed call add up to JSON that fits the tool's schema."""
    choice = {"type": "function", "name": "weather"}
    with connect().responses.stream(
        model="gpt-4o-mini", input=[TURN], tools=[WEATHER], tool_choice=choice
    ) as stream:
        final = stream.get_final_response()

    assert set(json.loads(final.output[0].arguments)) == {"city"}


def test_image_and_reasoning(connect):
    """A picture is read and charged; reasoning tokens are part of the output's."""
    content = [
        {"type": "input_text", "text": "What is in this picture?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"},
    ]

    answer = connect().responses.create(
        model="gpt-5-mini", input=[{"role": "user", "content": content}]
    )

    assert answer.usage.input_tokens > 700
    assert 0 < answer.usage.output_tokens_details.reasoning_tokens < answer.usage.output_tokens


def test_short_answer_is_incomplete(connect):
    """An answer that hits its limit says so."""
    answer = connect().responses.create(**ASK, max_output_tokens=5)

    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")


def test_kept_conversation_is_refused(connect):
    """A simulated provider keeps no responses, and says so rather than forgetting in silence."""
    with pytest.raises(openai.BadRequestError, match="previous_response_id"):
        connect().responses.create(**ASK, previous_response_id="resp_1")


@pytest.mark.rule("cache.streams")
def test_repeat_is_a_hit_and_streams_are_not(connect):
    """Cache and headers as for any other call."""
    ask = connect().responses.with_raw_response.create
    question = {**ASK, "input": "Once more, please"}

    first, second = ask(**question), ask(**question)
    streamed = ask(**question, stream=True)

    assert_gateway_headers(first.headers, cache="MISS")
    assert_gateway_headers(second.headers, cache="HIT")
    assert_gateway_headers(streamed.headers, cache="MISS")
    assert [event.type for event in streamed.parse()][-1] == "response.completed"


def test_wrong_key_and_unknown_model(connect):
    """Errors become the package's own exception types."""
    client = connect(default_headers={"authorization": "Bearer sk-wrong"})

    with pytest.raises(openai.AuthenticationError):
        client.responses.create(**ASK)
    with pytest.raises(openai.NotFoundError, match="no-such-model"):
        connect().responses.create(**{**ASK, "model": "no-such-model"})


def test_failure_in_mid_stream_is_an_error(connect):
    """Never taken for a short answer."""
    client = connect(default_headers={"x-local-fault": "reset;after=4"})

    with pytest.raises(openai.APIConnectionError), client.responses.stream(**ASK) as stream:
        list(stream)


@pytest.mark.parametrize("more", [{}, {"encoding_format": "float"}], ids=["base64", "float"])
def test_embeddings(connect, more):
    """The package asks for base64 unless told otherwise, and gives floats either way."""
    answer = connect().embeddings.create(
        model="text-embedding-3-small", input=["one", "two"], dimensions=8, **more
    )

    assert [len(row.embedding) for row in answer.data] == [8, 8]
    assert all(isinstance(value, float) for value in answer.data[0].embedding)
    assert answer.usage.prompt_tokens > 0
