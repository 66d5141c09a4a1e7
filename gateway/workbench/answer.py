"""Answer: one running or finished call. The loop writes it, any thread reads it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from gateway.chat import Chat, Completion, Exchange
from gateway.client import Stream
from gateway.headers import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """An answer at one moment.

    Attributes:
        version: Grows whenever something has changed.
        ttft_ms: Time to the first content; ``None`` before it, and where nothing is streamed.
        chunks: Pieces of content so far.
    """

    text: str = ""
    reasoning: str = ""
    version: int = 0
    running: bool = True
    ttft_ms: float | None = None
    chunks: int = 0


class Answer:
    """One call: what was asked, what has arrived so far, and in the end its exchange.

    It belongs to no page: whoever holds it can go on reading after a rerun.

    Attributes:
        chat: What was asked.
        target: Name of the gateway that was asked.
    """

    def __init__(
        self, chat: Chat, options: Options, target: str, *, stop: Callable[[], object]
    ) -> None:
        self.chat = chat
        self.options = options
        self.target = target
        self._stop = stop
        self._stream: Stream | None = None
        self._exchange: Exchange | None = None
        self._ended = threading.Event()
        self._seen = Snapshot()

    @classmethod
    def of(cls, exchange: Exchange) -> Self:
        """Return an answer that has ended already: one that was kept, or never sent."""
        answer = cls(exchange.chat, exchange.options, exchange.target, stop=lambda: None)
        answer.end(exchange)
        return answer

    @property
    def exchange(self) -> Exchange | None:
        """The whole of it, once it has ended."""
        return self._exchange

    def snapshot(self) -> Snapshot:
        """Return what has arrived so far. Cheap while nothing changes."""
        exchange, stream = self._exchange, self._stream
        arrivals = stream.chunks_s if stream is not None else []
        chunks = len(arrivals)
        version = chunks + (1 if exchange is not None else 0)
        if version == self._seen.version:
            return self._seen
        if exchange is not None and exchange.reply is not None:
            completion = exchange.reply.completion
        elif stream is not None:
            completion = stream.gathered.completion()
        else:
            completion = Completion(text="")
        self._seen = seen = Snapshot(
            text=completion.text,
            reasoning=completion.reasoning,
            version=version,
            running=exchange is None,
            ttft_ms=arrivals[0] * 1000 if arrivals else None,
            chunks=chunks,
        )
        return seen

    def stop(self) -> None:
        """End the call at once; what arrived is kept. Does nothing after the end."""
        if self._exchange is None:
            self._stop()

    def wait(self, timeout_s: float | None = None) -> Exchange:
        """Return the exchange once the call has ended.

        Raises:
            TimeoutError: it hasn't ended in time; it goes on.
        """
        self._ended.wait(timeout_s)
        if self._exchange is None:
            raise TimeoutError(f"No end within {timeout_s:g} s.")
        return self._exchange

    def begin(self, stream: Stream) -> None:
        """Take over the stream that is to be read; for the loop only."""
        self._stream = stream

    def end(self, exchange: Exchange) -> None:
        """Set the exchange; for the loop only."""
        self._exchange = exchange
        self._ended.set()
