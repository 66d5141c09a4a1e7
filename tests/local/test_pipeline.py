"""pipeline: one call's way through the stages, seen from outside over a real port.

The gateway of these tests runs at 60 emulated seconds per real one.
"""

import re

import pytest

from tests.local.conftest import HELLO, OPENAI, asking, code

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
LLAMA = "@cf/meta/llama-3.1-8b-instruct"
PREFIXES = {
    "anthropic": "claude-sonnet-4-5",
    "openai": "gpt-5-mini",
    "groq": "llama3-8b-8192",
    "mistral": "mistral-large-latest",
    "cohere": "command-r-plus",
    "perplexity": "sonar",
    "workers-ai": LLAMA,
    "google-ai-studio": "gemini-2.5-flash",
    "google-vertex-ai": "google/gemini-2.5-pro",
    "grok": "grok-4",
    "deepseek": "deepseek-chat",
    "cerebras": "llama3.1-8b",
    "baseten": "openai/gpt-oss-120b",
    "parallel": "speed",
}
"""Every provider that the documentation lists for the unified API, with a model."""


def step(provider="openai", endpoint="chat/completions", query=None, **more):
    return {"provider": provider, "endpoint": endpoint, "query": query or HELLO, **more}


# routing, authentication, and the errors of both


@pytest.mark.rule(
    "pipeline.order_of_refusals",
    "auth.on_missing",
    "errors.2001",
    "errors.2008",
    "unified.only_chat",
)
@pytest.mark.parametrize(
    ("gateway_id", "path", "expected"),
    [
        ("nobody", OPENAI, (400, 2001)),
        ("demo", "nobody/chat/completions", (400, 2008)),
        ("demo", "compat/models", (400, 2008)),
        ("nobody", "nobody/chat/completions", (400, 2001)),
        ("default", "nobody/chat/completions", (400, 2008)),
        ("default", OPENAI, (401, 2009)),
    ],
)
def test_checks_come_in_the_documented_order(gateway, gateway_id, path, expected):
    """The gateway's existence is told before the provider's, and that before authentication."""
    answer = gateway.ask(path, gateway=gateway_id)

    assert code(answer) == expected
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["name"] == "AiGatewayError"


@pytest.mark.rule("auth.on_valid")
def test_token_opens_a_closed_gateway(gateway):
    """``default`` is made with authentication on."""
    answer = gateway.ask(gateway="default", cf_aig_authorization=f"Bearer {gateway.token}")

    assert answer.status_code == 200
    assert gateway.log(answer, "default")["authentication"] is True


@pytest.mark.rule("url.default_gateway")
def test_default_makes_itself_again_on_first_authenticated_use(own_gateway):
    """Deleting it and calling again recreates it; without the token that is refused."""
    with own_gateway(instant=True) as caller:
        caller.manage("DELETE", "/gateways/default")
        before = caller.ask(gateway="default")
        after = caller.ask(
            gateway="default", cf_aig_authorization=caller.token, authorization="Bearer sk-1"
        )

        assert code(before) == (401, 2009)
        assert after.status_code == 200


@pytest.mark.rule(
    "cache.status_always",
    "native.headers",
    "native.step_zero",
    "headers.cache_status",
    "headers.ids_equal",
)
def test_answer_carries_the_documented_headers(gateway):
    """One id in three headers, the cache status, and step 0."""
    headers = gateway.ask().headers

    assert headers["cf-aig-log-id"] == headers["cf-aig-event-id"] == headers["cf-aig-request-id"]
    assert (headers["cf-aig-step"], headers["cf-aig-cache-status"]) in (("0", "MISS"), ("0", "HIT"))
    assert re.fullmatch(ID, headers["cf-aig-log-id"])


@pytest.mark.rule("clients.headers_on_refusals")
@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({}, {"x-local-fault": "reset"}, "MISS"),
        ({}, {"cf-aig-byok-alias": "nobody"}, "MISS"),
        ({"rate_limiting_limit": 1, "rate_limiting_interval": 86_400}, {}, None),
    ],
)
def test_refusal_names_its_row(gateway, settings, headers, status):
    """Whoever is refused can look the call up, with the event id of their own."""
    name = gateway.new_gateway(**settings)
    if settings:
        gateway.ask(gateway=name)

    answer = gateway.ask(gateway=name, cf_aig_event_id="mine", **headers)

    row = gateway.log(answer, name)
    assert (row["event_id"], answer.headers["cf-aig-event-id"]) == ("mine", "mine")
    assert row["status_code"] == answer.status_code
    assert answer.headers["cf-aig-request-id"] == row["id"]
    assert answer.headers["cf-aig-step"] == "0"
    assert answer.headers.get("cf-aig-cache-status") == status


