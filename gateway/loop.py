"""An event loop for synchronous callers: the one bridge between pages and asynchronous wires."""

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Loop:
    """An asyncio loop in its own daemon thread.

    Everything async in the app lives on this one loop, so connections are pooled across pages
    and reruns. Safe to call from any thread but its own.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="gateway-loop", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> "concurrent.futures.Future[T]":
        """Start one coroutine and return at once; cancelling the future cancels the coroutine.

        Raises:
            RuntimeError: the loop is closed.
        """
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one coroutine to its end and return its result."""
        return self.call(work).result()

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """Yield items as they arrive. Stop early and the source is closed too."""

        async def step() -> tuple[T, ...]:
            async for item in items:
                return (item,)
            return ()

        async def close() -> None:
            if (aclose := getattr(items, "aclose", None)) is not None:
                await aclose()

        try:
            while found := self.run(step()):
                yield found[0]
        finally:
            self.run(close())

    def close(self) -> None:
        """Cancel what still runs, wait for its end, and end the thread. Twice is fine."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._wind_up())

    async def _wind_up(self) -> None:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        await self._loop.shutdown_default_executor()
