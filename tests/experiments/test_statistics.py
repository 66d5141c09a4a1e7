"""Intervals cover what they promise, and small samples say that they are small."""

from math import inf

import numpy as np
import pytest

from gateway.experiments import statistics


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize(("p", "n"), [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368), (0.999, 3688)])
def test_least_sample_of_a_quantile(p, n):
    """Below it there is no two-sided interval."""
    assert statistics.least_n(p) == n
    assert statistics.quantile(np.arange(n), p).bounded
    assert not statistics.quantile(np.arange(n - 1), p).bounded


def test_ranks_of_the_p99():
    """A thousand values: ranks 983 and 997."""
    assert statistics.quantile_ranks(1000, 0.99) == (983, 997)


def test_quantile_of_few_values_has_no_upper_end():
    """The figure is shown with its reason, not with a made-up interval."""
    found = statistics.quantile([1, 2, 3], 0.99)

    assert found.high == inf
    assert found.n == 3


def test_quantile_intervals_cover(rng):
    """At least 95 of 100 intervals hold the true p90."""
    samples = rng.lognormal(size=(400, 100))
    true = np.exp(1.2815515655446004)

    found = [statistics.quantile(sample, 0.9) for sample in samples]

    assert np.mean([e.low <= true <= e.high for e in found]) >= 0.93


def test_missing_values_are_left_out():
    """A request that never had a first token has no TTFT."""
    assert statistics.quantile([1, np.nan, 3], 0.5).n == 2


@pytest.mark.parametrize("call", [statistics.quantile, lambda values, _: statistics.rate(0, 0)])
def test_nothing_measured_is_refused(call):
    """An interval of no values would be made up."""
    with pytest.raises(ValueError, match="at least one"):
        call([], 0.5)


def test_rate_of_rare_events():
    """Wilson's interval of 1 in 50 doesn't reach below 0."""
    found = statistics.rate(1, 50)

    assert (found.low, found.high) == pytest.approx((0.0035, 0.105), abs=5e-4)


def test_one_repetition_has_no_interval():
    """Its mean is known, its spread isn't."""
    found = statistics.mean_of_repetitions([5])

    assert found.value == 5
    assert not found.bounded


def test_batch_means_are_wider_where_values_depend_on_each_other(rng):
    """Hits come in runs: blocks see it, independent intervals don't."""
    runs = np.repeat(rng.random(60) < 0.7, 50)

    blocks = statistics.batch_means(np.arange(3000.0), runs, block_s=300)
    naive = statistics.rate(int(runs.sum()), 3000)

    assert blocks.value == pytest.approx(runs.mean())
    assert blocks.high - blocks.low > 3 * (naive.high - naive.low)


def test_pairs_show_what_unpaired_samples_hide(rng):
    """A shift of 10 % under a spread of 70 % between prompts."""
    prompts = rng.normal(0, 0.7, 60)
    base = np.exp(prompts + rng.normal(0, 0.2, 60))
    slower = 1.1 * np.exp(prompts + rng.normal(0, 0.2, 60))

    paired = statistics.paired_ratio(slower, base)

    assert paired.low > 1
    assert paired.value == pytest.approx(1.1, rel=0.08)
    assert statistics.compare(slower, base).p > 0.05


def test_few_pairs_use_t(rng):
    """The bootstrap covers too little below sixty pairs."""
    sample = rng.lognormal(size=100)

    assert statistics.paired_ratio(sample[:20] * 2, sample[:20]).method == "paired_t"
    assert statistics.paired_ratio(sample * rng.lognormal(size=100), sample).method == (
        "paired_bootstrap"
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "words"), [([1, 2], [1], "equal lengths"), ([0, 1], [1, 1], "above 0")]
)
def test_pairs_that_are_none_are_refused(ours, theirs, words):
    """A ratio needs two positive values."""
    with pytest.raises(ValueError, match=words):
        statistics.paired_ratio(ours, theirs)


def test_effect_is_the_chance_to_be_faster():
    """All of the first are below all of the second."""
    assert statistics.compare([1, 2, 3], [4, 5, 6]).effect == 1
    assert statistics.compare([4, 5, 6], [1, 2, 3]).effect == 0


@pytest.mark.parametrize(("times", "pairs"), [(1.05, 668), (1.10, 175), (1.20, 48)])
def test_pairs_needed(times, pairs):
    """80 % power at a spread of .45."""
    assert statistics.pairs_needed(times, 0.45) == pairs


def test_no_pairs_show_no_difference():
    """Asked for a difference of nothing, it says so."""
    with pytest.raises(ValueError, match="0 %"):
        statistics.pairs_needed(1, 0.45)


def test_equivalence_needs_evidence(rng):
    """Failing to find a difference isn't a finding."""
    assert statistics.equivalent(rng.normal(0, 1, 500), 0.3).shown
    assert not statistics.equivalent(rng.normal(0, 1, 5), 0.3).shown
    assert not statistics.equivalent(rng.normal(1, 1, 500), 0.3).shown
    assert statistics.equivalent([0.1, 0.1], 0.3).shown


def test_family_of_comparisons():
    """Holm steps down; the false discovery rate is milder."""
    assert statistics.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert statistics.exploratory([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])
    assert statistics.exploratory([]) == []


@pytest.mark.parametrize(("looks", "bound"), [(1, 1.960), (5, 2.413), (20, 2.672)])
def test_looking_often_needs_a_higher_bar(looks, bound):
    """Pocock's constants."""
    assert statistics.sequential_bound(looks) == pytest.approx(bound, abs=6e-4)


def test_outliers_are_flagged_on_the_log_scale(rng):
    """A lognormal sample has hardly any, a stall is one."""
    clean = rng.lognormal(sigma=0.8, size=20_000)

    assert statistics.outliers(clean).mean() < 0.002
    assert statistics.outliers([*clean[:100], 5000, np.nan])[-2:].tolist() == [True, False]
    assert not statistics.outliers([np.nan, np.nan]).any()


def test_drift_over_time(rng):
    """A run that gets slower is told from one that doesn't."""
    times = np.arange(200.0)

    assert statistics.slope_over_time(times, 1 + times / 100) < 1e-6
    assert statistics.slope_over_time(times, rng.random(200)) > 0.01
    assert statistics.slope_over_time([1, 2], [1, 2]) is None


@pytest.mark.parametrize(
    ("z", "colour"), [(0, "green"), (-1.99, "green"), (2, "amber"), (-4, "red"), (inf, "red")]
)
def test_badge(z, colour):
    """Red says that the model doesn't describe this gateway."""
    assert statistics.badge(z) == colour


def test_exact_prediction_is_met_or_missed():
    """A prediction without an error has no shades."""
    assert statistics.z_score(5, 5, 0) == 0
    assert statistics.z_score(6, 5, 0) == inf
    assert statistics.z_score(4, 5, 0) == -inf
    assert statistics.z_score(6, 5, 0.5) == 2
