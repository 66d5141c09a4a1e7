"""What goes to an upstream and what comes from it, whether the provider is real or simulated.

Call  ->  Upstream.open  ->  Answer (status, headers, chunks)
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One attempt at one provider.

    Attributes:
        provider: Slug of the provider table, or ``custom-{slug}``.
        path: Provider path with its query string, without a slash at the front.
        headers: Names in lower case. What the gateway keeps for itself is gone already.
        attempt: From 1.
        step: Index of the universal step, from 0.
        log_id: The request that this attempt belongs to.
        script: Faults that this request asked for, one word for each attempt.
        pace_s: Emulated seconds to the first token and between two, where a simulated provider
            shall keep to a pace; ``None`` leaves it to the provider.
    """

    provider: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    account: str = ""
    attempt: int = 1
    step: int = 0
    log_id: str = ""
    script: tuple[str, ...] = ()
    pace_s: tuple[float, float] | None = None


async def _nothing_to_close() -> None:
    """Close an answer that holds no connection."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """An upstream's answer, from its first part on.

    Whoever opened it reads ``chunks`` to the end or calls ``close``.

    Attributes:
        fault: The fault that was put into this answer, for the journal.
    """

    status: int
    headers: list[tuple[str, str]]
    chunks: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]] = _nothing_to_close
    fault: str | None = None

    def header(self, name: str) -> str | None:
        """Return one header by its lower-case name."""
        return next((value for key, value in self.headers if key.lower() == name), None)


class Upstream(Protocol):
    """A provider, real or simulated."""

    async def open(self, call: Call) -> Answer:
        """Send the call and return once the first part of the answer is there.

        Raises:
            Unreachable: no answer. A stream that breaks later raises it from ``chunks``.
        """
        ...
