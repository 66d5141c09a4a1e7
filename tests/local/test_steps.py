"""steps: what a request asks for, as steps with what is in force for each."""

import json

import pytest

from gateway.local.refusals import Refusal
from gateway.local.routing import route_of
from gateway.local.steps import Request, cf_headers, forwarded, steps_of
from gateway.policy import GatewayPolicy

POLICY = GatewayPolicy(id="g")
SAID = [{"role": "user", "content": "Hello"}]


def steps(path, body=b"", headers=None, method="POST"):
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    path, _, query = path.partition("?")
    route = route_of(f"/v1/a/g{path}", query)
    request = Request(route=route, method=method, headers=headers or {}, body=text)
    return steps_of(request, POLICY, request.headers)


MODELS = [
    ("/openai/chat/completions", {"model": "gpt-4o-mini"}, "gpt-4o-mini"),
    ("/google-ai-studio/v1beta/models/gemini-2.5-flash:generateContent", {}, "gemini-2.5-flash"),
    ("/workers-ai/@cf/meta/llama-3.1-8b-instruct", {}, "@cf/meta/llama-3.1-8b-instruct"),
    ("/workers-ai/run/@cf/meta/llama-3.1-8b-instruct", {}, "@cf/meta/llama-3.1-8b-instruct"),
    (
        "/aws-bedrock/bedrock-runtime/us-east-1/model/amazon.nova-lite-v1:0/invoke",
        {},
        "amazon.nova-lite-v1:0",
    ),
    ("/workers-ai/%40cf%2Fmeta%2Fllama-3.1-8b-instruct", {}, "@cf/meta/llama-3.1-8b-instruct"),
    ("/google-ai-studio/v1beta/models/gemini-2.5-flash%3AgenerateContent", {}, "gemini-2.5-flash"),
    ("/openai/chat/completions", b"no json", ""),
    ("/openai/chat/completions", {"model": 5}, ""),
]


@pytest.mark.parametrize(("path", "body", "model"), MODELS)
def test_model_is_found_where_the_provider_has_it(path, body, model):
    """In the body, or in the path: logs and keys name it."""
    assert steps(path, body)[0].model == model


@pytest.mark.rule("clients.stream_by_body")
@pytest.mark.parametrize(
    ("path", "body", "streamed"),
    [
        ("/openai/chat/completions", {"stream": True}, True),
        ("/openai/chat/completions", {"stream": False}, False),
        ("/openai/chat/completions", {"stream": None}, False),
        ("/openai/chat/completions", {"stream": "true"}, False),
        ("/google-ai-studio/v1beta/models/m:streamGenerateContent?alt=sse", {}, True),
        ("/google-ai-studio/v1beta/models/m%3astreamGenerateContent?alt=sse", {}, True),
        ("/google-ai-studio/v1beta/models/m:generateContent", {}, False),
    ],
)
def test_body_alone_says_whether_it_is_a_stream(path, body, streamed):
    """Never the Accept header; at Google the verb does."""
    assert steps(path, body, {"accept": "text/event-stream"})[0].streamed == streamed


@pytest.mark.rule("providers.extra_headers")
def test_unified_call_carries_what_the_provider_needs_besides_its_key():
    """The caller speaks OpenAI's format, which has no such header."""
    body = {"model": "anthropic/claude-sonnet-4-5", "messages": SAID}

    assert steps("/compat/chat/completions", body)[0].headers["anthropic-version"] == "2023-06-01"


@pytest.mark.rule("headers.stripped", "headers.stripped_all")
def test_gateway_keeps_its_own_headers():
    """Its token, its options and those of the connection don't reach the provider."""
    headers = {
        "authorization": "Bearer sk",
        "cf-aig-authorization": "Bearer t",
        "cf-aig-metadata": "{}",
        "cf-skip-cache": "true",
        "host": "h",
        "connection": "close",
        "content-length": "3",
        "x-local-fault": "503",
        "anthropic-version": "2023-06-01",
    }

    assert forwarded(headers) == {"authorization": "Bearer sk", "anthropic-version": "2023-06-01"}
    assert dict(cf_headers(headers)).keys() == {
        "cf-aig-authorization",
        "cf-aig-metadata",
        "cf-skip-cache",
    }


UNIFIED = [
    ("openai/gpt-4o-mini", "openai", "chat/completions", False),
    ("mistral/mistral-large-latest", "mistral", "v1/chat/completions", False),
    ("anthropic/claude-sonnet-4-5", "anthropic", "v1/messages", True),
    ("workers-ai/@cf/meta/llama-3.1-8b-instruct", "workers-ai", "v1/chat/completions", False),
    ("perplexity/sonar", "perplexity-ai", "chat/completions", False),
    ("cohere/command-r-plus", "cohere", "compatibility/v1/chat/completions", False),
    ("custom-acme/m/x", "custom-acme", "v1/chat/completions", False),
]


