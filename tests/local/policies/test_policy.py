"""policy: what the management API takes, what it refuses, and what a resource covers."""

import pytest

from gateway.local.policies import BadPolicy, Policy
from gateway.local.policies.policy import Resource
from tests.local.policies.rows import BLOCK, EXCEPT, cap, policy

TAKEN = [
    policy(),
    policy(action=BLOCK),
    policy(action=EXCEPT),
    policy(action=cap(0.5, "hourly")),
    policy(actor="user:{cf.user.id}", condition='"a" in cf.user.groups'),
    policy(resource={"model": "openai/gpt-*"}),
    policy(resource={"provider": ["openai", "groq"], "model": ["a/b", "c/d"]}),
]
REFUSED = [
    ("name", policy(name="")),
    ("name", {**policy(), "name": None}),
    ("actor", policy(actor="")),
    ("actor", policy(actor="user:{cf.}")),
    ("condition", policy(condition="")),
    ("condition", policy(condition="cf.user.email ==")),
    ("condition", policy(condition=True)),
    ("resource", policy(resource="openai")),
    ("resource", policy(resource={})),
    ("resource", policy(resource={"model": []})),
    ("resource", policy(resource={"model": 1})),
    ("resource", policy(resource={"author": "openai"})),
    ("action", policy(action="block")),
    ("action", policy(action={"type": "allow"})),
    ("action", policy(action={"type": "no-limit", "amount": 1})),
    ("action", policy(action={**BLOCK, "except": "yes"})),
    ("action", policy(action=cap(0))),
    ("action", policy(action=cap(True))),
    ("action", policy(action=cap(1, "yearly"))),
    ("action", policy(action={**cap(1), "technique": "sliding"})),
    ("action", policy(action={**cap(1), "more": 1})),
    ("action", policy(action={"type": "limit", "amount": 1})),
]
COVERED = [
    ("*", "openai/gpt-5.5", "openai", True),
    ({"model": "openai/gpt-5.5"}, "openai/gpt-5.5", "openai", True),
    ({"model": "openai/gpt-5.5"}, "openai/gpt-5.5-mini", "openai", False),
    ({"model": "openai/gpt-*"}, "openai/gpt-5.5-mini", "openai", True),
    ({"model": "openai/*"}, "openai/a/b", "openai", False),
    ({"model": "*"}, "openai/gpt-5.5", "openai", False),
    ({"model": "*/gpt-5.5"}, "openai/gpt-5.5", "openai", True),
    ({"model": ["a/b", "openai/gpt-5.5"]}, "openai/gpt-5.5", "openai", True),
    ({"provider": "openai"}, "openai/gpt-5.5", "openai", True),
    ({"provider": "open*"}, "openai/gpt-5.5", "openai", False),
    ({"provider": ["groq", "openai"]}, "openai/gpt-5.5", "openai", True),
    ({"provider": "groq", "model": "openai/*"}, "openai/gpt-5.5", "openai", False),
    ({"model": "openai/gpt-5.5"}, "openai/gpt-5x5", "openai", False),
]


@pytest.mark.parametrize("row", TAKEN)
def test_policy_is_taken(row):
    """Every documented form of resource and action."""
    assert Policy.from_json(row).name == "p"


@pytest.mark.parametrize(("member", "row"), REFUSED)
def test_refusal_names_the_member(member, row):
    """And says what would be accepted."""
    with pytest.raises(BadPolicy) as caught:
        Policy.from_json(row)

    assert caught.value.member == member
    assert str(caught.value)


@pytest.mark.rule("policies.resource")
@pytest.mark.parametrize(("given", "model", "provider", "expected"), COVERED)
def test_resource_covers_models_and_providers(given, model, provider, expected):
    """A star stands for anything but a slash, in models only."""
    assert Resource.from_json(given).covers(model, [provider]) is expected
