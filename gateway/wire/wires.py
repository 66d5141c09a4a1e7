"""What both wires promise: how a call is made, and how its answer is read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol, Self

CONNECT_S = 10.0
"""How long a connection may take, in seconds."""

SILENCE_S = 120.0
"""How long a single call may pause: reasoning models think for a minute before they speak."""

KEEP_ALIVE_S = 15.0
"""How long an unused connection is kept for the next call, in seconds."""

Headers = Sequence[tuple[str, str]]


class Incoming:
    """An answer, from its headers on. Whoever opened it reads it to the end or closes it.

    Args:
        read: Waits for the next piece of the body; empty at the end.
        close: Gives the connection up.
        arrived: When that which was read last came in; for wires that know.

    Attributes:
        headers: Names and values in order, as they came; bytes above 127 as Latin-1.
        reused: Whether the connection was there before the call; ``None`` is not known.
    """

    __slots__ = ("_arrived", "_close", "_read", "headers", "reused", "status")

    def __init__(
        self,
        status: int,
        headers: tuple[tuple[str, str], ...],
        read: Callable[[], Awaitable[bytes]],
        close: Callable[[], Awaitable[None]],
        *,
        arrived: Callable[[], float] | None = None,
        reused: bool | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self._read = read
        self._close = close
        self._arrived = arrived
        self.reused = reused

    @property
    def arrived_s(self) -> float | None:
        """When the headers, the piece or the end that was read last came in.

        By the wire's clock, and before their reader has its turn in a busy event loop; ``None``
        where the wire can't tell.
        """
        return None if self._arrived is None else self._arrived()

    def chunks(self) -> AsyncIterator[bytes]:
        """Return the body's bytes, each piece as soon as it arrives.

        Raises:
            TimedOut: nothing came for as long as the wire waits.
            Unreachable: the connection broke before the end.
        """
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if chunk := await self._read():
            return chunk
        raise StopAsyncIteration

    async def read(self) -> bytes:
        """Return the whole body, or what is left of it; errors as in ``chunks``."""
        return b"".join([chunk async for chunk in self])

    async def aclose(self) -> None:
        """Close the connection at once, unless the body was read to its end."""
        await self._close()


class Wire(Protocol):
    """An HTTP client."""

    async def open(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Incoming:
        """Send a request and return at the answer's headers, whatever the status.

        Args:
            timeout_s: Patience until the headers, in seconds; ``None`` waits on.

        Raises:
            TimedOut: no connection or no headers in time.
            Unreachable: no answer at all.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...
