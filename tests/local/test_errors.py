"""Every error of the table, reached over the wire: status, code, envelope, words, and its row.

A row of ``data/errors.json`` without a way to reach it fails here.
"""

from functools import partial

import pytest

from gateway.codes import CODES, explain
from tests.local.conftest import HELLO, MINIMAL, OPENAI, asking, calling

LLAMA = "workers-ai/@cf/meta/llama-3.1-8b-instruct"
QUESTION = {"messages": HELLO["messages"]}
RUN = {"model": "openai/gpt-4o-mini", "input": QUESTION}
QUOTA = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
CUSTOM = {"name": "Mine", "slug": "mine", "base_url": "https://example.com"}


@pytest.fixture(scope="module")
def caller():
    with calling(instant=True) as caller:
        yield caller


# Ways to an error. Each takes the caller and returns the answer.


def rest(endpoint, body, caller, *, token=None, **headers):
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.http.post(
        f"/client/v4/accounts/someone/ai/{endpoint}",
        json=body,
        headers={"authorization": f"Bearer {token or caller.token}", **spelled},
    )


def over_the_rate(caller):
    name = caller.new_gateway(rate_limiting_limit=1, rate_limiting_interval=86_400)
    caller.ask(gateway=name)
    return caller.ask(gateway=name)


