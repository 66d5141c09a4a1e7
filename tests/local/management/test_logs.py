"""logs: listed, shown, rated and deleted as Cloudflare's clients ask for it."""

import pytest

from tests.local.conftest import HELLO


@pytest.mark.rule("api.log_bodies", "api.log_patch", "logs.legacy", "logs.feedback")
def test_log_is_listed_shown_rated_and_deleted(gateway):
    """The row is there at once, with its bodies bare."""
    name = gateway.new_gateway()
    answer = gateway.ask(gateway=name)
    log_id = answer.headers["cf-aig-log-id"]
    place = f"/gateways/{name}/logs"

    listed = gateway.manage("GET", place).json()["result"]
    asked = gateway.manage("GET", f"{place}/{log_id}/request")
    answered = gateway.manage("GET", f"{place}/{log_id}/response")
    rated = gateway.manage("PATCH", f"{place}/{log_id}", json={"feedback": -1, "score": 80})
    row = gateway.manage("GET", f"{place}/{log_id}").json()["result"]
    deleted = gateway.manage("DELETE", place)

    assert [entry["id"] for entry in listed] == [log_id]
    assert asked.json() == HELLO
    assert answered.json() == answer.json()
    assert rated.json() == {"success": True, "errors": [], "messages": [], "result": {}}
    assert (row["feedback"], row["score"]) == (-1, 80)
    assert row["model"] == "openai/gpt-4o-mini"
    assert row["response_head_complete"] in (True, False)
    assert deleted.json() == {"success": True}
    assert gateway.manage("GET", place).json()["result"] == []


@pytest.mark.rule("api.log_patch_bounds")
@pytest.mark.parametrize(
    "body", [{"feedback": 2}, {"feedback": "up"}, {"score": 101}, {"metadata": {"a": []}}, []]
)
def test_feedback_out_of_range_is_refused(gateway, body):
    """Our choice where nothing is documented: 400, code 7001."""
    log_id = gateway.ask().headers["cf-aig-log-id"]
    answer = gateway.manage("PATCH", f"/gateways/demo/logs/{log_id}", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 7001)


@pytest.mark.rule("api.log_ranges")
def test_rows_are_filtered_ordered_and_ranged(gateway):
    """As a dashboard asks: failed calls, the slowest first, with the ranges of its sliders."""
    name = gateway.new_gateway()
    place = f"/gateways/{name}/logs"
    gateway.ask(gateway=name)
    gateway.ask(gateway=name, authorization="Bearer sk-invalid")
    gateway.ask(gateway=name, cf_aig_metadata='{"team": "blue"}')

    failed = gateway.manage(
        "GET", f'{place}?filters=[{{"key":"success","operator":"eq","value":[false]}}]'
    ).json()
    ordered = gateway.manage(
        "GET", f"{place}?order_by=tokens_out&order_by_direction=asc&meta_info=true"
    ).json()
    found = gateway.manage("GET", f"{place}?search=blue").json()

    assert [row["status_code"] for row in failed["result"]] == [401]
    assert failed["result_info"] == {"page": 1, "per_page": 20, "count": 1, "total_count": 1}
    assert ordered["result"][0]["success"] is False
    assert ordered["result_info"]["max_tokens_out"] == ordered["result"][-1]["tokens_out"]
    assert [row["metadata"] for row in found["result"]] == [{"team": "blue"}]


@pytest.mark.rule("api.log_deprecated")
def test_older_direction_is_understood(gateway):
    """``direction`` is deprecated and still served."""
    name = gateway.new_gateway()
    first, second = (gateway.ask(gateway=name).headers["cf-aig-log-id"] for _ in range(2))
    place = f"/gateways/{name}/logs"

    newest = gateway.manage("GET", place).json()["result"]
    oldest = gateway.manage("GET", f"{place}?direction=asc").json()["result"]

    assert [row["id"] for row in newest] == [second, first]
    assert [row["id"] for row in oldest] == [first, second]


@pytest.mark.rule("api.log_delete")
def test_oldest_rows_are_deleted_by_limit(gateway):
    """``limit=1&order_by=created_at&order_by_direction=asc``."""
    name = gateway.new_gateway()
    _, second = (gateway.ask(gateway=name).headers["cf-aig-log-id"] for _ in range(2))
    place = f"/gateways/{name}/logs"

    deleted = gateway.manage(
        "DELETE", f"{place}?limit=1&order_by=created_at&order_by_direction=asc"
    )

    assert deleted.json() == {"success": True}
    assert [row["id"] for row in gateway.manage("GET", place).json()["result"]] == [second]


@pytest.mark.rule("api.per_page_logs")
@pytest.mark.parametrize(
    ("method", "query"),
    [
        ("GET", "order_by=colour"),
        ("GET", "order_by_direction=up"),
        ("GET", "direction=up"),
        ("GET", "meta_info=perhaps"),
        ("GET", "filters.key=colour&filters.operator=eq&filters.value=red"),
        ("DELETE", "order_by=colour"),
        ("DELETE", "order_by_direction=up"),
        ("DELETE", "limit=-1"),
        ("DELETE", "filters.key=colour&filters.operator=eq&filters.value=red"),
    ],
)
def test_bad_parameter_is_refused(gateway, method, query):
    """400, code 7001; a DELETE that wasn't understood deletes nothing."""
    name = gateway.new_gateway()
    gateway.ask(gateway=name)
    place = f"/gateways/{name}/logs"

    answer = gateway.manage(method, f"{place}?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 7001)
    assert gateway.manage("GET", place).json()["result_info"]["total_count"] == 1


@pytest.mark.rule("api.log_fields", "logs.feedback_members")
def test_detail_has_every_member_of_the_contract(gateway):
    """Also those of which a local gateway knows nothing."""
    row = gateway.log(gateway.ask())

    assert {"dlp_action", "dlp_profiles", "guardrails", "prompts", "location"} <= row.keys()
    assert {"request_head", "request_head_complete", "response_head"} <= row.keys()
    assert {"usage_metadata", "timings", "event_id", "score", "byok", "wholesale"} <= row.keys()
