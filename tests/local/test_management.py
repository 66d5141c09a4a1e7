"""management: gateways and logs as Cloudflare's clients ask for them, and what is ours alone."""

import httpx
import pytest

from tests.local.conftest import HELLO, MINIMAL

ACCOUNT = "/client/v4/accounts/any-account/ai-gateway"


def test_fresh_directory_holds_two_gateways(own_gateway):
    """``demo`` for trying, ``default`` as Cloudflare makes it."""
    with own_gateway() as caller:
        listed = caller.manage("GET", "/gateways").json()

    demo, default = sorted(listed["result"], key=lambda row: row["id"] != "demo")
    assert (demo["id"], demo["authentication"], demo["cache_ttl"]) == ("demo", False, 300)
    assert (default["id"], default["authentication"], default["cache_ttl"]) == ("default", True, 0)
    assert (default["is_default"], default["collect_logs"]) == (True, True)
    assert listed["result_info"] == {"page": 1, "per_page": 20, "count": 2, "total_count": 2}


def test_list_ends_with_an_empty_page(gateway):
    """Cloudflare's own clients page until one is empty."""
    gateway.new_gateway()
    page = gateway.manage("GET", "/gateways?page=500").json()

    assert page["result"] == []


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer wrong"}, {"x-auth-email": "a@b.c", "x-auth-key": "wrong"}],
)
def test_without_the_token_nobody_manages(gateway, headers):
    """401, code 10000, in the management API's envelope."""
    answer = gateway.http.get(f"{ACCOUNT}/gateways", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == 10000


def test_older_pair_of_headers_works_too(gateway):
    """Scripts still send X-Auth-Email and X-Auth-Key."""
    answer = gateway.http.get(f"{ACCOUNT}/gateways", headers={"x-auth-key": gateway.token})

    assert answer.status_code == 200


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
    ],
)
def test_bad_field_is_named(gateway, change, path):
    """400, code 7001, with the path of the field."""
    answer = gateway.manage("POST", "/gateways", json={**MINIMAL, "id": "bad", **change})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"code": 7001, "message": "Input Validation Error", "path": ["body", path]}
    ]


@pytest.mark.parametrize("missing", sorted(MINIMAL))
def test_required_fields_are_required(gateway, missing):
    """On create and on PUT alike."""
    body = {name: value for name, value in MINIMAL.items() if name != missing}

    for answer in (
        gateway.manage("POST", "/gateways", json={**body, "id": "bad"}),
        gateway.manage("PUT", "/gateways/demo", json=body),
    ):
        assert answer.json()["errors"][0]["path"] == ["body", missing]


def test_same_id_twice_is_refused(gateway):
    """The first one stays as it is."""
    answer = gateway.manage("POST", "/gateways", json={**MINIMAL, "id": "demo"})

    assert answer.status_code == 409


@pytest.mark.parametrize("query", ["per_page=51", "per_page=0", "page=0", "page=x"])
def test_paging_of_logs_is_bounded(gateway, query):
    """51 rows a page is a 400 with code 7001."""
    answer = gateway.manage("GET", f"/gateways/demo/logs?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 7001)


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


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/gateways/nobody", 404, 7002),
        ("/gateways/demo/logs/nothing", 404, 7002),
        ("/gateways/demo/logs/nothing/request", 404, 7002),
    ],
)
def test_what_is_not_there_is_said_so(gateway, path, status, code):
    """In the management API's envelope: ``errors``, plural."""
    answer = gateway.manage("GET", path)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_body_must_be_json_and_say_so(gateway):
    """A form that a web page posts here changes nothing."""
    answer = gateway.http.post("/_local/faults", content=b"{}")

    assert answer.status_code == 400


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
def test_local_paths_are_closed_to_web_pages(gateway, headers):
    """DNS rebinding and foreign origins end here."""
    answer = gateway.http.get("/_local/journal", headers=headers)

    assert answer.status_code == 403


def test_health_says_who_is_simulated(gateway):
    """Pages say "simulated" from this, so it must be right."""
    health = gateway.http.get("/_local/health").json()

    assert health["ok"] is True
    assert {"openai", "anthropic", "workers-ai"} <= set(health["simulated"])
    assert health["scale"] == 60


def test_faults_are_set_seen_and_cleared(gateway):
    """From the UI or a script, per provider."""
    rule = {"provider": "groq", "kind": "status", "status": 503, "times": 2}
    added = gateway.http.post("/_local/faults", json=rule).json()["faults"]
    failed = gateway.ask("groq/chat/completions", {**HELLO, "model": "llama-3.3-70b-versatile"})
    cleared = httpx.delete(f"{gateway.server.url}/_local/faults").json()["faults"]

    assert added[0]["provider"] == "groq"
    assert failed.status_code == 503
    assert cleared == []


@pytest.mark.parametrize("rule", [{"rate": 2}, {"provider": "openai", "kind": "nonsense"}, []])
def test_bad_fault_is_refused_with_a_reason(gateway, rule):
    """Nothing is half set."""
    answer = gateway.http.post("/_local/faults", json=rule)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]
    assert gateway.http.get("/_local/faults").json()["faults"] == []
