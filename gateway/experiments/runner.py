"""The runner: sends a plan's calls when they are due, and hands on what became of them.

    open loop     each call starts at its own moment, whatever became of those before
    closed loop   a call starts when one before it has ended; so many under way at once

Two latencies are kept of every call: from its intended start and from when it was really sent.
Nothing is retried here: an answer is a row, whatever it says.

What arrives is stamped by the wire, in the turn of the event loop that sees it. So that turns are
short, calls begin and end one a turn, over connections that are opened beforehand.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from gateway import pricing
from gateway.chat import Exchange, Failure, Target
from gateway.client import GatewayClient
from gateway.errors import GatewayError
from gateway.experiments import lease, pace, rows
from gateway.experiments.basket import FLUSH_S, Basket
from gateway.experiments.drift import Drift, told
from gateway.experiments.plan import Call, Event, Plan, Variant, question
from gateway.experiments.progress import Batch, Progress, Row, State, Tally, ended_as, sentence
from gateway.experiments.site import Marked, Site
from gateway.sse import Decoder
from gateway.websocket import GatewaySocket
from gateway.wire import Wire
from gateway.wire.fast import FastWire

MOST_OPEN = 2000
"""Calls of an open loop under way at once; beyond that the generator waits, and the rows say so."""
CHUNKED = 200
"""Streamed answers of a run whose single chunks are kept."""
FAULT_HEADER = "x-local-fault"


class Runner:
    """One run of a plan. Belongs to the event loop that ``run`` is awaited on.

    Args:
        keep: Takes each batch, in a thread; an error in it ends the run with its sentence.
        alive: Asked while the run goes on: is anybody still there?
        lease_s: How long the run goes on when nobody is there; ``None`` is for ever.
        secrets: What must not appear in anything that is kept.
        clock: Real seconds from any fixed point.
        wall: Seconds since the epoch, on a clock that may jump.
        gate: Given each variant's id before its calls ("" for all at once), it returns the moment
            by ``clock`` when they begin; ``None`` begins as soon as the plan allows.

    Attributes:
        mean_in_flight: Calls under way, averaged over the whole run; known at its end.
        begun: Variant and number of each call that was sent, in that order.
    """

    def __init__(
        self,
        plan: Plan,
        site: Site,
        *,
        run_id: str,
        keep: Callable[[Batch], None],
        alive: Callable[[], bool] = lambda: True,
        lease_s: float | None = None,
        secrets: Sequence[str] = (),
        clock: Callable[[], float] = time.perf_counter,
        wall: Callable[[], float] = time.time,
        gate: Callable[[str], Awaitable[float]] | None = None,
    ) -> None:
        self.plan = plan
        self.run_id = run_id
        self.mean_in_flight: float | None = None
        self.begun: list[tuple[str, int]] = []
        self._site = site
        self._gate = gate or self._align
        self._alive, self._lease_s = alive, lease_s
        self._secrets = tuple(secrets)
        self._clock = clock
        self._drift = Drift(wall, clock)
        self._notes: list[str] = []
        self._variants = {variant.id: variant for variant in plan.variants}
        self._wire = FastWire(clock=self._clock)
        self._turns = pace.Turns()
        self._sockets: dict[str, GatewaySocket] = {}
        self._go = asyncio.Event()
        self._go.set()
        self._end = asyncio.Event()
        self._began = clock()
        self._held_s = self._paused_at = 0.0
        self._stopped_by: str | None = None
        self._state: State = "waiting"
        self._in_flight = self._due = 0
        self._spent = False
        self._area, self._changed = 0.0, self._began
        self._tally = Tally(len(plan.calls))
        self._basket = Basket(run_id, site, keep)
        self._chunked = 0

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        elapsed_s = self._clock() - self._began if self._state != "waiting" else 0.0
        found = self._tally.progress(self._state, len(self.begun), elapsed_s)
        return replace(found, stopped_by=self._stopped_by, notes=tuple(self._notes))

    @property
    def unkept(self) -> Batch:
        """What was measured and couldn't be kept."""
        return self._basket.unkept

    def pause(self) -> None:
        """Send nothing more until ``resume``; what is under way ends."""
        if self._state == "running":
            self._state = "paused"
            self._paused_at = self._clock()
            self._go.clear()

    def resume(self, held_s: float | None = None) -> None:
        """Go on where ``pause`` stopped; intended starts move by the pause.

        Args:
            held_s: Real seconds of all pauses so far; ``None`` takes our own word for it.
        """
        if self._state == "paused":
            self._state = "running"
            here_s = self._held_s + self._clock() - self._paused_at
            self._held_s = here_s if held_s is None else held_s
            self._go.set()

    def stop(self, reason: str = "cancel") -> None:
        """Send nothing more and give up what is under way; rows so far are kept."""
        if self._stopped_by is None:
            self._stopped_by = reason
        self._go.set()
        self._end.set()

    async def run(self, *, began: float | None = None) -> Progress:
        """Send the plan and return how it ended. Errors of the run end up in ``stopped_by``.

        Args:
            began: What its times count from, by the run's clock; ``None`` is now.
        """
        # Prices take half a second, the first stream loads a module: not while calls are due.
        await asyncio.to_thread(pricing.snapshot)
        await asyncio.to_thread(Decoder)
        self._began = self._changed = self._clock() if began is None else began
        self._state = "running"
        flushing = asyncio.create_task(self._flush())
        sending = asyncio.create_task(self._send_all())
        ending = asyncio.create_task(self._end.wait())
        watching = asyncio.create_task(self._watch())
        try:
            await asyncio.wait({sending, ending}, return_when=asyncio.FIRST_COMPLETED)
            sending.cancel()
            await asyncio.wait({sending})
            if not sending.cancelled() and (error := sending.exception()) is not None:
                self._stopped_by = self._stopped_by or sentence(error)
        finally:
            for task in (flushing, ending, watching, sending):
                task.cancel()
            await asyncio.wait({flushing, ending, watching, sending})
            try:
                await self._basket.empty()
            except GatewayError as error:
                self._stopped_by = self._stopped_by or str(error)
            await self._wire.aclose()
            for socket in self._sockets.values():
                await socket.aclose()
        if self._spent:
            self._stopped_by = self._stopped_by or "calls"
        spent = self._clock() - self._began
        self._count(0)
        self.mean_in_flight = self._area / spent if spent > 0 else None
        self._state = ended_as(self._stopped_by)
        return self.progress

    async def _send_all(self) -> None:
        for name, calls in self.plan.groups.items():
            await self._prepare(calls)
            started = await self._gate(name)
            held = self._held_s
            at_once = [event for event in self.plan.events if event.at_s <= 0]
            later = [event for event in self.plan.events if event.at_s > 0]
            if at_once:  # in force before the first call is due
                await self._happen(at_once, started, held)
                started = max(started, self._clock())
            timed = [call for call in calls if call.at_s is not None]
            lanes = self._variants[name].concurrency if name else 1
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._open_loop(timed, started, held))
                tasks.create_task(self._happen(later, started, held))
                free = iter([call for call in calls if call.at_s is None])
                for _ in range(lanes):
                    tasks.create_task(self._lane(free, started, held))

    async def _prepare(self, calls: Sequence[Call]) -> None:
        """Open the connections that calls will need, so that none of them waits for one."""
        needed = pace.connections(calls, self._variants, self._site)
        with contextlib.suppress(GatewayError):  # the calls themselves will tell
            for url, connections in needed.items():
                await self._wire.prepare(url, connections)

    async def _align(self, _: str) -> float:
        """Wait until the gateway's clock stands where the plan wants a variant to begin."""
        if self.plan.align_s is not None:
            over = await self._site.now_s() % self.plan.align_s
            await asyncio.sleep((self.plan.align_s - over) / self._site.scale)
        return self._clock()

    async def _happen(self, events: Sequence[Event], started: float, held: float) -> None:
        for event in events:
            await self._until(event.at_s, started, held)
            await self._site.fault(event.rule)

    async def _until(self, at_s: float, started: float, held: float) -> float:
        """Wait for a moment of a variant's clock and return it on the run's; pauses move it."""
        while True:
            await self._go.wait()
            due = started + at_s / self._site.scale + self._held_s - held
            if (left := due - self._clock()) <= 0:
                return due
            await asyncio.sleep(left)

    async def _lane(self, free: Iterator[Call], started: float, held: float) -> None:
        await self._until(0.0, started, held)
        for call in free:
            await self._go.wait()
            await self._turns.take()
            if not self._may_send():
                return
            await self._one(call, self._clock())

    async def _open_loop(self, calls: Sequence[Call], started: float, held: float) -> None:
        room = asyncio.Semaphore(MOST_OPEN)

        async def send(call: Call, due: float) -> None:
            try:
                await self._turns.take()
                await self._one(call, due)
            finally:
                room.release()

        async with asyncio.TaskGroup() as tasks:
            for call in sorted(calls, key=lambda call: call.at_s or 0.0):
                due = await self._until(call.at_s or 0.0, started, held)
                await room.acquire()
                if not self._may_send():
                    return
                tasks.create_task(send(call, due))

    async def _one(self, call: Call, due: float) -> None:
        """Send one call and keep what became of it.

        Args:
            due: Intended start, by the run's clock.
        """
        variant, scale = self._variants[call.variant], self._site.scale
        target = self._site.target(variant.gateway, call.user)
        own = FastWire(clock=self._clock) if variant.fresh_connection else None
        wire = own or self._wire
        chat, options = question(variant, call)
        client = self._client(variant, target, wire, call)
        failure, stream, given_up = None, None, False
        at, sent = datetime.now(UTC), self._clock()
        self._count(1)
        self.begun.append((call.variant, call.seq))
        try:
            stream = client.stream(chat, options)
            sent = self._clock()  # what is asked for has been written by now
            async for _ in stream:
                pass
        except GatewayError as error:
            failure = Failure(name=type(error).__name__, sentence=str(error))
            self._look_after_site()
        except asyncio.CancelledError:
            given_up = True
        self._count(-1)
        try:
            if own is not None and not given_up:
                await own.aclose()
            if not given_up:
                await self._turns.take()
        except asyncio.CancelledError:
            given_up = True
        exchange = Exchange(
            at=at,
            chat=chat,
            options=options,
            target=target.name,
            sent=stream.sent if stream is not None else None,
            reply=stream.reply if stream is not None else None,
            failure=failure,
            simulated=variant.provider in self._site.simulated,
            run=self.run_id,
        )
        exchange = replace(exchange, cost=pricing.cost_of(exchange))
        found = rows.row(
            self.plan,
            variant,
            call,
            exchange,
            planned_s=(due - self._began) * scale,
            sent_s=(sent - self._began) * scale,
            scale=scale,
        )
        found["conn_reused"] = stream.reused if stream is not None else None
        self._take(found, exchange)
        if given_up:
            raise asyncio.CancelledError

    def _take(self, found: Row, exchange: Exchange) -> None:
        self._tally.add(found)
        reply, chunks = exchange.reply, []
        if reply is not None and len(reply.times.chunks_s) > 1 and self._chunked < CHUNKED:
            self._chunked += 1
            chunks = rows.chunks(found, reply.times.chunks_s, run_id=self.run_id)
        self._basket.put([found], chunks)
        cap = self.plan.recipe.cap_usd
        if cap is not None and self._tally.cost_usd >= cap:
            self.stop("cap")

    def _client(
        self, variant: Variant, target: Target, wire: Wire, call: Call
    ) -> GatewayClient | GatewaySocket:
        if variant.transport == "websocket":
            if target.base_url not in self._sockets:
                self._sockets[target.base_url] = GatewaySocket(
                    target, secrets=self._secrets, clock=self._clock
                )
            return self._sockets[target.base_url]
        if call.fault is not None:
            wire = Marked(wire, (FAULT_HEADER, call.fault))
        return GatewayClient(wire, target, secrets=self._secrets, clock=self._clock)

    def _count(self, change: int) -> None:
        now = self._clock()
        self._area += self._in_flight * (now - self._changed)
        self._in_flight, self._changed = self._in_flight + change, now

    def _may_send(self) -> bool:
        """Count a call that is about to be sent; ``False`` where it is one too many."""
        cap = self.plan.recipe.cap_calls
        self._spent = cap is not None and self._due >= cap
        self._due += not self._spent
        return not self._spent

    def _look_after_site(self) -> None:
        """End the run where its gateway has died: each further call would only say so."""
        trouble = self._site.trouble()
        if trouble is not None:
            self.stop(f"{trouble} That was after {self._tally.done:,} of {len(self.plan.calls):,}.")

    async def _watch(self) -> None:
        """End the run when nobody has been there for as long as the lease says."""
        looking = asyncio.create_task(self._look())
        try:
            await lease.over(self._alive, self._lease_s, clock=self._clock)
            self.stop("lease")
        finally:
            looking.cancel()

    async def _look(self) -> None:
        """See whether the gateway lives, and whether this machine's clock has jumped."""
        while True:
            await asyncio.sleep(FLUSH_S)
            self._look_after_site()
            if (jump_s := self._drift.jumped_s()) is not None:
                self._notes.append(told(jump_s, self._tally.done))

    async def _flush(self) -> None:
        """End the run when its rows can't be kept any more."""
        self.stop(await self._basket.empty_often())
