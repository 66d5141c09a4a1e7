"""autorouter: the model that is chosen, why, and what follows it when it fails."""

import pytest

from tests.local.conftest import asking, code

AUTO = {**asking("Hello"), "model": "cloudflare/auto"}
PATH = "compat/chat/completions"
OPENAI = {"cf_aig_allowed_models": "openai/gpt-5.6-*"}


def turn(*texts):
    """Return a chat whose user and model have spoken in turn."""
    roles = ("user", "assistant")
    messages = [{"role": roles[at % 2], "content": text} for at, text in enumerate(texts)]
    return {**AUTO, "messages": messages}


def routed(answer):
    assert answer.status_code == 200, answer.text
    return (answer.headers["cf-aig-routed-model"], answer.headers["cf-aig-routing-reason"])


@pytest.mark.rule("auto.model", "auto.headers", "auto.choice", "headers.auto")
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, ("anthropic/claude-fable-5", "cost_optimal_within_pool")),
        (OPENAI, ("openai/gpt-5.6-luna", "cost_optimal_within_pool")),
        ({"cf_aig_allowed_models": "xai/grok-4.5"}, ("xai/grok-4.5", "forced_by_candidate_pool")),
        (
            {"cf_aig_allowed_providers": "workers-ai"},
            ("@cf/deepseek-ai/deepseek-v4-flash-0731", "cost_optimal_within_pool"),
        ),
    ],
)
def test_first_model_that_is_allowed_answers(gateway, headers, expected):
    """In OpenAI's format, whoever it is; headers say which one, and why."""
    answer = gateway.ask(PATH, AUTO, cf_aig_skip_cache="true", **headers)

    assert routed(answer) == expected
    assert answer.json()["object"] == "chat.completion"
    assert len(answer.headers["cf-aig-routing-decision-id"]) == 36
    assert answer.headers["cf-aig-step"] == "0"
    assert gateway.log(answer)["model"] == expected[0]


@pytest.mark.rule("auto.model")
def test_streamed_call_is_routed_too(gateway):
    """The headers come before the first word."""
    answer = gateway.ask(PATH, {**AUTO, "stream": True})

    assert routed(answer)[0] == "anthropic/claude-fable-5"
    assert b"data: [DONE]" in answer.content


@pytest.mark.rule("auto.responses")
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("models", ["anthropic/*", "openai/*", "xai/*", "@cf/*/*"])
def test_responses_are_routed_too(gateway, models, stream):
    """In the format that was asked, also by models whose own it isn't."""
    body = {"model": "cloudflare/auto", "input": "Hello", "stream": stream}
    answer = gateway.ask(PATH, body, cf_aig_skip_cache="true", cf_aig_allowed_models=models)

    assert routed(answer)[0].partition("/")[0] == models.partition("/")[0]
    if stream:
        assert answer.text.startswith("event: response.created\n")
        assert "event: response.completed\n" in answer.text
    else:
        assert answer.json()["object"] == "response"
        assert answer.json()["id"].startswith("resp_")
    assert gateway.log(answer)["tokens_out"] > 0


@pytest.mark.rule("auto.responses")
@pytest.mark.parametrize("given", [5, []])
def test_response_in_bad_format_is_refused(gateway, given):
    """Like a chat in bad format."""
    answer = gateway.ask(PATH, {"model": "cloudflare/auto", "input": given})

    assert code(answer) == (400, 2019)


@pytest.mark.rule("auto.session", "auto.responses")
@pytest.mark.parametrize("given", ["Hello", [{"role": "user", "content": "Hello"}]])
def test_model_is_kept_for_a_turn_of_responses(gateway, given):
    """A turn is told by its input, whichever form that has."""
    body = {"model": "cloudflare/auto", "input": given}
    session = {"cf_aig_session_id": f"responses {type(given)}", "cf_aig_skip_cache": "true"}

    first = gateway.ask(PATH, body, **session)
    second = gateway.ask(PATH, body, **session)

    assert routed(second) == (routed(first)[0], "pinned_by_turn")


@pytest.mark.rule("auto.next")
def test_next_model_answers_where_the_first_cant(gateway):
    """And says that it is not the one that was chosen."""
    answer = gateway.ask(PATH, AUTO, x_local_fault="503, 503", **OPENAI)

    assert routed(answer) == ("openai/gpt-5.6-terra", "fallback_candidate_unavailable")


