"""The two wires, over httpx and over aiohttp, and what both promise."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial
from io import BytesIO
from typing import Protocol, Self

import aiohttp
import httpx
from yarl import URL

from gateway.wire import trouble
from gateway.wire.network import Proxies, trust

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

    Attributes:
        headers: Names and values in order, as they came; bytes above 127 as Latin-1.
    """

    __slots__ = ("_close", "_read", "headers", "status")

    def __init__(
        self,
        status: int,
        headers: tuple[tuple[str, str], ...],
        read: Callable[[], Awaitable[bytes]],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        self.status = status
        self.headers = headers
        self._read = read
        self._close = close

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


class HttpxWire:
    """The wire for single calls, over httpx. Belongs to the event loop that it is used on first.

    Args:
        connect_s: How long a connection may take.
        silence_s: How long an answer may pause, its start included; ``None`` is for ever.
    """

    def __init__(
        self, *, connect_s: float = CONNECT_S, silence_s: float | None = SILENCE_S
    ) -> None:
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._timeout = httpx.Timeout(
            connect=connect_s, read=silence_s, write=silence_s, pool=None
        ).as_dict()
        self._proxies = Proxies()
        self._transports: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def open(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Incoming:
        """Send a request and return at the answer's headers; errors as in ``Wire.open``."""
        place = trouble.place_of(url)
        try:
            request = httpx.Request(
                method,
                url,
                headers=[
                    (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
                ],
                content=body,
                extensions={"timeout": self._timeout},
            )
            transport = self._transport(self._proxies.find(url))
            async with asyncio.timeout(timeout_s):
                response = await transport.handle_async_request(request)
        except httpx.ConnectTimeout as error:
            raise trouble.no_connection_in(self._connect_s, place) from error
        except httpx.TimeoutException as error:
            raise trouble.silent(place, self._silence_s) from error
        except TimeoutError as error:
            raise trouble.silent(place, timeout_s) from error
        except (httpx.ConnectError, httpx.ProxyError) as error:
            raise trouble.no_connection(error, place) from error
        except (ValueError, httpx.InvalidURL, httpx.LocalProtocolError) as error:
            raise trouble.unsendable(place) from error
        except httpx.TransportError as error:
            raise trouble.no_answer(error, place) from error
        return Incoming(
            response.status_code,
            _text(response.headers.raw),
            partial(self._read, response.aiter_raw(), place),
            response.aclose,
        )

    async def _read(self, chunks: AsyncIterator[bytes], place: str) -> bytes:
        try:
            return await anext(chunks, b"")
        except httpx.TimeoutException as error:
            raise trouble.silent(place, self._silence_s) from error
        except (httpx.TransportError, httpx.StreamError) as error:
            raise trouble.broke_off(place) from error

    def _transport(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        if proxy not in self._transports:
            self._transports[proxy] = httpx.AsyncHTTPTransport(
                verify=trust(),
                proxy=proxy,
                limits=httpx.Limits(
                    max_connections=None,
                    max_keepalive_connections=None,
                    keepalive_expiry=KEEP_ALIVE_S,
                ),
            )
        return self._transports[proxy]

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in self._transports.values():
            await transport.aclose()


class AiohttpWire:
    """The fast wire, over aiohttp. Built in a coroutine of the event loop that uses it.

    Args:
        connect_s: How long a connection may take.
        silence_s: How long an answer may pause, its start included; ``None`` is for ever.
    """

    def __init__(self, *, connect_s: float = CONNECT_S, silence_s: float | None = None) -> None:
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._proxies = Proxies()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S, ssl=trust()),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=connect_s, sock_read=silence_s, ceil_threshold=60
            ),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=65536,
            max_field_size=65536,
        )

    async def open(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Incoming:
        """Send a request and return at the answer's headers; errors as in ``Wire.open``."""
        place = trouble.place_of(url)
        # aiohttp warns of bytes above 1 MiB, which it writes in one go; a file it writes in parts.
        data = BytesIO(body) if body is not None and len(body) > 1 << 20 else body
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._session.request(
                    method,
                    URL(url, encoded=True),
                    headers=headers,
                    data=data,
                    allow_redirects=False,
                    proxy=self._proxies.find(url),
                )
        except (aiohttp.ConnectionTimeoutError, aiohttp.ServerTimeoutError) as error:
            if isinstance(error, aiohttp.SocketTimeoutError):
                raise trouble.silent(place, self._silence_s) from error
            raise trouble.no_connection_in(self._connect_s, place) from error
        except TimeoutError as error:
            raise trouble.silent(place, timeout_s) from error
        except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError) as error:
            raise trouble.no_connection(error, place) from error
        except ValueError as error:
            raise trouble.unsendable(place) from error
        except (aiohttp.ClientError, OSError) as error:
            raise trouble.no_answer(error, place) from error
        return Incoming(
            response.status,
            _text(response.raw_headers),
            partial(self._read, response, place),
            partial(_close, response),
        )

    async def _read(self, response: aiohttp.ClientResponse, place: str) -> bytes:
        try:
            return await response.content.readany()
        except TimeoutError as error:
            response.close()
            raise trouble.silent(place, self._silence_s) from error
        except (aiohttp.ClientError, OSError) as error:
            response.close()
            raise trouble.broke_off(place) from error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._session.close()


async def _close(response: aiohttp.ClientResponse) -> None:
    response.close()


def _text(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
