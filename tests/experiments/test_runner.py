"""The runner sends what was planned, when it was planned, and keeps all that came of it."""

import asyncio
import time
from dataclasses import replace

import pytest

from gateway.chat import Target
from gateway.errors import RecordsError
from gateway.experiments.plan import Call, Event, Recipe
from gateway.experiments.site import HostedSite, LocalSite
from gateway.headers import Options
from tests.experiments.conftest import ASKED, calls_of, plan_of, until

pytestmark = pytest.mark.anyio

CACHING = {"main": {"cache_ttl": 300}}
NOWHERE = Target(name="cloudflare", base_url="http://127.0.0.1:9/v1/a/g")


async def test_repeated_prompts_hit(run):
    """Two prompts, three times each: the first of each is a miss."""
    ran = await run(plan_of(calls_of(["x", "y"] * 3), gateways=CACHING))

    assert ran.progress.state == "done"
    assert ran.table["cache_status"].tolist() == ["MISS"] * 2 + ["HIT"] * 4
    assert ran.progress.caches == {"MISS": 2, "HIT": 4}
    assert ran.table["cost_saved_usd"].gt(0).tolist() == [False] * 2 + [True] * 4


async def test_calls_start_when_they_are_due(run):
    """An open loop waits for nobody: a slow call doesn't delay the next one."""
    calls = [
        Call(seq=0, variant="a", prompt="x", prompt_id="x", at_s=0.0, fault="slow=400"),
        Call(seq=1, variant="a", prompt="y", prompt_id="y", at_s=0.1),
    ]

    ran = await run(plan_of(calls))

    slow, quick = sorted(ran.rows, key=lambda row: row["seq"])
    assert slow["e2e_ms"] >= 400
    assert quick["t_send_s"] < slow["t_end_s"]
    assert quick["t_plan_s"] - slow["t_plan_s"] == pytest.approx(0.1, abs=1e-6)
    assert quick["lat_scheduled_ms"] == pytest.approx(
        quick["dispatch_delay_ms"] + quick["e2e_ms"], abs=1
    )


async def test_time_scale_is_emulated_time(run):
    """At 60 emulated seconds per second an entry of 60 s is gone after a second."""
    calls = [
        Call(seq=seq, variant="a", prompt="x", prompt_id="x", at_s=at)
        for seq, at in enumerate((0.0, 30.0, 90.0))
    ]

    ran = await run(plan_of(calls, gateways={"main": {"cache_ttl": 60}}, time_scale=60.0))

    assert ran.table["cache_status"].tolist() == ["MISS", "HIT", "MISS"]
    assert ran.table["t_plan_s"].diff().dropna().tolist() == pytest.approx([30, 60])


async def test_attempts_are_those_of_the_journal(run):
    """A failure of 50 ms, a wait of 100 ms, a success."""
    retrying = replace(ASKED, options=Options(max_attempts=3, retry_delay=100, backoff="constant"))
    calls = calls_of(["x"], fault="status=500;wait=50, ok")

    ran = await run(plan_of(calls, variants=[retrying]))

    (row,) = ran.rows
    assert (row["attempts"], row["attempts_source"], row["ok"]) == (2, "emulator", True)
    assert row["backoff_ms"] == pytest.approx(100, abs=20)
    assert ran.attempts[["k", "status"]].to_numpy().tolist() == [[1, 500], [2, 200]]


async def test_errors_are_rows(run):
    """A 503 and a limit are results, not ends."""
    limited = {"main": {"rate_limiting_interval": 60, "rate_limiting_limit": 2}}

    ran = await run(plan_of(calls_of(["x", "y", "z"], fault="status=503"), gateways=limited))

    assert ran.progress.state == "done"
    assert ran.table["error_class"].tolist() == [
        "provider_5xx",
        "provider_5xx",
        "rate_limited_gateway",
    ]


async def test_closed_loop_keeps_so_many_under_way(run):
    """Four lanes of a call of 200 ms each."""
    four = replace(ASKED, concurrency=4)

    ran = await run(
        plan_of(calls_of([f"p{i}" for i in range(8)], fault="slow=200"), variants=[four])
    )

    ended = ran.table["t_end_s"].min()
    assert (ran.table["t_send_s"] < ended).tolist() == [True] * 4 + [False] * 4
    assert 0 < ran.runner.mean_in_flight <= 4
    assert ran.table["conn_reused"].all()


