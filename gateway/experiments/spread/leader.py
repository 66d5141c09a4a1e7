"""The leader of a run on several workers; to those who watch the run, it is a ``Runner``.

    clocks -> begin -> each group: go at one moment, reports until it is over -> clocks

A worker that is gone costs the calls that it hasn't reported: they become rows that say so, and
nobody sends them again. The run goes on with the others.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import ceil

from gateway.errors import BadRequest, GatewayError, Unreachable
from gateway.experiments import lease
from gateway.experiments.basket import FLUSH_S, Basket
from gateway.experiments.plan import Call, Plan
from gateway.experiments.progress import Batch, Progress, Row, State, Tally, ended_as, sentence
from gateway.experiments.site import HostedSite, LocalSite
from gateway.experiments.spread import clocks, lost, worker
from gateway.experiments.spread.cluster import Cluster
from gateway.experiments.spread.member import Member
from gateway.experiments.spread.orders import Orders, Outpost, Report
from gateway.experiments.spread.shards import shards

LEAD_S = 0.2
"""How far ahead a group's beginning is told, so that each worker knows it in time."""
ENLIST_S = 60.0
"""How long a worker may take to load the app's code and draw the plan."""
TRIES = 2
"""Questions without an answer after which a worker counts as gone."""


class Leader:
    """One run of a plan on the workers of a cluster. Belongs to the event loop of ``run``.

    Args: as for ``Runner``.

    Attributes:
        ceiling_rps: Requests a second that all of them together could send to an endpoint that
            does nothing; known at the end of a run that came to it.
    """

    def __init__(
        self,
        plan: Plan,
        site: LocalSite | HostedSite,
        cluster: Cluster,
        *,
        run_id: str,
        keep: Callable[[Batch], None],
        alive: Callable[[], bool] = lambda: True,
        lease_s: float | None = None,
        secrets: Sequence[str] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.plan = plan
        self.run_id = run_id
        self.mean_in_flight: float | None = None
        self.ceiling_rps: float | None = None
        self._clock_error_s: float | None = None
        self._site, self._cluster = site, cluster
        self._alive, self._lease_s = alive, lease_s
        self._secrets = tuple(secrets)
        self._clock = clock
        self._basket = Basket(run_id, site, keep)
        self._tally = Tally(len(plan.calls))
        dealt = shards(plan, len(cluster.workers))
        self._members = [
            Member(address=address, shard=shard, groups=tuple(shard.groups))
            for address, shard in zip(cluster.workers, dealt, strict=False)
        ]
        self._state: State = "waiting"
        self._stopped_by: str | None = None
        self._began: float | None = None
        self._over: float | None = None
        self._starts: dict[str, tuple[float, float]] = {}
        self._held_s = self._paused_at = 0.0
        self._go, self._end, self._heard = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._go.set()
        self._told: set[asyncio.Task[None]] = set()

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        elapsed_s = 0.0
        if self._began is not None:
            elapsed_s = (self._clock() if self._over is None else self._over) - self._began
        sent = sum(len(member.begun) for member in self._members)
        found = self._tally.progress(self._state, sent, elapsed_s)
        return replace(found, stopped_by=self._stopped_by, notes=self._notes)

    @property
    def clock_error_ms(self) -> float | None:
        """How far moments of different workers may be off from ours; ``None`` before the end."""
        return None if self._clock_error_s is None else self._clock_error_s * 1000

    @property
    def unkept(self) -> Batch:
        """What was measured and couldn't be kept."""
        return self._basket.unkept

    @property
    def generator(self) -> dict[str, float | int | None]:
        """What ``honesty`` has to know of the workers; complete at the end."""
        return {
            "workers": len(self._members),
            "clock_error_ms": self.clock_error_ms,
            "ceiling_rps": self.ceiling_rps,
        }

    @property
    def _notes(self) -> tuple[str, ...]:
        """What to know of the workers before the run's figures are used."""
        found = []
        if self.clock_error_ms is not None:
            found.append(
                f"{len(self._members)} workers sent this run's requests. Their clocks are aligned "
                f"to within {self.clock_error_ms:.1f} ms of this one's: moments, and delays from "
                "the plan, are that uncertain; latencies are not, each is taken by one clock."
            )
        for member in self._members:
            found += [f"{member.address}: {note}" for note in member.progress.notes]
            if not member.here:
                found.append(member.loss(self._began))
        return tuple(found)

    @property
    def whole(self) -> bool:
        """Whether no worker was lost."""
        return all(member.here for member in self._members)

    def pause(self) -> None:
        """Send nothing more until ``resume``; what is under way ends."""
        if self._state == "running":
            self._state, self._paused_at = "paused", self._clock()
            self._go.clear()
            self._tell("pause")

    def resume(self) -> None:
        """Go on where ``pause`` stopped; intended starts move by the pause, the same everywhere."""
        if self._state == "paused":
            self._state = "running"
            self._held_s += self._clock() - self._paused_at
            self._go.set()
            self._tell("resume", self._held_s)

    def stop(self, reason: str = "cancel") -> None:
        """Send nothing more and give up what is under way; rows so far are kept."""
        if self._stopped_by is None:
            self._stopped_by = reason
        self._go.set()
        self._end.set()

    async def run(self) -> Progress:
        """Send the plan and return how it ended.

        Raises:
            GatewayError: a worker can't take part; nothing was sent.
        """
        try:
            await self._enlist()
            for member in self._members:
                member.before = await member.read_clock(self._cluster, self._clock)
                member.heard_at = self._clock()
            await self._send()
            self._over = self._clock()
            await self._measure()
        finally:
            await self._all(worker.dismiss)
        cap = self.plan.recipe.cap_calls
        if cap is not None and cap < len(self.plan.calls):
            self._stopped_by = self._stopped_by or "calls"
        self._state = ended_as(self._stopped_by)
        return self.progress

    async def _enlist(self) -> None:
        outpost = Outpost.of(self._site)

        async def enlist(number: int, member: Member) -> None:
            orders = Orders(
                run_id=self.run_id,
                recipe=self.plan.recipe,
                digest=self.plan.digest,
                number=number,
                count=len(self._cluster.workers),
                site=outpost,
                secrets=self._secrets,
            )
            try:
                await self._cluster.call(member.address, worker.enlist, orders, within_s=ENLIST_S)
            except BadRequest as error:
                raise BadRequest(f"The worker at {member.address} {error}") from error

        await asyncio.gather(*(enlist(*pair) for pair in enumerate(self._members)))

    async def _send(self) -> None:
        """Lead the workers through the plan, until all of them have ended or are gone."""
        self._state = "running"
        jobs = [
            asyncio.create_task(job)
            for job in (self._flush(), self._watch(), self._look(), self._end.wait())
        ]
        leading = asyncio.create_task(self._lead())
        following: list[asyncio.Task[None]] = []
        try:
            following += [asyncio.create_task(self._follow(m)) for m in self._members]
            await asyncio.wait({leading, jobs[-1]}, return_when=asyncio.FIRST_COMPLETED)
            if not leading.done():
                self._tell("stop", self._stopped_by)
            elif (error := leading.exception()) is not None:
                self.stop(sentence(error))
                self._tell("stop", self._stopped_by)
            leading.cancel()
            if self._began is not None:
                await asyncio.wait(following)
        finally:
            for task in (*jobs, leading, *following):
                task.cancel()
            await asyncio.wait([*jobs, leading, *following])
            self._give_up()
            try:
                await self._basket.empty()
            except GatewayError as error:
                self._stopped_by = self._stopped_by or str(error)

    async def _lead(self) -> None:
        """Let one group after the other begin, each when the one before is over everywhere."""
        self._began = self._clock()
        await self._all(worker.begin, self._began)
        for name in self.plan.groups:
            await self._until(partial(Member.waits_for, group=name))
            await self._go.wait()
            at_once = [event for event in self.plan.events if event.at_s <= 0]
            for event in at_once:  # in force before the first call is due
                await self._site.fault(event.rule)
            at, held_s = await self._next(), self._held_s
            self._starts[name] = at, held_s
            await self._all(worker.go, at, name)
            happening = asyncio.create_task(self._happen(at, held_s))
            try:
                await self._until(partial(Member.past, group=name))
                await happening
            finally:
                happening.cancel()
        await self._until(lambda member: member.ended or not member.here)

    async def _until(self, condition: Callable[[Member], bool]) -> None:
        """Wait until something is true of every worker."""
        while not all(condition(member) for member in self._members):
            await self._heard.wait()
            self._heard.clear()

    async def _next(self) -> float:
        """Return when the next group begins: soon, and where the plan wants the gateway's clock."""
        asked = self._clock()
        at = asked + LEAD_S
        if self.plan.align_s is not None:
            period_s = self.plan.align_s / self._site.scale
            over_s = await self._site.now_s() % self.plan.align_s / self._site.scale
            at = asked + period_s - over_s
            while at < self._clock() + LEAD_S:
                at += period_s
        return at

    async def _happen(self, started: float, held_s: float) -> None:
        for event in self.plan.events:
            while event.at_s > 0:
                await self._go.wait()
                due = started + event.at_s / self._site.scale + self._held_s - held_s
                if (left := due - self._clock()) <= 0:
                    break
                await asyncio.sleep(left)
            if event.at_s > 0:
                await self._site.fault(event.rule)

    async def _follow(self, member: Member) -> None:
        """Take a worker's reports until it has ended or is gone."""
        misses = 0
        while not member.ended:
            try:
                report = await self._cluster.call(
                    member.address, worker.report, self.run_id, member.seen
                )
            except (GatewayError, KeyError, RuntimeError) as error:
                misses += 1
                if type(error) is Unreachable and misses < TRIES:
                    await asyncio.sleep(FLUSH_S)
                    continue
                member.lost_at = self._clock()
                self._heard.set()
                if not any(other.here for other in self._members):
                    self.stop("All workers of this run are gone.")
                return
            misses = 0
            self._take(member, report)
            self._heard.set()

    def _take(self, member: Member, report: Report) -> None:
        member.take(report, self._clock())
        self._keep(report.rows, report.chunks)
        cap = self.plan.recipe.cap_usd
        if cap is not None and self._tally.cost_usd >= cap:
            self.stop("cap")
        if report.ended and report.progress.stopped_by is not None:
            self.stop(report.progress.stopped_by)

    def _keep(self, found: Sequence[Row], chunks: Sequence[Row] = ()) -> None:
        for row in found:
            self._tally.add(row)
        self._basket.put(found, chunks)

    def _give_up(self) -> None:
        """Give the calls of lost workers their rows."""
        for member in self._members:
            if member.lost_at is None:
                continue
            for call in member.unanswered():
                due = self._due(call)
                planned_s = None
                if due is not None and self._began is not None:
                    planned_s = (due - self._began) * self._site.scale
                sent, where = member.give_up(call, due), (self.plan, call, self._site)
                marked = lost.row(*where, planned_s=planned_s, sent=sent, address=member.address)
                self._keep([marked])

    def _due(self, call: Call) -> float | None:
        """Return the moment of a call by our clock; ``None`` where it has none, or not yet."""
        start = self._starts.get(call.variant if self.plan.sequential_variants else "")
        if start is None or call.at_s is None:
            return None
        return start[0] + call.at_s / self._site.scale + self._held_s - start[1]

    async def _measure(self) -> None:
        """Read the clocks again, and what the workers could have sent at most."""
        here = [member for member in self._members if member.here]
        for member in here:
            with contextlib.suppress(Unreachable):
                member.after = await member.read_clock(self._cluster, self._clock)
        self._clock_error_s = max(
            clocks.error_s(member.before, member.after)
            for member in self._members
            if member.before is not None
        )
        if self.whole and (elapsed_s := self.progress.elapsed_s):
            busy_s = sum(
                (member.mean_in_flight or 0.0) * member.progress.elapsed_s for member in here
            )
            self.mean_in_flight = busy_s / elapsed_s
        lanes = self.plan.load
        if lanes is not None and self.whole and self._stopped_by is None:
            with contextlib.suppress(Unreachable, KeyError, OSError):
                share = ceil(lanes / len(here))
                calls = (
                    self._cluster.call(member.address, worker.ceiling_rps, self.run_id, share)
                    for member in here
                )
                self.ceiling_rps = sum(await asyncio.gather(*calls))

    async def _watch(self) -> None:
        await lease.over(self._alive, self._lease_s, clock=self._clock)
        self.stop("lease")

    async def _look(self) -> None:
        """End the run where its gateway has died: each further call would only say so."""
        while True:
            await asyncio.sleep(FLUSH_S)
            if (trouble := self._site.trouble()) is not None:
                self.stop(trouble)
                return

    async def _flush(self) -> None:
        self.stop(await self._basket.empty_often())

    def _tell(self, verb: str, *terms: object) -> None:
        task = asyncio.create_task(self._all(worker.tell, None, verb, *terms))
        self._told.add(task)
        task.add_done_callback(self._told.discard)

    async def _all(
        self, function: Callable[..., object], at: float | None = None, *terms: object
    ) -> None:
        """Call a function on each worker; who doesn't answer is found out by its reports.

        Args:
            at: A moment of our clock, which each is told by its own as the last term.
        """

        async def one(member: Member) -> None:
            moment = () if at is None else (member.theirs(at),)
            with contextlib.suppress(Unreachable, KeyError):
                await self._cluster.call(member.address, function, self.run_id, *terms, *moment)

        await asyncio.gather(*(one(member) for member in self._members if member.here))
