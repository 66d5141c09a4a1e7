"""policies: a gateway's policies in the way of its calls, over a real port."""

import base64
import json

import pytest

from tests.local.conftest import asking
from tests.local.policies.rows import BLOCK, EXCEPT, cap, policy

DOLLAR = {"authorization": "Bearer sk-1", "cf_aig_custom_cost": '{"total_cost":1}'}
DENIED = {"success": False, "error": {"message": "Access denied by policy"}}


@pytest.fixture
def ruled(gateway):
    """How to make a gateway with policies in force."""

    def make(*rows, **settings):
        name = gateway.new_gateway(**settings)
        for row in rows:
            place = f"/gateways/{name}/policies?commit=true"
            assert gateway.manage("POST", place, json=row).status_code == 200
        return name

    return make


def access(**claims):
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return {"cf_access_jwt_assertion": f"e30.{body}.c2ln"}


@pytest.mark.rule("policies.default_deny", "policies.block")
@pytest.mark.parametrize(
    "row",
    [
        policy(action=BLOCK),
        policy(resource={"model": "anthropic/*"}),
        policy(resource={"provider": "groq"}),
        policy(action=EXCEPT, resource={"model": "openai/gpt-5*"}),
        policy(condition='metadata.team == "a"'),
    ],
)
def test_call_is_denied_in_the_documented_words(gateway, ruled, row):
    """403, ``error`` an object; logged, and the provider never asked."""
    name = ruled(row)
    answer = gateway.ask(gateway=name, **DOLLAR)
    logged = gateway.newest_log(name)

    assert (answer.status_code, answer.json()) == (403, DENIED)
    assert logged["status_code"] == 403
    assert gateway.journal(logged["id"]) == []


@pytest.mark.rule("policies.identity")
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"cf_aig_metadata": '{"team":"a"}'}, 200),
        ({"cf_aig_metadata": '{"team":"b"}'}, 403),
        (access(sub="1", email="alice@example.com"), 200),
        (access(sub="2", email="bob@example.org"), 403),
        ({"cf_ipcountry": "DE"}, 200),
        ({}, 403),
    ],
)
def test_identity_decides(gateway, ruled, headers, expected):
    """By metadata, by the claims of an Access token, by country."""
    name = ruled(
        policy("team", condition='metadata.team == "a"'),
        policy("domain", condition='cf.user.email.endsWith("@example.com")'),
        policy("country", condition='cf.country == "DE"'),
    )

    assert gateway.ask(gateway=name, **DOLLAR, **headers).status_code == expected


@pytest.mark.rule("policies.budget")
def test_budget_that_is_used_up_is_told(gateway, ruled):
    """429 with bucket, spent and limit; what an answer cost counts from the next call on."""
    name = ruled(policy(action=cap(1.5)))
    answers = [gateway.ask(gateway=name, **DOLLAR) for _ in range(3)]
    error = answers[2].json()["error"]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["success"] is False
    assert error == {
        "message": "Spending limit exceeded",
        "bucket": error["bucket"],
        "spent": 2.0,
        "limit": 1.5,
    }
    assert len(error["bucket"]) == 32


def test_actor_names_the_bucket(gateway, ruled):
    """One budget for each user of the metadata."""
    name = ruled(policy(actor="user:{metadata.user}", action=cap(1)))
    statuses = [
        gateway.ask(gateway=name, cf_aig_metadata=json.dumps({"user": user}), **DOLLAR).status_code
        for user in ("a", "a", "b")
    ]

    assert statuses == [200, 429, 200]


@pytest.mark.rule("policies.hits_skip")
def test_hit_is_served_whatever_policies_say(gateway, ruled):
    """The cache answers before they are asked."""
    name = ruled(cache_ttl=600)
    fresh = gateway.ask(body=asking("policy"), gateway=name, **DOLLAR)
    place = f"/gateways/{name}/policies?commit=true"
    gateway.manage("POST", place, json=policy(action=BLOCK))
    hit = gateway.ask(body=asking("policy"), gateway=name, **DOLLAR)
    miss = gateway.ask(body=asking("another"), gateway=name, **DOLLAR)

    assert (fresh.status_code, miss.status_code) == (200, 403)
    assert (hit.status_code, hit.headers["cf-aig-cache-status"]) == (200, "HIT")


@pytest.mark.rule("policies.failure")
def test_policy_that_cant_be_evaluated_lets_pass(gateway, ruled):
    """Failures allow traffic, also where another policy would deny it."""
    name = ruled(policy(action=BLOCK, condition="metadata.seats > 3"))
    statuses = [
        gateway.ask(gateway=name, cf_aig_metadata=metadata, **DOLLAR).status_code
        for metadata in ('{"seats":"many"}', '{"seats":5}')
    ]

    assert statuses == [200, 403]


@pytest.mark.rule("policies.ends_the_call")
def test_denial_ends_a_universal_call_without_fallback(gateway, ruled):
    """It is no failure of the step."""
    name = ruled(policy(resource={"provider": "groq"}))
    steps = [
        {
            "provider": slug,
            "endpoint": "chat/completions",
            "query": {**asking("Hello"), "model": "llama-3.3-70b-versatile"},
            "authorization": "Bearer k",
        }
        for slug in ("openai", "groq")
    ]

    assert gateway.ask("", steps, gateway=name).json() == DENIED
    assert gateway.ask("", steps[1:], gateway=name).status_code == 200


@pytest.mark.rule("policies.rest_envelope")
def test_rest_host_has_errors_too(gateway, ruled):
    """As its other refusals have; the model goes by its author there as everywhere."""
    name = ruled(policy(resource={"model": "xai/grok-*"}))
    statuses = {}
    for model in ("xai/grok-4", "openai/gpt-4o-mini"):
        answer = gateway.http.post(
            "/client/v4/accounts/someone/ai/v1/chat/completions",
            json={"model": model, "messages": asking("Hello")["messages"]},
            headers={"authorization": f"Bearer {gateway.token}", "cf-aig-gateway-id": name},
        )
        statuses[model] = answer.status_code

    assert statuses == {"xai/grok-4": 200, "openai/gpt-4o-mini": 403}
    assert answer.json() == {**DENIED, "errors": [DENIED["error"]]}
