"""The litellm package, unchanged: one call, any provider's own format, only ``api_base`` set."""

import litellm
import pytest
from pydantic import BaseModel

QUESTION = [{"role": "user", "content": "What is an AI gateway?"}]
PLACES = {
    "openai/gpt-4o-mini": "openai",
    "anthropic/claude-sonnet-4-5": "anthropic",
    "gemini/gemini-2.5-flash": "google-ai-studio/v1beta",
    "groq/llama-3.3-70b-versatile": "groq",
    "mistral/mistral-large-latest": "mistral/v1",
    "xai/grok-4": "grok",
    "deepseek/deepseek-chat": "deepseek",
    "openrouter/openai/gpt-4o-mini": "openrouter",
    "cloudflare/@cf/meta/llama-3.1-8b-instruct": "workers-ai/v1",
    "openai/workers-ai/@cf/meta/llama-3.1-8b-instruct": "compat",
}
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
each_model = pytest.mark.parametrize("model", PLACES)
HEADERS_KEPT = ("openai/gpt-4o-mini", "mistral/mistral-large-latest")


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    population: int


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Without tokenizers from afar, and without hints on the terminal."""
    monkeypatch.setattr(litellm, "disable_hf_tokenizer_download", True)
    monkeypatch.setattr(litellm, "suppress_debug_info", True)


@pytest.fixture
def complete(gateway):
    """Ask a model at its place; nothing is retried."""

    def completed(model, messages=QUESTION, *, to="demo", key="sk-anything", **how):
        base = f"{gateway.gateway_url(to)}/{PLACES[model]}"
        how = {"api_base": base, "api_key": key, "max_retries": 0, **how}
        return litellm.completion(model=model, messages=messages, **how)

    return completed


@each_model
def test_chat(complete, model):
    """Words, and counts that add up."""
    answer = complete(model)
    usage = answer.usage

    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 10


@each_model
def test_stream(complete, model):
    """Its pieces make the answer that comes whole, with the counts that it has."""
    whole = complete(model)

    chunks = list(complete(model, stream=True, stream_options={"include_usage": True}))
    built = litellm.stream_chunk_builder(chunks, messages=QUESTION)

    assert len(chunks) > 3
    assert built.choices[0].message.content == whole.choices[0].message.content
    assert built.usage.total_tokens == whole.usage.total_tokens


@pytest.mark.rule("clients.tool_loop")
@each_model
def test_tool_round_trip_ends(complete, model):
    """A call whose arguments fit, its result, and words at the end."""
    messages = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    wanted = complete(model, messages, tools=[WEATHER]).choices[0]
    (call,) = wanted.message.tool_calls

    told = {"role": "tool", "tool_call_id": call.id, "content": "Sunny, 21 degrees"}
    answer = complete(model, [*messages, wanted.message, told], tools=[WEATHER]).choices[0]

    assert (wanted.finish_reason, call.function.name) == ("tool_calls", "weather")
    assert '"city"' in call.function.arguments
    assert "Sunny" in answer.message.content
    assert answer.finish_reason == "stop"


@pytest.mark.rule("clients.structured")
@each_model
def test_structured_answer_fits(complete, model):
    """Each provider is asked in its own way."""
    answer = complete(model, response_format=City)

    assert City.model_validate_json(answer.choices[0].message.content)


@pytest.mark.rule("clients.exceptions")
@each_model
def test_failures_are_the_packages_own(complete, model):
    """It sorts them by status and by the provider's words."""
    faulty = {"x-local-fault": "429;retry-after=7", "cf-aig-skip-cache": "true"}
    down = {"x-local-fault": "503", "cf-aig-skip-cache": "true"}

    with pytest.raises(litellm.RateLimitError):
        complete(model, extra_headers=faulty)
    with pytest.raises(litellm.ServiceUnavailableError):
        complete(model, extra_headers=down)
    with pytest.raises(litellm.AuthenticationError, match="2009"):
        complete(model, to="default")
    with pytest.raises(litellm.AuthenticationError):
        complete(model, key="sk-wrong")


@each_model
def test_token_in_place_of_the_key(gateway, complete, model):
    """With stored keys the gateway's token is all that it needs."""
    assert complete(model, to="default", key=gateway.token).choices[0].message.content


def test_cohere(gateway):
    """Whole only: this version can't read the event names of Cohere's streams, here or there."""
    answer = litellm.completion(
        model="cohere_chat/command-a-03-2025",
        messages=[{"role": "user", "content": "What is the weather in Lisbon?"}],
        tools=[WEATHER],
        api_base=f"{gateway.gateway_url()}/cohere/v2/chat",
        api_key="anything",
    )

    assert answer.choices[0].message.tool_calls[0].function.name == "weather"
    assert answer.usage.total_tokens > 0


def test_unknown_gateway(complete):
    """The gateway's own code is in the message."""
    with pytest.raises(litellm.BadRequestError, match="2001"):
        complete("openai/gpt-4o-mini", to="no-such-gateway")


@pytest.mark.parametrize("model", HEADERS_KEPT)
def test_repeat_is_a_hit(complete, model):
    """Where the package keeps the headers, they tell it."""
    headers = {"cf-aig-metadata": '{"team": "research"}'}
    question = [{"role": "user", "content": "Once more, please"}]

    answers = [complete(model, question, extra_headers=headers) for _ in range(2)]
    kept = [answer._hidden_params["additional_headers"] for answer in answers]

    assert [each["llm_provider-cf-aig-cache-status"] for each in kept] == ["MISS", "HIT"]
    assert kept[0]["llm_provider-cf-aig-log-id"] != kept[1]["llm_provider-cf-aig-log-id"]


@pytest.mark.rule("clients.second_data_plane")
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_second_data_plane(gateway, streamed):
    """Where ``cloudflare/`` goes by itself: the API host, whose gateway is a header."""
    answer = litellm.completion(
        model="cloudflare/@cf/meta/llama-3.1-8b-instruct",
        messages=QUESTION,
        api_base=f"{gateway.url}/client/v4/accounts/someone/ai/v1",
        api_key=gateway.token,
        extra_headers={"cf-aig-gateway-id": "demo"},
        stream=streamed,
    )
    if streamed:
        answer = litellm.stream_chunk_builder(list(answer))

    assert answer.choices[0].message.content


def test_embeddings_and_responses(gateway):
    """The package's other calls."""
    how = {"api_base": f"{gateway.gateway_url()}/openai", "api_key": "sk-anything"}
    vectors = litellm.embedding(model="openai/text-embedding-3-small", input=["a", "b"], **how)
    response = litellm.responses(model="openai/gpt-4o-mini", input="Hello", **how)

    assert [len(row["embedding"]) for row in vectors.data] == [1536, 1536]
    assert response.output[0].content[0].text
    assert response.usage.total_tokens > 0


@pytest.mark.anyio
async def test_asynchronous_stream(gateway):
    """The other half of the package has its own HTTP code."""
    stream = await litellm.acompletion(
        model="anthropic/claude-sonnet-4-5",
        messages=QUESTION,
        api_base=f"{gateway.gateway_url()}/anthropic",
        api_key="sk-anything",
        stream=True,
    )

    assert len([chunk async for chunk in stream]) > 3
