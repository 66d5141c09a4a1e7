"""Runs on two workers and more: what one process would have sent, and no less honest."""

import asyncio
from contextlib import aclosing

import pytest

from gateway.chat import Target
from gateway.errors import BadRequest
from gateway.experiments import rows
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.site import HostedSite, LocalSite
from gateway.experiments.spread import worker
from gateway.experiments.spread.cluster import Cluster
from gateway.experiments.spread.leader import Leader
from gateway.experiments.spread.orders import Orders, Outpost
from gateway.local.server import LocalServer
from gateway.loop import Loop
from gateway.records import Records
from gateway.workbench.lab import Lab
from tests.experiments.conftest import until

pytestmark = pytest.mark.anyio

MARKER = "sk-marker-0123456789abcdef"
HERD = Recipe(preset="E15", knobs={"requests": 20, "fill_s": 0.3, "spread_s": 0.5})
LOAD = {"rate": 50.0, "admitted": 25.0, "attempts": [1], "duration_s": 3.0}
STORM = Recipe(preset="E16", knobs=LOAD, cap_usd=None)
PLANNED = len(PRESETS["E16"].plan(STORM).calls)
PATIENCE_S = 60


@pytest.fixture
async def cluster(machines):
    async with aclosing(await Cluster.join(machines.address)) as joined:
        yield joined


@pytest.fixture(scope="module")
def hosted():
    """A gateway that is asked as it is, with a token and a key that nobody may see."""
    with LocalServer.start(instant=True) as server:
        yield HostedSite(
            Target(
                name="cloudflare",
                base_url=server.gateway_url("default"),
                token=server.token,
                keys={"openai": MARKER},
                simulated=frozenset({"openai"}),
            )
        )


class Kept:
    """What a run has handed on."""

    def __init__(self):
        self.batches = []

    @property
    def table(self):
        found = [row for batch in self.batches for row in batch.requests]
        return rows.table(found).sort_values("seq", ignore_index=True)


def leader_of(recipe, site, cluster, kept, **terms):
    plan = PRESETS[recipe.preset].plan(recipe)
    terms = {"run_id": f"r-{id(kept)}", "secrets": (MARKER,), **terms}
    return Leader(plan, site, cluster, keep=kept.batches.append, **terms)


def test_run_on_workers_is_kept_like_any_other(machines, tmp_path):
    """Rows, attempts, findings; the groups begin together although a clock is far ahead."""
    records = Records.open(f"sqlite:///{tmp_path}/records.db")
    nowhere = Target(name="local", base_url="http://127.0.0.1:9/v1/a/g")
    with Loop() as loop:
        lab = Lab(loop, records.runs, lambda: {"local": nowhere}, scheduler=machines.address)
        run = lab.wait(lab.start(HERD, spread=True), PATIENCE_S)
        found, results = lab.requests(run.id), lab.results(run.id)
        lab.close()
    records.close()

    assert (run.state, run.figures["sent_n"], run.figures["done_n"]) == ("done", 40, 40)
    assert sorted(found["seq"]) == list(range(40))
    assert found["ok"].all()
    assert set(found["attempts_source"]) == {"emulator"}
    assert found["t_send_s"].between(0, 60).all()
    at_once = found[found["variant_id"] == "at-once"]
    assert at_once["t_plan_s"].max() - at_once["t_plan_s"].min() < 0.25
    assert found[found["variant_id"] == "spread"]["t_plan_s"].min() > at_once["t_plan_s"].max()
    honesty = results.honesty
    assert honesty["workers"] == 2
    assert 0 < honesty["clock_error_ms"] < 250
    assert honesty["dispatch_p99_ms"] > honesty["clock_error_ms"]
    assert honesty["ceiling_rps"] > 0
    assert honesty["little_error"] < 0.2
    assert "2 workers sent this run's requests" in " ".join(results.warnings)


