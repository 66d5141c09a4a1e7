"""conditions: what is true for whom, what is missing, and what can't be evaluated."""

import pytest

from gateway.local.policies.conditions import (
    LIMIT,
    Actor,
    BadExpression,
    Expression,
    Failed,
    Missing,
)

ALICE = {
    "cf": {
        "user": {"id": "1", "email": "alice@example.com", "groups": ["engineering"]},
        "country": "US",
    },
    "metadata": {"environment": "production", "seats": 5, "beta": True, "ratio": 0.5},
}
HOLDS = [
    ("true", True),
    ('"contractors" in cf.user.groups', False),
    ('"engineering" in cf.user.groups', True),
    ('cf.user.email.endsWith("@example.com")', True),
    ('cf.country == "US"', True),
    ('metadata.environment == "production"', True),
    ('metadata["environment"] == "test"', False),
    ("metadata.seats > 3 && metadata.ratio < 1.0", True),
    ("!metadata.beta", False),
    ("metadata.beta || metadata.missing", True),
    ("has(metadata.missing)", False),
    ('cf.user.groups.exists(g, g.startsWith("eng"))', True),
    ('metadata.seats == "5"', False),
]
MISSING = ["metadata.team == 'a'", "cf.custom.plan == 'a'", "'a' in cf.nobody.groups"]
FAILED = ["metadata.seats", "team == 'a'", "metadata.environment > 3", "1 / 0 == 1"]
BAD = ["", "1 +", "cf.user.", "a b", "(" * 500, "true || " * 400 + "true"]


@pytest.mark.rule("policies.conditions")
@pytest.mark.parametrize(("source", "expected"), HOLDS)
def test_condition_holds_or_not(source, expected):
    """Everything that the documented examples use, and a little more."""
    assert Expression(source).holds(ALICE) is expected


@pytest.mark.parametrize("source", MISSING)
def test_field_that_is_not_there_is_missing(source):
    """Which a block policy takes for a yes, and any other for a no."""
    with pytest.raises(Missing):
        Expression(source).holds(ALICE)


@pytest.mark.parametrize("source", FAILED)
def test_what_makes_no_sense_fails(source):
    """A condition that is no yes or no, a name that nobody knows, types that don't fit."""
    with pytest.raises(Failed):
        Expression(source).holds(ALICE)


@pytest.mark.rule("policies.conditions")
@pytest.mark.parametrize("source", BAD, ids=lambda source: source[:12])
def test_what_is_no_expression_is_refused(source):
    """With the library's words on where; nesting without end doesn't end the process."""
    with pytest.raises(BadExpression) as caught:
        Expression(source)

    assert str(caught.value)
    assert len(source) <= LIMIT or "2000 characters" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("company:all", "company:all"),
        ("user:{cf.user.id}", "user:1"),
        ("{cf.country}/{metadata.seats}", "US/5"),
        ("{metadata.beta}", "true"),
        ("", ""),
    ],
)
def test_actor_is_resolved_for_each_request(source, expected):
    """Fields stand in braces; the rest is as it is."""
    assert Actor(source).resolved(ALICE) == expected


def test_actor_without_its_field_is_missing():
    """Then the policy doesn't apply."""
    with pytest.raises(Missing):
        Actor("user:{metadata.user_id}").resolved(ALICE)


def test_actor_of_several_values_fails():
    """Nobody could say whose budget that is."""
    with pytest.raises(Failed):
        Actor("{cf.user.groups}").resolved(ALICE)


def test_actor_with_a_broken_field_is_refused():
    """As a condition would be."""
    with pytest.raises(BadExpression):
        Actor("user:{cf.}")
