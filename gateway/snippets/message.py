"""A call as a message over the gateway's WebSocket."""

from typing import Any

from gateway.snippets.call import Call, CannotSay, needs_gateway
from gateway.websocket.messages import TOKEN, message_of, socket_url

Json = Any

EVENT_ID = "1"
"""Names the request among others of the same connection."""


def message_of_call(call: Call) -> tuple[str, tuple[tuple[str, str], ...], dict[str, Json]]:
    """Return address, headers of the handshake, and message.

    Raises:
        CannotSay: the REST endpoint has no WebSocket, and a provider has another.
    """
    needs_gateway(call)
    if call.chat.route == "rest":
        raise CannotSay("The REST endpoint has no WebSocket: choose another route.")
    headers = tuple(item for item in call.headers if item[0] == TOKEN)
    message = message_of(
        call.url,
        call.headers,
        call.text,
        base=call.base_url,
        event_id=call.options.event_id or EVENT_ID,
    )
    return socket_url(call.base_url), headers, message
