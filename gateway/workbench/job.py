"""A job: one run on its way through the lab, from its place in the queue to its end."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from gateway.experiments.plan import Plan
from gateway.experiments.progress import Batch, Progress
from gateway.experiments.runner import Runner
from gateway.experiments.spread.leader import Leader
from gateway.workbench import ran

WATCHERS = 8
"""Visitors at most that are asked whether they still look at a run."""


class Job:
    """A run that waits, runs, or ended while this app was there.

    Attributes:
        warnings: What was to be known of it beforehand.
        spread: Whether workers of a Dask scheduler send.
        begun: Whether its turn has come.
        unkept: What was measured and couldn't be kept.
        in_flight: Requests under way, averaged over the run; ``None`` before its end.
        generator: What workers told of themselves, as ``honesty`` takes it.
        whole: Whether no worker was lost.
        ended: How it ended; ``None`` before.
    """

    def __init__(
        self,
        id: str,
        plan: Plan,
        target: str,
        alive: Callable[[], bool],
        *,
        lease_s: float | None,
        warnings: tuple[str, ...] = (),
        spread: bool = False,
    ) -> None:
        self.id, self.plan, self.target = id, plan, target
        self.watchers = deque([alive], maxlen=WATCHERS)
        self.lease_s = lease_s
        self.warnings, self.spread = warnings, spread
        self.wanted, self.begun = True, False
        self.task: asyncio.Task[Any] | None = None
        self.unkept = Batch()
        self.in_flight: float | None = None
        self.generator: dict[str, Any] = {}
        self.whole = True
        self.runner: Runner | Leader | None = None
        self.ended: Progress | None = None
        self.future: Future[None] | None = None

    async def give_up(self) -> None:
        """Leave the queue, where its turn hasn't come; belongs on the lab's loop."""
        if self.task is not None and not self.begun:
            self.task.cancel()

    def attended(self) -> bool:
        """Whether anybody looks at it; asked on the loop's thread."""
        return any(alive() for alive in list(self.watchers))

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        if self.ended is not None:
            return self.ended
        if self.runner is not None:
            found = self.runner.progress
            # It has ended only once it is judged: who waits for the end wants to see that.
            return replace(found, state="running") if found.state in ran.ENDED else found
        return Progress(planned=len(self.plan.calls))

    @property
    def unsent(self) -> Progress:
        """How it ends if it is taken back before its turn."""
        return Progress(state="cancelled", planned=len(self.plan.calls), stopped_by="cancel")
