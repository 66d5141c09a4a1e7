"""What a sample allows one to say: intervals, differences and verdicts.

Rules of thumb that the functions keep: quantiles get order-statistic intervals (a bootstrap
under-covers tails), rates get Wilson's, hit ratios batch means (hits depend on each other),
differences are paired on log latency, and "no slower" is an equivalence test with a margin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, isclose, isnan, log, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]
CiMethod = Literal["order_stat", "wilson", "batch_means", "t_reps", "paired_t", "paired_bootstrap"]
Badge = Literal["green", "amber", "red"]

OUTLIER = 5.19
"""|x - median| / MAD on log latency beyond which a value is flagged (Iglewicz-Hoaglin 3.5)."""
FEW_PAIRS = 60
"""Below this many pairs the t interval covers better than the bootstrap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its interval.

    Attributes:
        low: Lower end; ``-inf`` where the sample is too small to give one.
        high: Upper end; ``inf`` where the sample is too small to give one.
    """

    value: float
    low: float
    high: float
    n: int
    method: CiMethod
    conf: float = 0.95

    @property
    def bounded(self) -> bool:
        """Whether the sample was large enough for both ends."""
        return self.low > -inf and self.high < inf


def quantile(sample: ArrayLike, p: float, *, conf: float = 0.95) -> Estimate:
    """Return a quantile (linear interpolation) with its order-statistic interval.

    Raises:
        ValueError: The sample is empty.
    """
    values = np.sort(_finite(sample))
    if not values.size:
        raise ValueError("a quantile needs at least one value")
    low, high = quantile_ranks(values.size, p, conf=conf)
    return Estimate(
        value=float(np.quantile(values, p)),
        low=float(values[low - 1]) if low else -inf,
        high=float(values[high - 1]) if high else inf,
        n=values.size,
        method="order_stat",
        conf=conf,
    )


def quantile_ranks(n: int, p: float, *, conf: float = 0.95) -> tuple[int | None, int | None]:
    """Return the ranks (from 1) between which the quantile lies with confidence ``conf``.

    The number of values below the quantile is binomial; ``None`` where no rank is far enough out.
    """
    tail = (1 - conf) / 2
    below = stats.binom(n, p)
    low, high = int(below.ppf(tail)), int(below.ppf(1 - tail)) + 1
    return (low if low >= 1 else None), (high if high <= n else None)


def least_n(p: float, *, conf: float = 0.95) -> int:
    """Return the smallest sample that has a two-sided interval for quantile ``p``."""
    tail = (1 - conf) / 2

    def bounded(n: int) -> bool:
        return None not in quantile_ranks(n, p, conf=conf)

    n = max(1, int(log(tail) / log(max(p, 1 - p))) - 2)
    while not bounded(n):
        n += 1
    return n


def rate(hits: int, n: int, *, conf: float = 0.95) -> Estimate:
    """Return a share of independent events with Wilson's interval.

    Raises:
        ValueError: ``n`` is 0.
    """
    if n <= 0:
        raise ValueError("a rate needs at least one request")
    interval = stats.binomtest(hits, n).proportion_ci(conf, method="wilson")
    return Estimate(
        value=hits / n,
        low=float(interval.low),
        high=float(interval.high),
        n=n,
        method="wilson",
        conf=conf,
    )


def mean_of_repetitions(
    values: ArrayLike, *, conf: float = 0.95, method: CiMethod = "t_reps"
) -> Estimate:
    """Return the mean of independent repetitions with a t interval; one has no interval.

    Raises:
        ValueError: There is no repetition.
    """
    sample = _finite(values)
    if not sample.size:
        raise ValueError("a mean needs at least one value")
    mean = float(sample.mean())
    reach = inf
    if sample.size > 1:
        error = float(sample.std(ddof=1)) / sqrt(sample.size)
        reach = float(stats.t.ppf((1 + conf) / 2, sample.size - 1)) * error
    return Estimate(
        value=mean, low=mean - reach, high=mean + reach, n=sample.size, method=method, conf=conf
    )


def batch_means(
    at_s: ArrayLike, values: ArrayLike, *, block_s: float, conf: float = 0.95
) -> Estimate:
    """Return the mean of one run of dependent values, with an interval over blocks of time.

    Args:
        at_s: When each value was taken.
        block_s: Length of a block; at least three TTLs for hits.
    """
    times, sample = np.asarray(at_s, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if not sample.size:
        raise ValueError("a mean needs at least one value")
    blocks = ((times - times.min()) // block_s).astype(int)
    whole = blocks < max(int((times.max() - times.min()) // block_s), 1)
    means = [sample[whole & (blocks == block)].mean() for block in np.unique(blocks[whole])]
    found = mean_of_repetitions(means, conf=conf, method="batch_means")
    reach = found.high - found.value
    mean = float(sample.mean())
    return Estimate(
        value=mean,
        low=mean - reach,
        high=mean + reach,
        n=sample.size,
        method="batch_means",
        conf=conf,
    )


def paired_ratio(ours: ArrayLike, baseline: ArrayLike, *, conf: float = 0.95) -> Estimate:
    """Return how many times as large ``ours`` is as ``baseline``, pair by pair.

    The geometric mean of the ratios; by t below 60 pairs, by BCa bootstrap (seeded) from there on.

    Raises:
        ValueError: The lengths differ, a value isn't above 0, or there is no pair.
    """
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(baseline, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"pairs need equal lengths, not {a.size} and {b.size}")
    kept = ~(np.isnan(a) | np.isnan(b))
    if (a[kept] <= 0).any() or (b[kept] <= 0).any():
        raise ValueError("a ratio of latencies needs values above 0")
    ratios = np.log(a[kept]) - np.log(b[kept])
    method: CiMethod = "paired_t"
    found = mean_of_repetitions(ratios, conf=conf, method=method)
    low, high = found.low, found.high
    if ratios.size >= FEW_PAIRS and np.ptp(ratios) > 0:
        method = "paired_bootstrap"
        drawn = stats.bootstrap(
            (ratios,), np.mean, confidence_level=conf, method="BCa", rng=np.random.default_rng(0)
        )
        low, high = (float(end) for end in drawn.confidence_interval)
    return Estimate(
        value=float(np.exp(found.value)),
        low=float(np.exp(low)),
        high=float(np.exp(high)),
        n=ratios.size,
        method=method,
        conf=conf,
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two unpaired samples.

    Attributes:
        effect: P(a value of the first is below one of the second), ties half.
        p: Two-sided p of the Mann-Whitney test; a footnote beside the effect.
    """

    effect: float
    p: float


