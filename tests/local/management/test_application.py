"""management: who may use it."""

import pytest

ACCOUNT = "/client/v4/accounts/any-account/ai-gateway"


@pytest.mark.rule("api.auth")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "{token}"},
        {"x-auth-email": "a@b.c", "x-auth-key": "wrong"},
        {"x-auth-key": "{token}"},
    ],
)
def test_without_the_token_nobody_manages(gateway, headers):
    """401, code 10000, in the management API's envelope; half a credential is none."""
    given = {name: value.format(token=gateway.token) for name, value in headers.items()}

    answer = gateway.http.get(f"{ACCOUNT}/gateways", headers=given)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == 10000


@pytest.mark.rule("api.auth")
def test_older_pair_of_headers_works_too(gateway):
    """Scripts still send X-Auth-Email and X-Auth-Key."""
    pair = {"x-auth-email": "a@b.c", "x-auth-key": gateway.token}
    answer = gateway.http.get(f"{ACCOUNT}/gateways", headers=pair)

    assert answer.status_code == 200


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
def test_local_paths_are_closed_to_web_pages(gateway, headers):
    """DNS rebinding and foreign origins end here."""
    answer = gateway.http.get("/_local/journal", headers=headers)

    assert answer.status_code == 403
