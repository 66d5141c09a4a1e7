"""The openai and anthropic packages on the second data plane, with the base URLs that docs print.

openai        {account}/ai/v1
anthropic     {account}/ai, and {account}/ai/v1, to which the package adds another v1
"""

import json
from contextlib import ExitStack

import anthropic
import openai
import pytest
from pydantic import BaseModel

from tests.clients.conftest import PIXEL, assert_gateway_headers

QUESTION = "What is an AI gateway?"
HELLO = [{"role": "user", "content": QUESTION}]
TURN = [{"role": "user", "content": "What is the weather in Lisbon?"}]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
MODELS = [
    "openai/gpt-4o-mini",
    "anthropic/claude-sonnet-4-5",
    "google/gemini-2.5-flash",
    "xai/grok-4",
    "@cf/meta/llama-3.1-8b-instruct",
]
each_model = pytest.mark.parametrize("model", MODELS)
each_base = pytest.mark.parametrize("base", ["ai", "ai/v1"])


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    population: int


@pytest.fixture
def connect(gateway):
    """Clients of the second data plane, closed at the end; they never retry."""
    with ExitStack() as clients:

        def connected(package=openai.OpenAI, base="ai/v1", *, key=gateway.token, **how):
            url = f"{gateway.url}/client/v4/accounts/someone/{base}"
            client = package(base_url=url, api_key=key, max_retries=0, **how)
            return clients.enter_context(client)

        yield connected


# openai


@each_model
def test_chat(connect, model):
    """One package, every author."""
    answer = connect().chat.completions.create(model=model, messages=HELLO)

    assert answer.object == "chat.completion"
    assert answer.choices[0].message.content
    assert answer.usage.total_tokens > 0


@each_model
def test_chat_stream(connect, model):
    """Pieces that add up to the answer that comes whole, then the counts."""
    client = connect()
    whole = client.chat.completions.create(model=model, messages=HELLO)
    how = {"stream": True, "stream_options": {"include_usage": True}}

    with client.chat.completions.create(model=model, messages=HELLO, **how) as stream:
        *pieces, last = list(stream)

    text = "".join(piece.choices[0].delta.content or "" for piece in pieces)
    assert text == whole.choices[0].message.content
    assert last.usage.completion_tokens == whole.usage.completion_tokens


@each_model
def test_responses(connect, model):
    """Also where the provider has never heard of that format."""
    client = connect()
    whole = client.responses.create(model=model, input=QUESTION)

    with client.responses.stream(model=model, input=QUESTION) as stream:
        final = stream.get_final_response()

    assert whole.status == final.status == "completed"
    assert whole.output_text == final.output_text
    assert whole.usage.total_tokens == final.usage.total_tokens


@each_model
def test_responses_tool_round_trip(connect, model):
    """A call, its result, and words at the end, over each translation."""
    client = connect()
    tool = {"type": "function", "name": "weather", "description": "Tells it.", "parameters": CITY}
    ask = {"model": model, "tools": [tool]}
    wanted = client.responses.create(input=TURN, tool_choice="required", **ask)
    call = next(item for item in wanted.output if item.type == "function_call")

    result = {"type": "function_call_output", "call_id": call.call_id, "output": "Sunny"}
    answer = client.responses.create(input=[*TURN, *wanted.output, result], **ask)

    assert set(json.loads(call.arguments)) == {"city"}
    assert "Sunny" in answer.output_text


@each_model
def test_structured_answers_parse(connect, model):
    """In both of OpenAI's formats."""
    client = connect()

    response = client.responses.parse(model=model, input="Describe Lisbon.", text_format=City)
    chat = client.chat.completions.parse(model=model, messages=HELLO, response_format=City)

    assert isinstance(response.output_parsed, City)
    assert isinstance(chat.choices[0].message.parsed, City)


def test_image_in_a_response(connect):
    """A picture goes through the translation."""
    content = [
        {"type": "input_text", "text": "What is in this picture?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"},
    ]

    answer = connect().responses.create(
        model="anthropic/claude-sonnet-4-5", input=[{"role": "user", "content": content}]
    )

    assert answer.usage.input_tokens > 1000


