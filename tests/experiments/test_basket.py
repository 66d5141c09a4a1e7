"""The basket hands on what it holds, and loses nothing that couldn't be kept."""

import asyncio
import threading

import pytest

from gateway.chat import Target
from gateway.errors import RecordsError
from gateway.experiments.basket import Basket
from gateway.experiments.site import HostedSite

pytestmark = pytest.mark.anyio

HOSTED = HostedSite(Target(name="cloudflare", base_url="http://127.0.0.1:9/v1/a/g"))


async def test_rows_are_handed_on_once():
    """With the run that they belong to; an empty basket keeps nothing."""
    kept = []
    basket = Basket("r1", HOSTED, kept.append)

    basket.put([{"log_id": None}], [{"i": 0}])
    await basket.empty()
    await basket.empty()

    (batch,) = kept
    assert batch.requests == [{"log_id": None, "run_id": "r1"}]
    assert batch.chunks == [{"i": 0}]


async def test_what_cannot_be_kept_stays():
    """A disk that has room again gets everything, in its order."""
    kept, full = [], True

    def keep(batch):
        if full:
            raise RecordsError("The disk is full.")
        kept.append(batch)

    basket = Basket("r1", HOSTED, keep)
    basket.put([{"seq": 0, "log_id": None}])

    said = await basket.empty_often()
    basket.put([{"seq": 1, "log_id": None}])
    full = False
    await basket.empty()

    assert said == "The disk is full."
    assert [row["seq"] for row in kept[0].requests] == [0, 1]


async def test_hand_over_that_is_cancelled_loses_nothing():
    """A run that ends while its rows are being written writes them all, and once."""
    kept, writing, go_on = [], asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def keep(batch):
        loop.call_soon_threadsafe(writing.set)
        go_on.wait(10)
        kept.extend(row["seq"] for row in batch.requests)

    basket = Basket("r1", HOSTED, keep)
    basket.put([{"seq": 0, "log_id": None}])
    flushing = asyncio.create_task(basket.empty())
    await writing.wait()
    flushing.cancel()
    await asyncio.wait({flushing})
    basket.put([{"seq": 1, "log_id": None}])
    last = asyncio.create_task(basket.empty())
    go_on.set()
    await last

    assert flushing.cancelled()
    assert kept == [0, 1]
