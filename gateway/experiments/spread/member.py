"""What a leader knows of one of its workers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gateway.experiments.plan import Call, Plan
from gateway.experiments.progress import Progress
from gateway.experiments.spread import worker
from gateway.experiments.spread.clocks import Offset, Sample, offset
from gateway.experiments.spread.cluster import Cluster
from gateway.experiments.spread.orders import Report

SAMPLES = 12
"""Questions that a worker's clock is read by."""


@dataclass(slots=True, kw_only=True)
class Member:
    """One worker and what we know of it.

    Attributes:
        seen: Number of its last report.
        heard_at: When that was here, by our clock.
        begun, kept: Variant and number of its calls that were sent, and that we have rows of.
        lost_at: When it was found to be gone.
        aborted, unsent: Its calls without an answer: may have been sent, weren't.
    """

    address: str
    shard: Plan
    groups: tuple[str, ...]
    before: Offset | None = None
    after: Offset | None = None
    seen: int = 0
    entered: int = 0
    heard_at: float = 0.0
    progress: Progress = field(default_factory=Progress)
    mean_in_flight: float | None = None
    begun: set[tuple[str, int]] = field(default_factory=set)
    kept: set[tuple[str, int]] = field(default_factory=set)
    ended: bool = False
    lost_at: float | None = None
    aborted: int = 0
    unsent: int = 0

    @property
    def here(self) -> bool:
        return self.lost_at is None

    def past(self, group: str) -> bool:
        """Whether nothing of a group is still to come from this worker."""
        over = self.ended or not self.here or group not in self.groups
        return over or self.entered > self.groups.index(group) + 1

    def waits_for(self, group: str) -> bool:
        """Whether it is ready to begin a group; also where it won't."""
        over = self.ended or not self.here or group not in self.groups
        return over or self.entered > self.groups.index(group)

    def theirs(self, at: float) -> float:
        """Return a moment of our clock by the worker's."""
        assert self.before is not None
        return at + self.before.offset_s

    def take(self, report: Report, at: float) -> None:
        """Note what a report says; it was here at a moment of our clock."""
        self.seen, self.heard_at = report.number, at
        self.entered, self.ended = report.entered, report.ended
        self.progress, self.mean_in_flight = report.progress, report.mean_in_flight
        self.begun.update(report.begun)
        self.kept.update((row["variant_id"], row["seq"]) for row in report.rows)

    def unanswered(self) -> Iterator[Call]:
        """Yield the calls that we have no row of."""
        for call in self.shard.calls:
            if (call.variant, call.seq) not in self.kept:
                yield call

    def may_have_sent(self, call: Call, due: float | None) -> bool:
        """Whether a lost worker sent a call, as far as we know: it said so, or it was due."""
        assert self.lost_at is not None
        told = (call.variant, call.seq) in self.begun
        return told or (due is not None and due <= self.lost_at)

    def give_up(self, call: Call, due: float | None) -> bool:
        """Count a call without an answer, and return whether it may have been sent."""
        sent = self.may_have_sent(call, due)
        self.aborted, self.unsent = self.aborted + sent, self.unsent + (not sent)
        return sent

    async def read_clock(self, cluster: Cluster, clock: Callable[[], float]) -> Offset:
        """Ask the worker for its moment, several times.

        Args:
            clock: Ours.

        Raises:
            Unreachable: it is gone.
        """
        samples = []
        for _ in range(SAMPLES):
            asked = clock()
            told = await cluster.call(self.address, worker.moment)
            samples.append(Sample(asked_s=asked, told_s=told, here_s=clock()))
        return offset(samples)

    def loss(self, began: float | None) -> str:
        """Return what the loss of this worker cost, as a sentence.

        Args:
            began: The run's start by our clock.
        """
        assert self.lost_at is not None
        after_s = 0.0 if began is None else self.lost_at - began
        return (
            f"The worker at {self.address} was lost {after_s:.1f} s after the start; its last "
            f"word had come {self.lost_at - self.heard_at:.1f} s before. Of its "
            f"{len(self.shard.calls):,} requests {self.aborted:,} may have been sent and have "
            f"no answer, {self.unsent:,} weren't sent. They are marked, and none was sent again."
        )
