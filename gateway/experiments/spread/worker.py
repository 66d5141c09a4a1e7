"""What runs on a worker: a post with its shard of a plan, and the functions that a leader calls.

    enlist -> moment, moment, ... -> begin -> go (each group) -> report, report, ... -> dismiss

A post's runner has an event loop of its own, so that requests don't wait for what Dask does beside.
A post that isn't asked for reports ends by itself: nobody would keep what it measures.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Literal

from gateway import pricing
from gateway.errors import BadRequest, GatewayError
from gateway.experiments import null
from gateway.experiments.presets import PRESETS
from gateway.experiments.progress import Batch, Progress, Row
from gateway.experiments.runner import Runner
from gateway.experiments.site import ACCOUNT
from gateway.experiments.spread.orders import Orders, Report
from gateway.experiments.spread.shards import shards
from gateway.loop import Loop
from gateway.wire.single import HttpxWire

SILENCE_S = 15.0
"""How long a post goes on when nobody asks for its report."""
REPORT_S = 0.5
"""How long a report waits for news of more than rows."""
REACH_S = 10.0

_POSTS: dict[str, "Post"] = {}
"""The runs that this process takes part in, by id."""


class Post:
    """One worker's part of a run.

    Raises:
        BadRequest: the recipe gives another plan here, or the run's gateway can't be reached.
    """

    def __init__(
        self,
        orders: Orders,
        *,
        clock: Callable[[], float] = time.perf_counter,
        silence_s: float = SILENCE_S,
    ) -> None:
        plan = PRESETS[orders.recipe.preset].plan(orders.recipe)
        if plan.digest != orders.digest:
            raise BadRequest(
                "draws another plan from the same seed: give it the same versions of Python's "
                "packages."
            )
        self._clock, self._silence_s = clock, silence_s
        self._asked_at = clock()
        self._starts: dict[str, asyncio.Future[float]] = {}
        self._entered = 0
        self._changed = asyncio.Event()
        self._batches: deque[Batch] = deque()
        self._number = self._told = 0
        self._rows: list[Row] = []
        self._chunks: list[Row] = []
        self._begun: list[tuple[str, int]] = []
        self._carried: Future[Progress] | None = None
        self._loop = Loop()
        self._runner = Runner(
            shards(plan, orders.count)[orders.number],
            orders.site,
            run_id=orders.run_id,
            keep=self._batches.append,
            secrets=orders.secrets,
            clock=clock,
            gate=self._enter,
        )
        pricing.snapshot()  # takes half a second: not while requests are due
        try:
            self._loop.run(_reach(orders))
        except GatewayError:
            self._loop.close()
            raise

    def begin(self, began: float) -> None:
        """Start the runner; it waits at its first group.

        Args:
            began: What the run's times count from, by this worker's clock.
        """
        self._carried = self._loop.call(self._carry(began))

    def go(self, group: str, at: float) -> None:
        """Let a group begin at a moment of this worker's clock."""
        self._loop.run(self._go(group, at))

    def tell(self, verb: Literal["pause", "resume", "stop"], *terms: object) -> None:
        """Pause, resume or stop the runner; terms are its own."""

        async def tell() -> None:
            getattr(self._runner, verb)(*terms)

        self._loop.run(tell())

    async def report(self, seen: int) -> Report:
        """Return the news, at the latest after a short wait.

        Args:
            seen: Number of the last report that was received.
        """
        if not self._ended:
            await asyncio.wrap_future(self._loop.call(self._news()))
        self._asked_at = self._clock()
        ended = self._ended  # first: what is read after it is all there is
        if seen == self._number:
            self._rows, self._chunks, self._begun = [], [], []
        while self._batches:
            batch = self._batches.popleft()
            self._rows += batch.requests
            self._chunks += batch.chunks
        news = self._runner.begun[self._told :]
        self._told += len(news)
        self._begun += news
        self._number += 1
        return Report(
            number=self._number,
            rows=self._rows,
            chunks=self._chunks,
            begun=self._begun,
            entered=self._entered,
            progress=self._carried.result() if ended and self._carried else self._runner.progress,
            ended=ended,
            mean_in_flight=self._runner.mean_in_flight,
        )

    @property
    def silent(self) -> bool:
        """Whether nobody has asked for a report for so long that nobody will."""
        return self._clock() - self._asked_at > self._silence_s

    async def ceiling_rps(self, lanes: int) -> float:
        """Return how many requests a second could be sent from here at most."""
        return await asyncio.wrap_future(self._loop.call(null.ceiling_rps(lanes)))

    def close(self) -> None:
        """End what runs."""
        self._loop.close()

    @property
    def _ended(self) -> bool:
        return self._carried is not None and self._carried.done()

    async def _carry(self, began: float) -> Progress:
        minding = asyncio.create_task(self._mind())
        try:
            return await self._runner.run(began=began)
        finally:
            minding.cancel()
            self._changed.set()

    async def _news(self) -> None:
        """Wait until the runner is somewhere else, but not long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REPORT_S):
                await self._changed.wait()
        self._changed.clear()

    async def _mind(self) -> None:
        """End the run when nobody asks for it any more."""
        while True:
            await asyncio.sleep(self._silence_s / 10)
            if self.silent:
                self._runner.stop("lease")
                return

    async def _enter(self, group: str) -> float:
        """Wait for a group's turn: the runner's gate."""
        self._entered += 1
        self._changed.set()
        return await self._start(group)

    async def _go(self, group: str, at: float) -> None:
        self._start(group).set_result(at)

    def _start(self, group: str) -> "asyncio.Future[float]":
        if group not in self._starts:
            self._starts[group] = asyncio.get_running_loop().create_future()
        return self._starts[group]


async def _reach(orders: Orders) -> None:
    """Ask the run's own local gateway something that only it answers to its token."""
    site = orders.site
    if site.hosted is not None:
        return
    wire = HttpxWire()
    try:
        incoming = await wire.open(
            "GET",
            f"{site.url}/client/v4/accounts/{ACCOUNT}/ai-gateway/gateways",
            headers=(("Authorization", f"Bearer {site.token}"),),
            timeout_s=REACH_S,
        )
        status = incoming.status
        await incoming.aclose()
    except GatewayError:
        status = 0
    finally:
        await wire.aclose()
    if status != 200:
        raise BadRequest(
            f"can't reach the run's own gateway at {site.url}, which answers on its machine only: "
            "start workers there, or choose a hosted gateway."
        )


