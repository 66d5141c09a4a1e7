"""asking: what a management request may say, and what is refused."""

import pytest


def test_body_must_be_json_and_say_so(gateway):
    """A form that a web page posts here changes nothing."""
    answer = gateway.http.post("/_local/faults", content=b"{}")

    assert answer.status_code == 400


def test_list_ends_with_an_empty_page(gateway):
    """Cloudflare's own clients page until one is empty."""
    gateway.new_gateway()
    page = gateway.manage("GET", "/gateways?page=500").json()

    assert page["result"] == []


@pytest.mark.parametrize("query", ["per_page=51", "per_page=0", "page=0", "page=x"])
def test_paging_of_logs_is_bounded(gateway, query):
    """51 rows a page is a 400 with code 7001."""
    answer = gateway.manage("GET", f"/gateways/demo/logs?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 7001)
