"""What a recorded sample says about rates that nobody measured, and how far to trust it.

Within a fifth of the sample the recorded keys are replayed at another pace, without a model. A
little beyond, a fitted law is good to about .02. Far beyond, a sample can't tell prompts that
never repeat from a long tail, so that several laws are shown as a band.
"""

from math import ceil
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gateway.experiments.planner import DAY_S, Popularity, hit_ratio, zipf_bins

Tier = Literal["replay", "fit", "band"]
LEAST_SAMPLE = 100
LAW_ERROR = 0.02
"""How far a law fitted to a few thousand requests was off at most, where it was the right law."""


class Fitted(NamedTuple):
    """A popularity law fitted to a sample of keys."""

    name: str
    popularity: Popularity
    keys: int
    exponent: float


class Projection(NamedTuple):
    """A hit ratio at a rate that wasn't measured, with how far it may be trusted.

    Attributes:
        tier: ``replay``: the recorded keys at another pace, no model. ``fit``: a fitted law.
            ``band``: several laws that the sample can't tell apart; low to high.
    """

    tier: Tier
    hit_ratio: float
    low: float
    high: float


def replay(keys: ArrayLike, at_s: ArrayLike, ttl_s: float) -> NDArray[np.bool_]:
    """Return which requests a cache with a fixed life from the write on would have hit.

    Vectorised: sorted by key, one search per generation of misses. Simultaneous misses aren't
    joined, and fills take no time.
    """
    _, numbers = np.unique(np.asarray(keys), return_inverse=True)
    times = np.asarray(at_s, dtype=np.float64)
    order = np.lexsort((times, numbers))
    # One axis for all keys: each key's times lie beyond the reach of the key before.
    reach = float(np.ptp(times)) + 2 * ttl_s + 1.0 if times.size else 1.0
    axis = (times - times.min())[order] + numbers[order] * reach if times.size else times
    missed = np.zeros(times.size, dtype=bool)
    current = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    while current.size:
        missed[current] = True
        following = np.searchsorted(axis, axis[current] + ttl_s, side="left")
        inside = following < times.size
        following, before = following[inside], current[inside]
        current = following[numbers[order][following] == numbers[order][before]]
    hits = np.empty(times.size, dtype=bool)
    hits[order] = ~missed
    return hits


def fit(keys: ArrayLike) -> tuple[Fitted, Fitted]:
    """Fit Zipf's law, and Zipf's law beside prompts that never repeat, to a sample.

    The exponent comes from the counts of the most popular keys; the number of keys from how many
    different ones the sample holds; the share that never repeats from what is left of those seen
    just once.

    Raises:
        ValueError: Fewer than 100 requests: there is nothing to fit.
    """
    _, counts = np.unique(np.asarray(keys), return_counts=True)
    n = int(counts.sum())
    if n < LEAST_SAMPLE:
        raise ValueError(f"a law needs at least {LEAST_SAMPLE} requests, not {n}")
    counts = np.sort(counts)[::-1]
    exponent = _exponent(counts)
    plain = _matched(counts.size, n, exponent)
    unique = _unique_share(counts, n, exponent)
    repeated = _matched(counts.size - unique * n, n * (1 - unique), exponent)
    return (
        Fitted("Zipf", zipf_bins(plain, exponent), plain, exponent),
        Fitted("unique + Zipf", zipf_bins(repeated, exponent, unique=unique), repeated, exponent),
    )


def _exponent(counts: NDArray[np.int64]) -> float:
    head = counts[counts >= max(5, counts[0] // 200)][:200]
    if head.size < 5:
        return 1.0
    ranks = np.arange(1, head.size + 1)
    slope = np.polyfit(np.log(ranks), np.log(head), 1, w=np.sqrt(head))[0]
    return float(np.clip(-slope, 0.3, 2.0))


def _distinct(keys: int, exponent: float, draws: float) -> float:
    law = zipf_bins(keys, exponent)
    return float((law.counts * -np.expm1(-law.shares * draws)).sum())


def _matched(distinct: float, draws: float, exponent: float) -> int:
    """Return the number of keys whose expected distinct count is the sample's."""
    low, high = max(int(distinct), 1), max(int(distinct), 1)
    while _distinct(high, exponent, draws) < distinct and high < 10**10:
        high *= 2
    while low < high:
        middle = (low + high) // 2
        low, high = (
            (middle + 1, high) if _distinct(middle, exponent, draws) < distinct else (low, middle)
        )
    return low


def _unique_share(counts: NDArray[np.int64], n: int, exponent: float) -> float:
    """Return the share of never-repeating prompts that explains the doubletons best."""
    twice = float((counts == 2).sum())
    best, least = 0.0, np.inf
    for share in np.linspace(0.0, float((counts == 1).sum()) / n, 21)[:-1]:
        draws = n * (1 - share)
        keys = _matched(counts.size - share * n, draws, exponent)
        law = zipf_bins(keys, exponent)
        mean = law.shares * draws
        doubles = float((law.counts * mean**2 / 2 * np.exp(-mean)).sum())
        off = abs(doubles - twice)
        if off < least:
            best, least = float(share), off
    return best


def project(keys: ArrayLike, per_day: float, ttl_s: float, laws: tuple[Fitted, ...]) -> Projection:
    """Return the hit ratio of a sample's workload at another rate, with its tier.

    Args:
        laws: Result of ``fit`` for the same keys.
    """
    sample = np.asarray(keys)
    within = per_day / DAY_S * ttl_s  # requests in one TTL
    if within <= sample.size / 5:
        times = np.arange(sample.size) / (per_day / DAY_S)
        hits = replay(sample, times, ttl_s)
        # The first TTLs are cold; what follows is the steady state.
        settled = hits[ceil(min(2 * within, sample.size / 2)) :]
        measured = float(settled.mean())
        return Projection(tier="replay", hit_ratio=measured, low=measured, high=measured)
    ratios = [hit_ratio(law.popularity, per_day / DAY_S, ttl_s) for law in laws]
    return Projection(
        tier="fit" if within <= 2 * sample.size else "band",
        hit_ratio=float(np.mean(ratios)),
        low=max(min(ratios) - LAW_ERROR, 0.0),
        high=min(max(ratios) + LAW_ERROR, 1.0),
    )
