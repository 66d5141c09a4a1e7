"""What a run says of itself while it goes on: how far it has come, and what it has finished."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.errors import GatewayError

Row = dict[str, Any]
State = Literal["waiting", "running", "paused", "done", "cancelled", "stopped", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come; a copy, safe to read anywhere.

    Attributes:
        eta_s: Real seconds left, by the rate so far; ``None`` before there is one.
        stopped_by: Why it ended early: "cap", "calls", "cancel", "lease", or a sentence.
        notes: Sentences about what happened meanwhile that readers of its figures have to know.
    """

    state: State = "waiting"
    planned: int = 0
    sent: int = 0
    done: int = 0
    statuses: Mapping[int, int] = field(default_factory=dict)
    caches: Mapping[str, int] = field(default_factory=dict)
    cost_usd: float = 0.0
    elapsed_s: float = 0.0
    eta_s: float | None = None
    stopped_by: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> float | None:
        """Finished calls per real second."""
        return self.done / self.elapsed_s if self.elapsed_s > 0 else None


class Tally:
    """What a run's rows add up to while they come.

    Attributes:
        done: Rows so far.
        cost_usd: By list prices.
    """

    def __init__(self, planned: int) -> None:
        self.done = 0
        self.cost_usd = 0.0
        self._planned = planned
        self._statuses: Counter[int] = Counter()
        self._caches: Counter[str] = Counter()

    def add(self, row: Row) -> None:
        """Count one row of the requests table."""
        self.done += 1
        self.cost_usd += row["cost_usd"] or 0.0
        self._statuses[row["status"]] += 1
        self._caches[row["cache_status"]] += 1

    def progress(self, state: State, sent: int, elapsed_s: float) -> Progress:
        """Return how far the run has come."""
        eta_s = None
        if state == "running" and self.done:
            eta_s = elapsed_s / self.done * (self._planned - self.done)
        return Progress(
            state=state,
            planned=self._planned,
            sent=sent,
            done=self.done,
            statuses=dict(self._statuses),
            caches=dict(self._caches),
            cost_usd=self.cost_usd,
            elapsed_s=elapsed_s,
            eta_s=eta_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was finished since the last batch."""

    requests: Sequence[Row] = ()
    attempts: Sequence[Row] = ()
    chunks: Sequence[Row] = ()


def ended_as(stopped_by: str | None) -> State:
    """Return the state of a run that ended, by why; for no known reason it has failed."""
    ends: dict[str | None, State] = {None: "done", "cancel": "cancelled", "lease": "cancelled"}
    ends |= {"cap": "stopped", "calls": "stopped"}
    return ends.get(stopped_by, "failed")


def sentence(error: BaseException) -> str:
    """Return what ended a run, without the group of tasks in which it happened."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) if isinstance(error, GatewayError) else f"{type(error).__name__}: {error}"
