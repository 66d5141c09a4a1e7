"""messages: requests as messages, and the status that an answer has."""

import pytest

from gateway.websocket.messages import message_of, status_of


def test_address_s_query_stays_in_the_endpoint():
    """Google's streams are asked for there."""
    message = message_of(
        "http://g/v1/a/g/google-ai-studio/v1beta/models/m:streamGenerateContent?alt=sse",
        [("Accept-Encoding", "identity"), ("X-Other", "o")],
        b"{}",
        base="http://g/v1/a/g",
    )

    assert message["request"] == {
        "provider": "google-ai-studio",
        "endpoint": "v1beta/models/m:streamGenerateContent?alt=sse",
        "headers": {"X-Other": "o"},
        "query": {},
    }


@pytest.mark.parametrize(
    ("response", "status"),
    [
        ({"choices": []}, 200),
        ({"error": None, "output": []}, 200),
        ("text", 200),
        ({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, 429),
        ({"error": {"type": "invalid_request_error", "code": "invalid_api_key"}}, 401),
        ({"type": "error", "error": {"type": "overloaded_error"}}, 500),
        ({"error": {"type": "insufficient_quota"}}, 429),
        ({"error": "words"}, 400),
        ({"success": False, "errors": [{"code": 5007}]}, 400),
    ],
    ids=str,
)
def test_status_is_read_out_of_the_body(response, status):
    """As far as a provider's error shows it."""
    assert status_of(response) == status
