"""The wire for many calls at once, over connections of our own.

A library's client costs several times as much for each call as the rest of the gateway does
(docs/decisions.md). A call that has to go through a proxy takes the other wire.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import httptools

from gateway.wire import trouble
from gateway.wire.connections import (
    Address,
    Arriving,
    Connection,
    Pool,
    address_of,
    request_of,
)
from gateway.wire.network import Proxies
from gateway.wire.wires import CONNECT_S, Headers, Incoming, Wire

T = TypeVar("T")


class FastWire:
    """The wire for many calls at once. Belongs to the event loop that it is used on first.

    Args:
        connect_s: How long a connection may take.
        silence_s: How long an answer may pause, its start included; ``None`` is for ever.
        clock: Seconds from any fixed point: by it an ``Incoming`` tells when its bytes arrived.
    """

    def __init__(
        self,
        *,
        connect_s: float = CONNECT_S,
        silence_s: float | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._proxies = Proxies()
        self._pool = Pool(clock=clock)
        self._by_proxy: Wire | None = None

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
        address = address_of(url)
        if self._proxies.find(url) is not None:
            return await self._detour().open(
                method, url, headers=headers, body=body, timeout_s=timeout_s
            )
        try:
            head = request_of(method, address, headers, body)
        except ValueError as error:
            raise trouble.unsendable(address.name) from error
        try:
            answer, reused = await _within(
                timeout_s, self._ask(address, head, body, method == "HEAD")
            )
        except TimeoutError as error:
            raise trouble.silent(address.name, timeout_s) from error
        return Incoming(
            answer.status,
            tuple(answer.headers),
            partial(self._read, answer, address.name),
            partial(_close, answer),
            arrived=answer.arrived,
            reused=reused,
        )

    async def prepare(self, url: str, connections: int) -> None:
        """Have so many connections open and idle, so that calls to come needn't wait for one.

        Raises:
            TimedOut, Unreachable: no connection can be made, as in ``open``.
        """
        if self._proxies.find(url) is None:
            address = address_of(url)
            missing = connections - self._pool.waiting(address.place)
            made = [await self._connect(address) for _ in range(missing)]
            for connection in made:
                self._pool.keep(connection)

    async def aclose(self) -> None:
        """Close every connection."""
        self._pool.close()
        if self._by_proxy is not None:
            await self._by_proxy.aclose()

    async def _ask(
        self, address: Address, head: bytes, body: bytes | None, bodiless: bool
    ) -> tuple[Arriving, bool]:
        """Return the answer from its headers on, and whether its connection is an old one."""
        waiting = self._pool.idle(address.place)
        connection = waiting or await self._connect(address)
        answer = connection.ask(head, body, bodiless=bodiless)
        try:
            await _within(self._silence_s, answer.begin())
        except TimeoutError as error:
            answer.close()
            raise trouble.silent(address.name, self._silence_s) from error
        except (OSError, httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise trouble.no_answer(error, address.name) from error
        except asyncio.CancelledError:
            answer.close()
            raise
        return answer, waiting is not None

    async def _connect(self, address: Address) -> Connection:
        try:
            return await _within(self._connect_s, self._pool.connect(address.place))
        except TimeoutError as error:
            raise trouble.no_connection_in(self._connect_s, address.name) from error
        except OSError as error:
            raise trouble.no_connection(error, address.name) from error
        except UnicodeError as error:
            # No host can have such a name: a label is empty or too long.
            raise trouble.unsendable(address.name) from error

    async def _read(self, answer: Arriving, name: str) -> bytes:
        try:
            return await _within(self._silence_s, answer.read())
        except TimeoutError as error:
            answer.close()
            raise trouble.silent(name, self._silence_s) from error
        except (OSError, httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise trouble.broke_off(name) from error

    def _detour(self) -> Wire:
        if self._by_proxy is None:
            # Late: its library takes longer to load than all of the local gateway's own modules.
            from gateway.wire.single import HttpxWire

            self._by_proxy = HttpxWire(connect_s=self._connect_s, silence_s=self._silence_s)
        return self._by_proxy


async def _within(seconds: float | None, work: Coroutine[Any, Any, T]) -> T:
    """Wait for the work, at most so long; ``None`` is for ever."""
    if seconds is None:
        return await work
    async with asyncio.timeout(seconds):
        return await work


async def _close(answer: Arriving) -> None:
    answer.close()
