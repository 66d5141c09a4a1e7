"""A generator that was late or slow is told so; one that kept time isn't."""

import pytest

from gateway.experiments.honesty import honesty
from gateway.experiments.rows import table


def sent(moments, *, late_ms=0.0, e2e_ms=100.0, spacing_s=1.0):
    """Return requests that were due every ``spacing_s`` seconds and sent at their moments."""
    return table(
        [
            {
                "variant_id": "a",
                "t_plan_s": i * spacing_s,
                "t_send_s": at,
                "dispatch_delay_ms": late_ms,
                "e2e_ms": e2e_ms,
            }
            for i, at in enumerate(moments)
        ]
    )


def test_punctual_generator_is_believed():
    """Nothing to refuse, and the rate is what was planned."""
    found = honesty(sent(range(101)), scale=1.0)

    assert found.refused == ()
    assert found.rate_share == 1.0
    assert found.achieved_rate == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("late_ms", "e2e_ms", "scale", "refused"),
    [
        (4.9, 100.0, 1.0, False),
        (5.1, 100.0, 1.0, True),
        (9.9, 1000.0, 1.0, False),
        (10.1, 1000.0, 1.0, True),
        (490.0, 100.0, 100.0, False),
    ],
)
def test_lateness_is_refused_beyond_its_bound(late_ms, e2e_ms, scale, refused):
    """5 ms, or 1 % of the median latency; on our clock, whatever the gateway's does."""
    found = honesty(sent(range(101), late_ms=late_ms, e2e_ms=e2e_ms), scale=scale)

    assert bool(found.refused) == refused


def test_slow_generator_is_refused():
    """A hundred seconds' plan took 102."""
    found = honesty(sent([1.02 * i for i in range(101)]), scale=1.0)

    assert found.rate_share == pytest.approx(1 / 1.02)
    assert "98.0 % of the planned rate" in found.refused[0]


def test_closed_loop_has_no_moments_to_miss():
    """It is as fast as its answers; only Little's law can be held against it."""
    found = honesty(sent([2.0 * i for i in range(11)], late_ms=50), scale=1.0, open_loop=False)

    assert found.refused == ()
    assert found.dispatch_p99_ms is None


def test_littles_law_is_checked():
    """Ten calls of 100 ms in 10 s: 0.1 under way; 0.11 is off by a tenth."""
    found = honesty(sent(range(10)), scale=1.0, mean_in_flight=0.11, elapsed_s=10.0)

    assert found.little_error == pytest.approx(0.01 / 0.11)


def test_nothing_sent_is_nothing_known():
    """No figure is made up."""
    found = honesty(sent([]), scale=1.0)

    assert (found.achieved_rate, found.dispatch_p99_ms, found.refused) == (None, None, ())


def test_clocks_of_workers_that_may_be_off_count_as_late():
    """4 ms of delay on a clock that is sure to 2 ms may have been 6."""
    late = sent(range(101), late_ms=4.0)

    sure = honesty(late, scale=1.0)
    unsure = honesty(late, scale=1.0, workers=2, clock_error_ms=2.0)

    assert sure.refused == ()
    assert unsure.dispatch_p99_ms == pytest.approx(6.0)
    assert "6.0 ms or more after its moment" in unsure.refused[0]
    assert (unsure.workers, unsure.clock_error_ms) == (2, 2.0)
