"""The langchain-openai package, unchanged, on a provider's own path and on the unified one."""

import httpx2
import openai
import pytest
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from tests.clients.conftest import PIXEL, UUID7

QUESTION = "What is an AI gateway?"
PLACES = {
    "gpt-4o-mini": "openai",
    "llama-3.3-70b-versatile": "groq",
    "anthropic/claude-sonnet-4-5": "compat",
    "google-ai-studio/gemini-2.5-flash": "compat",
}
each_model = pytest.mark.parametrize("model", PLACES)


class City(BaseModel):
    """A city and how many live there."""

    name: str
    population: int


@tool
def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"Sunny in {city}"


@pytest.fixture
def chat(gateway):
    """Chat models at their place; nothing is retried."""

    def chatting(model="gpt-4o-mini", *, to="demo", key="sk-anything", headers=None, **how):
        return ChatOpenAI(
            base_url=f"{gateway.gateway_url(to)}/{PLACES[model]}",
            model=model,
            api_key=key,
            default_headers=headers,
            max_retries=0,
            include_response_headers=True,
            **how,
        )

    return chatting


@each_model
def test_chat(chat, model):
    """Words, counts, and why it stopped, each where the framework keeps it."""
    answer = chat(model).invoke(QUESTION)
    usage = answer.usage_metadata

    assert answer.text
    assert answer.response_metadata["finish_reason"] == "stop"
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 10
    assert UUID7.fullmatch(answer.response_metadata["headers"]["cf-aig-log-id"])


@each_model
def test_stream(chat, model):
    """Chunks add up to one message, whose usage comes with the last of them."""
    whole = chat(model).invoke(QUESTION)

    chunks = list(chat(model, stream_usage=True).stream(QUESTION))
    message = chunks[0]
    for chunk in chunks[1:]:
        message += chunk

    assert len(chunks) > 3
    assert message.text == whole.text
    assert message.usage_metadata["total_tokens"] == whole.usage_metadata["total_tokens"]


@each_model
def test_tool_round_trip_ends(chat, model):
    """A call with fitting arguments, its result, and words."""
    asked = [HumanMessage("What is the weather in Lisbon?")]
    wanted = chat(model).bind_tools([weather], tool_choice="required").invoke(asked)
    (call,) = wanted.tool_calls

    told = ToolMessage(weather.invoke(call["args"]), tool_call_id=call["id"])
    answer = chat(model).bind_tools([weather]).invoke([*asked, wanted, told])

    assert call["name"] == "weather"
    assert "Sunny in" in answer.text
    assert not answer.tool_calls


@pytest.mark.rule("clients.structured")
@each_model
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_answer_parses(chat, model, method):
    """By schema, and by a tool that must be called."""
    city = chat(model).with_structured_output(City, method=method).invoke("Describe Lisbon.")

    assert isinstance(city, City)


def test_picture(chat):
    """A message of two parts."""
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    parts = [{"type": "text", "text": "What is in this picture?"}, picture]

    assert chat().invoke([HumanMessage(parts)]).text


@pytest.mark.rule("cache.key_ignores_noise")
def test_repeat_is_a_hit(chat):
    """Seen in the headers that the framework keeps on request; metadata makes no other key."""
    questioner = chat(headers={"cf-aig-cache-ttl": "120", "cf-aig-metadata": '{"team": "r"}'})

    answers = [questioner.invoke("Once more, please") for _ in range(2)]
    headers = [answer.response_metadata["headers"] for answer in answers]

    assert [each["cf-aig-cache-status"] for each in headers] == ["MISS", "HIT"]


def test_many_at_once(chat):
    """A batch asks in parallel, and keeps the order."""
    answers = chat().batch([f"Say the number {number}" for number in range(8)])

    assert len({answer.response_metadata["headers"]["cf-aig-log-id"] for answer in answers}) == 8


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_responses_api(chat, streamed):
    """The other of OpenAI's formats."""
    model = chat(use_responses_api=True)
    answers = list(model.stream(QUESTION)) if streamed else [model.invoke(QUESTION)]

    assert "".join(answer.text for answer in answers)


def test_embeddings(gateway):
    """Without its own counting of tokens, for which it would fetch a table."""
    embeddings = OpenAIEmbeddings(
        base_url=f"{gateway.gateway_url()}/openai",
        api_key="sk-anything",
        model="text-embedding-3-small",
        check_embedding_ctx_length=False,
    )

    assert [len(each) for each in embeddings.embed_documents(["one", "two"])] == [1536, 1536]


@pytest.mark.rule("clients.exceptions")
@pytest.mark.parametrize("model", ["gpt-4o-mini", "anthropic/claude-sonnet-4-5"])
def test_failures_are_those_of_the_openai_package(chat, model):
    """The framework's own classes derive from them."""
    skip = {"cf-aig-skip-cache": "true"}

    with pytest.raises(openai.RateLimitError):
        chat(model, headers={"x-local-fault": "429", **skip}).invoke(QUESTION)
    with pytest.raises(openai.InternalServerError):
        chat(model, headers={"x-local-fault": "503", **skip}).invoke(QUESTION)
    with pytest.raises(openai.AuthenticationError) as gateways:
        chat(model, to="default").invoke(QUESTION)
    with pytest.raises(openai.AuthenticationError) as providers:
        chat(model, key="sk-wrong").invoke(QUESTION)

    assert "2009" in gateways.value.response.text
    assert "2009" not in providers.value.response.text


def test_token_beside_the_key_and_in_place_of_it(gateway, chat):
    """Both ways into a gateway that wants its token."""
    headers = {"cf-aig-authorization": f"Bearer {gateway.token}"}

    assert chat(to="default", headers=headers).invoke(QUESTION).text
    assert chat(to="default", key=gateway.token).invoke(QUESTION).text


@pytest.mark.rule("clients.broken_stream")
def test_broken_stream_is_an_error(chat):
    """Never taken for a short answer."""
    broken = chat(headers={"x-local-fault": "reset;after=2"})

    with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):
        list(broken.stream(QUESTION))


@pytest.mark.anyio
async def test_asynchronous_stream(chat):
    """The other half of the package."""
    assert len([chunk async for chunk in chat().astream(QUESTION)]) > 3
