"""settings: what the gateway's own form shows and accepts."""

import pytest

from gateway.form import SETTINGS
from gateway.headers import HEADERS
from gateway.local.settings import policy_from
from gateway.policy import GatewayPolicy

BY_NAME = {here.name: here for here in SETTINGS}
BASE = {
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
}

GIVEN = [
    ("authentication", True, True),
    ("rate_limiting_limit", 20, 20),
    ("rate_limiting_limit", None, 0),
    ("rate_limiting_interval", "1 min", 60),
    ("rate_limiting_interval", " ", 0),
    ("rate_limiting_technique", "sliding", "sliding"),
    ("log_management", None, None),
    ("log_management", 10_000, 10_000),
    ("guardrails", "", None),
]
REFUSED = [
    ("rate_limiting_limit", -1, "must be from 0 upwards"),
    ("log_management", 9_999, "must be from 10,000 to 10,000,000"),
    ("rate_limiting_interval", "soon", "must be a duration"),
    ("guardrails", '{"prompt": {},}', "line 1, character 15"),
    ("guardrails", "[]", "must be a JSON object"),
    ("dlp", '{"a":' * 100_000, "not nested this deeply"),
]


@pytest.mark.parametrize(("name", "given", "value"), GIVEN)
def test_what_is_given_becomes_a_value_of_the_wire(name, given, value):
    """And the local gateway's management API accepts it."""
    assert BY_NAME[name].read(given) == value

    policy_from({**BASE, name: value}, id="demo")


@pytest.mark.parametrize(("name", "given", "reason"), REFUSED)
def test_refused_value_says_what_would_be_accepted(name, given, reason):
    """For JSON with the position."""
    with pytest.raises(ValueError, match=reason):
        BY_NAME[name].read(given)


@pytest.mark.parametrize("here", SETTINGS, ids=lambda here: here.name)
def test_what_is_shown_is_read_back(here):
    """Opening the form and leaving a field changes nothing."""
    policy = GatewayPolicy(
        id="demo",
        rate_limiting_limit=20,
        rate_limiting_interval=90,
        log_management=50_000,
        log_management_strategy="DELETE_OLDEST",
        other={"guardrails": {"prompt": {"S1": "BLOCK"}, "response": {}}},
    )

    assert here.read(here.show(policy)) == here.value(policy)


@pytest.mark.parametrize("name", ["guardrails", "dlp", "spend_limits"])
def test_example_is_accepted(name):
    """What stands in an empty field can be typed."""
    here = BY_NAME[name]

    policy = policy_from({**BASE, name: here.read(here.example)}, id="demo")

    assert here.value(policy)


def test_setting_behind_a_header_has_its_own_place():
    """It is in the header table, and would stand twice."""
    assert not BY_NAME.keys() & {row.setting for row in HEADERS.values()}
