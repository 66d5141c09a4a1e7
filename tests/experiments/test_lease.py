"""The lease: a run that nobody looks at ends, one that somebody comes back to goes on."""

import asyncio

import pytest

from gateway.experiments import lease

pytestmark = pytest.mark.anyio


async def ends(answers, lease_s):
    """Whether a lease is over after visitors were there and away; a look takes a second."""
    looks = iter(answers)
    now = iter(range(1000))
    there = asyncio.Event()

    def alive():
        answer = next(looks, None)
        if answer is None:
            there.set()
        return answer is not False

    term = lease.over(alive, lease_s, clock=lambda: next(now), look_s=0.001)
    waiting, looked = asyncio.ensure_future(term), asyncio.ensure_future(there.wait())
    done, rest = await asyncio.wait({waiting, looked}, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    return waiting in done


@pytest.mark.parametrize(
    ("answers", "lease_s", "over"),
    [([False, False], 1, True), ([False, True], 1, False), ([False, True, False, True], 1, False)],
)
async def test_lease_is_over_when_nobody_came_back(answers, lease_s, over):
    """Only time without anybody in one go counts."""
    assert await ends(answers, lease_s) is over