def compare(ours: ArrayLike, theirs: ArrayLike) -> Comparison:
    """Compare two unpaired samples by ranks.

    Raises:
        ValueError: One of them is empty.
    """
    a, b = _finite(ours), _finite(theirs)
    if not a.size or not b.size:
        raise ValueError("a comparison needs values on both sides")
    found = stats.mannwhitneyu(a, b, alternative="two-sided")
    return Comparison(1 - float(found.statistic) / (a.size * b.size), float(found.pvalue))


def pairs_needed(times: float, sd_log: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return the pairs that show a ratio of ``times`` with the given power.

    Args:
        sd_log: Standard deviation of the log ratios; from a pilot, else an assumption.

    Raises:
        ValueError: ``times`` is 1: no difference can be shown to be one.
    """
    if times == 1:
        raise ValueError("no number of pairs shows a difference of 0 %")
    z = float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power))
    return int(np.ceil((z * sd_log / log(times)) ** 2))


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Whether a mean lies within a margin around 0 (TOST)."""

    shown: bool
    p: float


def equivalent(differences: ArrayLike, margin: float, *, alpha: float = 0.05) -> Equivalence:
    """Test whether the mean difference lies within ``margin`` on either side of 0.

    Raises:
        ValueError: Fewer than two differences.
    """
    sample = _finite(differences)
    if sample.size < 2:
        raise ValueError("an equivalence test needs at least two differences")
    if np.ptp(sample) == 0:
        inside = abs(float(sample[0])) < margin
        return Equivalence(inside, 0.0 if inside else 1.0)
    above = stats.ttest_1samp(sample, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(sample, margin, alternative="less").pvalue
    p = max(float(above), float(below))
    return Equivalence(p < alpha, p)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for a family of comparisons (Holm's step-down)."""
    order = np.argsort(p_values)
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def exploratory(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by false discovery rate (Benjamini-Hochberg)."""
    if not p_values:
        return []
    return [float(p) for p in stats.false_discovery_control(p_values)]


@cache
def sequential_bound(looks: int, *, alpha: float = 0.05) -> float:
    """Return the |z| that a live view may act on at each of ``looks`` equally spaced looks.

    Pocock's constant bound, by the recursive integration of Armitage and McPherson.
    """
    return float(optimize.brentq(lambda z: _crossing(z, looks) - alpha, 1.5, 5.0, xtol=1e-5))


def _crossing(bound: float, looks: int) -> float:
    """Return the chance that a random walk leaves ``bound`` x sqrt(k) at one of the looks k."""
    nodes, weights = np.polynomial.legendre.leggauss(201)
    at = bound * nodes
    density = stats.norm.pdf(at)
    for k in range(2, looks + 1):
        edge = bound * sqrt(k)
        points = edge * nodes
        spread = bound * sqrt(k - 1) * weights
        density = stats.norm.pdf(points[:, None] - at[None, :]) @ (density * spread)
        at = points
    inside = float((density * bound * sqrt(looks) * weights).sum())
    return 1 - inside


def outliers(latencies: ArrayLike) -> NDArray[np.bool_]:
    """Flag values far from the median on the log scale; never a reason to delete them."""
    values = np.asarray(latencies, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(values)
    known = np.isfinite(logs)
    if not known.any():
        return np.zeros(values.shape, dtype=bool)
    away = np.abs(logs - np.median(logs[known]))
    spread = float(np.median(away[known]))
    return np.asarray(known & (away > OUTLIER * spread) & (away > 0), dtype=bool)


def slope_over_time(at_s: ArrayLike, latencies: ArrayLike) -> float | None:
    """Return the p-value of a monotone drift over a run (Kendall); ``None`` below 10 values."""
    times, values = np.asarray(at_s, dtype=np.float64), np.asarray(latencies, dtype=np.float64)
    known = np.isfinite(values)
    if known.sum() < 10:
        return None
    p = float(stats.kendalltau(times[known], values[known]).pvalue)
    return None if isnan(p) else p


def z_score(measured: float, predicted: float, se: float) -> float:
    """Return how many standard errors lie between measurement and prediction.

    An exact prediction (``se`` 0) is met (0) or missed (infinite).
    """
    if se > 0:
        return (measured - predicted) / se
    if isclose(measured, predicted, rel_tol=1e-9):
        return 0.0
    return inf if measured > predicted else -inf


def p_of(z: float) -> float:
    """Return the two-sided p of a standard normal score."""
    return float(2 * stats.norm.sf(abs(z)))


def badge(z: float) -> Badge:
    """Return the colour of a prediction: green below 2, amber below 4, else red.

    Red means that the model doesn't describe this gateway.
    """
    return "green" if abs(z) < 2 else "amber" if abs(z) < 4 else "red"


def _finite(values: ArrayLike) -> Floats:
    sample = np.asarray(values, dtype=np.float64)
    return sample[np.isfinite(sample)]
