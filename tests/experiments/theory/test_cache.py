"""Formulas C1 to C13 give the figures that an independent simulation gave."""

import numpy as np
import pytest

from gateway.experiments.theory import cache


@pytest.mark.parametrize(
    ("arrivals", "plain", "refreshed"),
    [(0.3, 0.231, 0.259), (1, 0.5, 0.632), (3, 0.75, 0.950), (10, 0.909, 1.0)],
)
def test_one_key_follows_the_law_of_its_kind(arrivals, plain, refreshed):
    """C1 and C2 differ enough to tell them apart."""
    assert cache.hit_ratio(arrivals, 1) == pytest.approx(plain, abs=6e-4)
    assert cache.hit_ratio_refreshed(arrivals, 1) == pytest.approx(refreshed, abs=6e-4)


@pytest.mark.parametrize(("spacing", "ratio"), [(7, 8 / 9), (13, 4 / 5), (25, 2 / 3), (61, 0)])
def test_paced_requests_hit_between_misses(spacing, ratio):
    """C3."""
    assert cache.hit_ratio_paced(spacing, 60) == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("kind", "burstiness", "ratio"),
    [("gamma", 0.25, 0.6325), ("poisson", 1, 0.6318), ("gamma", 1, 0.6318), ("paced", 1, 0.6314)],
)
def test_burstiness_hardly_matters_for_many_keys(kind, burstiness, ratio):
    """C4: Zipf(500), 5/s, 60 s."""
    shares = cache.zipf(500, 1)

    expected = cache.arrivals_in_ttl(5, 60, kind, burstiness=burstiness)

    assert (shares * cache.hit_ratios_renewal(shares, expected)).sum() == pytest.approx(
        ratio, abs=1e-4
    )


def test_many_keys_mix():
    """C5: Zipf(1000), 20/s, 60 s."""
    assert cache.hit_ratio_mixture(cache.zipf(1000, 1), 20, 60) == pytest.approx(0.73594, abs=1e-5)


def test_rare_dear_prompts_pull_the_cost_weighted_ratio_down():
    """C5 with weights: the ratio by cost isn't the ratio by requests."""
    shares = cache.zipf(1000, 1)
    dear = np.where(np.arange(1000) < 100, 1, 10)

    assert cache.hit_ratio_mixture(shares, 20, 60, weights=dear) < cache.hit_ratio_mixture(
        shares, 20, 60
    )


@pytest.mark.parametrize(("rate", "window", "misses"), [(0.05, 300, 4.0272), (0.3, 150, 2.99377)])
def test_cold_start_misses(rate, window, misses):
    """C6."""
    assert cache.misses_cold(rate, 60, window) == pytest.approx(misses, abs=1e-4)


@pytest.mark.parametrize(
    ("ttl", "steady", "cold", "filled"),
    [
        (60, 0.7303, 0.7270, 0.7119),
        (120, 0.8160, 0.8105, 0.8013),
        (300, 0.9017, 0.8932, 0.8887),
        (600, 0.9438, 0.9360, 0.9335),
    ],
)
def test_zipf_demo_from_cold(ttl, steady, cold, filled):
    """C5, C6 and C8c on the workload of E04: Zipf(200), 5/s, 1200 s, fill 1.5 s."""
    shares = cache.zipf(200, 1)

    assert cache.hit_ratio_mixture(shares, 5, ttl) == pytest.approx(steady, abs=6e-5)
    assert cache.hit_ratio_cold(shares, 5, ttl, 1200) == pytest.approx(cold, abs=6e-5)
    assert cache.hit_ratio_cold(shares, 5, ttl, 1200, fill_s=1.5) == pytest.approx(filled, abs=6e-5)


def test_draws_find_distinct_keys():
    """C6 for a fixed number of draws: 50 intents with 4 wordings, 400 draws (E05)."""
    assert 1 - cache.distinct_keys(np.full(200, 1 / 200), 400) / 400 == pytest.approx(
        0.5673, abs=5e-5
    )


def test_constant_rate_is_a_case_of_a_varying_one():
    """C7 agrees with C6 where the rate stands still."""
    varying = cache.misses_varying(lambda t: np.full_like(t, 0.3), 60, 150)

    assert varying == pytest.approx(2.99377, abs=2e-3)


@pytest.mark.parametrize(
    ("rate", "ttl", "fill", "first", "restart", "single"),
    [(5, 60, 2, 0.9646, 0.9656, 0.9968), (0.05, 60, 5, 0.70588, 0.70786, 0.76471)],
)
def test_fills_take_time(rate, ttl, fill, first, restart, single):
    """C8: without coalescing a hot key can't exceed about T/(T+D)."""
    ratios = [cache.hit_ratio_fill(rate, ttl, fill, rule) for rule in ("first", "restart")]

    assert ratios == pytest.approx([first, restart], abs=6e-5)
    assert cache.hit_ratio_fill(rate, ttl, fill, "single_flight") == pytest.approx(single, abs=6e-5)


def test_evictions_are_estimated_from_a_measured_ratio():
    """C9, forwards and backwards."""
    life = cache.effective_ttl_s(60, 1 / 90)
    measured = float(cache.hit_ratio(0.05, life))

    assert measured == pytest.approx(0.68648, abs=1e-5)
    assert cache.eviction_rate(measured, 0.05, 60) == pytest.approx(1 / 90, rel=1e-6)
    assert cache.eviction_rate(0.8, 0.05, 60) is None
    assert cache.effective_ttl_s(60, 0) == 60


def test_locations_split_the_hits():
    """C10: four locations of equal traffic."""
    split = cache.hit_ratio_locations(cache.zipf(1000, 1), 20, 60, [0.25] * 4)

    assert split == pytest.approx(0.56659, abs=1e-5)


@pytest.mark.parametrize(("policy", "ratio"), [("lru", 0.58674), ("fifo", 0.53940)])
def test_small_caches_evict(policy, ratio):
    """C11: 10,000 keys, room for 500."""
    assert cache.hit_ratio_capacity(cache.zipf(10_000, 1), 1, 500, policy) == pytest.approx(
        ratio, abs=1e-5
    )


def test_cache_with_room_for_all_is_refused():
    """Nothing is ever evicted, so there is no characteristic time."""
    with pytest.raises(ValueError, match="below the number of keys, 3"):
        cache.hit_ratio_capacity([0.5, 0.3, 0.2], 1, 3, "lru")


def test_hits_do_not_move_the_p99():
    """C12: at 60 % hits the p99 is the 97.5 % point of the misses."""
    assert cache.quantile_among_misses(0.99, 0.6) == pytest.approx(0.975)
    assert cache.quantile_among_misses(0.5, 0.6) is None


def test_standard_errors():
    """C13: smaller than the binomial error."""
    binomial = np.sqrt(0.75 * 0.25 / 400)

    assert cache.hit_ratio_se(3, 1, 400) == pytest.approx(binomial * np.sqrt(0.25))
    # Zipf(1000), 20/s, 60 s: 0.00159 at the window whose binomial error is 0.00232.
    shares = cache.zipf(1000, 1)
    ratio = cache.hit_ratio_mixture(shares, 20, 60)
    window = ratio * (1 - ratio) / 0.00232**2 / 20
    assert cache.hit_ratio_mixture_se(shares, 20, 60, window) == pytest.approx(0.00159, abs=2e-5)


def test_live_entries_are_those_that_can_be_hit():
    """C5: one key that is nearly always there, one that nearly never is."""
    assert cache.live_entries([0.999999, 0.000001], 100, 60) == pytest.approx(1.0058, abs=1e-3)
