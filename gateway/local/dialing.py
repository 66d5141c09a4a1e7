"""Where realtime connections go: the real provider over WebSocket, or the simulated one.

The addresses are those of the providers' own references (2026-11); the paths under the gateway are
the contract's (websocket, 4).
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from gateway.errors import Unreachable
from gateway.local.call import Call
from gateway.local.lines import ABNORMAL, MESSAGE_LIMIT, Ended, Frame, Line, Rejected
from gateway.local.upstreams import Upstreams
from gateway.providers import Provider, provider_of
from gateway.wire.network import Proxies, trust

CONNECT_S, CLOSE_S = 10.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a provider's realtime API is.

    Attributes:
        path: Where the gateway's URL names none after the provider.
        base: Where it isn't the provider's own base.
        key_query: The provider takes its key in the query, under this name, not in a header.
        model_in_path: The ``model`` of the query becomes the path.
    """

    path: str = ""
    base: str | None = None
    key_query: str | None = None
    model_in_path: bool = False


PLACES: Mapping[str, Place] = {
    "openai": Place(path="v1/realtime"),
    "google-ai-studio": Place(
        path="ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
        key_query="key",
    ),
    "cartesia": Place(path="tts/websocket", base="https://api.cartesia.ai"),
    "elevenlabs": Place(path="v1/convai/conversation"),
    "fal": Place(base="https://ws.fal.run"),
    "workers-ai": Place(model_in_path=True),
    "deepgram": Place(path="v1/listen"),
}
SLUGS: Mapping[str, str] = {"google": "google-ai-studio"}
"""Segment of a realtime path -> slug, where the two differ."""

QUERY_KEYS = ("api_key", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A realtime connection as the caller's URL names it.

    Attributes:
        path: As the provider gets it, with its query but without a key.
        key: The key that stood in the query.
    """

    path: str
    model: str
    key: str | None


def wanted(provider: Provider, endpoint: str) -> Wanted | None:
    """Read what follows the provider in a URL; ``None`` where it has no realtime API."""
    place = PLACES.get(provider.slug)
    if place is None:
        return None
    path, _, text = endpoint.partition("?")
    query = parse_qsl(text, keep_blank_values=True)
    named = dict(query)
    model = named.get("model", "")
    path = path.strip("/") or (model if place.model_in_path else place.path)
    gone = {*QUERY_KEYS, *(("model",) if place.model_in_path else ())}
    rest = urlencode([pair for pair in query if pair[0] not in gone], safe="/@:,")
    return Wanted(
        path=f"{path}?{rest}" if rest else path,
        model=model or (path if provider.slug in ("fal", "workers-ai") else ""),
        key=next((named[name] for name in QUERY_KEYS if named.get(name)), None),
    )


class Played(Protocol):
    """Who plays the providers that aren't real."""

    def dial(self, call: Call) -> Awaitable[Line]: ...


class Dialer:
    """Opens realtime connections.

    Args:
        played: Plays what isn't real.
    """

    def __init__(self, upstreams: Upstreams, played: Played) -> None:
        self._upstreams = upstreams
        self._played = played

    async def dial(self, call: Call, offered: Sequence[str]) -> Line:
        """Open a connection.

        Args:
            offered: The caller's sub-protocols that hold neither its token nor a key.

        Raises:
            Rejected: the provider answers, but doesn't open.
            Unreachable: nobody answers.
        """
        if self._upstreams.is_simulated(call.provider):
            return await self._played.dial(call)
        return await RealLine.open(
            url_of(call, self._upstreams.base(call.provider)), call.headers, offered
        )


def url_of(call: Call, base: str | None) -> str:
    """Return the provider's address, its key in the query where it wants it there.

    Args:
        base: Stands in for the provider's own base.

    Raises:
        Unreachable: the address isn't known.
    """
    provider, place = provider_of(call.provider), PLACES.get(call.provider)
    if provider is None or place is None:
        raise Unreachable(f"No realtime address is known for {call.provider}.")
    path = call.path
    key = provider.credential(call.headers)
    if place.key_query is not None and key is not None:
        path += f"{'&' if '?' in path else '?'}{urlencode({place.key_query: key})}"
    url = provider.upstream_url(path, account=call.account, base=base or place.base)
    return f"ws{url.removeprefix('http')}"


class RealLine:
    """A connection over the internet, or to a test's server."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.subprotocol: str | None = connection.subprotocol

    @classmethod
    async def open(cls, url: str, headers: Mapping[str, str], offered: Sequence[str]) -> Self:
        """Connect; errors as in ``Dialer.dial``."""
        secure: dict[str, Any] = {"ssl": trust()} if url.startswith("wss:") else {}
        try:
            connection = await connect(
                url,
                additional_headers=dict(headers),
                subprotocols=[Subprotocol(name) for name in offered] or None,
                user_agent_header=None,
                compression=None,
                max_size=MESSAGE_LIMIT,
                open_timeout=CONNECT_S,
                close_timeout=CLOSE_S,
                proxy=Proxies().find(f"http{url.removeprefix('ws')}"),
                **secure,
            )
        except InvalidStatus as error:
            answer = error.response
            kind = answer.headers.get("content-type", "application/octet-stream")
            raise Rejected(answer.status_code, kind, bytes(answer.body or b"")) from error
        except (OSError, WebSocketException) as error:
            words = "No realtime connection to the provider could be opened"
            raise Unreachable(f"{words}: {type(error).__name__}.") from error
        return cls(connection)

    async def send(self, frame: Frame) -> None:
        """Send one message; errors as in ``Line.send``."""
        try:
            await self._connection.send(frame)
        except ConnectionClosed as error:
            raise _ended(error) from error

    async def receive(self) -> Frame:
        """Return the next message; errors as in ``Line.receive``."""
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            raise _ended(error) from error

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        await self._connection.close(code, reason)


def _ended(error: ConnectionClosed) -> Ended:
    close = error.rcvd
    return Ended(ABNORMAL) if close is None else Ended(close.code, close.reason)
