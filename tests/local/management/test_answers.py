"""answers: the envelopes, as Cloudflare's clients read them."""

import orjson
import pytest

from gateway.local.management.answers import broken


@pytest.mark.rule("errors.api_envelope", "api.error_envelope", "api.not_found")
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


def test_mistake_of_ours_has_the_envelope_too(caplog):
    """And a trace in the log, without which nobody could mend it."""
    answer = broken(None, KeyError("what went wrong"))

    assert answer.status_code == 500
    assert orjson.loads(answer.body)["errors"][0]["message"]
    assert "what went wrong" in caplog.text
