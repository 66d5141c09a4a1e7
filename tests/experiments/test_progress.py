"""Progress is a copy that anybody may read."""

import pytest

from gateway.errors import RecordsError
from gateway.experiments.progress import Progress, Tally, ended_as, sentence


def test_rate_is_unknown_before_time_has_passed():
    """Nothing measured isn't 0 a second."""
    assert Progress(done=0).rate is None
    assert Progress(done=30, elapsed_s=2.0).rate == 15


@pytest.mark.parametrize(
    ("why", "state"),
    [
        (None, "done"),
        ("cancel", "cancelled"),
        ("lease", "cancelled"),
        ("cap", "stopped"),
        ("calls", "stopped"),
        ("The disk is full.", "failed"),
    ],
)
def test_end_has_its_state(why, state):
    """What isn't one of our own words is a failure."""
    assert ended_as(why) == state


def test_reason_is_told_without_its_group():
    """A group of tasks is our business; what happened in it is the reader's."""
    inner = RecordsError("The disk is full.")

    assert sentence(ExceptionGroup("tasks", [ExceptionGroup("more", [inner])])) == str(inner)
    assert sentence(KeyError("a")) == "KeyError: 'a'"


def test_tally_adds_rows_up():
    """What is shown while a run goes on, with the time that is left by the rate so far."""
    tally = Tally(4)
    for status, cost in ((200, 0.5), (0, None)):
        tally.add({"status": status, "cache_status": "MISS", "cost_usd": cost})

    found = tally.progress("running", 3, 10.0)

    assert (found.planned, found.sent, found.done) == (4, 3, 2)
    assert (found.statuses, found.caches) == ({200: 1, 0: 1}, {"MISS": 2})
    assert (found.cost_usd, found.eta_s) == (0.5, 10.0)
    assert tally.progress("done", 3, 10.0).eta_s is None
