"""evaluation: what several policies come to for one request, in any order."""

import pytest

from gateway.local.policies import Policy
from gateway.local.policies.conditions import Failed
from gateway.local.policies.evaluation import evaluate
from tests.local.policies.rows import BLOCK, EXCEPT, cap, policy

MODEL = "openai/gpt-5.5"
ALICE = {
    "cf": {"user": {"email": "alice@example.com", "groups": ["research", "interns"]}},
    "metadata": {},
}
NOBODY = {"cf": {}, "metadata": {}}
OPUS = {"model": "anthropic/claude-opus-*"}
MINE = {"model": "openai/*"}
IN_RESEARCH = '"research" in cf.user.groups'
PER_USER = "user:{cf.user.email}"

DECISIONS = [
    ("everything is allowed", [policy()], ALICE, "no-limit"),
    ("nothing covers it", [policy(resource=OPUS)], ALICE, "block"),
    ("nothing holds", [policy(condition="false")], ALICE, "block"),
    ("a block wins", [policy(), policy("b", action=BLOCK, resource=MINE)], ALICE, "block"),
    ("a block of others", [policy(), policy("b", action=BLOCK, resource=OPUS)], ALICE, "no-limit"),
    (
        "a block that doesn't hold",
        [policy(), policy(action=BLOCK, condition="false")],
        ALICE,
        "no-limit",
    ),
    ("all but mine", [policy(), policy(action=EXCEPT, resource=MINE)], ALICE, "no-limit"),
    ("all but others", [policy(), policy(action=EXCEPT, resource=OPUS)], ALICE, "block"),
    ("an allowlist allows nothing", [policy(action=EXCEPT, resource=MINE)], ALICE, "block"),
    ("a cap", [policy(action=cap(5))], ALICE, "check_limits"),
    (
        "a block for the unknown",
        [policy(), policy(action=BLOCK, condition=IN_RESEARCH)],
        NOBODY,
        "block",
    ),
    (
        "a block of others for the unknown",
        [policy(), policy(action=BLOCK, resource=OPUS, condition=IN_RESEARCH)],
        NOBODY,
        "no-limit",
    ),
    ("an allowance for the known", [policy(condition=IN_RESEARCH)], NOBODY, "block"),
    ("a budget for the known", [policy(action=cap(5), actor=PER_USER)], NOBODY, "block"),
    (
        "a block with an unknown actor",
        [policy(), policy(action=BLOCK, actor=PER_USER)],
        NOBODY,
        "block",
    ),
]


def evaluated(rows, identity=ALICE):
    return evaluate([Policy.from_json(row) for row in rows], identity, MODEL, ["openai"])


@pytest.mark.rule(
    "policies.default_deny",
    "policies.block",
    "policies.order",
    "policies.missing_field",
)
@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize(
    ("rows", "identity", "decision"),
    [row[1:] for row in DECISIONS],
    ids=[row[0] for row in DECISIONS],
)
def test_decision(rows, identity, decision, turn):
    """Whatever the order of the policies."""
    assert evaluated(rows[::turn], identity).decision == decision


def test_block_names_its_policy_and_the_default_none():
    """Who looks for the reason finds it in a simulation."""
    assert evaluated([policy("b", action=BLOCK)]).policy == "b"
    assert evaluated([policy(resource=OPUS)]).policy == ""


@pytest.mark.rule("policies.buckets")
def test_every_bucket_is_checked():
    """A company's, a team's and one's own at the same time."""
    rows = [
        policy("company", actor="company", action=cap(1000)),
        policy("team", actor="team", action=cap(100), condition=IN_RESEARCH),
        policy("own", actor=PER_USER, action=cap(10)),
    ]
    caps = evaluated(rows).caps

    assert [(each.actor, each.amount) for each in caps] == [
        ("company", 1000),
        ("team", 100),
        ("user:alice@example.com", 10),
    ]
    assert len({each.id for each in caps}) == 3


@pytest.mark.rule("policies.buckets")
@pytest.mark.parametrize("turn", [1, -1])
def test_highest_amount_of_one_bucket_counts(turn):
    """Which is how one user gets more than the others."""
    rows = [
        policy("default", actor=PER_USER, action=cap(400), condition=IN_RESEARCH),
        policy("override", actor=PER_USER, action=cap(600)),
    ]
    caps = evaluated(rows[::turn]).caps

    assert [(each.amount, each.policies) for each in caps] == [(600, ("override", "default"))]


@pytest.mark.rule("policies.buckets")
def test_periods_of_one_bucket_are_checked_each():
    """A daily budget inside a monthly one."""
    caps = evaluated([policy(action=cap(5, "daily")), policy(action=cap(50))]).caps

    assert [(each.period, each.amount) for each in caps] == [("daily", 5), ("monthly", 50)]
    assert len({each.id for each in caps}) == 2


@pytest.mark.rule("policies.buckets")
def test_no_limit_frees_its_own_bucket_alone():
    """Another resource is another bucket, however it is written."""
    rows = [
        policy("free", resource={"provider": "openai", "model": "openai/*"}),
        policy("same", resource={"model": "openai/*", "provider": "openai"}, action=cap(1)),
        policy("other", resource="*", action=cap(2)),
    ]

    assert [each.amount for each in evaluated(rows).caps] == [2]


def test_what_cant_be_evaluated_is_told():
    """Whoever asked lets the request pass then."""
    with pytest.raises(Failed):
        evaluated([policy(condition="nobody == 1")])


def test_condition_of_a_policy_for_others_is_not_evaluated():
    """Its mistakes are theirs."""
    rows = [policy(), policy(resource=OPUS, condition="nobody == 1")]

    assert evaluated(rows).decision == "no-limit"
