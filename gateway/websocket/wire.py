"""One gateway's WebSocket as a wire: requests go out as messages, and answers come as over HTTP."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from gateway.chat import Target
from gateway.client import DONE
from gateway.errors import Unreachable
from gateway.sse import encode
from gateway.websocket.messages import (
    EVENT_ID,
    KINDS,
    Headers,
    handshake_headers,
    members,
    message_of,
    object_of,
    socket_url,
    spelled,
    status_of,
)
from gateway.wire import Incoming
from gateway.wire.network import Proxies, trust
from gateway.wire.trouble import broke_off, no_connection, no_connection_in, place_of, silent

Json = Any

CONNECT_S = 10.0
SILENCE_S = 120.0
MESSAGE_LIMIT = 128 * 1024 * 1024
"""Bytes of one message that are taken."""


class SocketWire:
    """One gateway's WebSocket as a ``Wire``: opened when it is needed, and again when it is lost.

    Args:
        connect_s: How long a connection may take.
        silence_s: How long one answer may pause, its start included.
    """

    def __init__(
        self, target: Target, *, connect_s: float = CONNECT_S, silence_s: float = SILENCE_S
    ) -> None:
        self._target = target
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._connecting = asyncio.Lock()
        self._connection: Connection | None = None

    async def open(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Incoming:
        """Send a request and return at the first message of its answer; as ``Wire.open``."""
        place = place_of(url)
        try:
            connection = await self._connected(place)
        except InvalidStatus as refused:
            answer = refused.response
            return _whole(answer.status_code, answer.headers.raw_items(), bytes(answer.body or b""))
        wanted = next((value for name, value in headers if name.lower() == EVENT_ID), None)
        event_id = wanted if wanted and wanted not in connection.open else str(uuid.uuid4())
        base = self._target.base_url
        message = message_of(url, headers, body or b"null", base=base, event_id=event_id)
        answering = Answering(connection, event_id, place, timeout_s or self._silence_s)
        try:
            return await answering.begin(message)
        except BaseException:
            await answering.close()
            raise

    async def aclose(self) -> None:
        """Close the connection; what is open on it breaks off."""
        if self._connection is not None:
            await self._connection.close()

    async def _connected(self, place: str) -> "Connection":
        async with self._connecting:
            if self._connection is None or self._connection.lost:
                self._connection = Connection(await self._connect(place))
            return self._connection

    async def _connect(self, place: str) -> ClientConnection:
        base, url = self._target.base_url, socket_url(self._target.base_url)
        token = self._target.token
        secure: dict[str, Any] = {"ssl": trust()} if urlsplit(url).scheme == "wss" else {}
        try:
            return await connect(
                url,
                additional_headers=[*handshake_headers(token)],
                user_agent_header=None,
                compression=None,
                max_size=MESSAGE_LIMIT,
                open_timeout=self._connect_s,
                close_timeout=1,
                proxy=Proxies().find(base),
                **secure,
            )
        except InvalidStatus:
            raise
        except TimeoutError as error:
            raise no_connection_in(self._connect_s, place) from error
        except (OSError, WebSocketException) as error:
            raise no_connection(error, place) from error


class Connection:
    """One open WebSocket, and the requests that wait for messages on it.

    What one answer holds waits in memory: a slow reader of one must not hold up the others.

    Attributes:
        open: Event id -> its messages; ``None`` says that the connection is lost.
        lost: Nothing can be sent any more.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.open: dict[str, asyncio.Queue[dict[str, Json] | None]] = {}
        self.lost = False
        self._socket = socket
        self._reading = asyncio.create_task(self._read())

    async def send(self, message: Mapping[str, Json]) -> None:
        """Send one message.

        Raises:
            ConnectionClosed: the connection is lost.
        """
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        await self._socket.send(text.encode("utf-8", "replace").decode())

    async def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self.lost = True
        await self._socket.close()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait((self._reading,))

    async def _read(self) -> None:
        try:
            async for text in self._socket:
                message = object_of(text)
                event_id = members(message, "metadata").get("eventId")
                waiting = self.open.get(event_id) if isinstance(event_id, str) else None
                if waiting is not None:
                    waiting.put_nowait(message)
        except ConnectionClosed:
            pass
        finally:
            self.lost = True
            for waiting in self.open.values():
                waiting.put_nowait(None)


class Answering:
    """One request on a connection, and its answer as status, headers and body."""

    def __init__(self, connection: Connection, event_id: str, place: str, silence_s: float) -> None:
        self._connection = connection
        self._event_id = event_id
        self._place = place
        self._silence_s = silence_s
        self._messages: asyncio.Queue[dict[str, Json] | None] = asyncio.Queue()
        self._ended = False
        connection.open[event_id] = self._messages

    async def begin(self, message: Mapping[str, Json]) -> Incoming:
        """Send the message and return at the first one of the answer."""
        try:
            await self._connection.send(message)
        except ConnectionClosed as error:
            raise broke_off(self._place) from error
        first = await self._next()
        metadata = members(first, "metadata")
        named = (
            ("content-type", metadata.get("contentType")),
            ("cf-aig-cache-status", metadata.get("cacheStatus")),
            ("cf-aig-log-id", metadata.get("logId")),
            ("cf-aig-step", metadata.get("step")),
            (EVENT_ID, metadata.get("eventId")),
        )
        headers = [(name, str(value)) for name, value in named if value is not None]
        response = first.get("response")
        if first.get("type") == "universal.error":
            await self.close()
            envelope = members(first, "response")
            status = envelope.get("httpCode")
            known = isinstance(status, int) and 400 <= status <= 599
            headers.append(("content-type", "application/json"))
            return _whole(int(str(status)) if known else 400, headers, spelled(response))
        if "response" in first:
            await self.close()
            is_json = metadata.get("contentType") == "application/json"
            body = spelled(response) if is_json else str(response).encode("utf-8", "replace")
            return _whole(status_of(response), headers, body)
        return Incoming(200, tuple(headers), self._chunk, self.close)

    async def close(self) -> None:
        """Give the answer up, unless it is whole."""
        open_ = self._connection.open
        if open_.pop(self._event_id, None) is not None and not self._ended and not open_:
            await self._connection.close()

    async def _chunk(self) -> bytes:
        """Return the next event of a stream as bytes; empty at its end."""
        if self._ended:
            return b""
        message = await self._next()
        match message.get("type"):
            case "universal.stream":
                response = message.get("response")
                kind = members(message, "response").get("type")
                return encode(
                    response if isinstance(response, str) else json.dumps(response),
                    kind if isinstance(kind, str) else None,
                )
            case "universal.done":
                self._ended = True
                await self.close()
                return encode(DONE)
            case _:
                words = members(message, "response").get("message")
                reason = words if isinstance(words, str) else "no reason was given"
                raise Unreachable(f"The gateway ended the stream: {reason}.")

    async def _next(self) -> dict[str, Json]:
        """Return the next message that the protocol knows: unknown ones are skipped."""
        while True:
            try:
                async with asyncio.timeout(self._silence_s):
                    message = await self._messages.get()
            except TimeoutError as error:
                raise silent(self._place, self._silence_s) from error
            if message is None:
                raise broke_off(self._place)
            kind = message.get("type")
            if kind in KINDS:
                self._ended = "response" in message and kind != "universal.stream"
                return message


def _whole(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> Incoming:
    """Return an answer that is there already."""
    chunks = [body] if body else []

    async def read() -> bytes:
        return chunks.pop() if chunks else b""

    async def close() -> None:
        return None

    return Incoming(status, tuple(headers), read, close)
