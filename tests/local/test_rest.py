"""rest: the second data plane, seen from outside over a real port.

envelopes       plain OpenAI or Anthropic objects under /ai/v1, the API's envelope under /ai/run
errors          both ``error`` and ``errors``; the token's own refusal has only ``errors``
"""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.chat import Gathered
from gateway.dialects import DIALECTS
from gateway.local.refusals import Refusal
from gateway.local.rest import RestRefusal, admitted, route_of, step_of
from gateway.local.steps import Request
from gateway.policy import GatewayPolicy
from gateway.sse import Decoder
from tests.dialects.chats import spoiled
from tests.local.conftest import code

MESSAGES = [{"role": "user", "content": "What is a gateway?"}]
LLAMA = "@cf/meta/llama-3.1-8b-instruct"
AUTHORS = [
    ("openai/gpt-4o-mini", "openai"),
    ("anthropic/claude-sonnet-4-5", "anthropic"),
    ("google/gemini-2.5-flash", "google-ai-studio"),
    ("xai/grok-4", "grok"),
    ("deepseek/deepseek-chat", "deepseek"),
    ("groq/llama-3.3-70b-versatile", "groq"),
    (LLAMA, "workers-ai"),
]
THIRD_PARTY = AUTHORS[:-1]
UNKNOWN = ["nobody/gpt-4o", "gpt-4o-mini", "dynamic/support", "google-ai-studio/gemini", "openai/"]
ROUTES = [
    ("/client/v4/accounts/a/ai/run", {}, ("default", "run")),
    ("/client/v4/accounts/a/ai/run/", {}, ("default", "run")),
    ("/client/v4/accounts/a/ai/run/openai/gpt-5", {}, ("default", "run/openai/gpt-5")),
    ("/client/v4/accounts/a/ai/run/@cf/meta/llama", {}, ("", "run/@cf/meta/llama")),
    ("/client/v4/accounts/a/ai/run/%40cf/meta/llama", {}, ("", "run/@cf/meta/llama")),
    (
        "/client/v4/accounts/a/ai/run/@cf/meta/llama",
        {"cf-aig-gateway-id": "mine"},
        ("mine", "run/@cf/meta/llama"),
    ),
    ("/client/v4/accounts/a/ai/v1/chat/completions", {}, ("default", "v1/chat/completions")),
    ("/client/v4/accounts/a/ai/v1/v1/messages", {}, ("default", "v1/messages")),
    ("/client/v4/accounts/a/ai/v1/responses/", {}, ("default", "v1/responses")),
]
ELSEWHERE = [
    "/client/v4/accounts/a/ai/models/search",
    "/client/v4/accounts/a/ai/v1/files",
    "/client/v4/accounts/a/ai/running",
    "/client/v4/accounts/a/ai-gateway/gateways",
    "/client/v4/accounts/a/b/ai/run",
    "/v1/a/g/ai/run",
]
OPTIONS = [
    ({"webhookFormat": "raw"}, "needs options.webhookUrl"),
    ({"background": True, "webhookFormat": "raw"}, "needs options.webhookUrl"),
    ({"background": True, "webhookUrl": "http://example.com/hook"}, "must be an HTTPS URL"),
    (
        {"background": True, "webhookUrl": "https://example.com/h", "webhookFormat": "xml"},
        "must be raw or chat",
    ),
    ({"background": "yes"}, "must be true or false"),
    ({"background": True}, "isn't served by the local gateway"),
    ([], "must be an object"),
]
DEEP = json.loads("[" * 300 + "]" * 300)
INVALID = [
    (
        "v1/chat/completions",
        {"model": "openai/gpt-4o-mini", "messages": MESSAGES, "metadata": DEEP},
        "nested too deeply",
    ),
    ("v1/chat/completions", {"messages": MESSAGES}, "model must be given"),
    ("v1/chat/completions", {"model": "openai/gpt-4o-mini"}, "messages must be a list"),
    ("v1/chat/completions", {"model": "google/gemini-2.5-flash", "messages": []}, "messages"),
    ("v1/messages", {"model": LLAMA, "messages": MESSAGES}, "isn't available on this endpoint"),
    ("v1/embeddings", {"model": "anthropic/claude-sonnet-4-5", "input": "x"}, "isn't available"),
    ("v1/responses", {"model": "google/gemini-2.5-flash"}, "input must be"),
    ("run", {"model": "openai/gpt-4o-mini"}, "input must be an object"),
    ("run", {"model": "openai/gpt-4o-mini", "input": {}}, "messages or input"),
    ("run", [], "the body must be an object"),
]
TOKEN = "a-token-of-the-gateway"
ENDPOINTS = ["run", "run/google/gemini-2.5-flash", f"run/{LLAMA}", "v1/chat/completions"]
ENDPOINTS += ["v1/responses", "v1/messages", "v1/embeddings"]


