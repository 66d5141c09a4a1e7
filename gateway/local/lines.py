"""Realtime connections to providers: frames both ways, whether the provider is real or simulated.

Call  ->  dial  ->  Line: send, receive, close
"""

from typing import Protocol

Frame = str | bytes
MESSAGE_LIMIT = 32 * 1024 * 1024
"""Bytes of one message that are accepted from either side (ASSUMPTION: no limit is documented)."""

NORMAL, ABNORMAL, NO_CODE, BROKEN = 1000, 1006, 1005, 1011


class Ended(Exception):
    """The provider's side closed the connection.

    Attributes:
        code: WebSocket close code; 1006 where the connection broke.
    """

    def __init__(self, code: int = NORMAL, reason: str = "") -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"closed with code {code}")


class Rejected(Exception):
    """The provider answered the handshake with an HTTP error."""

    def __init__(self, status: int, content_type: str, body: bytes) -> None:
        self.status = status
        self.content_type = content_type
        self.body = body
        super().__init__(f"the provider answered the handshake with {status}")


class Line(Protocol):
    """An open connection to a provider.

    Attributes:
        subprotocol: The one that the provider chose.
    """

    subprotocol: str | None

    async def send(self, frame: Frame) -> None:
        """Send one message: text as text, bytes as binary.

        Raises:
            Ended: the provider's side is closed.
        """
        ...

    async def receive(self) -> Frame:
        """Return the next message.

        Raises:
            Ended: there is none; the provider's side is closed.
        """
        ...

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the connection; a second call does nothing."""
        ...


def sendable(code: int, otherwise: int) -> int:
    """Return a close code that may stand in a close frame (RFC 6455, 7.4)."""
    told = 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    return code if told else otherwise