async def test_killed_worker_costs_only_what_it_had_not_reported(machines, hosted):
    """Each call has one row; those of the lost worker are marked, and nobody sends them again."""
    third = machines.worker()
    gone = await asyncio.to_thread(machines.ready, third)
    site = await LocalSite.open(PRESETS["E16"].plan(STORM))
    kept = Kept()
    async with aclosing(await Cluster.join(machines.address)) as cluster:
        leader = leader_of(STORM, site, cluster, kept)
        running = asyncio.create_task(leader.run())
        await until(lambda: running.done() or leader.progress.done > 30)
        third.kill()
        progress = await running
    sent = await site.attempts(0.0)
    await site.aclose()

    assert (progress.state, progress.done, leader.whole) == ("done", PLANNED, False)
    assert kept.table["seq"].tolist() == list(range(PLANNED))
    lost = kept.table[kept.table["error_class"].isin(["aborted", "not_sent"])]
    assert 0 < len(lost) < PLANNED / 2
    assert lost["error_msg"].str.contains(gone).all()
    assert lost["t_send_s"].isna().all()
    assert kept.table.drop(lost.index)["status"].gt(0).all()
    unsent = (lost["error_class"] == "not_sent").sum()
    assert len({one["request_id"] for one in sent}) <= PLANNED - unsent
    (said,) = [note for note in progress.notes if gone in note]
    assert f"{unsent} weren't sent" in said
    assert leader.mean_in_flight is None


async def test_pause_holds_all_workers_and_end_keeps_their_rows(cluster, hosted):
    """Moments move by the pause, on each worker alike."""
    kept = Kept()
    leader = leader_of(STORM, hosted, cluster, kept)
    running = asyncio.create_task(leader.run())
    await until(lambda: leader.progress.done > 10)

    leader.pause()
    await until(lambda: leader.progress.sent == leader.progress.done)
    await asyncio.sleep(0.05)
    held = leader.progress
    leader.resume()
    await until(lambda: leader.progress.done > held.done + 20)
    leader.stop()
    progress = await running

    assert (held.state, progress.state, progress.stopped_by) == ("paused", "cancelled", "cancel")
    assert held.done < progress.done == len(kept.table) < PLANNED
    ok = kept.table[kept.table["error_class"] != "aborted"]
    assert ok["dispatch_delay_ms"].median() < 100


async def test_run_stops_at_its_cap(cluster, hosted):
    """What all workers spend together counts."""
    kept = Kept()
    recipe = Recipe(preset="E16", knobs=LOAD, cap_usd=0.003)

    progress = await leader_of(recipe, hosted, cluster, kept).run()

    assert (progress.state, progress.stopped_by) == ("stopped", "cap")
    assert progress.cost_usd >= 0.003
    assert len(kept.table) < PLANNED


async def test_no_secret_stands_in_what_dask_writes(machines, cluster, hosted):
    """Neither of runs, nor of what fails: Dask writes down what a function was given."""
    orders = Orders(
        run_id="r1",
        recipe=STORM,
        digest="of another plan",
        number=0,
        count=1,
        site=Outpost.of(hosted),
        secrets=(MARKER,),
    )

    with pytest.raises(BadRequest, match="draws another plan"):
        await cluster.call(cluster.workers[0], worker.enlist, orders)

    await until(lambda: "Run Failed" in machines.written())
    written = machines.written()
    assert "Orders(run_id='r1'" in written
    assert MARKER not in written
    assert hosted.target("").token not in written


async def test_worker_that_cannot_take_part_is_named(cluster, hosted):
    """And nothing is sent."""
    kept = Kept()
    leader = leader_of(HERD, hosted, cluster, kept)
    object.__setattr__(leader.plan.calls[0], "prompt", "drawn otherwise")

    with pytest.raises(BadRequest, match=r"The worker at tcp://\S+ draws another plan"):
        await leader.run()

    assert kept.batches == []
