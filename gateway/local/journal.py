"""The journal: what really happened upstream, attempt by attempt. For tests and timelines.

Nothing on the wire shows it; it is read at ``/_local/journal``.
"""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Literal

Json = Any
State = Literal["open", "done", "failed", "aborted"]
KEPT = 10_000


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One try at one provider. Times are emulated seconds since the epoch.

    Attributes:
        wait_before_s: What the gateway waited before this try.
        first_s: When the first part of the answer was there.
        status: HTTP status of the upstream; ``None`` where it gave none.
        state: open while it runs; aborted where the client went away; failed without an answer.
        cause: Why it failed, in words.
    """

    request_id: str
    log_id: str
    provider: str
    model: str
    path: str
    step: int
    attempt: int
    simulated: bool
    wait_before_s: float
    started_s: float
    first_s: float | None = None
    ended_s: float | None = None
    status: int | None = None
    fault: str | None = None
    state: State = "open"
    cause: str | None = None
    chunks: int = 0
    bytes: int = 0

    def end(self, now: float, state: State, cause: str | None = None) -> None:
        """Close the row; a row that is closed stays as it is."""
        if self.ended_s is None:
            self.ended_s, self.state, self.cause = now, state, cause

    def to_json(self) -> dict[str, Json]:
        """Spell the row for ``/_local/journal``."""
        return asdict(self)


class Journal:
    """The newest attempts, oldest first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._attempts: deque[Attempt] = deque(maxlen=kept)

    def add(self, attempt: Attempt) -> None:
        """Keep one attempt; it may still change while it runs."""
        self._attempts.append(attempt)

    def strike(self, log_id: str, attempt: int, fault: str) -> None:
        """Note which fault struck an attempt that is still running."""
        for row in reversed(self._attempts):
            if (row.log_id, row.attempt) == (log_id, attempt):
                row.fault = fault
                return

    def find(
        self,
        *,
        request_id: str | None = None,
        state: str | None = None,
        since_s: float = 0.0,
        limit: int = 1000,
    ) -> list[Attempt]:
        """Return the newest attempts, oldest first.

        Args:
            request_id: Those of one request or log row.
            since_s: Those that began at this emulated moment or later.
        """
        found = [
            attempt
            for attempt in self._attempts
            if (request_id is None or request_id in (attempt.request_id, attempt.log_id))
            and (state is None or attempt.state == state)
            and attempt.started_s >= since_s
        ]
        return found[-limit:]

    def clear(self) -> None:
        """Forget everything."""
        self._attempts.clear()
