"""pace: one call a turn of the event loop, and connections that are there before their calls."""

import asyncio
from dataclasses import replace

import pytest

from gateway.chat import Target
from gateway.experiments.pace import MOST_READY, Turns, connections
from gateway.experiments.site import HostedSite
from tests.experiments.conftest import ASKED, calls_of

pytestmark = pytest.mark.anyio

SITE = HostedSite(Target(name="t", base_url="http://there.test"))


async def test_turns_are_given_out_one_by_one():
    """Between two of them the event loop sees what has arrived."""
    turns, seen, ticks = Turns(), [], 0

    async def work(number):
        await turns.take()
        seen.append((number, ticks))

    tasks = [asyncio.create_task(work(number)) for number in range(3)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        ticks += 1

    assert [number for number, _ in seen] == [0, 1, 2]
    assert len({tick for _, tick in seen}) == 3


async def test_turn_that_nobody_waits_for_any_more_is_passed_on():
    """A call that is given up while it waits doesn't hold up the others."""
    turns = Turns()
    first, second = (asyncio.create_task(turns.take()) for _ in range(2))
    first.cancel()

    await asyncio.wait_for(second, 5)

    assert first.cancelled()


@pytest.mark.parametrize(
    ("terms", "calls", "needed"),
    [
        ({"concurrency": 8}, calls_of("abc"), {"http://there.test": 8}),
        ({}, calls_of("abc", at_s=0.5), {"http://there.test": 3}),
        ({}, calls_of("abc" * 100, at_s=0.5), {"http://there.test": MOST_READY}),
        ({"transport": "websocket"}, calls_of("abc"), {}),
        ({"fresh_connection": True}, calls_of("abc"), {}),
    ],
    ids=["closed loop", "open loop", "crowd", "websocket", "a connection each"],
)
def test_connections_are_those_that_calls_need_at_once(terms, calls, needed):
    """A closed loop has its number; an open one as many as begin within a second."""
    assert connections(calls, {"a": replace(ASKED, **terms)}, SITE) == needed