@pytest.mark.rule("clients.second_data_plane")
def test_gateway_by_header(connect):
    """As the docs have it, in the client's default headers; repeated, it is a hit."""
    client = connect(default_headers={"cf-aig-gateway-id": "demo"})
    ask = client.responses.with_raw_response.create
    question = {"model": "openai/gpt-4o-mini", "input": "Once more, over REST"}

    first, second = ask(**question), ask(**question)

    assert_gateway_headers(first.headers, cache="MISS")
    assert_gateway_headers(second.headers, cache="HIT")


def test_embeddings(connect):
    """Workers AI's own, in OpenAI's format."""
    answer = connect().embeddings.create(model="@cf/baai/bge-m3", input="one")

    assert all(isinstance(value, float) for value in answer.data[0].embedding)


@pytest.mark.rule("clients.exceptions")
def test_errors_become_the_packages_own(connect):
    """A wrong token, an unknown model, a bad field."""
    chat = {"messages": HELLO, "model": "openai/gpt-4o-mini"}

    with pytest.raises(openai.AuthenticationError) as stranger:
        connect(key="wrong").chat.completions.create(**chat)
    with pytest.raises(openai.NotFoundError) as missing:
        connect().chat.completions.create(**{**chat, "model": "nobody/model"})
    with pytest.raises(openai.BadRequestError) as invalid:
        connect().chat.completions.create(**{**chat, "model": "google/gemini", "messages": []})

    # The package puts no list of errors into its message, but keeps the body.
    codes = [each.value.response.json()["errors"][0]["code"] for each in (stranger, missing)]
    assert codes == [10000, 7003]
    assert "messages must be" in invalid.value.response.json()["message"]


# anthropic


@each_base
@pytest.mark.parametrize("model", MODELS[:4])
def test_messages(connect, base, model):
    """Whole and streamed, from every author; Workers AI isn't served in this format."""
    client = connect(anthropic.Anthropic, base)
    ask = {"model": model, "max_tokens": 1000, "messages": HELLO}
    whole = client.messages.create(**ask)

    with client.messages.stream(**ask) as stream:
        final = stream.get_final_message()

    assert whole.content[-1].text == final.content[-1].text
    assert whole.stop_reason == final.stop_reason == "end_turn"
    assert whole.usage.input_tokens == final.usage.input_tokens > 0
    assert whole.usage.output_tokens == final.usage.output_tokens > 0


@pytest.mark.parametrize("model", MODELS[:4])
def test_messages_tool_round_trip(connect, model):
    """A call, its result, and words at the end, over each translation."""
    client = connect(anthropic.Anthropic, "ai")
    tool = {"name": "weather", "description": "Tells it.", "input_schema": CITY}
    ask = {"model": model, "max_tokens": 1000, "tools": [tool]}
    wanted = client.messages.create(messages=TURN, tool_choice={"type": "any"}, **ask)
    call = next(block for block in wanted.content if block.type == "tool_use")

    told = {"type": "tool_result", "tool_use_id": call.id, "content": "Sunny"}
    turns = [{"role": "assistant", "content": wanted.content}, {"role": "user", "content": [told]}]
    answer = client.messages.create(messages=[*TURN, *turns], **ask)

    assert set(call.input) == {"city"}
    assert wanted.stop_reason == "tool_use"
    assert "Sunny" in answer.content[-1].text


def test_messages_errors_become_the_packages_own(connect):
    """A wrong token, and a model that isn't served in this format."""
    ask = {"max_tokens": 9, "messages": HELLO}

    with pytest.raises(anthropic.AuthenticationError):
        connect(anthropic.Anthropic, "ai", key="wrong").messages.create(model=MODELS[1], **ask)
    with pytest.raises(anthropic.BadRequestError, match="isn't available"):
        connect(anthropic.Anthropic, "ai").messages.create(model=MODELS[4], **ask)
