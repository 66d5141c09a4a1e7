"""logs: listed, shown, rated and deleted as Cloudflare's clients ask for it."""

import pytest

from tests.local.conftest import HELLO


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


@pytest.mark.parametrize(
    "body", [{"feedback": 2}, {"feedback": "up"}, {"score": 101}, {"metadata": {"a": []}}, []]
)
def test_feedback_out_of_range_is_refused(gateway, body):
    """Our choice where nothing is documented: 400, code 7001."""
    log_id = gateway.ask().headers["cf-aig-log-id"]
    answer = gateway.manage("PATCH", f"/gateways/demo/logs/{log_id}", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 7001)
