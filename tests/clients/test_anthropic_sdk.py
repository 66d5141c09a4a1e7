"""The anthropic package, unchanged, with only ``base_url`` and ``api_key`` set."""

from contextlib import ExitStack

import anthropic
import httpx2
import pytest
from pydantic import BaseModel

from tests.clients.conftest import PIXEL, assert_gateway_headers

ASK = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "What is an AI gateway?"}],
}
WEATHER = {
    "name": "weather",
    "description": "Tells the weather of a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    population: int


@pytest.fixture
def connect(gateway):
    """Clients for a gateway, closed at the end; they never retry."""
    with ExitStack() as clients:

        def connected(*, to="demo", key="sk-ant-anything", **how):
            url = f"{gateway.gateway_url(to)}/anthropic"
            client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, **how)
            return clients.enter_context(client)

        yield connected


def test_message(connect):
    """The simplest call there is, with its usage."""
    message = connect().messages.create(**ASK)

    assert message.content[0].type == "text"
    assert message.content[0].text
    assert message.stop_reason == "end_turn"
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0


def test_stream(connect):
    """Text arrives in pieces, and adds up to the answer that comes whole."""
    client = connect()
    whole = client.messages.create(**ASK)

    with client.messages.stream(**ASK) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()

    assert len(pieces) > 3
    assert "".join(pieces) == whole.content[0].text
    assert final.stop_reason == "end_turn"
    assert final.usage.output_tokens == whole.usage.output_tokens
    assert final.usage.input_tokens == whole.usage.input_tokens


def test_system_prompt_and_short_answer(connect):
    """An answer that hits its limit says so."""
    message = connect().messages.create(**{**ASK, "max_tokens": 5}, system="Be brief.")

    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens <= 5


@pytest.mark.rule("clients.tool_loop")
def test_tool_round_trip_ends(connect):
    """The model asks for a tool, gets its result, and then answers in words."""
    client = connect()
    messages = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    ask = {"model": "claude-sonnet-5-5", "max_tokens": 1000, "tools": [WEATHER]}
    wanted = client.messages.create(messages=messages, tool_choice={"type": "any"}, **ask)
    call = next(block for block in wanted.content if block.type == "tool_use")

    messages.append({"role": "assistant", "content": wanted.content})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "Sunny, 21 degrees"}
    messages.append({"role": "user", "content": [result]})
    answer = client.messages.create(messages=messages, **ask)

    assert wanted.stop_reason == "tool_use"
    assert (call.name, set(call.input)) == ("weather", {"city"})
    assert answer.stop_reason == "end_turn"
    assert answer.content[0].text


def test_streamed_tool_call_has_whole_input(connect):
    """The pieces of a streamed call add up to an object that fits the tool's schema."""
    with connect().messages.stream(
        model="claude-sonnet-5-5",
        max_tokens=1000,
        messages=[{"role": "user", "content": "What is the weather in Lisbon?"}],
        tools=[WEATHER],
        tool_choice={"type": "tool", "name": "weather"},
    ) as stream:
        final = stream.get_final_message()

    assert set(final.content[-1].input) == {"city"}


def test_structured_answer_parses(connect):
    """The answer fits the schema, so that the package makes an object of it."""
    message = connect().messages.parse(**ASK, output_format=City)

    assert isinstance(message.parsed_output, City)


def test_image_in_a_message(connect):
    """A picture in base64 is answered like any other message."""
    picture = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    content = [
        {"type": "image", "source": picture},
        {"type": "text", "text": "What is in this picture?"},
    ]

    message = connect().messages.create(
        **{**ASK, "messages": [{"role": "user", "content": content}]}
    )

    assert message.content[0].text


def test_models_are_listed(connect):
    """A tool that fills a menu from the list finds a model that it can ask."""
    assert "claude-sonnet-5-5" in [model.id for model in connect().models.list()]


def test_repeat_is_a_hit(connect):
    """The same question twice: a MISS, then a HIT with the same words and a log row of its own."""
    question = {**ASK, "messages": [{"role": "user", "content": "Once more, please"}]}
    ask = connect().messages.with_raw_response.create

    first = ask(**question)
    second = ask(**question)

    assert_gateway_headers(first.headers, cache="MISS")
    assert_gateway_headers(second.headers, cache="HIT")
    assert first.headers["cf-aig-log-id"] != second.headers["cf-aig-log-id"]
    assert first.parse().content == second.parse().content


@pytest.mark.rule("clients.headers_on_streams")
def test_streams_have_the_headers_too(connect):
    """The log row of a stream is known before its first word; streams are never cached."""
    ask = connect().messages.with_raw_response.create

    answers = [ask(**ASK, stream=True) for _ in range(2)]

    for answer in answers:
        assert_gateway_headers(answer.headers, cache="MISS")
        assert [event.type for event in answer.parse()][-1] == "message_stop"


def test_default_gateway_wants_its_token(connect):
    """Without the token, the gateway refuses; the package says why."""
    with pytest.raises(anthropic.AuthenticationError) as refused:
        connect(to="default").messages.create(**ASK)

    assert "2009" in refused.value.response.text


def test_token_in_the_gateways_own_header(gateway, connect):
    """As Cloudflare's documentation has it: the token beside the provider's key."""
    headers = {"cf-aig-authorization": f"Bearer {gateway.token}"}

    assert connect(to="default", default_headers=headers).messages.create(**ASK).content


@pytest.mark.rule("auth.token_in_provider_header")
def test_token_in_place_of_the_key(gateway, connect):
    """With stored keys the token may stand where the provider's key would."""
    assert connect(to="default", key=gateway.token).messages.create(**ASK).content


def test_wrong_key(connect):
    """The provider's refusal of a key isn't the gateway's."""
    with pytest.raises(anthropic.AuthenticationError) as refused:
        connect(key="sk-ant-wrong").messages.create(**ASK)

    assert refused.value.body["error"]["type"] == "authentication_error"


def test_unknown_model_is_not_found(connect):
    """The provider's own error arrives as the class that its users catch."""
    with pytest.raises(anthropic.NotFoundError, match="no-such-model"):
        connect().messages.create(**{**ASK, "model": "no-such-model"})


def test_rate_limited_provider(connect):
    """A fault on demand: the provider answers 429 in its own words."""
    client = connect(
        default_headers={"x-local-fault": "429;retry-after=7", "cf-aig-skip-cache": "true"}
    )

    with pytest.raises(anthropic.RateLimitError) as refused:
        client.messages.create(**ASK)

    assert refused.value.response.headers["retry-after"] == "7"
    assert refused.value.body["error"]["type"] == "rate_limit_error"


def test_overloaded_provider(connect):
    """Anthropic's own status 529 reaches the caller as it is."""
    client = connect(default_headers={"x-local-fault": "529", "cf-aig-skip-cache": "true"})

    with pytest.raises(anthropic.InternalServerError) as refused:
        client.messages.create(**ASK)

    assert refused.value.status_code == 529


def test_unknown_gateway(connect):
    """A mistyped gateway id is a 400 with the gateway's own code."""
    with pytest.raises(anthropic.BadRequestError) as refused:
        connect(to="no-such-gateway").messages.create(**ASK)

    assert refused.value.response.json()["error"][0]["code"] == 2001


def test_broken_stream_is_an_error(connect):
    """A connection that breaks mid-stream is never taken for a short answer."""
    client = connect(default_headers={"x-local-fault": "reset;after=2"})

    # The package hands on what its HTTP library says.
    with pytest.raises(httpx2.RemoteProtocolError), client.messages.stream(**ASK) as stream:
        list(stream.text_stream)
