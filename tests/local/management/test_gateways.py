"""gateways: made, changed and deleted, with every bound."""

import pytest

from tests.local.conftest import MINIMAL


@pytest.mark.rule("gateway.default_settings")
def test_fresh_directory_holds_two_gateways(own_gateway):
    """``demo`` for trying, ``default`` as Cloudflare makes it."""
    with own_gateway() as caller:
        listed = caller.manage("GET", "/gateways").json()

    demo, default = sorted(listed["result"], key=lambda row: row["id"] != "demo")
    assert (demo["id"], demo["authentication"], demo["cache_ttl"]) == ("demo", False, 300)
    assert (default["id"], default["authentication"], default["cache_ttl"]) == ("default", True, 0)
    assert (default["is_default"], default["collect_logs"]) == (True, True)
    assert listed["result_info"] == {"page": 1, "per_page": 20, "count": 2, "total_count": 2}


@pytest.mark.rule("api.envelope", "api.gateways", "api.put_modified")
def test_gateway_is_made_changed_and_deleted(gateway):
    """PUT moves only what it changes, and ``modified_at``; delete gives the object back."""
    name = gateway.new_gateway(
        cache_ttl=60, retry_max_attempts=3, workers_ai_billing_mode="unified"
    )
    made = gateway.manage("GET", f"/gateways/{name}").json()["result"]
    changed = gateway.manage("PUT", f"/gateways/{name}", json={**made, "cache_ttl": 90})
    deleted = gateway.manage("DELETE", f"/gateways/{name}").json()["result"]

    differing = {key for key, value in changed.json()["result"].items() if value != made[key]}
    assert differing == {"cache_ttl", "modified_at"}
    assert deleted["workers_ai_billing_mode"] == "unified"
    assert gateway.manage("GET", f"/gateways/{name}").status_code == 404


@pytest.mark.rule("errors.7001", "gateway.bounds", "api.error_envelope")
@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"cache_ttl": -1}, "cache_ttl"),
        ({"cache_ttl": 2_592_001}, "cache_ttl"),
        ({"cache_ttl": "60"}, "cache_ttl"),
        ({"collect_logs": None}, "collect_logs"),
        ({"retry_max_attempts": 6}, "retry_max_attempts"),
        ({"retry_delay": 60_001}, "retry_delay"),
        ({"retry_backoff": "random"}, "retry_backoff"),
        ({"rate_limiting_technique": "leaky"}, "rate_limiting_technique"),
        ({"log_management": 5}, "log_management"),
        ({"id": "Not Allowed"}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"no_such_field": 1}, "no_such_field"),
        ({"dlp": {"enabled": True}}, "dlp"),
        ({"guardrails": {"prompt": {}}}, "guardrails"),
        ({"logpush_public_key": "short"}, "logpush_public_key"),
        ({"otel": [{"url": "nowhere"}]}, "otel"),
        ({"spend_limits": {"rules": [{}]}}, "spend_limits"),
        ({"workers_ai_billing_mode": "free"}, "workers_ai_billing_mode"),
    ],
)
def test_bad_field_is_named(gateway, change, path):
    """400, code 7001, with the path of the field."""
    answer = gateway.manage("POST", "/gateways", json={**MINIMAL, "id": "bad", **change})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"code": 7001, "message": "Input Validation Error", "path": ["body", path]}
    ]


@pytest.mark.rule("gateway.required", "api.put_required")
@pytest.mark.parametrize("missing", sorted(MINIMAL))
def test_required_fields_are_required(gateway, missing):
    """On create and on PUT alike."""
    body = {name: value for name, value in MINIMAL.items() if name != missing}

    for answer in (
        gateway.manage("POST", "/gateways", json={**body, "id": "bad"}),
        gateway.manage("PUT", "/gateways/demo", json=body),
    ):
        assert answer.json()["errors"][0]["path"] == ["body", missing]


@pytest.mark.rule("api.duplicate_gateway")
def test_same_id_twice_is_refused(gateway):
    """The first one stays as it is."""
    answer = gateway.manage("POST", "/gateways", json={**MINIMAL, "id": "demo"})

    assert answer.status_code == 409


NESTED = {
    "dlp": {"enabled": True, "action": "FLAG", "profiles": ["p"]},
    "guardrails": {"prompt": {"S1": "BLOCK"}, "response": {"P1": "FLAG"}},
    "log_classification": True,
    "log_management": 10_000,
    "log_management_strategy": "DELETE_OLDEST",
    "logpush": True,
    "logpush_public_key": "k" * 16,
    "otel": [{"url": "https://otel.example", "headers": {"a": "b"}, "content_type": "protobuf"}],
    "store_id": "store",
    "stripe": {"authorization": "sk", "usage_events": [{"payload": "{}"}]},
    "workers_ai_billing_mode": "unified",
    "zdr": True,
    "byok_only": True,
    "retry_backoff": "exponential",
}


@pytest.mark.rule("gateway.fields")
def test_every_setting_comes_back(gateway):
    """And sending back what was read, nulls included, changes only ``modified_at``."""
    name = gateway.new_gateway(**NESTED)
    read = gateway.manage("GET", f"/gateways/{name}").json()["result"]
    again = gateway.manage("PUT", f"/gateways/{name}", json=read).json()["result"]
    plain = gateway.manage("GET", f"/gateways/{gateway.new_gateway()}").json()["result"]

    assert {field: read[field] for field in NESTED} == NESTED
    assert {field for field in read if read[field] != again[field]} == {"modified_at"}
    assert plain.keys() == read.keys()
    assert (plain["is_default"], plain["logpush"], plain["dlp"]) == (False, False, None)


@pytest.mark.rule("api.spend_rule_id")
def test_spend_rule_gets_an_id(gateway):
    """The server makes one, and fills in what was left out."""
    rule = {"limit": 5, "limitType": "cost", "window": 3600}
    name = gateway.new_gateway(spend_limits={"enabled": True, "rules": [rule]})

    kept = gateway.manage("GET", f"/gateways/{name}").json()["result"]["spend_limits"]

    assert kept["rules"][0]["id"]
    assert kept["rules"][0]["technique"] == "sliding"


@pytest.mark.rule("gateway.classification")
def test_classification_needs_logs(gateway):
    """Turning logs off turns it off."""
    name = gateway.new_gateway(log_classification=True, collect_logs=False)

    found = gateway.manage("GET", f"/gateways/{name}").json()["result"]

    assert found["log_classification"] is False


@pytest.mark.rule("api.gateways")
@pytest.mark.parametrize(
    ("query", "found"), [("search=ref", 1), ("search=nobody", 0), ("page=2&search=ref", 0)]
)
def test_gateways_are_searched_by_id(gateway, query, found):
    """One page ends the list."""
    gateway.manage("POST", "/gateways", json={**MINIMAL, "id": "found-by-ref"})

    rows = gateway.manage("GET", f"/gateways?{query}").json()["result"]

    assert len(rows) == found


@pytest.mark.rule("api.put_whole")
def test_field_left_out_of_a_put_gets_its_default(gateway):
    """The whole object is replaced (our choice: the contract doesn't say)."""
    name = gateway.new_gateway(retry_max_attempts=3, byok_only=True)

    put = gateway.manage("PUT", f"/gateways/{name}", json=MINIMAL).json()["result"]

    assert (put["retry_max_attempts"], put["byok_only"]) == (None, False)
