"""dlp: what is found in requests and answers, what is done about it, and who is told."""

import json

import pytest

from gateway.local.dlp import dlp_of
from gateway.local.profiles import PROFILES
from tests.local.conftest import asking, code

FINANCE, PERSON, STATE = (profile.id for profile in PROFILES[:3])
CARD, IBAN = (entry.id for entry in PROFILES[0].entries)
KEY = {"authorization": "Bearer sk-1"}
NUMBER = "4111 1111 1111 1111"
WORDS = {
    2029: "Request content blocked due to DLP policy violations",
    2030: "Response content blocked due to DLP policy violations",
}


def policy(action="BLOCK", check=("REQUEST",), profiles=(FINANCE,), **more):
    row = {"id": "p", "enabled": True, "action": action, "check": check, "profiles": profiles}
    return {**row, **more}


def dlp(*policies):
    return {"enabled": True, "policies": list(policies)}


def finding(check="REQUEST", entries=(CARD,), profile=FINANCE, policies=("p",)):
    return {
        "profile": {"context": {}, "entry_ids": list(entries), "profile_id": profile},
        "policy_ids": list(policies),
        "check": check,
    }


def told(answer):
    return json.loads(answer.headers["cf-aig-dlp"])


@pytest.mark.rule("dlp.request", "dlp.status")
@pytest.mark.parametrize(
    "body",
    [
        asking(f"My card is {NUMBER}"),
        {"model": "text-embedding-3-small", "input": ["Hello", NUMBER]},
        {
            **asking("Hello"),
            "tools": [{"type": "function", "function": {"name": "f", "description": NUMBER}}],
        },
        {
            "model": "gpt-4o-mini",
            "messages": [{"role": "tool", "tool_call_id": "1", "content": NUMBER}],
        },
    ],
    ids=["prompt", "embeddings", "tool", "tool result"],
)
def test_request_is_blocked(gateway, body):
    """Wherever its text stands; the provider never sees it."""
    name = gateway.new_gateway(dlp=dlp(policy()))
    path = "openai/embeddings" if "input" in body else "openai/chat/completions"
    answer = gateway.ask(path, body, gateway=name, **KEY)
    row = gateway.newest_log(name)

    assert code(answer) == (400, 2029)
    assert answer.json()["message"] == WORDS[2029]
    assert told(answer) == {"findings": [finding()], "action": "BLOCK"}
    assert (row["status_code"], row["dlp_action"]) == (400, "BLOCK")
    assert row["dlp_profiles"] == [finding()]
    assert gateway.journal(row["id"]) == []


@pytest.mark.rule("dlp.request")
@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        "4111 1111 1111 1112",
        f"data:text/plain;base64,{NUMBER.replace(' ', '')}",
        "A" * 200 + NUMBER.replace(" ", "") + "A" * 100,
    ],
    ids=["nothing", "no card", "address", "base64"],
)
def test_request_without_such_data_passes(gateway, text):
    """Nothing is told then; base64 and addresses aren't looked into."""
    name = gateway.new_gateway(dlp=dlp(policy()))
    answer = gateway.ask(body=asking(text), gateway=name, **KEY)

    assert answer.status_code == 200
    assert "cf-aig-dlp" not in answer.headers
    assert gateway.log(answer, name)["dlp_action"] is None


@pytest.mark.rule("dlp.header", "headers.dlp")
@pytest.mark.parametrize("stream", [False, True])
def test_flag_lets_pass_and_tells(gateway, stream):
    """In the header and in the log; the answer is what it would be."""
    name = gateway.new_gateway(dlp=dlp(policy("FLAG")))
    body = {**asking(f"Keep {NUMBER}"), "stream": stream}
    answer = gateway.ask(body=body, gateway=name, **KEY)
    plain = gateway.ask(body=body, gateway=gateway.new_gateway(), **KEY)

    assert answer.status_code == 200
    assert told(answer) == {"findings": [finding()], "action": "FLAG"}
    assert gateway.log(answer, name)["dlp_action"] == "FLAG"
    assert len(answer.content) == len(plain.content)


def test_log_can_be_filtered_by_the_action(gateway):
    """As the dashboard does."""
    name = gateway.new_gateway(dlp=dlp(policy("FLAG")))
    flagged = gateway.ask(body=asking(NUMBER), gateway=name, **KEY)
    gateway.ask(gateway=name, **KEY)
    query = 'filters=[{"key":"dlp_action","operator":"eq","value":["FLAG"]}]'
    found = gateway.manage("GET", f"/gateways/{name}/logs?{query}").json()["result"]

    assert [row["id"] for row in found] == [flagged.headers["cf-aig-log-id"]]


@pytest.mark.rule("dlp.response", "dlp.streams")
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("action", "expected"), [("BLOCK", (400, 2030)), ("FLAG", (200, None))])
def test_answer_is_looked_through(gateway, stream, action, expected):
    """A stream is collected first, so that data that is cut in pieces is found as well."""
    name = gateway.new_gateway(dlp=dlp(policy(action, ["RESPONSE"])))
    body = {**asking(f"Say: {NUMBER}"), "stream": stream}
    answer = gateway.ask(body=body, gateway=name, **KEY)

    assert answer.status_code == expected[0]
    assert told(answer) == {"findings": [finding("RESPONSE")], "action": action}
    assert (WORDS[2030] in answer.text) is (action == "BLOCK")
    assert (NUMBER in answer.text or b"[DONE]" in answer.content) is (action == "FLAG")


