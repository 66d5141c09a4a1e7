"""Who sends a run: this process, unless workers were asked for; then they, or nobody."""

import sys

import pytest

from gateway.chat import Target
from gateway.errors import SettingsError
from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.runner import Runner
from gateway.workbench import senders
from gateway.workbench.job import Job

pytestmark = pytest.mark.anyio

NOWHERE = Target(name="cloudflare", base_url="http://127.0.0.1:9/v1/a/mine")
TERMS = {"keep": lambda batch: None, "secrets": ()}


@pytest.fixture
def job():
    plan = PRESETS["E01"].plan(Recipe(preset="E01"))
    return Job("r1", plan, "cloudflare", lambda: True, lease_s=None)


async def test_this_process_sends_by_itself(job):
    """No scheduler is asked for."""
    async with senders.opened(job, NOWHERE, None, **TERMS) as sender:
        assert isinstance(sender, Runner)
        assert (sender.run_id, sender.plan) == ("r1", job.plan)


async def test_workers_that_cannot_send_are_not_replaced(job, monkeypatch):
    """This process doesn't jump in unasked."""
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(SettingsError, match="needs the package distributed"):
        async with senders.opened(job, NOWHERE, "tcp://127.0.0.1:9", **TERMS):
            pass
