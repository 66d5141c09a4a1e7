"""The google-genai package, unchanged; its third major version asks on ``/v1``."""

from contextlib import ExitStack

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from tests.clients.conftest import PIXEL_BYTES, assert_gateway_headers

MODEL, QUESTION = "gemini-2.5-flash", "What is an AI gateway?"


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    population: int


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"Sunny in {city}"


@pytest.fixture
def connect(gateway):
    """Clients for a gateway, closed at the end; they never retry."""
    with ExitStack() as clients:

        def connected(*, to="demo", key="anything", headers=None):
            how = types.HttpOptions(
                base_url=f"{gateway.gateway_url(to)}/google-ai-studio", headers=headers
            )
            return clients.enter_context(genai.Client(api_key=key, http_options=how))

        yield connected


def ask(client, contents=QUESTION, **config):
    """One call; what else is given goes into its config."""
    config = types.GenerateContentConfig(**config)
    return client.models.generate_content(model=MODEL, contents=contents, config=config)


@pytest.mark.rule("clients.google_versions")
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_every_version_of_the_path(gateway, version, slash):
    """This package asks on /v1, its forerunner and most others on /v1beta."""
    base = f"{gateway.gateway_url()}/google-ai-studio{slash}"
    how = types.HttpOptions(base_url=base, api_version=version)

    with genai.Client(api_key="anything", http_options=how) as client:
        assert ask(client).text


def test_answer_with_usage_and_headers(connect):
    """The words, the counts with those of thinking, and what the gateway says beside them."""
    answer = ask(connect(), "Tell me about rivers")
    usage = answer.usage_metadata

    assert answer.text
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert usage.total_token_count == (
        usage.prompt_token_count + usage.candidates_token_count + usage.thoughts_token_count
    )
    assert_gateway_headers(answer.sdk_http_response.headers)


def test_repeat_is_a_hit(connect):
    """Seen in the headers that the package keeps."""
    answers = [ask(connect(), "Once more, please") for _ in range(2)]

    assert_gateway_headers(answers[0].sdk_http_response.headers, cache="MISS")
    assert_gateway_headers(answers[1].sdk_http_response.headers, cache="HIT")
    assert answers[0].text == answers[1].text


@pytest.mark.rule("clients.usage_gemini", "clients.one_id", "clients.sse_form")
def test_stream(connect):
    """Chunks of one response id add up to the answer that comes whole, and count the same."""
    client = connect()
    whole = ask(client)

    chunks = list(client.models.generate_content_stream(model=MODEL, contents=QUESTION))

    assert len(chunks) > 3
    assert len({chunk.response_id for chunk in chunks}) == 1
    assert "".join(chunk.text or "" for chunk in chunks) == whole.text
    assert chunks[-1].usage_metadata.total_token_count == whole.usage_metadata.total_token_count
    assert_gateway_headers(chunks[0].sdk_http_response.headers)


def test_chat_remembers(connect):
    """The second turn carries the first."""
    chat = connect().chats.create(model=MODEL)
    chat.send_message("I live in Porto")

    counts = chat.send_message("Where do I live?").usage_metadata

    assert counts.prompt_token_count > 15
    assert len(chat.get_history()) == 4


@pytest.mark.rule("clients.tool_loop")
def test_functions_are_called_until_there_are_words(connect):
    """The package runs a Python function for the model, and sends back what it returned."""
    answer = connect().chats.create(
        model=MODEL, config=types.GenerateContentConfig(tools=[weather])
    )

    assert "Sunny in Lisbon" in answer.send_message("What is the weather in Lisbon?").text


def test_forced_function_has_fitting_arguments(connect):
    """Mode ANY; nothing is run, so that the caller sees the call."""
    answer = ask(
        connect(),
        tools=[weather],
        automatic_function_calling={"disable": True},
        tool_config={"function_calling_config": {"mode": "ANY"}},
    )

    (call,) = answer.function_calls
    assert (call.name, set(call.args)) == ("weather", {"city"})


@pytest.mark.rule("clients.structured")
def test_structured_answer_parses(connect):
    """From a class, whose schema this package spells in capitals."""
    answer = ask(connect(), response_mime_type="application/json", response_schema=City)

    assert isinstance(answer.parsed, City)


def test_structured_answer_by_json_schema(connect):
    """The other member for it, in plain JSON Schema."""
    answer = ask(
        connect(),
        response_mime_type="application/json",
        response_json_schema=City.model_json_schema(),
    )

    assert City.model_validate_json(answer.text)


def test_picture(connect):
    """Bytes beside a question."""
    picture = types.Part.from_bytes(data=PIXEL_BYTES, mime_type="image/png")

    answer = ask(connect(), [picture, "What is in this picture?"])

    assert answer.text
    assert answer.usage_metadata.prompt_token_count > 200


def test_embeddings_models_and_counting(connect):
    """The other calls that its users make."""
    models = connect().models
    vectors = models.embed_content(model="gemini-embedding-001", contents=["one", "two"])

    assert [len(each.values) for each in vectors.embeddings] == [3072, 3072]
    assert f"models/{MODEL}" in [model.name for model in models.list()]
    assert models.count_tokens(model=MODEL, contents=QUESTION).total_tokens > 3


def test_gateways_headers_are_passed(connect):
    """A custom key makes one answer of two questions."""
    client = connect(headers={"cf-aig-cache-key": "genai-one", "cf-aig-cache-ttl": "120"})

    answers = [ask(client, text) for text in ("First question", "Second question")]

    assert_gateway_headers(answers[1].sdk_http_response.headers, cache="HIT")
    assert answers[0].text == answers[1].text


@pytest.mark.parametrize(
    ("fault", "kind", "status"),
    [
        ("429;retry-after=7", errors.ClientError, "RESOURCE_EXHAUSTED"),
        ("503", errors.ServerError, "UNAVAILABLE"),
    ],
)
def test_providers_failures(connect, fault, kind, status):
    """In the package's own classes, with Google's names for them."""
    client = connect(headers={"x-local-fault": fault, "cf-aig-skip-cache": "true"})

    with pytest.raises(kind) as failed:
        ask(client)

    assert failed.value.status == status


def test_wrong_key_and_unknown_model(connect):
    """The provider's own refusals."""
    with pytest.raises(errors.ClientError) as stranger:
        ask(connect(key="invalid"))
    with pytest.raises(errors.ClientError) as missing:
        connect().models.generate_content(model="no-such-model", contents="Hello")

    assert (stranger.value.code, missing.value.code) == (401, 404)
    assert "no-such-model" in missing.value.message


@pytest.mark.rule("clients.exceptions")
@pytest.mark.parametrize(
    ("to", "status", "code"), [("default", 401, 2009), ("no-such-gateway", 400, 2001)]
)
def test_gateways_refusals(connect, to, status, code):
    """The gateway's own code is in the details that the package keeps."""
    with pytest.raises(errors.ClientError) as refused:
        ask(connect(to=to))

    assert refused.value.code == status
    assert refused.value.details["error"][0]["code"] == code


@pytest.mark.rule("headers.authorization")
def test_token_in_the_gateways_own_header(gateway, connect):
    """Beside a key, and in place of one."""
    headers = {"cf-aig-authorization": f"Bearer {gateway.token}"}

    assert ask(connect(to="default", headers=headers)).text
    assert ask(connect(to="default", key=gateway.token)).text


@pytest.mark.anyio
async def test_asynchronous_stream(connect):
    """The other half of the package has its own HTTP code."""
    stream = await connect().aio.models.generate_content_stream(model=MODEL, contents=QUESTION)

    assert len([chunk async for chunk in stream]) > 3
