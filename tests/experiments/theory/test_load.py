"""Formulas Q1 to Q6 give the figures that an independent simulation gave."""

import pytest

from gateway.experiments.theory import load


@pytest.mark.parametrize(
    ("rate", "fixed", "sliding", "counting_all"),
    [(1, 0.94857, 0.90373, 0.48283), (2, 0.500, 0.492, 0.0)],
)
def test_limiters_let_different_shares_through(rate, fixed, sliding, counting_all):
    """Q1 to Q3: 60 per 60 s."""
    assert load.accepted_fixed(rate, 60, 60) == pytest.approx(fixed, abs=5e-4)
    assert load.accepted_sliding(rate, 60, 60) == pytest.approx(sliding, abs=5e-4)
    assert load.accepted_sliding_counting_all(rate, 60, 60) == pytest.approx(counting_all, abs=5e-4)


def test_limit_of_one():
    """One a minute lets exactly the first request of each window through."""
    assert load.accepted_fixed(1 / 60, 1, 60) == pytest.approx(1 - 0.36788, abs=1e-5)


def test_closed_loop_has_a_knee():
    """Q4: E13's sweep."""
    loops = [load.closed_loop(n, 8, 0.5) for n in (1, 2, 4, 8, 16, 32)]

    assert [loop.throughput_s for loop in loops] == pytest.approx([2, 4, 8, 16, 16, 16])
    assert [loop.latency_s for loop in loops] == pytest.approx([0.5, 0.5, 0.5, 0.5, 1, 2])
    assert load.knee(8, 0.5) == 8
    assert load.knee(8, 0.5, think_s=0.5) == 16


def test_closed_loop_of_exponential_times():
    """Q4: ten clients, four slots."""
    loop = load.closed_loop_exponential(10, 4, 0.5, 1)

    assert loop.throughput_s == pytest.approx(6.286, abs=5e-4)
    assert loop.latency_s == pytest.approx(0.5908, abs=5e-4)
    with pytest.raises(ValueError, match="above 0"):
        load.closed_loop_exponential(10, 4, 0.5, 0)


def test_open_loop_waits():
    """Q4: M/M/4 at 6/s."""
    assert load.open_loop_wait_s(6, 4, 0.5) == pytest.approx(0.2547, abs=5e-5)
    with pytest.raises(ValueError, match="never fit"):
        load.open_loop_wait_s(8, 4, 0.5)


def test_stream_takes_as_long_as_the_whole():
    """Q5."""
    assert load.stream_s(0.4, 0.02, 100) == pytest.approx(2.38)


@pytest.mark.parametrize(("messages", "saved_ms"), [(1, -40), (10, 68), (100, 78.8)])
def test_socket_pays_off_with_messages(messages, saved_ms):
    """Q6: 40 ms round trips, TLS 1.3."""
    assert load.socket_saving_s(0.04, messages) * 1000 == pytest.approx(saved_ms)
