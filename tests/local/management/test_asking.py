"""asking: what a management request may say, and what is refused."""

import pytest


def test_body_must_be_json_and_say_so(gateway):
    """A form that a web page posts here changes nothing."""
    answer = gateway.http.post("/_local/faults", content=b"{}")

    assert answer.status_code == 400


@pytest.mark.rule("api.envelope", "api.paging_ends")
def test_list_ends_with_an_empty_page(gateway):
    """Cloudflare's own clients page until one is empty."""
    gateway.new_gateway()
    page = gateway.manage("GET", "/gateways?page=500").json()

    assert page["result"] == []


@pytest.mark.rule("api.per_page_logs")
@pytest.mark.parametrize("query", ["per_page=51", "per_page=0", "page=0", "page=x"])
def test_paging_of_logs_is_bounded(gateway, query):
    """51 rows a page is a 400 with code 7001."""
    answer = gateway.manage("GET", f"/gateways/demo/logs?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 7001)


@pytest.mark.rule("api.per_page_gateways", "api.per_page_others")
@pytest.mark.parametrize(
    ("path", "most"),
    [("/gateways", 100), ("/gateways/demo/datasets", 50), ("/gateways/demo/evaluations", 50)],
)
def test_every_list_has_a_longest_page(gateway, path, most):
    """One row more is a 400 with code 7001."""
    longest = gateway.manage("GET", f"{path}?per_page={most}")
    longer = gateway.manage("GET", f"{path}?per_page={most + 1}")

    assert longest.json()["result_info"]["per_page"] == most
    assert (longer.status_code, longer.json()["errors"][0]["code"]) == (400, 7001)


def test_huge_body_is_refused(gateway):
    """Before it is all in memory."""
    headers = {"authorization": f"Bearer {gateway.token}", "content-type": "application/json"}
    content = b" " * (4 * 1024 * 1024 + 1)
    answer = gateway.http.post(
        "/client/v4/accounts/a/ai-gateway/gateways", content=content, headers=headers
    )

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, ["body"])


@pytest.mark.parametrize("body", [b"no json", b"[]", b"5", b'"text"', b"null", b"[" * 5000])
def test_body_must_be_an_object(gateway, body):
    """400, code 7001, on every resource alike."""
    headers = {"authorization": f"Bearer {gateway.token}", "content-type": "application/json"}
    base = "/client/v4/accounts/a/ai-gateway"

    for path in ("gateways", "gateways/demo/datasets", "custom-providers", "billing/topup"):
        answer = gateway.http.post(f"{base}/{path}", content=body, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 7001)


@pytest.mark.parametrize("number", ["9" * 13, "-1", "1.5", ""])
def test_number_of_a_query_is_bounded(gateway, number):
    """Larger than any database takes, it would be an error of ours."""
    answer = gateway.manage("GET", f"/gateways/demo/logs?page={number}")

    assert answer.json()["errors"][0]["path"] == ["query", "page"]
