"""Cloudflare's own provider for the ``ai`` package: the universal endpoint, step by step."""

import pytest

MODELS = ["chat", "responses", "anthropic", "google", "groq", "unified"]
each_model = pytest.mark.parametrize("model", MODELS)
each_way = pytest.mark.parametrize(
    ("whole", "streamed"), [("chat", "stream"), ("binding", "bindingStream")], ids=["url", "bound"]
)


@pytest.fixture
def told(case):
    """What a case of the script says."""
    return lambda name: case("ai_gateway_provider.mjs", name)


@each_model
@each_way
def test_chat_and_stream(told, model, whole, streamed):
    """Over the network and through a binding; what is streamed adds up, and counts the same."""
    answer, stream = told(whole)[model], told(streamed)[model]

    assert answer["step"] == "0"
    assert len(stream["pieces"]) > 3
    assert "".join(stream["pieces"]) == answer["text"]
    assert stream["tokens"] == answer["tokens"] > 10


@each_model
def test_tools_run_until_there_are_words(told, model):
    """Each round is a universal request of its own."""
    answer = told("tools")[model]

    assert answer["steps"] == 2
    assert "Sunny in Lisbon" in answer["text"]


@each_model
def test_structured_answer_parses(told, model):
    """From a schema that the package checks itself."""
    assert set(told("object")[model]) == {"name"}


@pytest.mark.rule("cache.custom_key", "headers.skip_cache")
def test_its_options_are_the_gateways_headers(told):
    """A key of its own makes one answer of two models; skipping asks anew each time."""
    first, second = told("repeat")

    assert (first["cache"], second["cache"]) == ("MISS", "HIT")
    assert first["text"] == second["text"]
    assert told("skipped") == ["MISS", "MISS"]


@each_model
def test_repeat_over_a_binding_is_a_hit(told, model):
    """The same question was asked over the network before."""
    assert told("chat")[model]["text"]
    assert told("binding")[model]["cache"] == "HIT"


@pytest.mark.rule("fallback.step_header", "clients.universal_v1")
@pytest.mark.parametrize("second", ["anthropic", "google"])
def test_fallback_reads_the_answer_of_the_step_that_gave_it(told, second):
    """The first step's key is wrong; the header's number chooses the format to read."""
    answer = told("fallback")[second]

    assert answer["step"] == "1"
    assert answer["text"] == told("chat")[second]["text"]


def test_fallback_streams(told):
    """The same, piece by piece."""
    assert "".join(told("fallbackStream")["pieces"]) == told("chat")["google"]["text"]


@pytest.mark.rule("keys.stored_second")
def test_stored_key(told):
    """Without a provider's key the package sends none, with the gateway's token beside."""
    assert told("storedKey")["text"]


@pytest.mark.rule("clients.bearer_undefined", "clients.envelopes")
def test_bearer_undefined(told):
    """What it sends without an apiKey: fine where no token is needed, else its own error."""
    assert told("tokenNotNeeded")["text"]
    assert told("withoutToken")["kind"] == "AiGatewayUnauthorizedError"


@pytest.mark.rule("clients.envelopes", "errors.2001")
def test_unknown_gateway(told):
    """It knows status 400 with code 2001."""
    assert told("unknownGateway")["kind"] == "AiGatewayDoesNotExist"


def test_providers_errors_are_the_packages_own(told):
    """What no step could answer comes back as the last step said it."""
    strange, down = told("wrongKey"), told("overloaded")

    assert (strange["name"], strange["statusCode"]) == ("AI_APICallError", 401)
    assert (down["name"], down["statusCode"]) == ("AI_APICallError", 503)


def test_gateway_retries(told):
    """Two failures, and the third try is the answer."""
    assert told("retried")["text"] == told("chat")["chat"]["text"]
