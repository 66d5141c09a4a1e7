"""comparison: who was the fastest and the cheapest, and how far the others are from the first."""

from gateway.evidence import Marks, Paired, marks_of, paired
from tests.evidence.exchanges import answered, failed


def test_fastest_and_cheapest_are_marked_and_the_rest_measured():
    """Differences are to the first column: below 0 is faster."""
    marks = marks_of(
        {
            4: answered(arrivals=[0.5], end_s=2.0, usd=0.1),
            7: answered(arrivals=[0.25], end_s=1.0, usd=0.2),
        }
    )

    assert marks == {
        4: Marks(cheapest=True),
        7: Marks(fastest=True, total_ms=-1000.0, ttft_ms=-250.0),
    }


def test_equals_are_not_marked():
    """Where all cost the same, none is the cheapest; the same holds for one alone."""
    marks = marks_of({0: answered(usd=0.0), 1: answered(usd=0.0), 2: failed()})

    assert not any(mark.cheapest or mark.fastest for mark in marks.values())
    assert not marks_of({0: answered(usd=1)})[0].fastest


def test_stopped_and_failed_answers_win_nothing():
    """Half an answer is always quicker."""
    marks = marks_of(
        {0: answered(end_s=2), 1: answered(end_s=0.1, stopped=True), 2: answered(end_s=3)}
    )

    assert marks[0].fastest
    assert (marks[1].fastest, marks[1].total_ms) == (False, None)
    assert marks[2].total_ms == 1000


def test_without_a_first_there_is_no_difference():
    """Its answer failed: nothing to compare with."""
    assert marks_of({0: failed(), 1: answered()})[1] == Marks()


def test_pairs_over_several_turns():
    """Each turn is one pair; a turn without one of the two doesn't count."""
    turns = [
        {0: answered(end_s=1.0), 1: answered(end_s=1.1)},
        {0: answered(end_s=1.0), 1: answered(end_s=1.5)},
        {0: answered(end_s=2.0), 1: answered(end_s=1.9)},
        {0: failed(), 1: answered(end_s=9)},
        {0: answered(end_s=9)},
    ]

    found = paired(turns, 0, 1)

    assert (found.pairs, round(found.median_ms)) == (3, 100)
    assert (round(found.low_ms), round(found.high_ms)) == (-100, 500)


def test_no_pair_no_figure():
    """Nothing is made up."""
    assert paired([{0: failed(), 1: answered()}], 0, 1) is None
    assert paired([{0: answered(end_s=1), 1: answered(end_s=1)}], 0, 1) == Paired(
        pairs=1, median_ms=0, low_ms=0, high_ms=0
    )
