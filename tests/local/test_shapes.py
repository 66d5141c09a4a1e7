"""shapes: settings that are objects, taken and refused, and what is filled in."""

import pytest

from gateway.local.shapes import SHAPES, STANDARD

RULE = {"limit": 5, "limitType": "cost", "window": 3600}
DLP = {"enabled": True, "action": "BLOCK", "profiles": ["p"]}
POLICY = {**DLP, "id": "1", "check": ["REQUEST"]}
STRIPE = {"authorization": "sk", "usage_events": [{"payload": "{}"}]}

TAKEN = [
    ("dlp", DLP),
    ("dlp", {"enabled": False, "policies": []}),
    ("dlp", {"enabled": True, "policies": [POLICY]}),
    ("guardrails", {"prompt": {"S1": "BLOCK", "P1": "FLAG"}, "response": {}}),
    ("logpush", True),
    ("logpush_public_key", "k" * 16),
    ("logpush_public_key", "k" * 1024),
    ("log_classification", True),
    ("store_id", "store"),
    ("stripe", STRIPE),
    ("workers_ai_billing_mode", "unified"),
]
FILLED = [
    ("spend_limits", {}, {"enabled": False, "rules": []}),
    (
        "spend_limits",
        {"enabled": True, "rules": [{**RULE, "id": "mine"}]},
        {
            "enabled": True,
            "rules": [{**RULE, "id": "mine", "enabled": True, "technique": "sliding"}],
        },
    ),
    (
        "otel",
        [{"url": "https://otel.example/v1/traces"}],
        [{"url": "https://otel.example/v1/traces", "headers": {}, "content_type": "json"}],
    ),
]
REFUSED = [
    ("dlp", {"enabled": True}),
    ("dlp", {**DLP, "action": "IGNORE"}),
    ("dlp", {**DLP, "profiles": "p"}),
    ("dlp", {**DLP, "extra": 1}),
    ("dlp", {"enabled": True, "policies": [{**POLICY, "check": ["PROMPT"]}]}),
    ("dlp", {"enabled": True, "policies": [DLP]}),
    ("guardrails", {"prompt": {}}),
    ("guardrails", {"prompt": {"S14": "BLOCK"}, "response": {}}),
    ("guardrails", {"prompt": {"S1": "IGNORE"}, "response": {}}),
    ("guardrails", []),
    ("logpush", None),
    ("logpush_public_key", "k" * 15),
    ("logpush_public_key", "k" * 1025),
    ("log_classification", "yes"),
    ("store_id", ""),
    ("stripe", {"authorization": "sk"}),
    ("stripe", {**STRIPE, "usage_events": [{}]}),
    ("workers_ai_billing_mode", "free"),
    ("otel", {}),
    ("otel", [{}]),
    ("otel", [{"url": "otel.example"}]),
    ("otel", [{"url": "https://otel.example", "content_type": "xml"}]),
    ("otel", [{"url": "https://otel.example", "headers": {"a": 1}}]),
    ("spend_limits", []),
    ("spend_limits", {"rules": [{**RULE, "limit": -1}]}),
    ("spend_limits", {"rules": [{**RULE, "limitType": "count"}]}),
    ("spend_limits", {"rules": [{**RULE, "window": 1.5}]}),
    ("spend_limits", {"rules": [{**RULE, "technique": "leaky"}]}),
    ("spend_limits", {"rules": [{**RULE, "model": "gpt-5"}]}),
    ("spend_limits", {"rules": [{**RULE, "metadata": {"user": {"mode": "all"}}}]}),
    ("spend_limits", {"rules": [{**RULE, "id": "a"}, {**RULE, "id": "a"}]}),
    ("spend_limits", {"rules": [RULE] * 21}),
    ("spend_limits", {"rules": [{"limit": 5}]}),
]


@pytest.mark.rule("guardrails.settings", "dlp.settings", "api.fields_shapes")
@pytest.mark.parametrize(("field", "value"), TAKEN)
def test_value_is_kept_as_it_is(field, value):
    """Nothing is rewritten."""
    assert SHAPES[field](value) == value


@pytest.mark.parametrize(("field", "value", "kept"), FILLED)
def test_defaults_are_filled_in(field, value, kept):
    """Once filled in, a value stays as it is."""
    assert SHAPES[field](value) == kept
    assert SHAPES[field](kept) == kept


@pytest.mark.rule("spend.rules_limit", "guardrails.settings", "dlp.settings", "api.fields_shapes")
@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_other_shapes_are_refused(field, value):
    """All of the contract's fields and bounds."""
    with pytest.raises(ValueError, match=r".+"):
        SHAPES[field](value)


@pytest.mark.rule("api.spend_rule_id")
def test_rule_gets_an_id_of_its_own():
    """Short, hexadecimal, and the same for the same settings."""
    by = {
        "model": {"mode": "filter", "values": ["gpt-5"]},
        "metadata": {"user": {"mode": "partition"}, "team": {"mode": "filter", "values": ["a"]}},
    }
    first, second = SHAPES["spend_limits"]({"rules": [{**RULE, **by}, {**RULE, **by}]})["rules"]

    assert first["id"] != second["id"]
    assert int(first["id"], 16) >= 0
    assert SHAPES["spend_limits"]({"rules": [{**RULE, **by}]})["rules"][0]["id"] == first["id"]


@pytest.mark.parametrize("field", sorted(SHAPES))
def test_standard_is_taken(field):
    """What is given back where nobody has set anything can be sent back."""
    assert SHAPES[field](STANDARD[field]) == STANDARD[field]
