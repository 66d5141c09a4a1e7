"""snippets.message: a call as a message over the gateway's WebSocket."""

import pytest

from gateway.headers import Options
from gateway.snippets.call import CannotSay, call_of
from gateway.snippets.message import message_of_call
from tests.snippets.conftest import chat, target_of


def call(asked, options=Options()):
    return call_of(asked, options, target_of("https://gateway", keys=True))


def test_token_is_the_connection_s():
    """It stands in the handshake, not in the message; the provider's key stays with the step."""
    address, headers, message = message_of_call(call(chat("openai", "gpt-5-mini")))

    assert address == "wss://gateway/v1/acc/demo"
    assert [name for name, _ in headers] == ["cf-aig-authorization"]
    assert set(message["request"]["headers"]) == {"Content-Type", "Authorization"}


def test_event_id_of_the_caller_is_kept():
    """Answers are matched by it."""
    _, _, message = message_of_call(call(chat("openai", "m"), Options(event_id="mine")))

    assert message["request"]["eventId"] == "mine"


def test_rest_has_no_websocket():
    """The reason says what to do."""
    with pytest.raises(CannotSay, match="choose another route"):
        message_of_call(call(chat("openai", "m", route="rest")))