@pytest.mark.rule("headers.event_id")
def test_callers_event_id_comes_back(gateway):
    """Log rows can be found by it."""
    answer = gateway.ask(cf_aig_event_id="my-event")

    assert answer.headers["cf-aig-event-id"] == "my-event"
    assert gateway.log(answer)["event_id"] == "my-event"


# cache


@pytest.mark.rule(
    "cache.status_header",
    "cache.hit_is_free",
    "cache.hit_row",
    "cache.hit_ids",
    "logs.duration_ms",
)
def test_same_question_comes_from_the_cache(gateway):
    """New ids, the same body; the row costs nothing and keeps the original latency."""
    body = asking("cache me once")
    first, second = gateway.ask(body=body), gateway.ask(body=body)
    fresh, cached = gateway.log(first), gateway.log(second)

    assert [a.headers["cf-aig-cache-status"] for a in (first, second)] == ["MISS", "HIT"]
    assert first.content == second.content
    assert first.headers["cf-aig-log-id"] != second.headers["cf-aig-log-id"]
    assert (fresh["cached"], cached["cached"]) == (False, True)
    assert fresh["duration"] == round(fresh["timings"]["total"])
    assert (cached["cost"], cached["tokens_in"], cached["tokens_out"]) == (0, 0, 0)
    assert fresh["cost"] > 0
    assert cached["timings"]["original_total"] == pytest.approx(fresh["timings"]["total"])
    assert gateway.journal(second) == []


@pytest.mark.rule("cache.exact_match", "cache.skip", "cache.streams")
@pytest.mark.parametrize(
    ("change", "headers"),
    [
        ({"temperature": 0.5}, {}),
        ({"messages": [{"role": "user", "content": "a  b"}]}, {}),
        ({}, {"authorization": "Bearer sk-another"}),
        ({}, {"cf_aig_skip_cache": "true"}),
        ({"stream": True}, {}),
    ],
    ids=["temperature", "one space", "provider key", "skip", "stream"],
)
def test_what_makes_another_question(gateway, change, headers):
    """Each of these misses although the first answer is there."""
    body = asking("a b")
    gateway.ask(body=body)

    answer = gateway.ask(body={**body, **change}, **headers)

    assert answer.headers["cf-aig-cache-status"] == "MISS"


@pytest.mark.rule("cache.key_ignores_noise")
def test_metadata_and_agent_make_no_other_question(gateway):
    """Noise that differs between calls is no part of the key."""
    body = asking("noise")
    gateway.ask(body=body, cf_aig_metadata='{"n":1}', user_agent="one", x_stainless_retry_count="0")

    answer = gateway.ask(
        body=body, cf_aig_metadata='{"n":2}', user_agent="two", x_stainless_retry_count="1"
    )

    assert answer.headers["cf-aig-cache-status"] == "HIT"


@pytest.mark.rule("cache.custom_key", "headers.cache_key")
def test_custom_key_replaces_the_whole_key(gateway):
    """Also where the gateway's caching is off, and for another body."""
    off = gateway.new_gateway()
    key = {"cf_aig_cache_key": "mine", "authorization": "Bearer sk-1"}
    first = gateway.ask(body=asking("one"), gateway=off, **key)
    second = gateway.ask(body=asking("two"), gateway=off, **key)
    without = gateway.ask(body=asking("one"), gateway=off, authorization="Bearer sk-1")

    assert second.content == first.content
    assert [a.headers["cf-aig-cache-status"] for a in (first, second, without)] == [
        "MISS",
        "HIT",
        "MISS",
    ]


@pytest.mark.rule("cache.expiry", "headers.cache_ttl")
def test_entry_is_gone_after_its_ttl(gateway):
    """A minute's TTL is over after a real second, since a hit doesn't refresh it."""
    body = asking("short lived")
    ttl = {"cf_aig_cache_ttl": "60"}
    gateway.ask(body=body, **ttl)
    hit = gateway.ask(body=body, **ttl)
    gateway.let_pass(61)

    late = gateway.ask(body=body, **ttl)

    assert hit.headers["cf-aig-cache-status"] == "HIT"
    assert late.headers["cf-aig-cache-status"] == "MISS"


