"""Exports: spans on their way to the collectors that a gateway's settings name.

Best effort, as soon as a request is over: nobody waits for a collector, and what it doesn't take is
lost. One that can't be reached is named once, not for every span.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from gateway.errors import GatewayError
from gateway.local.logbook import Served
from gateway.local.spans import Span, as_json, as_protobuf, span_of
from gateway.wire import Wire

log = logging.getLogger(__name__)
Json = Any
PATIENCE_S = 10.0
PENDING = 256
"""Exports that may be on their way; while there are so many, further ones are dropped."""
SPELLINGS: Mapping[str, tuple[str, Callable[[Span], bytes]]] = {
    "json": ("application/json", as_json),
    "protobuf": ("application/x-protobuf", as_protobuf),
}


class Exports:
    """Sends spans. Lives on the event loop."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._pending: set[asyncio.Task[None]] = set()
        self._silent: set[str] = set()

    def send(self, exporters: Sequence[Mapping[str, Json]], steps: list[Served]) -> None:
        """Tell every exporter of one request.

        Args:
            exporters: As in a gateway's ``otel`` setting.
            steps: Those that were tried, at least one; the last one answered.
        """
        span = span_of(steps)
        for exporter in exporters:
            if len(self._pending) >= PENDING:
                return
            task = asyncio.get_running_loop().create_task(self._post(exporter, span))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    async def _post(self, exporter: Mapping[str, Json], span: Span) -> None:
        content_type, spelled = SPELLINGS[exporter["content_type"]]
        headers = [("content-type", content_type), *exporter["headers"].items()]
        if exporter.get("authorization"):
            headers.append(("authorization", exporter["authorization"]))
        url = exporter["url"]
        try:
            answer = await self._wire.open(
                "POST", url, headers=headers, body=spelled(span), timeout_s=PATIENCE_S
            )
            await answer.aclose()
        except GatewayError as error:
            self._complain(url, str(error))
            return
        if answer.status >= 400:
            self._complain(url, f"It answered {answer.status}.")
        else:
            self._silent.discard(url)

    def _complain(self, url: str, words: str) -> None:
        if url not in self._silent:
            self._silent.add(url)
            # Its host alone: an address may hold a key.
            log.warning("Spans can't be exported to %s: %s", urlsplit(url).hostname, words)
