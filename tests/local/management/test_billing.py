"""billing: told as far as the contract knows it; no money is moved."""

import pytest

from tests.local.conftest import calling


@pytest.fixture(scope="module")
def caller():
    """A process of one's own: there is one account in each."""
    with calling(instant=True) as caller:
        yield caller


@pytest.mark.rule("api.billing_simulated")
def test_balance_is_topped_up_and_spent(caller):
    """Cents; what Unified Billing paid is in the log and in the usage history."""
    name = caller.new_gateway()
    first = caller.manage("GET", "/billing/credit-balance").json()["result"]
    topup = caller.manage("POST", "/billing/topup", json={"amount": 2000}).json()["result"]
    row = caller.log(caller.ask(gateway=name), name)
    second = caller.manage("GET", "/billing/credit-balance").json()["result"]
    usage = caller.manage("GET", "/billing/usage-history?value_grouping_window=hour").json()
    past = caller.manage(
        "GET", "/billing/usage-history?value_grouping_window=day&start_time=0&end_time=1000"
    ).json()
    history = usage["result"]["history"]

    assert (first["balance"], first["first_topup_success"]) == (1000, False)
    assert (row["wholesale"], row["cost"] > 0) == (True, True)
    assert second["balance"] == pytest.approx(3000 - 100 * row["cost"], abs=1e-5)
    assert second["first_topup_success"] is True
    assert [each["aggregated_value"] for each in history] == [
        pytest.approx(100 * row["cost"], abs=1e-5)
    ]
    assert history[0]["end_time"] - history[0]["start_time"] == 3_600_000
    assert past["result"]["history"] == []
    assert topup["payment_intent_id"]


def test_empty_account_has_no_balance(caller):
    """``/_local/credits`` is how tests get there."""
    caller.http.put("/_local/credits", json={"available": False})
    empty = caller.manage("GET", "/billing/credit-balance").json()["result"]["balance"]
    caller.http.put("/_local/credits", json={"available": True})

    assert empty == 0


@pytest.mark.rule("api.billing")
def test_topup_is_an_invoice(caller):
    """Completed at once; its status is known by its id."""
    made = caller.manage("POST", "/billing/topup", json={"amount": 1000}).json()["result"]
    status = {"payment_intent_id": made["payment_intent_id"]}

    def invoices(query):
        return caller.manage("GET", f"/billing/invoice-history?{query}").json()["result"]

    manual = invoices("type=manual")
    last = invoices(f"per_page=1&page={len(manual['invoices'])}")["pagination"]
    assert manual["invoices"][0]["id"] == made["payment_intent_id"]
    assert invoices("type=auto")["invoices"] == []
    assert invoices("page=99")["invoices"] == []
    assert (last["total_count"], last["has_more"]) == (len(manual["invoices"]), False)
    found = caller.manage("POST", "/billing/topup/status", json=status).json()["result"]
    assert found == {**status, "status": "completed"}


def test_automatic_topup_is_kept(caller):
    """Set, shown with the balance, and dropped."""
    body = {"amount": 1000, "threshold": 500}
    made = caller.manage("POST", "/billing/topup/config", json=body).json()["result"]
    shown = caller.manage("GET", "/billing/credit-balance").json()["result"]["topup_config"]
    caller.manage("DELETE", "/billing/topup/config")
    after = caller.manage("GET", "/billing/topup/config").json()["result"]

    assert made == body
    assert shown == {
        **body,
        "error": None,
        "disabledReason": None,
        "lastFailedAt": None,
    }
    assert (after["amount"], after["threshold"]) == (None, None)


@pytest.mark.rule("api.billing_least")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("topup", {"amount": 999}),
        ("topup", {"amount": 1000.5}),
        ("topup", {}),
        ("topup/status", {}),
        ("topup/config", {"amount": 1000}),
        ("topup/config", {"amount": 1000, "threshold": 499}),
    ],
)
def test_too_little_is_refused(gateway, path, body):
    """400, code 7001."""
    answer = gateway.manage("POST", f"/billing/{path}", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 7001)


@pytest.mark.rule("api.billing", "api.spending_limit")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "spending-limit", 403),
        ("GET", "spending-limit", 200),
        ("DELETE", "spending-limit", 200),
        ("GET", "topup/limits", 200),
        ("GET", "invoice-preview", 200),
        ("GET", "usage-history", 400),
        ("GET", "usage-history?value_grouping_window=year", 400),
        ("GET", "invoice-history?type=some", 400),
    ],
)
def test_answer_has_this_status(gateway, method, path, status):
    """The account-wide limit is retired: setting it is always a 403."""
    body = {"amount": 100, "duration": "daily", "strategy": "fixed"}
    how = {"json": body} if method == "POST" else {}

    assert gateway.manage(method, f"/billing/{path}", **how).status_code == status


def test_unknown_topup_is_a_404(gateway):
    """With code 7002."""
    body = {"payment_intent_id": "nobody"}
    answer = gateway.manage("POST", "/billing/topup/status", json=body)

    assert answer.json()["errors"][0]["code"] == 7002