async def test_streams_keep_their_chunks(run):
    """Each chunk's arrival, on the run's clock."""
    ran = await run(plan_of(calls_of(["Tell me a story"]), variants=[replace(ASKED, stream=True)]))

    assert len(ran.chunks) > 2
    assert ran.chunks[0]["t_s"] == pytest.approx(ran.rows[0]["t_first_s"])


async def test_socket_carries_calls(run):
    """The same rows over WebSocket."""
    ran = await run(plan_of(calls_of(["x", "x"]), variants=[replace(ASKED, transport="websocket")]))

    assert ran.table["transport"].tolist() == ["ws", "ws"]
    assert ran.table["ok"].all()


async def test_run_stops_at_its_cap(run):
    """Nothing more is sent, and it says why."""
    recipe = Recipe(preset="X", cap_usd=0.0001)

    ran = await run(plan_of(calls_of([f"p{i}" for i in range(50)]), recipe=recipe))

    assert (ran.progress.state, ran.progress.stopped_by) == ("stopped", "cap")
    assert ran.progress.done < 10


async def test_stop_keeps_what_was_measured(run):
    """What was under way is a row as well: aborted."""
    calls = [*calls_of(["x"]), Call(seq=1, variant="a", prompt="y", prompt_id="y", fault="timeout")]

    def soon(runner):
        async def wait():
            await until(lambda: runner.progress.sent == 2)
            runner.stop()

        runner.waiting = asyncio.create_task(wait())

    ran = await run(plan_of(calls), during=soon)

    assert ran.progress.state == "cancelled"
    assert ran.table["error_class"].tolist() == ["none", "aborted"]


async def test_pause_moves_what_is_still_to_come(run):
    """Intended starts move with it, so that a pause isn't taken for a late start."""
    calls = [
        Call(seq=seq, variant="a", prompt=f"p{seq}", prompt_id="", at_s=seq * 0.3) for seq in (0, 1)
    ]

    def pausing(runner):
        async def wait():
            await until(lambda: runner.progress.sent == 1)
            runner.pause()
            assert runner.progress.state == "paused"
            await asyncio.sleep(0.6)
            runner.resume()

        runner.waiting = asyncio.create_task(wait())

    ran = await run(plan_of(calls), during=pausing)

    assert ran.table["t_send_s"].iloc[1] > 0.55
    assert ran.table["dispatch_delay_ms"].iloc[1] < 500


async def test_pause_is_counted_once_whatever_waits_in_it(run):
    """Calls, lanes and events wait in one pause together: it moves each of them by its length."""
    calls = [
        Call(seq=seq, variant="a", prompt=f"p{seq}", prompt_id="", at_s=seq * 0.3) for seq in (0, 1)
    ]
    calls += [Call(seq=2, variant="b", prompt="slow", prompt_id="", fault="slow=300")]
    variants = [ASKED, replace(ASKED, id="b")]
    held = []

    def pausing(runner):
        async def wait():
            await until(lambda: runner.progress.sent == 2)
            runner.pause()
            paused = time.perf_counter()
            await asyncio.sleep(0.4)
            runner.resume()
            held.append(time.perf_counter() - paused)

        runner.waiting = asyncio.create_task(wait())

    plan = plan_of(calls, variants=variants, events=[Event(at_s=0.3)], sequential_variants=False)
    ran = await run(plan, during=pausing)

    planned = ran.table["t_plan_s"]
    assert planned[1] - planned[0] == pytest.approx(0.3 + held[0], abs=0.02)


async def test_silent_gateway_is_a_result(run):
    """A gateway that dies leaves rows without a status."""
    ran = await run(plan_of(calls_of(["x", "y"])), site=HostedSite(NOWHERE))

    assert ran.table["status"].tolist() == [0, 0]
    assert set(ran.table["error_class"]) == {"connect"}


async def test_rows_that_cannot_be_kept_end_the_run(run):
    """A full disk ends it with its sentence instead of measuring into nothing."""

    def keep(batch):
        raise RecordsError("The disk is full.")

    ran = await run(plan_of(calls_of([f"p{i}" for i in range(200)], fault="slow=50")), keep=keep)

    assert ran.progress.state == "failed"
    assert ran.progress.stopped_by == "The disk is full."
    assert ran.progress.done < 200


