"""identity: what a request's headers say of the one who asks."""

import base64
import json

import pytest

from gateway.local.policies import identity_of

CLAIMS = {
    "sub": "user-1",
    "email": "alice@example.com",
    "groups": ["engineering"],
    "custom": {"plan": "gold"},
    "iss": "https://example.cloudflareaccess.com",
}
USER = {"id": "user-1", "email": "alice@example.com", "groups": ["engineering"]}


def token(claims):
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.c2ln"


@pytest.mark.rule("policies.identity", "policies.identity_unverified")
@pytest.mark.parametrize("where", ["header", "cookie"])
def test_claims_of_an_access_token_are_read(where):
    """As Cloudflare Access sends it: in a header or a cookie."""
    headers = {"cf-access-jwt-assertion": token(CLAIMS)}
    if where == "cookie":
        headers = {"cookie": f"a=b; CF_Authorization={token(CLAIMS)}"}

    assert identity_of(headers, {}) == {
        "cf": {"user": USER, "custom": {"plan": "gold"}},
        "metadata": {},
    }


def test_country_and_metadata_are_known_without_access():
    """Metadata can't be verified, which the documentation says."""
    found = identity_of({"cf-ipcountry": "DE"}, {"team": "a"})

    assert found == {"cf": {"country": "DE"}, "metadata": {"team": "a"}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cf-access-jwt-assertion": "no-token"},
        {"cf-access-jwt-assertion": "a.%%%.c"},
        {"cf-access-jwt-assertion": "a.bm90IGpzb24.c"},
        {"cf-access-jwt-assertion": token(["no", "claims"])},
        {"cookie": "CF_Authorization"},
        {"cookie": "\x00=;=;"},
    ],
)
def test_what_is_no_token_says_nothing(headers):
    """It is no error either: the caller is unknown."""
    assert identity_of(headers, {}) == {"cf": {}, "metadata": {}}
