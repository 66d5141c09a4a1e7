"""Formulas R1 to R13 give the figures that an independent simulation gave."""

import pytest

from gateway.experiments.theory import retries


def test_attempts_and_success():
    """R1 at p = .7, five tries."""
    assert retries.success(0.7, 5) == pytest.approx(0.99757)
    assert retries.attempts(0.7, 5) == pytest.approx(1.4251)
    assert retries.attempts(0, 5) == 5
    assert retries.attempts_law(0.7, 5).sum() == pytest.approx(1)
    assert retries.attempts_law(0.7, 5)[-1] == pytest.approx(0.3**4)


@pytest.mark.parametrize(
    ("backoff", "waits"),
    [("constant", [1, 1, 1, 1]), ("linear", [1, 2, 3, 4]), ("exponential", [1, 2, 4, 8])],
)
def test_waits(backoff, waits):
    """R2: linear and exponential part at the third wait."""
    assert list(retries.waits_s(backoff, 1, 5)) == waits


@pytest.mark.parametrize("backoff", ["constant", "linear", "exponential"])
def test_expected_wait_has_a_closed_form(backoff):
    """R3 against its closed forms at q = .3, n = 5, d = 2."""
    q, n, d = 0.3, 5, 2
    closed = {
        "constant": d * q * (1 - q ** (n - 1)) / (1 - q),
        "linear": d * q * (1 - n * q ** (n - 1) + (n - 1) * q**n) / (1 - q) ** 2,
        "exponential": d * q * (1 - (2 * q) ** (n - 1)) / (1 - 2 * q),
    }

    assert retries.expected_wait_s(1 - q, backoff, d, n) == pytest.approx(closed[backoff])


def test_staircase():
    """R4: E07's cell p = .7, n = 3, exponential."""
    stairs = retries.staircase(0.7, "exponential", 0.5, 3, good_s=0.8, failed_s=0.3)

    assert [stair.latency_s for stair in stairs] == pytest.approx([0.8, 1.6, 2.9, 2.4])
    assert [stair.ok for stair in stairs] == [True, True, True, False]
    assert sum(stair.probability for stair in stairs) == pytest.approx(1)


@pytest.mark.parametrize(
    ("backoff", "mean"), [("constant", 1.1389), ("linear", 1.2230), ("exponential", 1.2527)]
)
def test_mean_latency(backoff, mean):
    """R5, and the same as the staircase's own mean."""
    terms = {"good_s": 0.8, "failed_s": 0.3}
    stairs = retries.staircase(0.7, backoff, 0.5, 5, **terms)

    assert retries.latency_s(0.7, backoff, 0.5, 5, **terms) == pytest.approx(mean, abs=5e-5)
    assert sum(s.latency_s * s.probability for s in stairs) == pytest.approx(mean, abs=5e-5)


def test_last_attempt_without_timeout_saves_requests():
    """R6."""
    assert retries.success_timed(0.1, 0.760, 3) == pytest.approx(0.9900, abs=5e-5)
    assert retries.success_timed(0.1, 0.760, 3, last_untimed=False) == pytest.approx(
        0.9685, abs=6e-5
    )


def test_fallback_chain():
    """R7."""
    assert retries.step_shares([0.7, 0.9, 0.99]) == pytest.approx([0.7, 0.27, 0.0297])
    assert retries.availability([0.7, 0.9, 0.99]) == pytest.approx(0.9997)


@pytest.mark.parametrize(("timeout", "mean"), [(0.3, 0.7313), (0.8, 0.7632), (2, 0.7918)])
def test_timeout_then_fallback(timeout, mean):
    """R8: E09's chain."""
    assert retries.timeout_then_fallback_s(0.8, timeout, 0.7) == pytest.approx(mean, abs=5e-5)


@pytest.mark.parametrize(
    ("backoff", "share"), [("constant", 0.24), ("linear", 0.54), ("exponential", 0.79)]
)
def test_only_the_span_outlives_an_outage(backoff, share):
    """R9: n = 5, d = .5 s, f = .1 s, 10 s."""
    span = retries.span_s(backoff, 0.5, 5, 0.1)

    assert retries.rescued(span, 10) == pytest.approx(share)
    assert retries.rescued(30, 10) == 1
    assert retries.rescued(15.6, 10, exponential=True) == pytest.approx(0.790, abs=5e-4)


@pytest.mark.parametrize(("tries", "amplified"), [(1, 1), (3, 2.42), (5, 3.8625)])
def test_retries_quadruple_the_load_and_buy_nothing(tries, amplified):
    """R10 at twice the capacity."""
    storm = retries.overload(200, 100, tries)

    assert storm.amplification == pytest.approx(amplified, abs=5e-3)
    assert storm.goodput_s == 100
    assert storm.success == 0.5
    assert retries.overload(50, 100, tries).amplification == 1


def test_layers_multiply():
    """R11: three tries of an SDK around five of a gateway."""
    assert retries.layered_attempts(0.2, 5, 3) == pytest.approx(4.8241, abs=5e-5)


def test_storms_have_a_point_of_no_return():
    """R12: at 4/s a stable point, an unstable one, and the collapse; at 7/s only the collapse."""
    calm = retries.storm_points(4, 10, 3, 1)

    assert [point for point, _ in calm] == pytest.approx([4.01, 9.78, 12], abs=0.01)
    assert [stable for _, stable in calm] == [True, False, True]
    assert retries.storm_points(7, 10, 3, 1) == ((21, True),)
    assert [stable for _, stable in retries.storm_points(3, 10, 3, 1)] == [True]


def test_hedge():
    """R13: both must be slow."""
    assert retries.hedged_tail(0.05, 0.226) == pytest.approx(0.0113)
