"""refusals: the gateway's own errors, in the envelope that clients test for."""

import json

import pytest

from gateway.local.refusals import Refusal


@pytest.mark.rule("errors.gateway_envelope")
@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        (2001, 400, "Please configure AI Gateway in the Cloudflare dashboard"),
        (2003, 429, "Rate limited"),
        (2005, 400, "Failed to get response from provider"),
        (2008, 400, "Invalid provider"),
        (2009, 401, "Unauthorized"),
        (2019, 400, "Chat completion bad format"),
    ],
)
def test_code_brings_its_status_and_words(code, status, message):
    """``error`` is singular, and the number stands where clients look."""
    refusal = Refusal(code)

    assert refusal.status == status
    assert json.loads(refusal.body()) == {
        "success": False,
        "result": [],
        "messages": [],
        "error": [{"code": code, "message": message}],
        "name": "AiGatewayError",
        "httpCode": status,
        "internalCode": code,
        "message": message,
    }


@pytest.mark.rule("errors.no_code")
def test_refusal_without_a_documented_code_has_none():
    """Clients go by the HTTP status there."""
    body = json.loads(Refusal(None, "Too large", status=413).body())

    assert body["error"] == [{"message": "Too large"}]
    assert body["httpCode"] == 413
    assert "internalCode" not in body
