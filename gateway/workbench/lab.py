"""Lab: experiments as pages use them: plan, try dry, start, watch, look back.

start -> queue -> one run at a time on the workbench's loop -> rows and figures in the records

A run belongs to no page and no visitor: its id is all that is needed to find it again.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import methodcaller
from secrets import token_hex
from typing import Any

import pandas as pd

from gateway.chat import Target
from gateway.errors import BadRequest, GatewayError, RecordsError
from gateway.experiments import certificate, null
from gateway.experiments.bundle import Bundle
from gateway.experiments.certificate import Certificate
from gateway.experiments.dryrun import DryRun, Kind, dry_run
from gateway.experiments.honesty import honesty
from gateway.experiments.marks import marked
from gateway.experiments.plan import Plan, Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.progress import Batch, Progress
from gateway.experiments.rows import attempts, chunk_table, columns, table
from gateway.experiments.runner import Runner
from gateway.experiments.spread.cluster import Survey, survey
from gateway.experiments.spread.leader import Leader
from gateway.loop import Loop
from gateway.masking import mask_text
from gateway.records.runs import Runs
from gateway.workbench import carried, ran, senders
from gateway.workbench.job import Job
from gateway.workbench.places import DIRECT, LOCAL
from gateway.workbench.ran import Results, Run

Json = Any
log = logging.getLogger(__name__)

LEASE_S = 60.0
"""How long a run on a paid gateway goes on when nobody looks at it any more."""
CLOSE_S = 10.0
"""How long the app's end waits for a run to keep what it has."""


