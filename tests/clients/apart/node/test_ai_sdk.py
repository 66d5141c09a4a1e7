"""The ``ai`` package with its providers: each provider's own format, only ``baseURL`` set."""

import pytest

from tests.clients.conftest import assert_gateway_headers

MODELS = ["chat", "responses", "anthropic", "google", "groq", "compat"]
each_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture
def told(case):
    """What a case of the script says of one model, or of all."""

    def telling(name, model=None):
        everything = case("ai_sdk.mjs", name)
        return everything if model is None else everything[model]

    return telling


@each_model
def test_chat(told, model):
    """Words, counts, and the gateway's headers."""
    answer = told("chat", model)
    usage = answer["usage"]

    assert answer["text"]
    assert answer["finishReason"] == "stop"
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"] > 10
    assert_gateway_headers(answer["headers"])


@pytest.mark.rule("clients.headers_on_streams")
@each_model
def test_stream(told, model):
    """Pieces that add up to the whole answer, with its counts where the package looks."""
    whole, streamed = told("chat", model), told("stream", model)

    assert len(streamed["pieces"]) > 3
    assert "".join(streamed["pieces"]) == whole["text"]
    assert streamed["usage"] == whole["usage"]
    assert_gateway_headers(streamed["headers"])


@each_model
def test_tools_run_until_there_are_words(told, model):
    """A call, what the function returned, and an answer that has it."""
    answer = told("tools", model)

    assert answer["steps"] == 2
    assert "Sunny in Lisbon" in answer["text"]


@each_model
def test_streamed_tool_call_has_whole_input(told, model):
    """The pieces of a call add up to what its schema asks for."""
    (call,) = told("streamedTools", model)

    assert (call["toolName"], set(call["input"])) == ("weather", {"city"})


@each_model
def test_structured_answer_parses(told, model):
    """From a schema that the package checks itself."""
    assert set(told("object", model)) == {"name", "population"}


@pytest.mark.rule("cache.key_ignores_noise")
@each_model
def test_repeat_is_a_hit(told, model):
    """Other metadata makes no other question."""
    assert told("repeat", model) == ["MISS", "HIT"]


@pytest.mark.rule("clients.exceptions", "errors.provider_untouched")
@each_model
@pytest.mark.parametrize(
    ("name", "status"), [("rateLimited", 429), ("overloaded", 503), ("wrongKey", 401)]
)
def test_providers_errors_are_the_packages_own(told, model, name, status):
    """With the words out of the provider's own body, not the whole body."""
    error = told(name, model)

    assert (error["name"], error["statusCode"]) == ("AI_APICallError", status)
    assert "AiGatewayError" not in error["responseBody"]
    assert "{" not in error["message"]


@each_model
def test_gateways_refusal(told, model):
    """Its code is in the body that the error keeps."""
    error = told("withoutToken", model)

    assert (error["name"], error["statusCode"]) == ("AI_APICallError", 401)
    assert '"code":2009' in error["responseBody"]


@each_model
def test_token_in_place_of_the_key(told, model):
    """With stored keys the gateway's token is all that it needs."""
    assert told("withToken", model)


def test_embeddings(told):
    """Two texts, two vectors, and what they cost."""
    assert told("embeddings") == {"lengths": [1536, 1536], "tokens": 2}
