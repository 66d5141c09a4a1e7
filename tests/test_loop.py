"""loop: synchronous callers, one asynchronous thread."""

import asyncio
import threading

import pytest

from gateway.loop import Loop


@pytest.fixture
def loop():
    with Loop() as loop:
        yield loop


async def _name():
    return threading.current_thread().name


async def _numbers(closed):
    try:
        for number in range(3):
            await asyncio.sleep(0)
            yield number
    finally:
        closed.set()


def test_coroutine_runs_on_the_loop_s_thread(loop):
    """Sockets belong to one thread, whoever asks."""
    assert loop.run(_name()) == "gateway-loop"


def test_all_calls_share_one_loop(loop):
    """A pooled connection of one call serves the next."""

    async def own():
        return asyncio.get_running_loop()

    assert loop.run(own()) is loop.run(own())


def test_error_reaches_the_caller(loop):
    """What goes wrong on the loop is raised where it was asked for."""

    async def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        loop.run(fail())


def test_call_returns_at_once(loop):
    """Several answers run at the same time."""
    gate = asyncio.Event()

    waiting = [loop.call(gate.wait()) for _ in range(3)]

    assert not any(future.done() for future in waiting)
    loop._loop.call_soon_threadsafe(gate.set)
    assert [future.result(1) for future in waiting] == [True, True, True]


def test_cancelled_call_is_cancelled_on_the_loop(loop):
    """Stop reaches the coroutine, which closes its socket."""
    started, stopped = threading.Event(), threading.Event()

    async def work():
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    future = loop.call(work())
    started.wait(1)
    future.cancel()

    assert stopped.wait(1)


def test_items_are_yielded_as_they_arrive(loop):
    """A page can iterate what a wire streams."""
    assert list(loop.iterate(_numbers(threading.Event()))) == [0, 1, 2]


def test_stopping_early_closes_the_source(loop):
    """A visitor who leaves in mid-answer leaves no open stream."""
    closed = threading.Event()
    items = loop.iterate(_numbers(closed))

    assert next(items) == 0
    items.close()

    assert closed.is_set()


def test_closing_ends_what_still_runs():
    """Nothing outlives the app: no thread, no task, no warning."""
    before = set(threading.enumerate())
    loop, ended = Loop(), threading.Event()
    started = threading.Event()

    async def work():
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    loop.call(work())
    started.wait(1)
    loop.close()
    loop.close()

    assert ended.is_set()
    assert set(threading.enumerate()) <= before


def test_closed_loop_says_so():
    """A call that comes too late is refused, and its coroutine is not left behind."""
    loop = Loop()
    loop.close()

    with pytest.raises(RuntimeError, match="closed"):
        loop.run(_name())