class Rest:
    """Somebody with the token who asks the second data plane."""

    def __init__(self, caller):
        self.caller = caller

    def ask(self, endpoint, body=None, *, method="POST", token=None, **headers):
        """Send one call; underscores in header names become dashes."""
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.caller.http.request(
            method,
            f"/client/v4/accounts/someone/ai/{endpoint}",
            json=body,
            headers={"authorization": f"Bearer {token or self.caller.token}", **spelled},
        )

    def chat(self, model="openai/gpt-4o-mini", **more):
        """Send one chat completion."""
        headers = {name: more.pop(name) for name in list(more) if "_aig_" in name or "_l" in name}
        body = {"model": model, "messages": MESSAGES, **more}
        return self.ask("v1/chat/completions", body, **headers)


@pytest.fixture
def rest(gateway):
    return Rest(gateway)


# where and who


@pytest.mark.rule("rest.endpoints", "rest.gateway_header", "clients.second_data_plane")
@pytest.mark.parametrize(("path", "headers", "expected"), ROUTES)
def test_path_and_header_tell_endpoint_and_gateway(path, headers, expected):
    """A Workers AI model in the path without a gateway belongs to none."""
    route = route_of(path, headers)

    assert (route.gateway, route.endpoint) == expected
    assert (route.account, route.kind) == ("a", "rest")


@pytest.mark.parametrize("path", ELSEWHERE)
def test_other_paths_are_none_of_its(path):
    """The management API stays where it is."""
    assert route_of(path, {}) is None


@pytest.mark.rule("rest.credentials")
def test_callers_keys_stay_behind():
    """Only the gateway's token counts here; providers are asked with stored keys."""
    route = route_of(ROUTES[0][0], {})
    sent = {
        "authorization": f"Bearer {TOKEN}",
        "x-api-key": "sk-1",
        "cf-aig-skip-cache": "true",
        "a": "b",
    }

    assert admitted(route, sent, TOKEN) == {
        "cf-aig-skip-cache": "true",
        "a": "b",
        "cf-aig-authorization": f"Bearer {TOKEN}",
    }


@pytest.mark.rule("auth.rest_bearer")
@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer wrong"},
        {"authorization": ""},
        {"authorization": "Bearer undefined"},
        {"authorization": "{token}"},
        {"authorization": "Basic {token}"},
    ],
)
@pytest.mark.parametrize("endpoint", ["run", "v1/chat/completions", f"run/{LLAMA}"])
def test_without_the_token_nobody_comes_in(rest, endpoint, headers):
    """Refused by the API itself: code 10000 in its own envelope, ``errors`` alone."""
    token = rest.caller.token
    given = {name: value.format(token=token) for name, value in headers.items()}

    answer = rest.ask(endpoint, {}, cf_aig_authorization=token, **given)

    assert answer.status_code == 401
    assert answer.json()["errors"] == [{"code": 10000, "message": "Authentication error"}]
    assert "error" not in answer.json()


def test_other_methods_are_refused(rest):
    """Inference is POST."""
    assert rest.ask("run", method="GET").status_code == 405


@pytest.mark.rule("url.default_gateway")
def test_default_makes_itself(own_gateway):
    """The token is the authentication that its first use needs."""
    with own_gateway(instant=True) as caller:
        caller.manage("DELETE", "/gateways/default")
        missing = caller.manage("GET", "/gateways/default").status_code

        answer = Rest(caller).chat()

        assert (missing, answer.status_code) == (404, 200)
        assert caller.manage("GET", "/gateways/default").status_code == 200


@pytest.mark.rule("rest.gateway_header", "rest.features", "headers.gateway_id")
def test_header_names_the_gateway(rest):
    """Cache, limits and log are that gateway's."""
    name = rest.caller.new_gateway(rate_limiting_limit=1, rate_limiting_interval=86_400)
    how = {"cf_aig_gateway_id": name, "model": LLAMA}

    answer, limited = rest.chat(**how), rest.chat(**how)

    assert rest.caller.log(answer, name)["status_code"] == 200
    assert code(limited) == (429, 2003)
    assert code(rest.chat(cf_aig_gateway_id="nobody")) == (400, 2001)


