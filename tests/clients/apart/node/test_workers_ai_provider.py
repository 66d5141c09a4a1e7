"""Cloudflare's provider of its own models, and of other vendors' through a binding."""

import pytest

MODELS = ["gateway", "account", "binding", "openai", "anthropic", "universal"]
each_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture
def told(case):
    """What a case of the script says."""
    return lambda name: case("workers_ai_provider.mjs", name)


@pytest.mark.rule("clients.workers_run", "clients.second_data_plane", "clients.usage_workers")
@each_model
def test_chat_and_stream(told, model):
    """On ``/workers-ai/run/@cf/...``, on the API host, and through a binding."""
    answer, stream = told("chat")[model], told("stream")[model]

    assert answer["finishReason"] == "stop"
    assert len(stream["pieces"]) > 3
    assert "".join(stream["pieces"]) == answer["text"]
    assert stream["tokens"] == answer["tokens"] > 10


@each_model
def test_tools_run_until_there_are_words(told, model):
    """A call, what the function returned, and an answer that has it."""
    answer = told("tools")[model]

    assert answer["steps"] == 2
    assert "Sunny in Lisbon" in answer["text"]


@pytest.mark.rule("clients.structured")
@each_model
def test_structured_answer_parses(told, model):
    """Workers AI gets the bare schema, other vendors theirs."""
    assert set(told("object")[model]) == {"name"}


def test_repeat_is_a_hit(told):
    """With a lifetime the package takes the universal endpoint, and tells what came back."""
    assert told("repeat") == [
        {"cacheStatus": "MISS", "cfStep": "0"},
        {"cacheStatus": "HIT", "cfStep": "0"},
    ]


def test_fallback_to_another_vendor(told):
    """The second step's format is read, for the header says that it answered."""
    answer = told("fallback")

    assert answer["seen"] == ["1"]
    assert answer["text"] == told("chat")["anthropic"]["text"]


def test_embeddings(told):
    """Of Workers AI's own models."""
    assert told("embeddings") == [768, 768]


@pytest.mark.rule("clients.exceptions", "auth.rest_bearer")
def test_errors_are_the_packages_own(told):
    """The gateway's refusal, the API host's, and the provider's."""
    refused, down = told("wrongToken"), told("overloaded")

    assert [each["statusCode"] for each in refused.values()] == [401, 401]
    assert '"code":2009' in refused["gateway"]["responseBody"]
    assert '"code":10000' in refused["account"]["responseBody"]
    assert (down["name"], down["statusCode"]) == ("AI_APICallError", 503)
