"""Rows on their way to the records: collected as they come, handed on often.

What can't be kept stays in the basket: whoever looks at the error decides whether to try again.
Whoever hands on and is cancelled meanwhile leaves nothing half done: the hand-over goes on, and the
next one waits for its end.
"""

import asyncio
from collections.abc import Callable, Sequence

from gateway.errors import GatewayError
from gateway.experiments.attempts import Attempts
from gateway.experiments.progress import Batch, Row
from gateway.experiments.site import Site

FLUSH_S = 0.5
"""How often finished rows are handed on: what a crash loses at most, twice over."""


class Basket:
    """Finished calls of one run that nobody keeps yet. Belongs to the event loop of the run.

    Args:
        site: Whose journal knows the attempts behind each call.
        keep: Takes each batch, in a thread.
    """

    def __init__(self, run_id: str, site: Site, keep: Callable[[Batch], None]) -> None:
        self._run_id = run_id
        self._keep = keep
        self._attempts = Attempts(site)
        self._rows: list[Row] = []
        self._chunks: list[Row] = []
        self._unkept = Batch()
        self._turn = asyncio.Lock()

    def put(self, requests: Sequence[Row], chunks: Sequence[Row] = ()) -> None:
        """Collect rows of the requests table, and of the chunks table."""
        self._rows += requests
        self._chunks += chunks

    @property
    def unkept(self) -> Batch:
        """What was handed on and couldn't be kept."""
        return self._unkept

    async def empty(self) -> None:
        """Hand on what is there, with the attempts behind it.

        Raises:
            GatewayError: it couldn't be kept; it stays in the basket.
        """
        await asyncio.shield(asyncio.create_task(self._hand_on()))

    async def _hand_on(self) -> None:
        async with self._turn:
            requests, self._rows = self._rows, []
            chunks, self._chunks = self._chunks, []
            for row in requests:
                row["run_id"] = self._run_id
            late = self._unkept
            if not (requests or chunks or late.requests or late.chunks):
                return
            self._unkept = Batch(
                requests=[*late.requests, *requests],
                attempts=[*late.attempts, *await self._attempts.of(requests)],
                chunks=[*late.chunks, *chunks],
            )
            await asyncio.to_thread(self._keep, self._unkept)
            self._unkept = Batch()

    async def empty_often(self) -> str:
        """Hand on until it can't be kept any more, and return why."""
        while True:
            await asyncio.sleep(FLUSH_S)
            try:
                await self.empty()
            except GatewayError as error:
                return str(error)