@pytest.mark.rule("auto.budget")
def test_model_whose_budget_is_used_up_is_left_out(gateway):
    """Instead of a 429, as long as another is left."""
    rule = {
        "limit": 0,
        "limitType": "cost",
        "window": 86_400,
        "model": {"mode": "filter", "values": ["openai/gpt-5.6-luna"]},
    }
    everyone = {"limit": 0, "limitType": "cost", "window": 86_400}
    limits = [{"enabled": True, "rules": [each]} for each in (rule, everyone)]
    custom = {"cf_aig_custom_cost": '{"total_cost":1}', **OPENAI}
    some, none = (
        gateway.ask(PATH, AUTO, gateway=gateway.new_gateway(spend_limits=each), **custom)
        for each in limits
    )

    assert routed(some)[0] == "openai/gpt-5.6-sol"
    assert code(none) == (429, 2045)


@pytest.mark.rule("auto.session")
def test_model_is_kept_for_a_turn(gateway):
    """Tool calls and results belong to their question; the next question is another turn."""
    session = {"cf_aig_session_id": "kept", "cf_aig_skip_cache": "true"}
    answers = [
        gateway.ask(PATH, body, **session, **allowed)
        for body, allowed in (
            (turn("one"), {"cf_aig_allowed_models": "xai/*"}),
            (turn("one", "tool call"), {}),
            (turn("one", "tool call"), {"cf_aig_allowed_models": "xai/*,openai/gpt-5.5"}),
            (turn("one", "answer", "two"), {"cf_aig_allowed_models": "openai/gpt-5.5,xai/*"}),
        )
    ]

    assert [routed(answer) for answer in answers] == [
        ("xai/grok-4.5", "cost_optimal_within_pool"),
        ("xai/grok-4.5", "pinned_by_turn"),
        ("xai/grok-4.5", "pinned_by_turn"),
        ("openai/gpt-5.5", "cost_optimal_within_pool"),
    ]


@pytest.mark.rule("auto.session", "headers.auto")
@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"cf_aig_session_id": "s1"}, "pinned_by_turn"),
        ({"cf_aig_session_id": "s2", "cf_aig_no_session_affinity": "true"}, None),
        ({}, None),
    ],
)
def test_affinity_needs_a_session(gateway, headers, reason):
    """And can be switched off."""
    reasons = [
        routed(gateway.ask(PATH, AUTO, cf_aig_skip_cache="true", **headers))[1] for _ in range(2)
    ]

    assert reasons == ["cost_optimal_within_pool", reason or "cost_optimal_within_pool"]


@pytest.mark.rule("auto.session", "headers.auto")
def test_turn_can_be_marked(gateway):
    """Its id wins over what the messages say."""
    session = {"cf_aig_session_id": "marked", "cf_aig_skip_cache": "true"}
    reasons = [
        routed(gateway.ask(PATH, turn(text), cf_aig_turn_id=mark, **session))[1]
        for text, mark in (("one", "1"), ("two", "1"), ("two", "2"))
    ]

    assert reasons == ["cost_optimal_within_pool", "pinned_by_turn", "cost_optimal_within_pool"]


@pytest.mark.rule("auto.allow_list")
@pytest.mark.parametrize("name", ["models", "providers"])
def test_allow_list_that_matches_nothing_is_refused(gateway, name):
    """In the gateway's envelope, naming the entry."""
    answer = gateway.ask(PATH, AUTO, **{f"cf_aig_allowed_{name}": "nobody"})

    assert code(answer) == (400, None)
    assert answer.json()["message"].startswith(f"cf-aig-allowed-{name}: nobody matches no")


def test_routed_call_in_bad_format_is_2019(gateway):
    """As any other of the unified API."""
    assert code(gateway.ask(PATH, {"model": "cloudflare/auto"})) == (400, 2019)


def test_hit_tells_its_route_too(gateway):
    """It was asked for in the same way."""
    name = gateway.new_gateway(cache_ttl=600)
    answers = [gateway.ask(PATH, AUTO, gateway=name, authorization="Bearer k") for _ in range(2)]

    assert [answer.headers["cf-aig-cache-status"] for answer in answers] == ["MISS", "HIT"]
    assert routed(answers[0]) == routed(answers[1])
