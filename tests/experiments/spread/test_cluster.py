"""The border to Dask: who is there, whether they run our code, and what is said where not."""

import asyncio
import shutil
import sys
from contextlib import aclosing

import pytest

from gateway.errors import BadRequest, SettingsError, Unreachable
from gateway.experiments.spread.cluster import Cluster, survey
from gateway.experiments.spread.version import fingerprint
from tests.experiments.spread.conftest import PATIENCE_S, ROOT

pytestmark = pytest.mark.anyio

NOBODY = "tcp://127.0.0.1:9"


async def test_workers_are_found_and_run_our_code(machines):
    """They are asked one by one, and answer with what a function returns or raises."""
    async with aclosing(await Cluster.join(machines.address)) as cluster:
        await cluster.check()

        assert cluster.workers == tuple(sorted(machines.workers))
        answer = await cluster.call(cluster.workers[0], fingerprint)
        assert answer == fingerprint()
        with pytest.raises(ZeroDivisionError):
            await cluster.call(cluster.workers[0], divmod, 1, 0)
        with pytest.raises(Unreachable, match=f"The worker at {NOBODY} is gone"):
            await cluster.call(NOBODY, fingerprint)


async def test_survey_says_who_would_take_part(machines):
    """Nothing is sent."""
    found = await survey(machines.address)

    assert (found.workers, found.problem) == (tuple(sorted(machines.workers)), None)


async def test_scheduler_that_does_not_answer_is_named():
    """With what can be done about it."""
    with pytest.raises(Unreachable, match=f"No Dask scheduler answers at {NOBODY}: start it"):
        await Cluster.join(NOBODY, within_s=0.2)


async def test_missing_package_says_what_to_install(monkeypatch):
    """The app runs without it; only this needs it."""
    monkeypatch.setitem(sys.modules, "distributed", None)

    found = await survey(NOBODY)

    assert "pip install -r requirements-dask.txt" in found.problem
    with pytest.raises(SettingsError):
        await Cluster.join(NOBODY)


@pytest.fixture
def other(others, tmp_path):
    """A scheduler of its own, and a way to give it a worker that has another copy of the app."""

    started = []

    def start(change):
        shutil.copytree(ROOT / "gateway", tmp_path / "gateway", ignore=lambda *_: ["__pycache__"])
        change(tmp_path / "gateway")
        started.append(others.worker(cwd=tmp_path, home=tmp_path))
        others.ready(started[0])

    yield start
    started[0].kill()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda home: (home / "plain.py").write_text("ours = False\n"), "runs another version"),
        (shutil.rmtree, "doesn't have this app's code"),
    ],
    ids=["another version", "no app"],
)
async def test_worker_with_other_code_is_refused(others, other, change, sentence):
    """What it measured would be something else; nothing is sent."""
    await asyncio.to_thread(other, change)

    async with aclosing(await Cluster.join(others.address)) as cluster:
        with pytest.raises(BadRequest, match=sentence):
            await cluster.check()


async def test_scheduler_without_workers_says_how_to_start_one(others):
    """With the command."""
    with pytest.raises(Unreachable, match="has no worker: start one in the app's directory"):
        await until_nobody_is_there(others.address)


async def until_nobody_is_there(address):
    """Join until it is refused: a scheduler learns of an end a moment later."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await (await Cluster.join(address)).aclose()