@pytest.mark.rule("cache.images")
def test_image_is_cached_like_text(gateway):
    """A picture comes back as it was."""
    flux = "workers-ai/@cf/black-forest-labs/flux-1-schnell"
    first, second = (gateway.ask(flux, {"prompt": "a cached cat"}) for _ in range(2))

    assert [a.headers["cf-aig-cache-status"] for a in (first, second)] == ["MISS", "HIT"]
    assert first.json()["result"]["image"] == second.json()["result"]["image"]


@pytest.mark.rule("cache.skip_writes_nothing", "headers.skip_cache")
def test_skip_neither_reads_nor_writes(gateway):
    """What was asked with skip isn't there for the next."""
    body = asking("skipped")
    gateway.ask(body=body, cf_aig_skip_cache="true")

    assert gateway.ask(body=body).headers["cf-aig-cache-status"] == "MISS"


@pytest.mark.rule("cache.only_success")
def test_errors_are_not_stored(gateway):
    """Only 2xx answers are."""
    body = asking("fails first")
    failed = gateway.ask(body=body, x_local_fault="status=503")
    fresh = gateway.ask(body=body)

    assert (failed.status_code, fresh.status_code) == (503, 200)
    assert fresh.headers["cf-aig-cache-status"] == "MISS"


@pytest.mark.rule("cache.invalidate_on_update")
def test_update_can_invalidate_the_cache(gateway):
    """``cache_invalidate_on_update`` drops all entries on PUT (ASSUMPTION)."""
    name = gateway.new_gateway(cache_ttl=600, cache_invalidate_on_update=True)
    key = {"authorization": "Bearer sk-1"}
    gateway.ask(gateway=name, **key)
    settings = gateway.manage("GET", f"/gateways/{name}").json()["result"]
    gateway.manage("PUT", f"/gateways/{name}", json=settings)

    assert gateway.ask(gateway=name, **key).headers["cf-aig-cache-status"] == "MISS"


# rate limit


@pytest.mark.rule(
    "pipeline.rate_limit_before_cache",
    "pipeline.refusals_are_logged",
    "rate.scope",
    "rate.refused",
    "rate.no_retry_after",
)
@pytest.mark.parametrize("technique", ["fixed", "sliding"])
def test_rate_limit_counts_hits_too_and_is_logged(gateway, technique):
    """Over the limit: 429 with code 2003, and a row in the log."""
    name = gateway.new_gateway(
        cache_ttl=600,
        rate_limiting_limit=3,
        rate_limiting_interval=86_400,
        rate_limiting_technique=technique,
    )

    answers = [gateway.ask(gateway=name, authorization="Bearer sk-1") for _ in range(5)]

    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert code(answers[-1]) == (429, 2003)
    assert "retry-after" not in answers[-1].headers
    assert gateway.newest_log(name)["status_code"] == 429
    assert gateway.newest_log(name)["success"] is False


# credentials


@pytest.mark.rule(
    "pipeline.refusals_are_logged",
    "keys.alias_unknown",
    "keys.byok_only",
    "headers.no_wholesale",
)
@pytest.mark.parametrize(
    ("path", "settings", "headers", "expected"),
    [
        (OPENAI, {"byok_only": True}, {}, (400, None)),
        (OPENAI, {}, {"cf_aig_no_wholesale": "true"}, (400, None)),
        (OPENAI, {}, {"cf_aig_byok_alias": "nope"}, (400, 2040)),
    ],
)
def test_missing_credentials_are_told(gateway, path, settings, headers, expected):
    """In the gateway's envelope, with a row in the log."""
    name = gateway.new_gateway(**settings)
    answer = gateway.ask(path, gateway=name, **headers)

    assert code(answer) == expected
    assert gateway.newest_log(name)["status_code"] == 400


@pytest.mark.rule("keys.unified_third", "keys.no_credits")
def test_no_credits_left(gateway):
    """Unified Billing without credits is 402 with code 2021."""
    name = gateway.new_gateway()
    gateway.http.put("/_local/credits", json={"available": False})
    try:
        broke = gateway.ask(gateway=name)
    finally:
        gateway.http.put("/_local/credits", json={"available": True})
    served = gateway.ask(gateway=name)

    assert code(broke) == (402, 2021)
    assert served.status_code == 200
    assert gateway.log(served, name)["wholesale"] is True


@pytest.mark.rule("errors.provider_untouched")
def test_provider_rejects_a_wrong_key_in_its_own_words(gateway):
    """The body is the provider's, not the gateway's."""
    answer = gateway.ask(authorization="Bearer sk-invalid")

    assert answer.status_code == 401
    assert "error" in answer.json()
    assert "name" not in answer.json()


