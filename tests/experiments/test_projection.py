"""Projections from a sample are near the truth, or say that they may not be."""

import numpy as np
import pytest

from gateway.experiments import planner, projection
from gateway.experiments.theory import cache

TTL = 300


def drawn(n, *, unique=0.0, exponent=0.9):
    """n keys by Zipf(10,000), a share of them never seen again."""
    rng = np.random.default_rng(5)
    keys = rng.choice(10_000, n, p=cache.zipf(10_000, exponent))
    return np.where(rng.random(n) < unique, 10**6 + np.arange(n), keys)


def test_replay_follows_the_documented_pattern():
    """Ages 0, 30, 59, 61, 90, 122 at a TTL of 60: MHHMHM; a life isn't extended by hits."""
    hits = projection.replay(["k"] * 6, [0, 30, 59, 61, 90, 122], 60)

    assert hits.tolist() == [False, True, True, False, True, False]


def test_replay_keeps_keys_apart():
    """In any order of arrival."""
    hits = projection.replay(["b", "a", "a", "b", "a"], [5, 0, 10, 6, 100], 60)

    assert hits.tolist() == [False, False, True, True, False]
    assert projection.replay([], [], 60).size == 0


def test_replay_agrees_with_a_simple_cache():
    """Twenty thousand requests, one by one."""
    rng = np.random.default_rng(3)
    keys, times = rng.integers(0, 300, 20_000), np.sort(rng.uniform(0, 5000, 20_000))
    expected, written = [], {}
    for key, at in zip(keys, times, strict=True):
        hit = key in written and at < written[key] + 60
        expected.append(hit)
        written[key] = written[key] if hit else at

    assert projection.replay(keys, times, 60).tolist() == expected


@pytest.mark.parametrize("unique", [0.0, 0.4])
def test_projection_near_the_sample_is_near_the_truth(unique):
    """Replay below a fifth of the sample, a fit up to twice its size: within .02."""
    keys = drawn(20_000, unique=unique)
    true = planner.zipf_bins(10_000, 0.9, unique=unique)
    laws = projection.fit(keys)

    found = [projection.project(keys, rate, TTL, laws) for rate in (1e5, 1e6, 1e7)]

    assert [point.tier for point in found] == ["replay", "replay", "fit"]
    for point, rate in zip(found, (1e5, 1e6, 1e7), strict=True):
        exact = planner.hit_ratio(true, rate / planner.DAY_S, TTL)
        assert point.hit_ratio == pytest.approx(exact, abs=0.02)


def test_projection_far_away_is_a_band():
    """With prompts that may never repeat, one line would be dishonest."""
    keys = drawn(20_000, unique=0.4)

    far = projection.project(keys, 1e8, TTL, projection.fit(keys))

    assert far.tier == "band"
    assert far.high - far.low > 0.1
    assert (
        far.low
        < planner.hit_ratio(planner.zipf_bins(10_000, 0.9, unique=0.4), 1e8 / planner.DAY_S, TTL)
        < far.high
    )


def test_few_requests_fit_no_law():
    """It says how many it needs."""
    with pytest.raises(ValueError, match="at least 100 requests, not 3"):
        projection.fit(["a", "b", "a"])
