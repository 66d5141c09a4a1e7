"""A post: one worker's shard, sent when it is told to, reported until it was received."""

import asyncio
import time
from dataclasses import replace

import pytest

from gateway.errors import BadRequest
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.site import LocalSite
from gateway.experiments.spread import worker
from gateway.experiments.spread.orders import Orders, Outpost
from gateway.experiments.spread.worker import Post
from gateway.local.server import LocalServer
from gateway.wire.single import HttpxWire
from tests.experiments.conftest import until

pytestmark = pytest.mark.anyio

RECIPE = Recipe(preset="E15", knobs={"requests": 12, "fill_s": 0.2, "spread_s": 0.5})
PLAN = PRESETS["E15"].plan(RECIPE)


@pytest.fixture(scope="module")
def server():
    with LocalServer.start(instant=True) as running:
        yield running


@pytest.fixture
async def orders(server):
    """The second of two shards, at a gateway that wasn't made for it: refusals are rows, too."""
    wire = HttpxWire()
    outpost = Outpost.of(LocalSite(server, wire, 1.0))
    yield Orders(run_id="r1", recipe=RECIPE, digest=PLAN.digest, number=1, count=2, site=outpost)
    await wire.aclose()


@pytest.fixture
async def post(orders):
    found = await asyncio.to_thread(Post, orders)
    yield found
    await asyncio.to_thread(found.close)


async def reports(post, seen=0):
    """Reports until the post has ended, each answered for."""
    found = []
    while not found or not found[-1].ended:
        found.append(await post.report(seen))
        seen = found[-1].number
    return found


async def test_post_waits_for_each_group_and_reports_all(post):
    """Its six calls of each group begin when they are told to, not before."""
    first, second = PLAN.groups
    began = time.perf_counter()

    post.begin(began)
    waiting = await post.report(0)
    post.go(first, time.perf_counter())
    while (found := await post.report(waiting.number)).entered < 2:
        assert {variant for variant, _ in found.begun} <= {first}
    post.go(second, time.perf_counter())
    rest = await reports(post, waiting.number)

    assert (waiting.begun, waiting.rows) == ([], [])
    rows = [row for one in rest for row in one.rows]
    assert len(rows) == 12
    assert {row["run_id"] for row in rows} == {"r1"}
    assert len({place for one in rest for place in one.begun}) == 12
    assert rest[-1].progress.state == "done"
    assert rest[-1].mean_in_flight > 0


async def test_report_that_was_not_received_comes_again(post):
    """Nothing measured is lost with an answer that didn't arrive."""
    post.begin(time.perf_counter())
    for group in PLAN.groups:
        post.go(group, time.perf_counter())
    while not (lost := await post.report(0)).ended:
        pass

    again = await post.report(0)
    after = await post.report(again.number)

    assert again.rows == lost.rows
    assert len(again.rows) == 12
    assert after.rows == after.begun == []


async def test_post_that_nobody_asks_ends(orders):
    """Whoever led it is gone: nobody would keep what it measures, and it may cost money."""
    post = await asyncio.to_thread(Post, orders, silence_s=0.05)
    try:
        post.begin(time.perf_counter())
        await until(lambda: post.silent)
        (*_, last) = await reports(post)
    finally:
        await asyncio.to_thread(post.close)

    assert last.progress.stopped_by == "lease"


async def test_told_post_stops(post):
    """Before its first group, too."""
    post.begin(time.perf_counter())

    post.tell("stop", "cancel")

    (*_, last) = await reports(post)
    assert (last.progress.state, last.rows) == ("cancelled", [])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"digest": "another"}, "draws another plan from the same seed"),
        ({"token": "wrong"}, "can't reach the run's own gateway"),
        ({"url": "http://127.0.0.1:9"}, "can't reach the run's own gateway at http://127.0.0.1:9"),
    ],
)
async def test_post_that_cannot_take_part_says_why(orders, change, sentence):
    """Before anything is sent."""
    digest = change.pop("digest", orders.digest)
    wrong = replace(orders, digest=digest, site=replace(orders.site, **change))

    with pytest.raises(BadRequest, match=sentence):
        await asyncio.to_thread(Post, wrong)


async def test_dismissed_post_is_gone(orders):
    """Who asks for a run that isn't there is told so."""
    await worker.enlist(orders)
    assert (await worker.report("r1", 0)).number == 1

    worker.dismiss("r1")

    with pytest.raises(KeyError):
        await worker.report("r1", 0)
    worker.dismiss("r1")
