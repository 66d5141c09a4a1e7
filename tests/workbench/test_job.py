"""job: who looks at a run, and what it says of itself before it runs."""

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import PRESETS
from gateway.workbench.job import WATCHERS, Job

PLAN = PRESETS["E01"].plan(Recipe(preset="E01", knobs={"prompts": 2, "passes": 2}))


def test_waiting_job_has_sent_nothing():
    """It knows how much it would send; taken back, it ends with nothing."""
    job = Job("r", PLAN, "local", lambda: True, lease_s=None)

    assert (job.progress.state, job.progress.planned, job.progress.done) == ("waiting", 4, 0)
    assert (job.unsent.state, job.unsent.stopped_by) == ("cancelled", "cancel")


def test_anybody_who_looks_keeps_it_going():
    """The newest few are asked."""
    job = Job("r", PLAN, "local", lambda: True, lease_s=60.0)
    for _ in range(WATCHERS):
        job.watchers.append(lambda: False)

    assert not job.attended()
    job.watchers.append(lambda: True)
    assert job.attended()
