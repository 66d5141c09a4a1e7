"""Plans at internet scale agree with the exact sums, and say when retries can collapse."""

import numpy as np
import pytest

from gateway.experiments import planner
from gateway.experiments.theory import cache

TEN_MILLION = planner.zipf_bins(10**7, 1.0)


@pytest.mark.parametrize("exponent", [0.8, 1.0, 1.2])
def test_bins_stand_for_the_exact_sum(exponent):
    """A million keys in 2,500 numbers."""
    exact = cache.hit_ratio_mixture(cache.zipf(10**6, exponent), 100, 300)

    assert planner.hit_ratio(planner.zipf_bins(10**6, exponent), 100, 300) == pytest.approx(
        exact, abs=5e-6
    )


@pytest.mark.parametrize(
    ("per_day", "ratios"),
    [
        (1e6, [0.259, 0.354, 0.503, 0.693, 0.887]),
        (1e7, [0.396, 0.492, 0.641, 0.828, 0.974]),
        (1e8, [0.534, 0.630, 0.778, 0.941, 0.997]),
        (1e9, [0.671, 0.767, 0.904, 0.991, 1.000]),
    ],
)
def test_hit_ratio_by_traffic_and_ttl(per_day, ratios):
    """Ten million prompts by Zipf's law; an entry lives a minute to thirty days."""
    ttls = [60, 300, 3600, 86_400, 30 * 86_400]

    points = planner.plan(planner.Workload(popularity=TEN_MILLION), [per_day], ttls)

    assert [point.hit_ratio for point in points] == pytest.approx(ratios, abs=1.1e-3)


def test_live_entries_after_an_hour():
    """2.1e4 entries at a million requests a day."""
    (point,) = planner.plan(planner.Workload(popularity=TEN_MILLION), [1e6], [3600])

    assert point.live_entries == pytest.approx(2.1e4, rel=0.02)
    assert point.origin_rps == pytest.approx(1e6 / 86_400 * (1 - point.hit_ratio))


def test_day_with_a_swing():
    """A sinusoidal day of +-80 %: .7324, where the mean rate alone would say .7186."""
    law = planner.zipf_bins(10**5, 1.0)
    calm = planner.Workload(popularity=law)
    swinging = planner.Workload(popularity=law, daily_swing=0.8)

    (level,), (point,) = (planner.plan(w, [1e6], [3600]) for w in (calm, swinging))

    assert point.origin_peak_rps > point.origin_rps * 1.3
    assert abs(point.hit_ratio - level.hit_ratio) < 0.02


def test_p99_stays_with_the_misses():
    """C12: unless more than 99 % hit."""
    slow = planner.Workload(
        popularity=TEN_MILLION, hit_ms=5, miss_ms=tuple(np.linspace(500, 1500, 101))
    )

    few, many = planner.plan(slow, [1e7], [300])[0], planner.plan(slow, [1e9], [30 * 86_400])[0]

    assert few.p99_ms > 1400
    assert many.p99_ms == 5


def test_money_and_attempts():
    """Only misses cost, and each costs as many attempts as R1 says."""
    dear = planner.Workload(popularity=TEN_MILLION, cost_usd=0.001, p=0.7, tries=5)

    (point,) = planner.plan(dear, [1e6], [3600])

    assert point.cost_nocache_usd == pytest.approx(1000)
    assert point.cost_usd == pytest.approx(1000 * (1 - point.hit_ratio))
    assert point.attempts_per_day == pytest.approx(1e6 * (1 - point.hit_ratio) * 1.4251, rel=1e-4)
    assert 1 - point.availability == pytest.approx((1 - point.hit_ratio) * 0.3**5)


def test_never_repeating_prompts_never_hit():
    """Forty in a hundred can't be in any cache, yet they fill it."""
    law = planner.zipf_bins(10**4, 0.9, unique=0.4)

    (point,) = planner.plan(planner.Workload(popularity=law), [1e9], [30 * 86_400])

    assert point.hit_ratio == pytest.approx(0.6, abs=1e-3)
    assert point.live_entries > 1e9


def test_limit_lets_less_through():
    """Q2: a minute's limit of the minute's mean."""
    limited = planner.Workload(popularity=TEN_MILLION, limit=60, limit_window_s=60)

    (point,) = planner.plan(limited, [86_400], [60])

    assert point.accepted == pytest.approx(0.90373, abs=1e-5)


@pytest.mark.parametrize(("capacity", "stable", "margin"), [(None, None, None), (1e6, True, None)])
def test_retries_that_cannot_collapse(capacity, stable, margin):
    """Unknown stays unknown; more room than all tries of all is a promise."""
    workload = planner.Workload(popularity=TEN_MILLION, p=0.9, tries=3, upstream_rps=capacity)

    (point,) = planner.plan(workload, [1e6], [300])

    assert (point.stable, point.margin_rps) == (stable, margin)


def test_retries_that_can_collapse_show_their_margin():
    """R12: four misses a second, room for ten, three tries of a second each."""
    law = planner.zipf_bins(10, 1.0, unique=1.0)
    workload = planner.Workload(popularity=law, tries=3, upstream_rps=10, miss_ms=(1000.0,))

    (point,) = planner.plan(workload, [4 * 86_400], [60])

    assert point.stable is False
    assert point.margin_rps == pytest.approx(9.78, abs=0.01)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"p": 0}, "p must be above 0"),
        ({"tries": 6}, "tries must be from 1 to 5"),
        ({"locations": (0.5, 0.6)}, "locations must add up to 1"),
        ({"miss_ms": ()}, "miss_ms needs at least one latency"),
        ({"daily_swing": 1.0}, "daily_swing must be from 0"),
    ],
)
def test_impossible_workload_is_refused(values, words):
    """The sentence names the field and what would be accepted."""
    with pytest.raises(ValueError, match=words):
        planner.Workload(popularity=TEN_MILLION, **values)


def test_impossible_plan_is_refused():
    """A rate of nothing has no hit ratio."""
    with pytest.raises(ValueError, match="above 0"):
        planner.plan(planner.Workload(popularity=TEN_MILLION), [0], [60])
    with pytest.raises(ValueError, match="at least one prompt"):
        planner.zipf_bins(0, 1.0)
    with pytest.raises(ValueError, match="from 0 to 1"):
        planner.zipf_bins(10, 1.0, unique=1.5)
