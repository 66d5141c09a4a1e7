"""settings: what the management API accepts is what it gives back."""

import pytest

from gateway.local.settings import Invalid, policy_from, to_json
from tests.local.conftest import MINIMAL


@pytest.mark.rule(
    "gateway.fields",
)
def test_settings_round_trip():
    """A PUT of what was read changes nothing."""
    body = {
        **MINIMAL,
        "id": "g",
        "cache_ttl": 60,
        "rate_limiting_technique": "sliding",
        "authentication": True,
        "retry_backoff": None,
        "spend_limits": {"enabled": False, "rules": []},
    }
    policy = policy_from(body)

    assert to_json(policy_from(to_json(policy), id="g")) == to_json(policy)
    assert to_json(policy)["spend_limits"] == {"enabled": False, "rules": []}


@pytest.mark.rule("limits.name", "api.id_pattern")
@pytest.mark.parametrize("body", [None, [], "text", {}, {"id": 5}])
def test_what_is_no_gateway_is_refused(body):
    """With the place of the mistake."""
    with pytest.raises(Invalid) as refused:
        policy_from(body)

    assert refused.value.path[0] == "body"