@pytest.mark.rule(
    "unified.prefix",
)
@pytest.mark.parametrize(("model", "slug", "path", "translated"), UNIFIED)
def test_unified_call_goes_where_its_prefix_says(model, slug, path, translated):
    """The prefix ends at the first slash; what isn't OpenAI-shaped is translated."""
    [step] = steps("/compat/chat/completions", {"model": model, "messages": SAID})

    assert (step.slug, step.path, step.translation is not None) == (slug, path, translated)
    assert json.loads(step.sent)["model"] == model.partition("/")[2]


def test_unified_call_keeps_members_that_we_do_not_know():
    """New parameters pass through to providers that speak OpenAI's format."""
    body = {"model": "openai/gpt-5-mini", "messages": SAID, "brand_new": {"a": 1}}

    [step] = steps("/compat/chat/completions", body)

    assert json.loads(step.sent) == {**body, "model": "gpt-5-mini"}


def test_same_step_has_the_same_key_and_another_key_of_the_provider_another():
    """What the cache is asked for."""
    body = {"model": "m", "messages": SAID}
    one, again, other = (
        steps("/openai/chat/completions", body, {"authorization": key})[0].key
        for key in ("Bearer a", "Bearer a", "Bearer b")
    )
    custom = steps("/openai/chat/completions", body, {"cf-aig-cache-key": "mine"})[0].key

    assert one == again != other
    assert custom == "custom:mine"


@pytest.mark.rule("universal.step_headers")
def test_steps_have_only_their_own_headers():
    """The keys of other steps, and those of the request, stay out."""
    entry = {
        "provider": "openai",
        "endpoint": "v1/chat/completions",
        "headers": {"Authorization": "Bearer own", "cf-aig-cache-ttl": 120, "X-Flag": True},
        "query": {"model": "m"},
    }

    [step] = steps("/", [entry], {"authorization": "Bearer outer", "user-agent": "agent"})

    assert step.headers == {
        "content-type": "application/json",
        "authorization": "Bearer own",
        "x-flag": "true",
        "user-agent": "agent",
    }
    assert step.settled.cache_ttl == 120


@pytest.mark.rule("universal.single_object")
def test_single_object_counts_as_one_step():
    """The binding wraps it; over HTTP it is accepted too (ASSUMPTION)."""
    assert len(steps("/", {"provider": "openai", "endpoint": "x", "query": {}})) == 1


@pytest.mark.rule("universal.post_only")
def test_universal_takes_post_only():
    """Anything else is told so."""
    with pytest.raises(Refusal) as refused:
        steps("/", method="GET")

    assert refused.value.status == 405


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/compat/chat/completions", {"model": "openai/gpt-4o-mini", "messages": SAID}),
        ("", {"provider": "openai", "endpoint": "chat/completions", "query": {}}),
        ("", {"provider": "openai", "endpoint": "chat/completions", "query": {}, "headers": {}}),
    ],
    ids=["compat", "query", "headers"],
)
def test_body_nested_too_deeply_is_refused(path, body):
    """It can be read, but not written again."""
    deep = json.loads("[" * 300 + "]" * 300)
    place = body.get("headers", body.get("query", body))
    place["x-deep"] = deep

    with pytest.raises(Refusal, match="nested too deeply"):
        steps(path, body)


def test_native_body_may_be_as_deep_as_it_likes():
    """It passes as it is."""
    body = b'{"model":"m","deep":' + b"[" * 300 + b"]" * 300 + b"}"

    assert steps("/openai/chat/completions", body)[0].sent == body


@pytest.mark.rule("url.escaped_path")
@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/workers-ai/%40cf/a/b", "@cf/a/b"),
        ("/workers-ai/run/%40cf%2fa%2Fb?x=%40%2F", "run/@cf/a/b?x=%40%2F"),
        ("/openai/v1/models/ft%3Agpt%2Fx%20y", "v1/models/ft:gpt%2Fx%20y"),
        ("/openai/files/100%", "files/100%"),
    ],
)
def test_escaped_path_means_the_same(path, endpoint):
    """Under one key in the cache, and as the provider takes it; the query stays as it is."""
    step = steps(path)[0]

    assert (step.endpoint, step.path) == (endpoint, endpoint)


@pytest.mark.rule("routes.call")
def test_dynamic_route_gives_no_answer():
    """Whether there is one of this name or not: nothing executes it, and the words say so."""
    body = {"model": "dynamic/support", "messages": SAID}
    with pytest.raises(Refusal, match="not executed") as caught:
        steps("/compat/chat/completions", body)

    assert (caught.value.status, caught.value.code) == (400, 2005)