@pytest.mark.rule("dlp.header")
def test_both_ways_are_told_in_one_header(gateway):
    """The stronger action counts."""
    rows = (policy("FLAG"), policy("BLOCK", ["RESPONSE"], id="q"))
    name = gateway.new_gateway(dlp=dlp(*rows))
    answer = gateway.ask(body=asking(f"Say: {NUMBER}"), gateway=name, **KEY)

    assert told(answer) == {
        "findings": [finding(), finding("RESPONSE", policies=["q"])],
        "action": "BLOCK",
    }


def test_one_blocking_policy_of_several_blocks(gateway):
    """A finding names every policy that its profile belongs to."""
    rows = (policy("FLAG"), policy(id="q", profiles=[FINANCE, PERSON]))
    name = gateway.new_gateway(dlp=dlp(*rows))
    answer = gateway.ask(body=asking(f"{NUMBER}, DE89 3704 0044 0532 0130 00"), gateway=name, **KEY)

    assert code(answer) == (400, 2029)
    assert told(answer)["findings"] == [finding(entries=(CARD, IBAN), policies=("p", "q"))]


@pytest.mark.rule("dlp.cache")
def test_hit_is_not_looked_through_and_a_block_is_not_cached(gateway):
    """What was flagged is reused as it is."""
    name = gateway.new_gateway(cache_ttl=600, dlp=dlp(policy("FLAG", ["RESPONSE"])))
    body = asking(f"Say: {NUMBER}")
    fresh, hit = (gateway.ask(body=body, gateway=name, **KEY) for _ in range(2))
    blocking = gateway.new_gateway(cache_ttl=600, dlp=dlp(policy(check=["RESPONSE"])))
    blocked = [gateway.ask(body=body, gateway=blocking, **KEY) for _ in range(2)]

    assert "cf-aig-dlp" in fresh.headers
    assert hit.headers["cf-aig-cache-status"] == "HIT"
    assert "cf-aig-dlp" not in hit.headers
    assert [code(answer) for answer in blocked] == [(400, 2030)] * 2


@pytest.mark.rule("dlp.older_form")
def test_older_form_checks_both_ways(gateway):
    """One action for all profiles (ASSUMPTION: both ways)."""
    older = {"enabled": True, "action": "FLAG", "profiles": ["Financial Information"]}
    name = gateway.new_gateway(dlp=older)
    answer = gateway.ask(body=asking(f"Say: {NUMBER}"), gateway=name, **KEY)

    assert [each["check"] for each in told(answer)["findings"]] == ["REQUEST", "RESPONSE"]
    assert told(answer)["findings"][0]["policy_ids"] == ["default"]


@pytest.mark.rule("dlp.header")
def test_refusal_on_the_rest_host_has_the_header_too(gateway):
    """And the envelope of that host."""
    name = gateway.new_gateway(dlp=dlp(policy()))
    answer = gateway.http.post(
        "/client/v4/accounts/someone/ai/run",
        json={"model": "openai/gpt-4o-mini", "input": {"messages": asking(NUMBER)["messages"]}},
        headers={"authorization": f"Bearer {gateway.token}", "cf-aig-gateway-id": name},
    )

    assert code(answer) == (400, 2029)
    assert answer.json()["errors"] == answer.json()["error"]
    assert told(answer)["action"] == "BLOCK"


def test_policies_hold_from_the_next_call_on(gateway):
    """Set and taken away through the management API."""
    name = gateway.new_gateway()
    settings = gateway.manage("GET", f"/gateways/{name}").json()["result"]
    statuses = []
    for value in (None, dlp(policy()), {**dlp(policy()), "enabled": False}):
        gateway.manage("PUT", f"/gateways/{name}", json={**settings, "dlp": value})
        statuses.append(gateway.ask(body=asking(NUMBER), gateway=name, **KEY).status_code)

    assert statuses == [200, 400, 200]


@pytest.mark.parametrize(
    "settings",
    [
        None,
        dlp(),
        dlp(policy(enabled=False)),
        dlp(policy(check=[])),
        dlp(policy(profiles=["of-another-account"])),
        {**dlp(policy()), "enabled": False},
    ],
)
def test_setting_that_asks_for_nothing_makes_nothing(settings):
    """A profile that isn't here finds nothing."""
    assert dlp_of(settings) is None


def test_broken_answer_is_no_answer(gateway):
    """It can't be looked through, and nothing has been sent yet."""
    name = gateway.new_gateway(dlp=dlp(policy(check=["RESPONSE"])))
    body = {**asking("Hello"), "stream": True}
    answer = gateway.ask(body=body, gateway=name, x_local_fault="reset;after=3", **KEY)

    assert code(answer) == (400, 2005)
