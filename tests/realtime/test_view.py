"""view: when an answer is on its way."""

import pytest

from gateway.realtime import Said, View

OPEN = View(state="open", version=0, sentence="", said=(), events=(), dropped=0)


@pytest.mark.parametrize(
    ("said", "running"),
    [
        (Said(ours=True, text="Hi"), False),
        (Said(ours=False), True),
        (Said(ours=False, ended_s=1.0), False),
    ],
)
def test_only_an_answer_without_an_end_runs(said, running):
    """Our own messages are whole at once."""
    view = View(state="open", version=1, sentence="", said=(said,), events=(), dropped=0)

    assert said.running is running
    assert view.answering is running


def test_closed_session_answers_nothing_more():
    """Whatever was on its way."""
    view = View(
        state="closed", version=1, sentence="", said=(Said(ours=False),), events=(), dropped=0
    )

    assert not view.answering
    assert not OPEN.answering
