"""Attempts are found for the call that they belong to, though the journal is read bit by bit."""

import pytest

from gateway.experiments.attempts import Attempts

pytestmark = pytest.mark.anyio


class Journal:
    """A site whose journal grows between two readings."""

    kind = "emulator"

    def __init__(self, *readings):
        self.readings = list(readings)

    async def attempts(self, since_s):
        return self.readings.pop(0)


def attempt(log_id, number, *, started, ended=None, wait=0.0, step=0, request=None):
    return {
        "log_id": log_id,
        "request_id": request or log_id,
        "step": step,
        "attempt": number,
        "started_s": started,
        "ended_s": ended,
        "wait_before_s": wait,
        "status": 200 if ended else None,
        "fault": None,
    }


def row(log_id):
    return {"run_id": "r", "request_id": f"q-{log_id}", "log_id": log_id, "attempts": None}


async def test_attempts_read_before_their_call_ended_are_kept():
    """The first reading saw it open; the second one knows how it ended."""
    journal = Journal(
        [attempt("x", 1, started=100.0)],
        [attempt("x", 1, started=100.0, ended=101.0), attempt("x", 2, started=103.0, wait=2.0)],
    )
    attempts = Attempts(journal)
    asked = row("x")

    assert await attempts.of([]) == []
    found = await attempts.of([asked])

    assert (asked["attempts"], asked["backoff_ms"]) == (2, 2000.0)
    assert [(one["k"], one["t_start_s"], one["t_end_s"]) for one in found] == [
        (1, 0.0, 1.0),
        (2, 3.0, None),
    ]


async def test_steps_of_a_list_are_joined():
    """Each step has a log row of its own; the answer names the last one."""
    journal = Journal(
        [
            attempt("x0", 1, started=100.0, ended=101.0, request="x"),
            attempt("x1", 1, started=101.0, ended=102.0, request="x", step=1),
        ]
    )
    asked = row("x1")

    found = await Attempts(journal).of([asked])

    assert asked["attempts"] == 2
    assert [one["step"] for one in found] == [0, 1]


async def test_hit_has_no_attempt():
    """The upstream wasn't asked."""
    hit = row("h")

    assert await Attempts(Journal([])).of([hit]) == []
    assert hit["attempts"] == 0


async def test_unknown_attempts_stay_unknown():
    """A hosted gateway tells nothing, and a call without a log row can't be matched."""
    journal, hosted = Journal([]), Journal([])
    hosted.kind = "cloudflare"
    lost, told = row(None), row("x")

    await Attempts(journal).of([lost])
    await Attempts(hosted).of([told])

    assert lost["attempts"] is None
    assert told["attempts"] is None


async def test_journal_that_cannot_be_read_leaves_attempts_unknown():
    """Not knowing is no zero: a call that was answered had an attempt, or came from the cache."""
    asked = row("x")

    assert await Attempts(Journal(None)).of([asked]) == []
    assert asked["attempts"] is None