def over_the_cap_of_unified_billing(caller):
    name = caller.new_gateway()
    answers = [caller.ask(gateway=name) for _ in range(201)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    return answers[-1]


def over_the_budget(caller):
    rule = {"limit": 0, "limitType": "cost", "window": 3600}
    limits = {"enabled": True, "rules": [rule]}
    return caller.ask(gateway=caller.new_gateway(spend_limits=limits))


def judged(rules, caller, **headers):
    name = caller.new_gateway(guardrails={"prompt": {}, "response": {}, **rules})
    return caller.ask(body=asking("Say: simulated hazard S1"), gateway=name, **headers)


def judged_on_run(caller):
    rules = {"prompt": {}, "response": {"S1": "BLOCK"}}
    run = {**RUN, "input": {"messages": asking("Say: simulated hazard S1")["messages"]}}
    return rest("run", run, caller, cf_aig_gateway_id=caller.new_gateway(guardrails=rules))


def looked_through(check, caller):
    policy = {"id": "p", "enabled": True, "action": "BLOCK", "check": [check]}
    policy["profiles"] = ["Government Identifiers"]
    name = caller.new_gateway(dlp={"enabled": True, "policies": [policy]})
    return caller.ask(body=asking("Say: 078-05-1120"), gateway=name)


def denied(action, caller):
    name = caller.new_gateway()
    policy = {"name": "p", "actor": "all", "resource": "*", "condition": "true", "action": action}
    caller.manage("POST", f"/gateways/{name}/policies?commit=true", json=policy)
    caller.ask(gateway=name)
    return caller.ask(gateway=name)


def without_credits(caller):
    name = caller.new_gateway()
    caller.http.put("/_local/credits", json={"available": False})
    answer = caller.ask(gateway=name)
    caller.http.put("/_local/credits", json={"available": True})
    return answer


def rejected_key_of_cloudflare(caller):
    name = caller.new_gateway()
    return rest("run", RUN, caller, cf_aig_gateway_id=name, x_local_fault="401")


def by_fault(path, word, caller):
    body = {**HELLO, **QUESTION}
    return caller.ask(path, body, x_local_fault=word)


def out_of_quota(caller):
    fault = {"provider": "openai", "status": 429, "times": 1, "body": QUOTA}
    caller.http.post("/_local/faults", json=fault)
    answer = caller.ask(authorization="Bearer sk-poor")
    caller.http.delete("/_local/faults")
    return answer


def empty_body(caller):
    return caller.http.post(f"/v1/someone/demo/{LLAMA}", content=b"")


def custom(body, caller):
    return caller.manage("POST", "/custom-providers", json=body)


def custom_twice(caller):
    custom(CUSTOM, caller)
    return custom(CUSTOM, caller)


WAYS = {
    "gateway_unknown": lambda caller: caller.ask(gateway="nobody"),
    "rate_limited": over_the_rate,
    "no_answer": partial(by_fault, OPENAI, "reset"),
    "provider_unknown": lambda caller: caller.ask("nobody/chat/completions"),
    "unauthorized": lambda caller: caller.ask(gateway="default"),
    "run_credential_rejected": partial(rest, "run", RUN, x_local_fault="401"),
    "run_unified_rejected": rejected_key_of_cloudflare,
    "bad_format": lambda caller: caller.ask("compat/chat/completions", HELLO),
    "no_credits": without_credits,
    "key_alias_unknown": lambda caller: caller.ask(cf_aig_byok_alias="nope"),
    "spend_limit": over_the_budget,
    "prompt_blocked": partial(judged, {"prompt": {"S1": "BLOCK"}}),
    "response_blocked": partial(judged, {"response": {"S1": "BLOCK"}}),
    "run_blocked": judged_on_run,
    "scanner_unavailable": partial(
        judged, {"prompt": {"S1": "BLOCK"}}, x_local_scanner_fault="503"
    ),
    "allow_list_matches_nothing": lambda caller: caller.ask(
        "compat/chat/completions",
        {**HELLO, "model": "cloudflare/auto"},
        cf_aig_allowed_models="nobody/*",
    ),
    "policy_blocked": partial(denied, {"type": "block"}),
    "policy_budget": partial(
        denied,
        {
            "type": "limit",
            "amount": 0.000001,
            "period": "monthly",
            "technique": "named-interval",
        },
    ),
    "dlp_request_blocked": partial(looked_through, "REQUEST"),
    "dlp_response_blocked": partial(looked_through, "RESPONSE"),
    "model_unknown": partial(rest, "v1/chat/completions", {**HELLO, "model": "nobody/x"}),
    "input_invalid": partial(rest, "run", {"model": "openai/gpt-4o-mini"}),
    "token_lacks_permission": partial(rest, "run", RUN, token="of-somebody-else"),
    "credentials_required": lambda caller: caller.ask(
        gateway=caller.new_gateway(byok_only=True), body=HELLO
    ),
    "webhook_without_background": partial(
        rest, "run", {**RUN, "options": {"webhookUrl": "https://example.com/hook"}}
    ),
    "unified_billing_rate": over_the_cap_of_unified_billing,
    "setting_invalid": lambda caller: caller.manage(
        "POST", "/gateways", json={**MINIMAL, "id": "bad", "cache_ttl": -1}
    ),
    "log_body_missing": lambda caller: caller.manage("GET", "/gateways/demo/logs/nothing"),
    "custom_provider_url": partial(custom, {**CUSTOM, "base_url": "ftp://example.com"}),
    "custom_provider_exists": custom_twice,
    "custom_provider_unknown": lambda caller: caller.manage("GET", "/custom-providers/nothing"),
    "workers_ai_no_such_model": lambda caller: caller.ask(f"{LLAMA}-does-not-exist", QUESTION),
    "workers_ai_invalid_data": lambda caller: caller.ask(LLAMA, {"messages": "none"}),
    "workers_ai_incomplete_request": empty_body,
    "workers_ai_invalid_model_id": lambda caller: caller.ask("workers-ai/@cf/meta", QUESTION),
    "workers_ai_too_large": lambda caller: caller.ask(LLAMA, {"prompt": "long " * 2_100_000}),
    "workers_ai_lora_unsupported": lambda caller: caller.ask(LLAMA, {**QUESTION, "lora": "mine"}),
    "provider_credentials": lambda caller: caller.ask(authorization="Bearer sk-wrong"),
    "provider_bad_request": lambda caller: caller.ask(body={"model": "gpt-4o-mini"}),
    "provider_not_found": lambda caller: caller.ask(body={**HELLO, "model": "no-such-model"}),
    "provider_quota": out_of_quota,
    "provider_refused": partial(by_fault, OPENAI, "status=418"),
    **{
        row.name: partial(by_fault, OPENAI, f"status={row.status}")
        for row in CODES
        if row.name
        in (
            "provider_payment",
            "provider_forbidden",
            "provider_timeout",
            "provider_too_large",
            "provider_unprocessable",
            "provider_rate_limited",
            "provider_failed",
            "provider_overloaded",
            "provider_slow",
        )
    },
    **{
        # What speaks of an account or of load can't be earned by a request.
        f"workers_ai_{name}": partial(by_fault, LLAMA, f"error={code}")
        for name, code in {
            "finetune_incomplete": 3039,
            "private_model": 5018,
            "private_model_2": 3041,
            "terms": 5016,
            "account_blocked": 3023,
            "old_sdk": 5019,
            "timeout": 3007,
            "aborted": 3008,
            "daily_allocation": 3036,
            "out_of_capacity": 3040,
        }.items()
    },
}


# Envelopes, one for each host. Each takes a row and a body and returns the message in it.


def from_gateway_host(row, body):
    said = body["error"][0]
    assert body == {
        "success": False,
        "result": [],
        "messages": [],
        "error": [{**number("code", row), "message": said["message"]}],
        "name": "AiGatewayError",
        "httpCode": row.status,
        **number("internalCode", row),
        "message": said["message"],
    }
    return said["message"]


def from_policies(row, body):
    said = body["error"]
    assert body == {"success": False, "error": said}
    return said["message"]


def from_api_host(row, body):
    assert body["errors"] == body["error"]
    return from_gateway_host(row, {name: body[name] for name in body if name != "errors"})


def from_v4(row, body):
    said = body["errors"][0]
    assert said["code"] == row.code
    assert body == {"success": False, "result": None, "messages": [], "errors": [said]}
    return said["message"]


def from_provider(row, body):
    assert "success" not in body
    return body["error"]["message"]


def number(name, row):
    return {} if row.code is None else {name: row.code}


ROWS = {row.name: row for row in CODES}
BY_ORIGIN = {
    "gateway": from_gateway_host,
    "management": from_v4,
    "workers-ai": from_v4,
    "provider": from_provider,
}
ENVELOPES = {row.name: BY_ORIGIN[row.origin] for row in CODES}
ENVELOPES |= dict.fromkeys(("policy_blocked", "policy_budget"), from_policies)
ENVELOPES |= dict.fromkeys(
    (
        "run_credential_rejected",
        "run_unified_rejected",
        "model_unknown",
        "input_invalid",
        "webhook_without_background",
        "run_blocked",
    ),
    from_api_host,
)
STATUSES = {row.name: row.status for row in CODES} | {"provider_refused": 418}


@pytest.mark.rule("errors.all_reached")
def test_every_error_has_a_way():
    """Each row is reached below."""
    assert set(WAYS) == set(ROWS)


@pytest.mark.rule(
    "keys.unified_cap",
    "spend.refused",
    "errors.gateway_envelope",
    "errors.api_envelope",
    "errors.run_envelope",
    "errors.2003",
    "errors.2009",
    "errors.webhook",
    "errors.all_reached",
    "workers_ai.codes",
    "clients.json_type",
    "policies.block",
    "policies.budget",
    "auto.allow_list",
)
@pytest.mark.parametrize("name", WAYS)
def test_error_is_reached(caller, name):
    """Its status, its code, its envelope and its words; and from the body back to its row."""
    row = ROWS[name]

    answer = WAYS[name](caller)

    assert answer.status_code == STATUSES[name]
    assert answer.headers["content-type"] == "application/json"
    assert ENVELOPES[name](row, answer.json()).startswith(row.message)
    assert explain(answer.status_code, answer.text) == row
