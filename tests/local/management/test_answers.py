"""answers: the envelopes, as Cloudflare's clients read them."""

import pytest


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