async def test_run_ends_when_nobody_is_there(run):
    """A closed tab stops a run that costs money, once the lease is over."""
    calls = calls_of([f"p{i}" for i in range(100)], fault="slow=200")

    ran = await run(plan_of(calls), alive=lambda: False, lease_s=0.1)

    assert (ran.progress.state, ran.progress.stopped_by) == ("cancelled", "lease")


@pytest.mark.parametrize("at_s", [None, 0.0])
async def test_run_stops_at_its_cap_of_requests(run, at_s):
    """Exactly so many are sent, in closed loops and open ones; what is under way ends."""
    recipe = Recipe(preset="X", cap_calls=3)
    calls = calls_of([f"p{i}" for i in range(10)], at_s=at_s, fault="slow=50")

    ran = await run(plan_of(calls, recipe=recipe, variants=[replace(ASKED, concurrency=2)]))

    assert (ran.progress.state, ran.progress.stopped_by) == ("stopped", "calls")
    assert ran.progress.sent == ran.progress.done == 3
    assert set(ran.table["status"]) == {200}


async def test_cap_that_is_not_reached_is_none(run):
    """As many requests as it allows: the run is whole."""
    ran = await run(plan_of(calls_of(["x", "y"]), recipe=Recipe(preset="X", cap_calls=2)))

    assert (ran.progress.state, ran.progress.done) == ("done", 2)


@pytest.mark.parametrize("at_s", [None, 0.0])
async def test_gateway_that_dies_ends_the_run(run, at_s):
    """Its process is killed: a sentence instead of a row for each request that nobody hears."""
    calls = [
        replace(call, at_s=None if at_s is None else call.seq * 0.02)
        for call in calls_of([f"p{i}" for i in range(500)], fault="slow=20")
    ]
    plan = plan_of(calls)
    site = await LocalSite.open(plan)

    def killing(runner):
        async def wait():
            await until(lambda: runner.progress.done >= 5)
            await asyncio.to_thread(site.server.kill)

        runner.waiting = asyncio.create_task(wait())

    ran = await run(plan, during=killing, site=site)

    assert ran.progress.state == "failed"
    assert "gateway has died" in ran.progress.stopped_by
    assert "of 500" in ran.progress.stopped_by
    assert 5 <= (ran.table["status"] == 200).sum() < 500
    assert len(ran.table) == ran.progress.done < 500


async def test_event_that_a_dead_gateway_never_hears_ends_the_run(run):
    """What went wrong is told, not the group of tasks in which it did."""
    plan = plan_of(
        calls_of(["x"], at_s=0.0), events=[Event(at_s=0.0, rule={"provider": "nobody", "rate": 9})]
    )

    ran = await run(plan)

    assert ran.progress.state == "failed"
    assert "was refused" in ran.progress.stopped_by
    assert "Group" not in ran.progress.stopped_by


async def test_clock_that_jumps_is_noted(run):
    """The run goes on: its times are on a clock that doesn't jump."""
    jump_s = 0.0

    def jumping(runner):
        async def wait():
            nonlocal jump_s
            await until(lambda: runner.progress.done >= 1)
            jump_s = -7200.0
            await until(lambda: runner.progress.notes)
            runner.stop()

        runner.waiting = asyncio.create_task(wait())

    ran = await run(
        plan_of(calls_of([f"p{i}" for i in range(1000)], fault="slow=50")),
        during=jumping,
        wall=lambda: time.time() + jump_s,
    )

    assert "jumped by -7,200 s after" in ran.progress.notes[0]
    assert ran.table["e2e_ms"].dropna().between(0, 60_000).all()


async def test_rows_that_could_not_be_kept_are_not_lost(run):
    """On a full disk all that was measured is still there: once, with its attempts."""

    def keep(batch):
        raise RecordsError("The disk is full.")

    ran = await run(plan_of(calls_of([f"p{i}" for i in range(200)], fault="slow=50")), keep=keep)
    waiting = ran.runner.unkept.requests

    assert len(waiting) == ran.progress.done > 0
    assert len({row["request_id"] for row in waiting}) == len(waiting)
    assert {row["attempts"] for row in waiting if row["status"] == 200} == {1}