# universal


@pytest.mark.rule(
    "pipeline.retries_before_fallback",
    "fallback.step_header",
    "universal.array",
    "universal.slash",
    "headers.step",
)
@pytest.mark.parametrize("path", ["", "/"])
def test_first_step_that_answers_wins(gateway, path):
    """With and without the last slash; the step's index tells which."""
    answer = gateway.http.post(
        f"/v1/someone/demo{path}",
        json=[
            step(query=asking(f"first{path}"), config={"maxAttempts": 2}),
            step(query=asking(f"second{path}")),
        ],
        headers={"x-local-fault": "status=500, status=500"},
    )

    assert answer.headers["cf-aig-step"] == "1"


@pytest.mark.rule(
    "fallback.any_error",
    "universal.answer",
    "headers.ids_equal",
    "logs.row_per_step",
    "logs.request_type",
)
def test_fallback_reaches_another_provider(gateway):
    """Its own body, its own row, and a request id that both rows share in the journal."""
    question = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "fallback"}],
    }
    gateway.http.post("/_local/faults", json={"provider": "openai", "kind": "status", "times": 1})
    first = step(query=asking("fallback"))
    answer = gateway.ask("", [first, step("anthropic", "v1/messages", question)])
    rows = gateway.journal(answer)

    assert (answer.status_code, answer.headers["cf-aig-step"]) == (200, "1")
    assert answer.json()["type"] == "message"
    assert answer.headers["cf-aig-log-id"] != answer.headers["cf-aig-request-id"]
    assert [(row["provider"], row["step"]) for row in rows] == [("openai", 0), ("anthropic", 1)]
    assert gateway.log(answer)["request_type"] == "Universal"


@pytest.mark.rule("cache.ttl_zero", "universal.step_headers")
def test_steps_have_settings_of_their_own(gateway):
    """A TTL of 0 keeps one step out of the cache."""
    cached = [step(query=asking("step cached"))]
    never = [step(query=asking("step never"), headers={"cf-aig-cache-ttl": 0})]

    statuses = [
        gateway.ask("", steps).headers["cf-aig-cache-status"]
        for steps in (cached, cached, never, never)
    ]

    assert statuses == ["MISS", "HIT", "MISS", "MISS"]


@pytest.mark.rule("universal.authorization")
def test_keys_of_steps_stay_in_their_steps(gateway):
    """The first step's wrong key is the first step's failure alone."""
    answer = gateway.ask(
        "",
        [
            step(query=asking("keys"), headers={"Authorization": "Bearer sk-wrong"}),
            step(query=asking("keys"), authorization="Bearer sk-good"),
        ],
    )

    assert (answer.status_code, answer.headers["cf-aig-step"]) == (200, "1")


@pytest.mark.rule("fallback.credentials")
def test_step_without_a_key_hands_over(gateway):
    """Missing credentials are a failure of the step, not of the call."""
    name = gateway.new_gateway(byok_only=True)
    with_key = step(query=asking("handed over"), authorization="Bearer sk-1")

    answer = gateway.ask("", [step(query=asking("no key")), with_key], gateway=name)

    assert (answer.status_code, answer.headers["cf-aig-step"]) == (200, "1")


@pytest.mark.rule("retry.timeout_retries")
def test_step_that_is_too_slow_hands_over(gateway):
    """After its timeout, which a step may have of its own."""
    slow = step(query=asking("too slow"), config={"requestTimeout": 500})

    answer = gateway.ask("", [slow, step(query=asking("fast"))], x_local_fault="timeout, ok")

    assert (answer.status_code, answer.headers["cf-aig-step"]) == (200, "1")


@pytest.mark.rule("fallback.all_fail")
def test_when_all_steps_fail_the_last_answer_comes_back(gateway):
    """Unchanged, with the last index."""
    answer = gateway.ask(
        "",
        [step(headers={"Authorization": "Bearer wrong"})] * 2,
    )

    assert (answer.status_code, answer.headers["cf-aig-step"]) == (401, "1")


@pytest.mark.rule("errors.2019_status", "universal.required")
@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        "text",
        [1],
        [{"provider": "openai"}],
        [{"provider": "openai", "endpoint": 3, "query": {}}],
        [{"provider": "openai", "endpoint": "chat/completions"}],
    ],
)
def test_body_that_is_no_list_of_steps_is_refused(gateway, body):
    """In the gateway's envelope, saying which step and which member."""
    answer = gateway.ask("", body)

    assert answer.status_code == 400
    assert answer.json()["error"][0]["message"]