@pytest.mark.rule("rest.gateway_for_cf")
def test_plain_workers_ai_has_no_gateway(rest):
    """As if nobody stood between: no headers, no log, no cache."""
    body = {"messages": MESSAGES}

    answers = [rest.ask(f"run/{LLAMA}", body, cf_aig_cache_key="k") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["result"]["response"]
    assert not [name for name in answers[0].headers if name.startswith("cf-aig-")]


@pytest.mark.rule("rest.credentials", "headers.stripped")
@pytest.mark.parametrize("endpoint", ["v1/messages", "run/anthropic/claude-sonnet-4-5"])
def test_nothing_of_the_callers_identity_reaches_the_provider(endpoint):
    """Neither the token nor a key; what the provider's format needs besides is there."""
    path = f"/client/v4/accounts/a/ai/{endpoint}"
    caller = {
        "authorization": f"Bearer {TOKEN}",
        "x-api-key": "sk-1",
        "cf-aig-metadata": "{}",
        "user-agent": "somebody",
    }

    sent = _step(path, {"model": "anthropic/claude-sonnet-4-5", "messages": MESSAGES}, caller)

    assert sent.headers == {
        "anthropic-version": "2023-06-01",
        "content-type": "application/json",
        "user-agent": "somebody",
    }


@pytest.mark.rule("clients.anthropic_version")
def test_callers_own_version_header_wins():
    """Anthropic's package sends one."""
    path = "/client/v4/accounts/a/ai/v1/messages"
    caller = {"authorization": f"Bearer {TOKEN}", "anthropic-version": "2026-10-21"}

    sent = _step(path, {"model": "anthropic/claude-sonnet-4-5", "messages": MESSAGES}, caller)

    assert sent.headers["anthropic-version"] == "2026-10-21"


@settings(max_examples=60, deadline=None)
@given(data=st.data(), endpoint=st.sampled_from(ENDPOINTS), model=st.sampled_from(AUTHORS))
def test_nonsense_is_refused_with_a_sentence(data, endpoint, model):
    """Whatever a client sends, nothing but our own refusal comes out."""
    inputs = ["Hi", {"messages": MESSAGES}, {"input": "Hi"}]
    good = {
        "model": model[0],
        "messages": MESSAGES,
        "input": data.draw(st.sampled_from(inputs)),
        "options": {},
    }
    body = data.draw(spoiled(good))

    with suppress(Refusal):
        _step(f"/client/v4/accounts/a/ai/{endpoint}", body, {"authorization": f"Bearer {TOKEN}"})


def _step(path, body, headers):
    route = route_of(path, headers)
    kept = admitted(route, headers, TOKEN)
    request = Request(route=route, method="POST", headers=kept, body=json.dumps(body).encode())
    return step_of(request, GatewayPolicy(id="g"), kept)


# models and formats


@pytest.mark.rule("rest.endpoints", "rest.plain_objects", "providers.rest_authors")
@pytest.mark.parametrize(("model", "provider"), AUTHORS)
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_every_author_answers_in_openais_format(rest, model, provider, streamed):
    """Plain objects, translated where the provider has another format, with usage in the log."""
    answer = rest.chat(
        model, stream=streamed, stream_options={"include_usage": True} if streamed else None
    )

    text, usage = _read("openai", answer)
    row = rest.caller.log(answer, "default")
    assert text
    assert (row["provider"], row["tokens_in"], row["tokens_out"]) == (
        provider,
        usage.tokens_in,
        usage.tokens_out,
    )
    assert row["model"].endswith(model)


@pytest.mark.rule("rest.endpoints")
@pytest.mark.parametrize(("model", "provider"), AUTHORS)
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_every_author_answers_responses(rest, model, provider, streamed):
    """The Responses API, passed on or translated."""
    body = {"model": model, "input": "What is a gateway?", "stream": streamed}

    answer = rest.ask("v1/responses", body)

    text, usage = _read("responses", answer)
    row = rest.caller.log(answer, "default")
    assert text
    assert (row["provider"], row["tokens_out"]) == (provider, usage.tokens_out)


@pytest.mark.rule("rest.endpoints", "clients.doubled_v1")
@pytest.mark.parametrize(("model", "provider"), THIRD_PARTY)
@pytest.mark.parametrize("path", ["v1/messages", "v1/v1/messages"])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_every_third_party_answers_messages(rest, model, provider, path, streamed):
    """Anthropic's format, on both paths that its package sends."""
    body = {"model": model, "max_tokens": 900, "messages": MESSAGES, "stream": streamed}

    answer = rest.ask(path, body)

    text, usage = _read("anthropic", answer)
    row = rest.caller.log(answer, "default")
    assert text
    assert (row["provider"], row["tokens_out"]) == (provider, usage.tokens_out)


@pytest.mark.rule("rest.run_body", "rest.run_envelope")
@pytest.mark.parametrize(
    ("model", "input", "form"),
    [
        ("openai/gpt-4o-mini", {"messages": MESSAGES, "max_tokens": 512}, "openai"),
        ("openai/gpt-4o-mini", {"input": "What is a gateway?"}, "responses"),
        ("anthropic/claude-sonnet-4-5", {"messages": MESSAGES, "max_tokens": 512}, "anthropic"),
        ("google/gemini-2.5-flash", {"messages": MESSAGES}, "openai"),
        ("google/gemini-2.5-flash", {"contents": [{"parts": [{"text": "What?"}]}]}, "google"),
        (LLAMA, {"messages": MESSAGES}, "workers-ai"),
    ],
)
@pytest.mark.parametrize("in_path", [False, True], ids=["body", "path"])
def test_run_takes_the_models_own_input(rest, model, input, form, in_path):
    """Whole answers come in the API's envelope, streams as the model's own events."""
    how = {"cf_aig_gateway_id": "default"}

    def run(given):
        body = given if in_path else {"model": model, "input": given}
        return rest.ask(f"run/{model}" if in_path else "run", body, **how)

    whole, streamed = run(input), run({**input, "stream": True})

    envelope = whole.json()
    result = envelope if form == "workers-ai" else envelope.pop("result")
    read = DIALECTS[form].reply(result)
    assert (envelope["success"], envelope["errors"], envelope["messages"]) == (True, [], [])
    assert read.text == _read(form, streamed)[0]
    assert rest.caller.log(whole, "default")["tokens_out"] == read.usage.tokens_out
    assert streamed.headers["content-type"].startswith("text/event-stream")


@pytest.mark.rule("rest.embeddings")
@pytest.mark.parametrize(
    ("endpoint", "body", "result"),
    [
        ("v1/embeddings", {"model": "openai/text-embedding-3-small", "input": "x"}, []),
        ("v1/embeddings", {"model": "@cf/baai/bge-m3", "input": ["x"]}, []),
        ("run", {"model": "openai/text-embedding-3-small", "input": {"input": "x"}}, ["result"]),
    ],
)
def test_embeddings(rest, endpoint, body, result):
    """Not among the documented four, but Workers AI has always had them here."""
    answer = rest.ask(endpoint, body)

    found = answer.json()
    for name in result:
        found = found[name]
    assert len(found["data"][0]["embedding"]) > 100
    assert rest.caller.log(answer, "default")["tokens_in"] == 1


@pytest.mark.rule("routes.rest", "errors.7003_model", "rest.authors")
@pytest.mark.parametrize("model", UNKNOWN)
def test_unknown_model_is_not_found(rest, model):
    """Authors aren't slugs, and dynamic routes aren't served here."""
    answer = rest.chat(model)

    assert code(answer) == (404, 7003)
    assert answer.json()["message"] == f"Model not found: {model}"


@pytest.mark.rule("errors.7003_model")
@pytest.mark.parametrize("model", ["openai/gpt-does-not-exist", LLAMA])
def test_model_that_the_provider_lacks_is_not_found(rest, model):
    """Told with the gateway's code and the caller's name for it, whatever the provider says."""
    answer = rest.chat(model, x_local_fault="404")

    assert code(answer) == (404, 7003)
    assert answer.json()["message"] == f"Model not found: {model}"


@pytest.mark.rule("errors.7003_input", "rest.messages_no_cf")
@pytest.mark.parametrize(("endpoint", "body", "words"), INVALID)
def test_bad_field_is_named(rest, endpoint, body, words):
    """400 with 7003, before anything is asked or paid for."""
    answer = rest.ask(endpoint, body)

    assert code(answer) == (400, 7003)
    assert words in answer.json()["message"]


@pytest.mark.rule("rest.options", "rest.background")
@pytest.mark.parametrize(("options", "words"), OPTIONS)
def test_options_that_do_not_fit_are_refused(rest, options, words):
    """A format needs a webhook, a webhook an address, and background isn't served."""
    body = {"model": "openai/gpt-4o-mini", "input": {"messages": MESSAGES}, "options": options}

    answer = rest.ask("run", body)

    assert code(answer) == (400, 7003)
    assert words in answer.json()["message"]


# credentials


@pytest.mark.rule("retry.rejected_credentials", "errors.2009_run")
@pytest.mark.parametrize("endpoint", ["run", "run/openai/gpt-4o-mini"])
def test_rejected_stored_key_is_2009(rest, endpoint):
    """The provider's refusal is told in the gateway's words, and at once: no retries."""
    body = {"messages": MESSAGES}
    body = {"model": "openai/gpt-4o-mini", "input": body} if endpoint == "run" else body

    answer = rest.ask(endpoint, body, x_local_fault="401", cf_aig_max_attempts="3")

    assert code(answer) == (401, 2009)
    assert answer.json()["errors"] == answer.json()["error"]
    row = rest.caller.newest_log("default")
    assert (row["status_code"], row["success"]) == (401, False)


@pytest.mark.rule("errors.503_run")
def test_rejected_cloudflare_key_is_503(rest):
    """Under Unified Billing the caller can't do anything about it."""
    name = rest.caller.new_gateway()
    body = {"model": "openai/gpt-4o-mini", "input": {"messages": MESSAGES}}

    answer = rest.ask("run", body, cf_aig_gateway_id=name, x_local_fault="401")

    assert answer.status_code == 503
    assert rest.caller.newest_log(name)["wholesale"] is True


@pytest.mark.rule("errors.provider_untouched")
def test_providers_own_errors_pass_elsewhere(rest):
    """Only the run path has that rule."""
    answer = rest.chat(x_local_fault="401")

    assert answer.status_code == 401
    assert "error" in answer.json()
    assert "success" not in answer.json()


@pytest.mark.rule("keys.alias_native_only")
def test_alias_is_not_consulted(rest):
    """Only the alias ``default`` is, or Unified Billing: no 2040 here."""
    answer = rest.chat(cf_aig_byok_alias="another")

    assert answer.status_code == 200
    assert rest.caller.log(answer, "default")["byok"] is True


@pytest.mark.rule("keys.byok_only", "errors.7003_before_credits")
def test_no_credits_and_no_wholesale(rest):
    """Without a stored key: 402, or 400 where the request wants no Unified Billing."""
    name = rest.caller.new_gateway()
    rest.caller.http.put("/_local/credits", json={"available": False})
    try:
        poor = rest.chat(cf_aig_gateway_id=name)
        proud = rest.chat(cf_aig_gateway_id=name, cf_aig_no_wholesale="true")
        invalid = rest.chat("nobody/model", cf_aig_gateway_id=name)
    finally:
        rest.caller.http.put("/_local/credits", json={"available": True})

    assert code(poor) == (402, 2021)
    assert proud.status_code == 400
    assert code(invalid) == (404, 7003)


# the gateway's features


@pytest.mark.rule("rest.features")
def test_cache_retries_and_headers_work_here_too(rest):
    """The same pipeline stands behind both data planes."""
    key = {"cf_aig_cache_key": "rest-cache", "cf_aig_metadata": '{"team":"a"}'}

    first = rest.chat(x_local_fault="503, ok", cf_aig_max_attempts="2", **key)
    second = rest.chat(**key)

    assert [each.headers["cf-aig-cache-status"] for each in (first, second)] == ["MISS", "HIT"]
    assert first.headers["cf-aig-step"] == "0"
    assert [row["status"] for row in rest.caller.journal(first)] == [503, 200]
    row = rest.caller.log(first, "default")
    assert (row["metadata"], row["authentication"]) == ({"team": "a"}, True)
    assert row["path"] == "ai/v1/chat/completions"


def test_same_body_on_two_endpoints_is_two_questions(rest):
    """Their answers have different formats."""
    name = rest.caller.new_gateway(cache_ttl=300)
    how = {"cf_aig_gateway_id": name}
    body = {"messages": MESSAGES, "model": LLAMA}

    run = rest.ask(f"run/{LLAMA}", body, **how)
    chat = rest.ask("v1/chat/completions", body, **how)

    assert chat.headers["cf-aig-cache-status"] == "MISS"
    assert run.json()["result"]["response"] == chat.json()["choices"][0]["message"]["content"]


@pytest.mark.rule("errors.run_envelope")
def test_refusal_is_written_in_both_envelopes():
    """Clients of either kind find the code where they look for it."""
    body = json.loads(RestRefusal(Refusal(2003)).body())

    assert body["error"] == body["errors"] == [{"code": 2003, "message": "Rate limited"}]
    assert body["name"] == "AiGatewayError"


def _read(form, answer):
    """Return text and usage of an answer in a format, streamed or not."""
    assert answer.status_code == 200, answer.text
    if not answer.headers["content-type"].startswith("text/event-stream"):
        completion = DIALECTS[form].reply(answer.json())
        return completion.text, completion.usage
    gathered, decoder = Gathered(), Decoder()
    for event in decoder.feed(answer.content):
        gathered.add(DIALECTS[form].delta(event))
    return gathered.text, gathered.completion().usage