class Lab:
    """Experiments of one installation. Safe to use from any thread but the loop's.

    Args:
        targets: The gateways of the moment, by name.
        secrets: What mustn't be kept.
        scheduler: Address of a Dask scheduler whose workers may send a run's requests.
    """

    def __init__(
        self,
        loop: Loop,
        runs: Runs,
        targets: Callable[[], Mapping[str, Target]],
        *,
        secrets: tuple[str, ...] = (),
        scheduler: str | None = None,
    ) -> None:
        self._loop = loop
        self._runs = runs
        self._targets = targets
        self._secrets = secrets
        self.scheduler = scheduler
        self._turn = asyncio.Lock()
        self._jobs: dict[str, Job] = {}

    def plan(self, recipe: Recipe) -> Plan:
        """Draw the plan of a recipe.

        Raises:
            BadRequest: no preset has its name, a knob can't be, or nothing would be sent.
        """
        if recipe.preset not in PRESETS:
            known = ", ".join(PRESETS)
            raise BadRequest(f"No experiment is called {recipe.preset!r}; there are {known}.")
        return PRESETS[recipe.preset].plan(recipe)

    def dry_run(self, plan: Plan, target: str = LOCAL) -> DryRun:
        """Return what a plan comes to on a gateway; nothing is sent."""
        return dry_run(plan, _kind(target))

    def survey(self, scheduler: str) -> Survey:
        """Return which workers a scheduler has; where it has none, why."""
        return self._loop.run(survey(scheduler))

    def start(
        self,
        recipe: Recipe,
        target: str = LOCAL,
        *,
        spread: bool = False,
        alive: Callable[[], bool] = lambda: True,
        lease_s: float | None = LEASE_S,
    ) -> str:
        """Queue a run and return its id at once; one runs at a time.

        Args:
            target: "local" is a gateway of the run's own; another one is asked as it is.
            spread: Whether workers of the scheduler send; where they can't, the run fails.
            alive: Whether somebody still looks; asked on the loop's thread, of paid runs only.
            lease_s: How long a paid run goes on when nobody does; ``None`` is to its end.

        Raises:
            BadRequest: it can't be run there; the sentence says why.
            RecordsError: its rows couldn't be kept.
        """
        if target == DIRECT or target not in self._targets():
            raise BadRequest(f"{target!r} is no gateway that is connected here: choose another.")
        if spread and self.scheduler is None:
            raise BadRequest("There are no workers: name their scheduler in DASK_SCHEDULER.")
        plan = self.plan(recipe)
        beforehand = self.dry_run(plan, target)
        if beforehand.refusals:
            raise BadRequest(beforehand.refusals[0])
        run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(3)}"
        gateway = None if target == LOCAL else self._targets()[target].gateway
        self._runs.begin(ran.first_row(run_id, plan, _kind(target), gateway, beforehand))
        lease_s = lease_s if target != LOCAL else None
        terms: dict[str, Any] = {"warnings": beforehand.warnings, "spread": spread}
        job = Job(run_id, plan, target, alive, lease_s=lease_s, **terms)
        self._jobs[run_id] = job
        job.future = self._loop.call(self._carry(job))
        return run_id

    def queue(self) -> tuple[str, ...]:
        """Return the runs that haven't ended, in the order in which they run: the first one now."""
        return tuple(id for id, job in self._jobs.items() if job.ended is None)

    def progress(self, run_id: str) -> Progress:
        """Return how far a run has come; of one that ended, how it ended.

        Raises:
            KeyError: there is no such run.
            RecordsError: the records can't be read.
        """
        if (job := self._jobs.get(run_id)) is not None:
            return job.progress
        return self.find(run_id).progress

    def attend(self, run_id: str, alive: Callable[[], bool]) -> None:
        """Say who looks at a run as well: after a reload it is another visitor than who began it.

        Args:
            alive: As for ``start``; the newest few are asked.
        """
        if (job := self._jobs.get(run_id)) is not None:
            job.watchers.append(alive)

    def pause(self, run_id: str) -> None:
        """Send nothing more for now; nothing where the run doesn't run."""
        self._tell(run_id, methodcaller("pause"))

    def resume(self, run_id: str) -> None:
        """Go on after a pause."""
        self._tell(run_id, methodcaller("resume"))

    def stop(self, run_id: str) -> None:
        """End a run that runs or waits; what it has is kept."""
        if (job := self._jobs.get(run_id)) is not None:
            job.wanted = False
            self._loop.run(job.give_up())
            self._tell(run_id, methodcaller("stop"))

    def unkept(self, run_id: str) -> int:
        """Return how many measured requests of a run are only in memory, as on a full disk."""
        job = self._jobs.get(run_id)
        return 0 if job is None else len(job.unkept.requests)

    def keep_rest(self, run_id: str) -> None:
        """Keep what couldn't be kept when it was measured, and judge the run once more.

        Raises:
            RecordsError: it still can't.
        """
        job = self._jobs.get(run_id)
        if job is None or job.ended is None:
            return
        self._keep(job.unkept)
        job.unkept = Batch()
        self._runs.change(job.id, ran.last_row(job.ended))
        self._loop.run(self._judge(job, job.ended))

    def wait(self, run_id: str, timeout_s: float | None = None) -> Run:
        """Return a run once it has ended.

        Raises:
            TimeoutError: it hasn't in time; it goes on.
            KeyError: there is no such run.
        """
        job = self._jobs.get(run_id)
        if job is not None and job.future is not None:
            job.future.result(timeout_s)
        return self.find(run_id)

    def runs(self, *, limit: int = 200) -> list[Run]:
        """Return the runs that are kept, the newest first.

        Raises:
            RecordsError: the records can't be read.
        """
        return [self._read(row) for row in self._runs.newest(limit=limit)]

    def find(self, run_id: str) -> Run:
        """Return one run.

        Raises:
            KeyError: there is none of this id.
            RecordsError: the records can't be read.
        """
        return self._read(self._runs.find(run_id))

    def results(self, run_id: str) -> Results:
        """Return what a run was judged to show; empty before its end.

        Raises:
            KeyError: there is no such run.
        """
        return ran.results(self._runs.find(run_id))

    def count(self, run_id: str, where: Mapping[str, list[Json]] | None = None) -> int:
        """Return how many requests of a run fit a filter, see ``Runs.count``."""
        return self._runs.count(run_id, where)

    def values(self, run_id: str) -> dict[str, list[Any]]:
        """Return what the columns to filter by hold, see ``Runs.values``."""
        return self._runs.values(run_id)

    def requests(self, run_id: str, **terms: Any) -> pd.DataFrame:
        """Return requests of a run as their table; terms are those of ``Runs.requests``."""
        return table(self._runs.requests(run_id, **terms))

    def columns(
        self, run_id: str, names: Sequence[str], *, most: int | None = None
    ) -> pd.DataFrame:
        """Return columns of a run's requests, see ``Runs.columns``: a long run's without delay."""
        return columns(self._runs.columns(run_id, names, most=most))

    def chunks(self, run_id: str) -> pd.DataFrame:
        """Return the kept chunks of a run's streams."""
        return chunk_table(self._runs.side(run_id, "chunks"))

    def certificate(self, target: str = LOCAL) -> Certificate:
        """Return what is known of a gateway's rules; empty where nobody has probed it.

        Raises:
            RecordsError: the records can't be read.
        """
        return certificate.read(self._probed(target))

    def _probed(self, target: str) -> str | None:
        gateway = None if target == LOCAL else self._targets()[target].gateway
        kind = _kind(target)
        return self._runs.probed(kind, gateway, ran.emulator_version(kind))

    def attempts(self, run_id: str) -> pd.DataFrame:
        """Return the attempts of a run, as far as they are known."""
        return attempts(self._runs.side(run_id, "attempts"))

    def bundle(self, run_id: str) -> Bundle:
        """Return a run with all that is kept of it, for files; see ``carried.bundle_of``.

        Raises:
            KeyError: there is no such run.
        """
        return carried.bundle_of(self._runs, self.find(run_id))

    def take(self, data: bytes) -> str:
        """Keep a run that comes as a bundle and return its id; see ``carried.take``."""
        return carried.take(self._runs, data, self.plan)

    def forget(self, run_id: str) -> None:
        """Throw a run away; one that runs is ended first."""
        self.stop(run_id)
        with contextlib.suppress(TimeoutError):
            self.wait(run_id, CLOSE_S)
        self._jobs.pop(run_id, None)
        self._runs.forget(run_id)

    def close(self) -> None:
        """End what runs or waits, and wait until it is kept."""
        for run_id in tuple(self._jobs):
            self.stop(run_id)
        for job in tuple(self._jobs.values()):
            if job.future is not None:
                with contextlib.suppress(TimeoutError):
                    job.future.result(CLOSE_S)

    def _read(self, row: Mapping[str, Json]) -> Run:
        job = self._jobs.get(row["run_id"])
        if job is None or job.ended is None:
            return ran.read(row, live=job is not None)
        # On a full disk the row may not say that the run has ended.
        return ran.read({**row, **ran.last_row(job.ended, row["ended_utc"])}, live=True)

    def _tell(self, run_id: str, verb: Callable[[Runner | Leader], None]) -> None:
        job = self._jobs.get(run_id)

        async def tell() -> None:
            if job is not None and job.runner is not None:
                verb(job.runner)

        self._loop.run(tell())

    async def _carry(self, job: Job) -> None:
        """Carry a run from its turn in the queue to its last row in the records."""
        job.task = asyncio.current_task()
        try:
            async with self._turn:
                job.begun = True
                ended = await self._run(job) if job.wanted else job.unsent
        except asyncio.CancelledError:
            if job.begun:
                raise
            ended = job.unsent  # it was taken back while it waited
        except Exception as error:
            if not isinstance(error, GatewayError):
                log.exception("A run ended in an error of our own")
            said = mask_text(str(error) or type(error).__name__, self._secrets)
            ended = replace(job.progress, state="failed", eta_s=None, stopped_by=said)
        try:
            await asyncio.to_thread(self._runs.change, job.id, ran.last_row(ended))
        except RecordsError as error:
            ended = replace(ended, state="failed", stopped_by=str(error))
        job.runner, job.ended = None, ended

    async def _run(self, job: Job) -> Progress:
        started = {"state": "running", "started_utc": datetime.now(UTC)}
        known = {"probes_json": await asyncio.to_thread(self._probed, job.target)}
        await asyncio.to_thread(self._runs.change, job.id, started | known)
        target = None if job.target == LOCAL else self._targets()[job.target]
        scheduler = self.scheduler if job.spread else None
        async with senders.opened(
            job, target, scheduler, keep=self._keep, secrets=self._secrets
        ) as runner:
            job.runner = runner
            if not job.wanted:
                return job.unsent
            ended = await runner.run()
            job.unkept, job.in_flight = runner.unkept, runner.mean_in_flight
            if isinstance(runner, Leader):
                job.generator, job.whole = runner.generator, runner.whole
        if not job.unkept.requests:
            await self._judge(job, ended)
        return ended

    def _keep(self, batch: Batch) -> None:
        self._runs.add(batch.requests, batch.attempts, batch.chunks)

    async def _judge(self, job: Job, ended: Progress) -> None:
        """Keep what a run shows, and how far it is to be believed."""
        plan = job.plan
        generator = dict(job.generator)
        if not generator and plan.load is not None:
            generator["ceiling_rps"] = await null.ceiling_rps(plan.load)

        def judge() -> None:
            kept = self._runs.requests(job.id)
            if not kept:
                return
            requests = marked(table(kept), plan, hidden=job.target != LOCAL)
            self._runs.mark(ran.marks(kept, requests))
            told = honesty(
                requests,
                scale=plan.time_scale if job.target == LOCAL else 1.0,
                mean_in_flight=job.in_flight,
                elapsed_s=ended.elapsed_s,
                open_loop=any(call.at_s is not None for call in plan.calls),
                **generator,
            )
            row, made = self._runs.find(job.id), attempts(self._runs.side(job.id, "attempts"))
            values = ran.judged(
                job.id,
                plan,
                requests,
                made,
                told=told,
                warnings=(*job.warnings, *ended.notes),
                whole=ended.state == "done" and job.whole,
                hosted=job.target != LOCAL,
            )
            self._runs.change(job.id, values | ran.probed(row, requests, made))

        await asyncio.to_thread(judge)


def _kind(target: str) -> Kind:
    return "emulator" if target == LOCAL else "cloudflare"