@pytest.mark.rule("universal.compat_step")
def test_unified_api_is_a_step_too(gateway):
    """``compat`` as provider, translated from Anthropic's format."""
    query = {**asking("compat step"), "model": "anthropic/claude-sonnet-4-5"}
    answer = gateway.ask("", [step("compat", "chat/completions", query)])

    assert answer.json()["object"] == "chat.completion"


@pytest.mark.rule("url.raw_path", "workers_ai.envelope")
def test_workers_ai_by_its_native_path(gateway):
    """Model names hold slashes and ``@``."""
    answer = gateway.ask(f"workers-ai/{LLAMA}", {"messages": HELLO["messages"]})

    assert answer.json()["result"]["response"]
    assert gateway.log(answer)["model"] == LLAMA


# unified API


@pytest.mark.rule("errors.2019", "errors.2019_status")
@pytest.mark.parametrize(
    "body",
    [
        {"model": "gpt-4o-mini", "messages": HELLO["messages"]},
        {"messages": HELLO["messages"]},
        {"model": "openai/gpt-4o-mini"},
        {"model": 7, "messages": []},
        {"model": "nobody/x", "messages": []},
        [],
    ],
)
def test_unified_call_in_bad_format_is_2019(gateway, body):
    """No prefix, an unknown one, no messages, or no object at all."""
    assert code(gateway.ask("compat/chat/completions", body)) == (400, 2019)


@pytest.mark.rule("providers.compat_prefixes")
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_of_the_unified_api_is_served(gateway, prefix):
    """In OpenAI's format, whatever the provider's own is."""
    model = PREFIXES[prefix]
    answer = gateway.ask("compat/chat/completions", {**HELLO, "model": f"{prefix}/{model}"})

    assert answer.status_code == 200, answer.text
    assert answer.json()["object"] == "chat.completion"


# logs


@pytest.mark.rule(
    "errors.7002",
    "headers.collect_log",
    "headers.collect_log_payload",
    "logs.on_by_default",
)
def test_row_without_bodies_or_no_row_at_all(gateway):
    """``collect-log-payload: false`` keeps a metadata-only row, ``collect-log: false`` nothing."""
    bare = gateway.ask(body=asking("no payload"), cf_aig_collect_log_payload="false")
    none = gateway.ask(body=asking("no row"), cf_aig_collect_log="false")
    log_id = bare.headers["cf-aig-log-id"]

    assert gateway.log(bare)["tokens_out"] > 0
    assert gateway.manage("GET", f"/gateways/demo/logs/{log_id}/request").status_code == 404
    missing = gateway.manage("GET", f"/gateways/demo/logs/{none.headers['cf-aig-log-id']}")
    assert missing.json()["errors"][0]["code"] == 7002


@pytest.mark.rule("headers.metadata", "headers.custom_cost", "logs.metadata_object")
def test_metadata_and_custom_cost_are_in_the_row(gateway):
    """In dollars per token, times the tokens of the answer."""
    answer = gateway.ask(
        body=asking("costs"),
        cf_aig_metadata='{"team":"AI","user":7,"test":true}',
        cf_aig_custom_cost='{"per_token_in":0.5,"per_token_out":2}',
    )
    row = gateway.log(answer)
    usage = answer.json()["usage"]

    assert row["metadata"] == {"team": "AI", "user": 7, "test": True}
    assert row["custom_cost"] is True
    assert row["cost"] == pytest.approx(
        usage["prompt_tokens"] * 0.5 + usage["completion_tokens"] * 2
    )


@pytest.mark.rule("cost.unpriced_row")
def test_row_without_a_known_price_costs_nothing(gateway):
    """The tokens are known, and nobody knows what they cost."""
    row = gateway.log(gateway.ask(body={**asking("unpriced"), "model": "gpt-7-some-day"}))

    assert (row["cost"], row["tokens_out"] > 0) == (0, True)


@pytest.mark.rule("logs.tokens")
def test_streamed_answer_is_logged_with_its_tokens(gateway):
    """Read from the stream's own usage, when it has ended."""
    body = {**asking("stream"), "stream": True, "stream_options": {"include_usage": True}}
    answer = gateway.ask(body=body)
    row = gateway.log(answer)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.rstrip().endswith("data: [DONE]")
    assert row["tokens_out"] > 0
    assert row["response_content_type"].startswith("text/event-stream")
