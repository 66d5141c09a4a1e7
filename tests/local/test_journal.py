"""journal: the newest attempts, and how each ended."""

from gateway.local.journal import Attempt, Journal


def attempt(number, request="r"):
    return Attempt(
        request_id=request,
        log_id=f"{request}-{number}",
        provider="openai",
        model="m",
        path="chat/completions",
        step=0,
        attempt=number,
        simulated=True,
        wait_before_s=0.0,
        started_s=float(number),
    )


def test_attempts_are_found_by_request_row_and_state():
    """A reload must leave no open attempt: tests look for exactly that."""
    journal = Journal()
    first, second = attempt(1), attempt(2, "q")
    journal.add(first)
    journal.add(second)
    second.end(9.0, "aborted", "the client went away")

    assert journal.find() == [first, second]
    assert journal.find(request_id="r") == journal.find(request_id="r-1") == [first]
    assert journal.find(state="open") == [first]
    assert journal.find(limit=1) == [second]
    assert journal.find(since_s=second.started_s + 1) == []


def test_an_ended_attempt_stays_as_it_ended():
    """Cleaning up after an abort must not turn it into a success."""
    row = attempt(1)
    row.end(2.0, "aborted", "gone")
    row.end(3.0, "done")

    assert (row.state, row.ended_s, row.cause) == ("aborted", 2.0, "gone")


def test_journal_is_bounded_and_can_be_cleared():
    """A long run doesn't fill the memory."""
    journal = Journal(kept=2)
    for number in (1, 2, 3):
        journal.add(attempt(number))

    assert [row.attempt for row in journal.find()] == [2, 3]
    journal.clear()
    assert journal.find() == []
