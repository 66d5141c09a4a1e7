"""policies: the endpoints, drafts and commits, and what can't be accepted."""

import pytest

from tests.local.conftest import HELLO
from tests.local.policies.rows import BLOCK, cap, policy

KEY = {"authorization": "Bearer sk-1"}
BASICS = {"success": True, "errors": [], "messages": []}


@pytest.fixture
def name(gateway):
    return gateway.new_gateway()


@pytest.fixture
def place(name):
    return f"/gateways/{name}/policies"


def listed(gateway, place, query=""):
    return gateway.manage("GET", f"{place}{query}").json()["result"]


def make(gateway, place, *, commit=True, **members):
    query = "?commit=true" if commit else ""
    return gateway.manage("POST", f"{place}{query}", json=policy(**members)).json()


@pytest.mark.rule("policies.propagation")
def test_committed_policy_is_in_force_with_the_next_call(gateway, name, place):
    """And no longer once it is deleted."""
    made = make(gateway, place, action=BLOCK)
    one = f"{place}/{made['result']['id']}"
    blocked = gateway.ask(gateway=name, **KEY).status_code
    deleted = gateway.manage("DELETE", one).json()["result"]
    after = gateway.ask(gateway=name, **KEY).status_code

    assert made["committed"] is True
    assert made["result"] == {
        "id": made["result"]["id"],
        **policy(action=BLOCK),
        "created_at": made["result"]["created_at"],
        "updated_at": made["result"]["created_at"],
    }
    assert isinstance(made["result"]["created_at"], int)
    assert deleted == made["result"]
    assert (blocked, after) == (403, 200)
    assert gateway.manage("GET", one).status_code == 404


@pytest.mark.rule("policies.drafts")
def test_draft_is_not_in_force_until_it_is_committed(gateway, name, place):
    """It is listed where drafts are asked for, and says that it is one."""
    made = make(gateway, place, commit=False, action=BLOCK)
    one = f"{place}/{made['result']['id']}"
    before = gateway.ask(gateway=name, **KEY).status_code
    hidden, shown = listed(gateway, place), listed(gateway, place, "?includeStaging=true")
    unseen = gateway.manage("GET", one).status_code
    seen = gateway.manage("GET", f"{one}?includeStaging=true").json()
    committed = gateway.manage("POST", f"{place}/commit").json()["result"]
    after = gateway.ask(gateway=name, **KEY).status_code

    assert made["committed"] is False
    assert (hidden, shown) == ([], [{**made["result"], "staging": True}])
    assert unseen == 404
    assert seen == {**BASICS, "result": made["result"], "uncommitted": True}
    assert committed == {"committed": 1, "failed": 0, "policies": [made["result"]]}
    assert listed(gateway, place, "?includeStaging=true") == [made["result"]]
    assert (before, after) == (200, 403)


def test_update_changes_the_fields_that_are_sent(gateway, name, place):
    """As a draft first: what is in force stays."""
    made = make(gateway, place, action=BLOCK)["result"]
    one = f"{place}/{made['id']}"
    drafted = gateway.manage("PUT", one, json={"action": cap(5)}).json()
    held = gateway.ask(gateway=name, **KEY).status_code
    both = listed(gateway, place, "?includeStaging=true")
    committed = gateway.manage("PUT", f"{one}?commit=true", json={"name": "new"}).json()
    passed = gateway.ask(gateway=name, **KEY).status_code
    now = gateway.manage("GET", one).json()["result"]

    assert drafted == {**BASICS, "committed": False}
    assert committed == {**BASICS, "committed": True}
    assert [row["action"] for row in both] == [BLOCK, cap(5)]
    assert (now["name"], now["action"], now["resource"]) == ("new", cap(5), "*")
    assert (held, passed) == (403, 200)


def test_policy_that_was_never_committed_cant_be_updated(gateway, place):
    """Only deleted, or committed."""
    made = make(gateway, place, commit=False)["result"]
    answer = gateway.manage("PUT", f"{place}/{made['id']}", json={"name": "new"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == 7001


@pytest.mark.parametrize(
    ("member", "body"),
    [
        ("name", policy(name="")),
        ("actor", policy(actor="{cf.}")),
        ("resource", policy(resource="openai")),
        ("condition", policy(condition="cf.user.email ==")),
        ("action", policy(action=cap(-1))),
    ],
)
def test_bad_policy_is_refused_with_details(gateway, place, member, body):
    """At its place, in the words of the management API; nothing is kept."""
    answer = gateway.manage("POST", place, json=body)
    error = answer.json()["errors"][0]

    assert answer.status_code == 400
    assert (error["code"], error["path"]) == (7001, ["body", member])
    assert error["message"].startswith(f"Input Validation Error: {member}")
    assert listed(gateway, place, "?includeStaging=true") == []


def test_bad_update_leaves_the_policy_as_it_is(gateway, place):
    """Neither in force nor as a draft."""
    made = make(gateway, place)["result"]
    answer = gateway.manage("PUT", f"{place}/{made['id']}", json={"condition": "1 +"})

    assert answer.status_code == 400
    assert listed(gateway, place, "?includeStaging=true") == [made]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_body_must_be_an_object(gateway, place, method):
    """A list of policies isn't one."""
    made = make(gateway, place)["result"]
    where = place if method == "POST" else f"{place}/{made['id']}"

    assert gateway.manage(method, where, json=[policy()]).status_code == 400


def test_condition_may_be_left_out(gateway, place):
    """Then every request matches."""
    body = {member: value for member, value in policy().items() if member != "condition"}
    made = gateway.manage("POST", place, json=body).json()["result"]

    assert made["condition"] == "true"


@pytest.mark.rule("policies.simulate")
def test_simulation_sees_drafts_and_counts_nothing(gateway, name, place):
    """Before they are committed, which is what it is for."""
    make(gateway, place)
    make(gateway, place, commit=False, name="No", action=BLOCK, resource={"provider": "openai"})
    asked = {"identity": {}, "model": "openai/gpt-4o-mini", "provider": "openai"}
    found = gateway.manage("POST", f"{place}/simulate", json=asked).json()["result"]

    assert found["evaluation"] == {"decision": "block", "buckets": []}
    assert found["enforcement"] == {"allowed": False, "reason": "blocked", "policyName": "No"}
    assert found["policiesEvaluated"] == 2
    assert gateway.ask(body=HELLO, gateway=name, **KEY).status_code == 200


def test_nothing_of_another_gateway_is_found(gateway, place):
    """Policies belong to one."""
    made = make(gateway, place)["result"]
    other = f"/gateways/{gateway.new_gateway()}/policies"

    assert gateway.manage("GET", f"{other}/{made['id']}").status_code == 404
    assert gateway.manage("GET", "/gateways/nobody/policies").status_code == 404
    assert listed(gateway, other) == []
