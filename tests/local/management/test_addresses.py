"""addresses: base URLs, and custom domains as far as their contract goes."""

import pytest

from tests.local.conftest import HELLO

BODY = {"domain": "ai.example.com", "zone_id": "zone-1"}


@pytest.fixture
def place(gateway):
    name = gateway.new_gateway()
    yield f"/gateways/{name}/custom-domains"
    gateway.manage("DELETE", f"/gateways/{name}")


@pytest.mark.rule("api.url")
def test_url_leads_to_the_provider(gateway):
    """A client that asks for it needs no other address."""
    url = gateway.manage("GET", "/gateways/demo/url/openai").json()["result"]
    universal = gateway.manage("GET", "/gateways/demo/url/universal").json()["result"]

    assert universal == f"{gateway.server.url}/v1/someone/demo/"
    assert gateway.http.post(f"{url}/chat/completions", json=HELLO).status_code == 200


@pytest.mark.rule("domains.kept")
def test_domain_is_kept_and_given_back(gateway, place):
    """It stays pending: nobody here could prove who owns it. Times are milliseconds."""
    made = gateway.manage("POST", place, json=BODY).json()["result"]
    one = f"{place}/{BODY['domain']}"

    assert (made["hostname"], made["status"]) == ("ai.example.com", "pending_dcv")
    assert made.keys() == {
        "hostname",
        "gateway_id",
        "status",
        "cname_target",
        "created_at",
        "modified_at",
    }
    assert made["created_at"] > 1_700_000_000_000
    assert gateway.manage("GET", place).json()["result"] == [made]
    assert gateway.manage("GET", one).json()["result"] == made
    assert gateway.manage("DELETE", one).json()["result"] == made
    assert gateway.manage("GET", one).status_code == 404


@pytest.mark.rule("domains.kept")
def test_domain_belongs_to_one_gateway(gateway, place):
    """The host name stands for account and gateway."""
    gateway.manage("POST", place, json=BODY)
    other = gateway.new_gateway()

    answer = gateway.manage("POST", f"/gateways/{other}/custom-domains", json=BODY)

    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"domain": "localhost"}, "domain"),
        ({"domain": "https://ai.example.com"}, "domain"),
        ({"domain": "-a.example.com"}, "domain"),
        ({"domain": 5}, "domain"),
        ({"zone_id": ""}, "zone_id"),
    ],
)
def test_bad_field_is_named(gateway, place, change, path):
    """400, code 7001."""
    answer = gateway.manage("POST", place, json={**BODY, **change})

    assert answer.json()["errors"][0]["path"] == ["body", path]
