"""The same workload at a million to a billion requests a day, in milliseconds.

Popular prompts count one by one, the long tail in bins whose widths grow geometrically, so that
ten million prompts cost as little as ten thousand. ``projection`` fits the popularity to a sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.experiments.theory import cache, load, retries

Floats = NDArray[np.float64]

DAY_S = 86_400.0
EXACT_RANKS = 2000
BINS = 500


class Popularity(NamedTuple):
    """Shares of traffic in bins: ``counts[i]`` keys with a share of ``shares[i]`` each.

    Attributes:
        unique: Share of requests whose prompt never comes again.
    """

    shares: Floats
    counts: Floats
    unique: float = 0.0


@lru_cache(maxsize=64)
def zipf_bins(keys: int, exponent: float, *, unique: float = 0.0, bins: int = BINS) -> Popularity:
    """Return Zipf's law over ``keys`` keys in bins; error of a hit ratio at most 5e-6.

    Raises:
        ValueError: Fewer than one key, or a unique share outside 0 to 1.
    """
    if keys < 1:
        raise ValueError("a workload needs at least one prompt")
    if not 0 <= unique <= 1:
        raise ValueError("the share of prompts that never repeat must be from 0 to 1")
    exact = min(keys, EXACT_RANKS)
    ranks = np.arange(1, exact + 1, dtype=np.float64)
    weights, counts = ranks**-exponent, np.ones(exact)
    if keys > exact:
        edges = np.unique(np.round(np.geomspace(exact, keys, bins + 1)))
        # Rank r stands for the interval from r - 1/2 to r + 1/2 of the integral.
        total = _integral(edges + 0.5, exponent)
        widths = np.diff(edges)
        weights = np.concatenate([weights, np.diff(total) / widths])
        counts = np.concatenate([counts, widths])
    share = weights * (1 - unique) / (weights * counts).sum()
    return Popularity(share, counts, unique)


def _integral(x: Floats, exponent: float) -> Floats:
    if exponent == 1:
        return np.asarray(np.log(x), dtype=np.float64)
    return np.asarray(x ** (1 - exponent) / (1 - exponent), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What is asked, how dear it is, and how the upstream answers.

    Attributes:
        cost_usd: List cost of one answered request.
        hit_ms: Latency of a hit.
        miss_ms: Latencies of misses, measured or chosen; their quantiles are used.
        fill_s: Time until a missed answer is in the cache; simultaneous misses aren't joined.
        locations: Traffic shares of places with a cache each.
        daily_swing: Amplitude of a sinusoidal day: 0.8 is from 20 % to 180 % of the mean.
        p: Chance that one attempt succeeds.
        limit: Requests allowed per ``limit_window_s``, by a sliding log; ``None`` for no limit.
        upstream_rps: Attempts a second that the upstream admits; ``None`` where unknown.
    """

    popularity: Popularity
    cost_usd: float = 0.0
    hit_ms: float = 10.0
    miss_ms: tuple[float, ...] = (800.0,)
    fill_s: float = 0.0
    locations: tuple[float, ...] = (1.0,)
    daily_swing: float = 0.0
    p: float = 1.0
    tries: int = 1
    limit: int | None = None
    limit_window_s: float = 60.0
    upstream_rps: float | None = None

    def __post_init__(self) -> None:
        for name, wrong, rule in (
            ("hit_ms", self.hit_ms < 0, "must not be negative"),
            ("miss_ms", not self.miss_ms, "needs at least one latency"),
            ("daily_swing", not 0 <= self.daily_swing < 1, "must be from 0 to below 1"),
            ("p", not 0 < self.p <= 1, "must be above 0 and at most 1"),
            ("tries", not 1 <= self.tries <= 5, "must be from 1 to 5"),
            ("locations", abs(sum(self.locations) - 1) > 1e-6, "must add up to 1"),
            ("limit", self.limit is not None and self.limit < 1, "must be at least 1"),
        ):
            if wrong:
                raise ValueError(f"{name} {rule}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of a plan: what a day at this rate and TTL looks like.

    Attributes:
        hit_ratio: Steady state, averaged over the day by traffic.
        cold_s: Time from an empty cache after which the steady state describes it: two TTLs.
        accepted: Share that the gateway's own rate limit lets through.
        stable: Whether retries can't collapse the upstream; ``None`` where its capacity is
            unknown.
        margin_rps: Attempts a second at which retries tip over; ``None`` where they can't, or
            where it is unknown.
    """

    per_day: float
    ttl_s: float
    hit_ratio: float
    live_entries: float
    origin_rps: float
    origin_peak_rps: float
    cost_usd: float
    cost_nocache_usd: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    attempts_per_day: float
    availability: float
    accepted: float
    stable: bool | None
    margin_rps: float | None
    cold_s: float


def plan(workload: Workload, per_day: Sequence[float], ttls_s: Sequence[float]) -> list[Point]:
    """Return a point for each rate and TTL, rates outside.

    Raises:
        ValueError: A rate or a TTL isn't above 0.
    """
    if min((*per_day, *ttls_s), default=1) <= 0:
        raise ValueError("rates and TTLs must be above 0")
    return [_point(workload, rate, ttl) for rate in per_day for ttl in ttls_s]


def hit_ratio(
    popularity: Popularity,
    rate: float,
    ttl_s: float,
    *,
    fill_s: float = 0.0,
    locations: Sequence[float] = (1.0,),
) -> float:
    """Return C5 with C8's fills and C10's locations over binned popularity; ``rate`` a second."""
    total = 0.0
    for share in locations:
        per_key = popularity.shares * rate * share
        ratios = cache.hit_ratio_fill(per_key, ttl_s, fill_s)
        total += share * float((popularity.shares * popularity.counts * ratios).sum())
    return total


def _point(workload: Workload, per_day: float, ttl_s: float) -> Point:
    offered = per_day / DAY_S
    accepted = 1.0
    if workload.limit is not None:
        accepted = _accepted(offered, workload.limit, workload.limit_window_s)
    rate = offered * accepted
    popularity = workload.popularity
    # Quasi-static: each hour of the day has the steady state of its own rate.
    hours = np.linspace(0, 2 * np.pi, 24, endpoint=False) if workload.daily_swing else np.zeros(1)
    rates = rate * (1 + workload.daily_swing * np.sin(hours))
    ratios = np.array(
        [
            hit_ratio(popularity, r, ttl_s, fill_s=workload.fill_s, locations=workload.locations)
            for r in rates
        ]
    )
    hits = float((ratios * rates).sum() / rates.sum())
    origin = rates * (1 - ratios)
    per_miss = retries.attempts(workload.p, workload.tries)
    stable, margin = _stability(workload, float(origin.max()))
    p50, p95, p99 = (_latency(workload, hits, p) for p in (0.5, 0.95, 0.99))
    full = per_day * accepted * workload.cost_usd
    held = sum(
        float((popularity.counts * cache.hit_ratio(popularity.shares * rate * s, ttl_s)).sum())
        for s in workload.locations
    )
    return Point(
        per_day=per_day,
        ttl_s=ttl_s,
        hit_ratio=hits,
        # A prompt that never repeats stays for its TTL as well.
        live_entries=held + popularity.unique * rate * ttl_s,
        origin_rps=float(origin.mean()),
        origin_peak_rps=float(origin.max()),
        cost_usd=full * (1 - hits),
        cost_nocache_usd=full,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        attempts_per_day=per_day * accepted * (1 - hits) * per_miss,
        availability=hits + (1 - hits) * retries.success(workload.p, workload.tries),
        accepted=accepted,
        stable=stable,
        margin_rps=margin,
        cold_s=2 * ttl_s,
    )


def _accepted(rate: float, limit: int, window_s: float) -> float:
    return load.accepted_sliding(rate, limit, window_s) if limit <= 1_000_000 else 1.0


def _latency(workload: Workload, hits: float, p: float) -> float:
    among = cache.quantile_among_misses(p, hits)
    return workload.hit_ms if among is None else float(np.quantile(workload.miss_ms, among))


def _stability(workload: Workload, misses_rps: float) -> tuple[bool | None, float | None]:
    """R10 and R12: retries can't collapse an upstream that could serve all tries of all."""
    if workload.upstream_rps is None:
        return None, None
    if misses_rps * workload.tries < workload.upstream_rps:
        return True, None
    patience = float(np.median(workload.miss_ms)) / 1000
    points = retries.storm_points(misses_rps, workload.upstream_rps, workload.tries, patience)
    unstable = [at for at, stable in points if not stable]
    return False, unstable[0] if unstable else misses_rps