# What a leader calls. Each function finds its post by the run's id, so that nothing but plain data
# crosses the network.


async def enlist(orders: Orders) -> None:
    """Take a shard of a run.

    Raises:
        BadRequest: see ``Post``.
    """
    for run_id in [run_id for run_id, post in _POSTS.items() if post.silent]:
        dismiss(run_id)
    _POSTS[orders.run_id] = await asyncio.to_thread(Post, orders)


def moment() -> float:
    """Return this worker's moment, by the clock that its runs use."""
    return time.perf_counter()


def begin(run_id: str, began: float) -> None:
    """Start the runner; see ``Post.begin``."""
    _POSTS[run_id].begin(began)


def go(run_id: str, group: str, at: float) -> None:
    """Let a group begin; see ``Post.go``."""
    _POSTS[run_id].go(group, at)


def tell(run_id: str, verb: Literal["pause", "resume", "stop"], *terms: object) -> None:
    """Pause, resume or stop the runner."""
    _POSTS[run_id].tell(verb, *terms)


async def report(run_id: str, seen: int) -> Report:
    """Return the news of a run; see ``Post.report``.

    Raises:
        KeyError: this process doesn't take part in it: it was started anew.
    """
    return await _POSTS[run_id].report(seen)


async def ceiling_rps(run_id: str, lanes: int) -> float:
    """Return how many requests a second could be sent from here at most."""
    return await _POSTS[run_id].ceiling_rps(lanes)


def dismiss(run_id: str) -> None:
    """Leave a run; nothing where this process doesn't take part in it."""
    if (post := _POSTS.pop(run_id, None)) is not None:
        post.close()
