"""simulation: how policies would treat a request that is never sent."""

import pytest

from gateway.local.policies.simulation import simulated
from gateway.local.settings import Invalid
from tests.local.policies.rows import BLOCK, cap, policy

ASKED = {"identity": {"cf": {"user": {"groups": ["a"]}}}, "model": "openai/gpt-5.5"}
BUDGET = policy("Budget", action=cap(1000))


@pytest.mark.rule("policies.simulate")
def test_documented_answer():
    """A used-up budget by the name of its policy."""
    spent = {**ASKED, "provider": "openai", "bucketUsage": {"Budget": {"spent": 1000}}}
    found = simulated([BUDGET], spent)
    bucket = found["evaluation"]["buckets"][0]["id"]

    assert found["evaluation"]["decision"] == "check_limits"
    assert found["enforcement"] == {
        "allowed": False,
        "reason": "limit_exceeded",
        "bucket": bucket,
        "spent": 1000,
        "limit": 1000,
        "policyName": "Budget",
    }
    assert found["policiesEvaluated"] == 1


@pytest.mark.rule("policies.simulate")
@pytest.mark.parametrize(
    ("rows", "enforced"),
    [
        ([], {"allowed": True}),
        ([BUDGET], {"allowed": True}),
        ([policy()], {"allowed": True}),
        (
            [policy("No", action=BLOCK, condition='"a" in cf.user.groups')],
            {"allowed": False, "reason": "blocked", "policyName": "No"},
        ),
        ([policy(resource={"provider": "groq"})], {"allowed": False, "reason": "blocked"}),
        ([policy(condition="nobody == 1")], {"allowed": True}),
    ],
)
def test_enforcement(rows, enforced):
    """Nothing spent counts as nothing; the provider is the model's author where none is given."""
    assert simulated(rows, ASKED)["enforcement"] == enforced


@pytest.mark.parametrize(
    ("member", "body"),
    [
        ("body", []),
        ("model", {}),
        ("model", {"model": ""}),
        ("identity", {**ASKED, "identity": []}),
        ("provider", {**ASKED, "provider": 1}),
        ("bucketUsage", {**ASKED, "bucketUsage": {"Budget": 1}}),
        ("bucketUsage", {**ASKED, "bucketUsage": {"Budget": {"spent": "1"}}}),
    ],
)
def test_body_that_describes_no_request_is_refused(member, body):
    """The path names the member."""
    with pytest.raises(Invalid) as caught:
        simulated([BUDGET], body)

    assert caught.value.path[-1] == member
