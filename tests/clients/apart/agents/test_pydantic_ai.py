"""The pydantic-ai package, unchanged: agents on four formats, which it checks member by member."""

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, ModelHTTPError, NativeOutput
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

from tests.clients.conftest import PIXEL_BYTES

pytestmark = pytest.mark.anyio

QUESTION = "What is an AI gateway?"
MODELS = {
    "chat": (OpenAIChatModel, OpenAIProvider, "openai", "gpt-4o-mini"),
    "responses": (OpenAIResponsesModel, OpenAIProvider, "openai", "gpt-4o-mini"),
    "anthropic": (AnthropicModel, AnthropicProvider, "anthropic", "claude-sonnet-4-5"),
    "google": (GoogleModel, GoogleProvider, "google-ai-studio", "gemini-2.5-flash"),
    "groq": (OpenAIChatModel, OpenAIProvider, "groq", "llama-3.3-70b-versatile"),
    "compat": (OpenAIChatModel, OpenAIProvider, "compat", "workers-ai/@cf/openai/gpt-oss-120b"),
}
each_model = pytest.mark.parametrize("kind", MODELS)


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    population: int


@pytest.fixture
def model(gateway):
    """Models at their place of a gateway."""

    def made(kind, *, to="demo", key="anything"):
        format, provider, place, name = MODELS[kind]
        url = f"{gateway.gateway_url(to)}/{place}"
        return format(name, provider=provider(base_url=url, api_key=key))

    return made


def headers(**values):
    """Settings of one run that send these headers along."""
    return {"extra_headers": {name.replace("_", "-"): value for name, value in values.items()}}


@pytest.mark.rule("clients.full_bodies")
@each_model
async def test_run(model, kind):
    """One request, whose tokens are counted."""
    result = await Agent(model(kind), system_prompt="Be brief.").run(QUESTION)

    assert result.output
    assert result.usage.requests == 1
    assert result.usage.input_tokens > 3
    assert result.usage.output_tokens > 3


@each_model
async def test_stream(model, kind):
    """Pieces that add up, and the same counts as without a stream."""
    agent = Agent(model(kind))
    whole = await agent.run(QUESTION)

    async with agent.run_stream(QUESTION) as result:
        pieces = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]

    assert len(pieces) > 3
    assert "".join(pieces) == whole.output
    assert result.usage.output_tokens == whole.usage.output_tokens


@pytest.mark.rule("clients.tool_loop")
@each_model
async def test_tools_run_until_there_are_words(model, kind):
    """The agent calls a Python function as often as the model asks, here once."""
    asked = []
    agent = Agent(model(kind))

    @agent.tool_plain
    def weather(city: str) -> str:
        """Tell the weather of a city."""
        asked.append(city)
        return f"Sunny in {city}"

    result = await agent.run("What is the weather in Lisbon?")

    assert asked == ["Lisbon"]
    assert "Sunny in Lisbon" in result.output
    assert result.usage.requests == 2


@pytest.mark.rule("clients.structured")
@each_model
@pytest.mark.parametrize("wrap", [lambda kind: kind, NativeOutput], ids=["tool", "native"])
async def test_structured_answer(model, kind, wrap):
    """By a tool that must be called, and by the provider's own schema member."""
    result = await Agent(model(kind), output_type=wrap(City)).run("Describe Lisbon.")

    assert isinstance(result.output, City)


@each_model
async def test_conversation_and_picture(model, kind):
    """Earlier messages go along, in the format of each provider; so does a picture."""
    agent = Agent(model(kind))
    first = await agent.run("I live in Porto")

    picture = BinaryContent(PIXEL_BYTES, media_type="image/png")
    second = await agent.run([QUESTION, picture], message_history=first.all_messages())

    assert second.usage.input_tokens > first.usage.input_tokens + first.usage.output_tokens


@pytest.mark.rule("clients.exceptions")
@pytest.mark.parametrize("kind", ["chat", "responses", "anthropic"])
@pytest.mark.parametrize(("fault", "status"), [("429", 429), ("503", 503)])
async def test_providers_failures(model, kind, fault, status):
    """One class for all, above clients that retry unless told not to."""
    settings = headers(x_local_fault=fault, cf_aig_skip_cache="true")
    asked = model(kind)
    asked.client.max_retries = 0

    with pytest.raises(ModelHTTPError) as failed:
        await Agent(asked).run(QUESTION, model_settings=settings)

    assert failed.value.status_code == status


@each_model
async def test_refusals(model, kind):
    """The gateway's 401 and the provider's, told apart by the body that is kept."""
    with pytest.raises(ModelHTTPError) as gateways:
        await Agent(model(kind, to="default")).run(QUESTION)
    with pytest.raises(ModelHTTPError) as providers:
        await Agent(model(kind, key="wrong")).run(QUESTION)

    assert (gateways.value.status_code, providers.value.status_code) == (401, 401)
    assert "2009" in str(gateways.value)
    assert "2009" not in str(providers.value)


@each_model
async def test_token_in_place_of_the_key(gateway, model, kind):
    """With stored keys the gateway's token is all that it needs."""
    assert (await Agent(model(kind, to="default", key=gateway.token)).run(QUESTION)).output


async def test_fallback_of_the_framework(model):
    """Its own way to another provider is taken after a gateway's refusal."""
    both = FallbackModel(model("chat", to="default"), model("anthropic"))

    result = await Agent(both).run(QUESTION)

    assert result.response.model_name == "claude-sonnet-4-5"


async def test_gateways_cache_key(model):
    """Two questions under one key: the second gets the first one's answer."""
    settings = headers(cf_aig_cache_key="agents-one", cf_aig_cache_ttl="120")
    agent = Agent(model("chat"))

    answers = [
        (await agent.run(text, model_settings=settings)).output
        for text in ("The first question", "Quite another question")
    ]

    assert answers[0] == answers[1]
