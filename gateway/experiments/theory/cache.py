"""Hit ratios of a cache whose entries live for a fixed time: formulas C1 to C13.

One key is asked for at ``rate`` (per second), its entry lives for ``ttl_s`` from the write on.
Many keys share a total rate; ``popularity`` holds their shares, which add up to 1.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

Floats = NDArray[np.float64]
Arrivals = Literal["poisson", "paced", "gamma"]
WriteRule = Literal["first", "restart", "single_flight"]


def zipf(keys: int, exponent: float) -> Floats:
    """Return shares of ``keys`` keys by Zipf's law, most popular first; they add up to 1."""
    weights = np.arange(1, keys + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def hit_ratio(rate: ArrayLike, ttl_s: ArrayLike) -> Floats:
    """C1: share of hits for Poisson arrivals when hits don't extend an entry's life.

    It is also the probability that the key is in the cache, and holds for any random life of
    mean ``ttl_s``.
    """
    arrivals = np.multiply(rate, ttl_s)
    return np.asarray(arrivals / (1 + arrivals), dtype=np.float64)


def hit_ratio_refreshed(rate: ArrayLike, ttl_s: ArrayLike) -> Floats:
    """C2: share of hits if each hit started the entry's life anew (the alternative to reject)."""
    return np.asarray(-np.expm1(-np.multiply(rate, ttl_s)), dtype=np.float64)


def hit_ratio_paced(spacing_s: float, ttl_s: float) -> float:
    """C3: share of hits for one key asked for every ``spacing_s``."""
    hits = np.ceil(ttl_s / spacing_s) - 1
    return float(hits / (hits + 1))


def arrivals_in_ttl(
    rate: float, ttl_s: float, arrivals: Arrivals = "poisson", *, burstiness: float = 1.0
) -> float:
    """C4's M: how many requests of the whole stream come within a TTL after one of them.

    Args:
        burstiness: Shape of the gamma gaps; 1 is Poisson, below 1 comes in bursts.
    """
    mean = rate * ttl_s
    if arrivals == "poisson":
        return mean
    if arrivals == "paced":
        return float(max(np.ceil(mean) - 1, 0))
    # The terms fall off once k passes the mean by several standard deviations of the count.
    last = int(mean + 12 * np.sqrt(mean / burstiness + 1) + 40 / burstiness)
    k = np.arange(1, last + 1)
    return float(special.gammainc(k * burstiness, mean * burstiness).sum())


def hit_ratios_renewal(popularity: ArrayLike, expected_arrivals: float) -> Floats:
    """C4: per-key hit ratios for renewal arrivals with independent keys."""
    found = np.multiply(popularity, expected_arrivals)
    return np.asarray(found / (1 + found), dtype=np.float64)


def hit_ratio_mixture(
    popularity: ArrayLike, rate: float, ttl_s: float, *, weights: ArrayLike = 1.0
) -> float:
    """C5: hit ratio over many keys, each request weighted, for example by its cost."""
    shares = np.asarray(popularity, dtype=np.float64)
    weighted = np.multiply(weights, shares)
    return float((weighted * hit_ratio(shares * rate, ttl_s)).sum() / weighted.sum())


def live_entries(popularity: ArrayLike, rate: float, ttl_s: float) -> float:
    """C5: how many entries are in the cache at a random moment."""
    return float(hit_ratio(np.multiply(popularity, rate), ttl_s).sum())


def misses_cold(rate: ArrayLike, ttl_s: float, window_s: float, *, fill_s: float = 0.0) -> Floats:
    """C6 and C8c: expected misses per key from an empty cache during a window.

    Args:
        fill_s: Time until a missed answer is written (D), during which others miss as well.
    """
    per_key = np.atleast_1d(np.asarray(rate, dtype=np.float64))
    cycles = int(window_s // (ttl_s + fill_s)) + 1
    total = np.zeros_like(per_key)
    for k in range(1, cycles + 1):
        left = window_s - (k - 1) * (ttl_s + fill_s)
        total += special.gammainc(k, per_key * left)
        total += _missed_while_filling(per_key, k, left) - _missed_while_filling(
            per_key, k, max(left - fill_s, 0.0)
        )
    return total


def _missed_while_filling(rate: Floats, k: int, until_s: float) -> Floats:
    """Rate times the integral from 0 to ``until_s`` of P(Poisson(rate u) >= k)."""
    mean = rate * until_s
    return np.asarray(
        mean * special.gammainc(k, mean) - k * special.gammainc(k + 1, mean), dtype=np.float64
    )


def hit_ratio_cold(
    popularity: ArrayLike, rate: float, ttl_s: float, window_s: float, *, fill_s: float = 0.0
) -> float:
    """C6 and C8c: hit ratio of a window that began with an empty cache."""
    misses = misses_cold(np.multiply(popularity, rate), ttl_s, window_s, fill_s=fill_s).sum()
    return float(1 - misses / (rate * window_s))


def distinct_keys(popularity: ArrayLike, draws: int) -> float:
    """C6: expected number of different keys in ``draws`` requests: the misses of one long TTL."""
    shares = np.asarray(popularity, dtype=np.float64)
    return float(-np.expm1(draws * np.log1p(-np.minimum(shares, 1 - 1e-15))).sum())


def misses_varying(
    rate_at: Callable[[Floats], Floats], ttl_s: float, window_s: float, *, steps_per_ttl: int = 300
) -> float:
    """C7: expected misses of one key whose rate changes with time, from an empty cache.

    The miss rate m solves m(t) = rate(t) (1 - integral of m over the last TTL). Stepping through
    time is of first order, so that two step sizes are extrapolated to none.
    """
    coarse = _stepped(rate_at, ttl_s, window_s, steps_per_ttl)
    return 2 * _stepped(rate_at, ttl_s, window_s, 2 * steps_per_ttl) - coarse


def _stepped(
    rate_at: Callable[[Floats], Floats], ttl_s: float, window_s: float, per_ttl: int
) -> float:
    step = ttl_s / per_ttl
    times = np.arange(0.0, window_s, step)
    rates = rate_at(times)
    misses = np.zeros_like(times)
    held = 0.0  # integral of the miss rate over the last TTL: P(the key is in the cache)
    for i, rate in enumerate(rates):
        if i > per_ttl:
            held -= misses[i - per_ttl - 1] * step
        misses[i] = rate * max(1 - held, 0.0)
        held += misses[i] * step
    return float(misses.sum() * step)


def hit_ratio_fill(
    rate: ArrayLike, ttl_s: float, fill_s: float, rule: WriteRule = "first"
) -> Floats:
    """C8: steady hit ratio when a fill takes constant ``fill_s`` < ``ttl_s``.

    Args:
        rule: ``"first"``: of simultaneous fills, the first write stands. ``"restart"``: each write
            starts the life anew. ``"single_flight"``: others wait for the fill and count as hits.
    """
    lam = np.asarray(rate, dtype=np.float64)
    life, fill = lam * ttl_s, lam * fill_s
    if rule == "first":
        ratio = life / (1 + fill + life)
    elif rule == "restart":
        ratio = (life + fill + np.expm1(-fill)) / (life + 2 * fill + np.exp(-fill))
    else:
        ratio = (life + fill) / (1 + life + fill)
    return np.asarray(ratio, dtype=np.float64)


def effective_ttl_s(ttl_s: float, eviction_rate: float) -> float:
    """C9: mean life of an entry that may also be evicted early, at ``eviction_rate`` per second."""
    if eviction_rate == 0:
        return ttl_s
    return float(-np.expm1(-eviction_rate * ttl_s) / eviction_rate)


def eviction_rate(measured: float, rate: float, ttl_s: float) -> float | None:
    """C9 read backwards: evictions per second that explain a measured hit ratio of one key.

    ``None`` where the measured ratio is not below what the TTL alone allows.
    """
    if not 0 < measured < float(hit_ratio(rate, ttl_s)):
        return None
    life = measured / (rate * (1 - measured))
    found = optimize.brentq(lambda e: effective_ttl_s(ttl_s, e) - life, 1e-12, 10 / life)
    return float(found)


def hit_ratio_locations(
    popularity: ArrayLike, rate: float, ttl_s: float, traffic: ArrayLike
) -> float:
    """C10: hit ratio when each location has a cache of its own; ``traffic`` are their shares."""
    return float(
        sum(
            share * hit_ratio_mixture(popularity, share * rate, ttl_s)
            for share in np.asarray(traffic, dtype=np.float64)
        )
    )


def hit_ratio_capacity(
    popularity: ArrayLike, rate: float, capacity: int, policy: Literal["lru", "fifo"]
) -> float:
    """C11: hit ratio of a cache with room for ``capacity`` entries, by Che's approximation.

    Raises:
        ValueError: The cache has room for every key: nothing is ever evicted.
    """
    shares = np.asarray(popularity, dtype=np.float64)
    if capacity >= shares.size:
        raise ValueError(f"capacity must be below the number of keys, {shares.size}")
    law = hit_ratio_refreshed if policy == "lru" else hit_ratio
    high = 1.0 / rate
    while law(shares * rate, high).sum() < capacity:
        high *= 2
    life = optimize.brentq(lambda t: law(shares * rate, t).sum() - capacity, 0.0, high)
    return float((shares * law(shares * rate, life)).sum())


def quantile_among_misses(p: float, hits: float) -> float | None:
    """C12: which quantile of the misses is quantile ``p`` of all, if hits are faster than misses.

    ``None`` for ``p`` up to the hit ratio: that quantile is a hit's.
    """
    return None if p <= hits else (p - hits) / (1 - hits)


def hit_ratio_se(rate: float, ttl_s: float, requests: float) -> float:
    """C13: standard error of one key's measured hit ratio; smaller than the binomial one."""
    arrivals = rate * ttl_s
    return float(np.sqrt(arrivals / (requests * (1 + arrivals) ** 3)))


def hit_ratio_mixture_se(
    popularity: ArrayLike, rate: float, ttl_s: float, window_s: float
) -> float:
    """C13: standard error of the hit ratio over many keys, measured for ``window_s``."""
    per_key = np.multiply(popularity, rate)
    missed = 1 - hit_ratio_mixture(popularity, rate, ttl_s)
    cycle = ttl_s + 1 / per_key
    y = (1 - missed * (1 + per_key * ttl_s)) / cycle
    variance = (missed**2 * per_key * ttl_s + (y / per_key) ** 2) / cycle
    return float(np.sqrt(window_s * variance.sum()) / (rate * window_s))
