"""The wire for single calls, over httpx."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from functools import partial

import httpx

from gateway.wire import trouble
from gateway.wire.network import Proxies, trust
from gateway.wire.wires import CONNECT_S, KEEP_ALIVE_S, SILENCE_S, Headers, Incoming


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


def _text(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
