"""What is measured of a group of requests, by name: figures with their intervals.

Rates have Wilson's interval, quantiles order statistics, hit ratios of long runs batch means. Sums,
rates in time and weighted ratios have none: one run is one value of each.
"""

from collections.abc import Callable
from math import nan
from typing import NamedTuple

import numpy as np
import pandas as pd

from gateway.experiments import statistics
from gateway.experiments.rows import wrong_wordings
from gateway.experiments.statistics import Estimate


class Metric(NamedTuple):
    """One figure of a group of requests.

    Attributes:
        of: The figure with its interval; ``None`` where the group has nothing to measure.
        sliced: Whether it is measured for HIT and MISS apart as well.
        column: The column behind it, where two variants can be compared by it.
    """

    unit: str
    of: Callable[[pd.DataFrame], Estimate | None]
    sliced: bool = False
    column: str | None = None


def _share(hits: pd.Series, among: pd.Series) -> Estimate | None:
    n = int(among.sum())
    return statistics.rate(int((hits & among).sum()), n) if n else None


def _hit_ratio(group: pd.DataFrame) -> Estimate | None:
    known = group["cache_status"].isin(["HIT", "MISS"]) & group["ok"].fillna(False)
    if not known.any():
        return None
    hits = group["cache_status"] == "HIT"
    ttl = group["h_cache_ttl_s"].dropna()
    span = float(group["t_send_s"].max() - group["t_send_s"].min())
    if len(ttl) and span >= 10 * 3 * float(ttl.iloc[0]):
        taken = group[known]
        return statistics.batch_means(
            taken["t_send_s"], hits[known].astype(float), block_s=3 * float(ttl.iloc[0])
        )
    return _share(hits, known)


def _ok(group: pd.DataFrame) -> Estimate | None:
    return _share(group["ok"].fillna(False).astype(bool), pd.Series(True, index=group.index))


def _accepted(group: pd.DataFrame) -> Estimate | None:
    passed = group["error_class"] != "rate_limited_gateway"
    return _share(passed, group["status"] != 0)


def _wrong_wording(group: pd.DataFrame) -> Estimate | None:
    worded = group["wording_id"].notna()
    return _share(wrong_wordings(group), worded)


def _fallback(group: pd.DataFrame) -> Estimate | None:
    return _share(group["step"].fillna(0) >= 1, group["ok"].fillna(False).astype(bool))


def _mean(column: str, *, only_ok: bool = False) -> Callable[[pd.DataFrame], Estimate | None]:
    def of(group: pd.DataFrame) -> Estimate | None:
        values = (
            group.loc[group["ok"].fillna(False).astype(bool), column] if only_ok else group[column]
        )
        values = values.dropna()
        return statistics.mean_of_repetitions(values.to_numpy(dtype=float)) if len(values) else None

    return of


def _quantile(column: str, p: float) -> Callable[[pd.DataFrame], Estimate | None]:
    def of(group: pd.DataFrame) -> Estimate | None:
        values = group.loc[group["ok"].fillna(False).astype(bool), column].dropna()
        return statistics.quantile(values.to_numpy(dtype=float), p) if len(values) else None

    return of


def _total(column: str) -> Callable[[pd.DataFrame], Estimate | None]:
    def of(group: pd.DataFrame) -> Estimate | None:
        values = group[column].dropna()
        if not len(values):
            return None
        total = float(values.sum())
        return Estimate(value=total, low=nan, high=nan, n=len(values), method="t_reps")

    return of


def _amplification(group: pd.DataFrame) -> Estimate | None:
    reached = group.loc[group["attempts"].fillna(0) > 0, "attempts"]
    return statistics.mean_of_repetitions(reached.to_numpy(dtype=float)) if len(reached) else None


def _one(value: float, n: int) -> Estimate:
    """Return a figure of which a run is one value: it has no interval."""
    return Estimate(value=value, low=nan, high=nan, n=n, method="t_reps")


def _flags(column: pd.Series) -> pd.Series:
    """Return a column of yes and no; unknown is no."""
    return column.fillna(False).astype(bool)


def _span_s(group: pd.DataFrame) -> float | None:
    """Return the emulated seconds from the first request sent to the last answer ended."""
    if group["t_send_s"].isna().all() or group["t_end_s"].isna().all():
        return None
    span = float(group["t_end_s"].max() - group["t_send_s"].min())
    return span if span > 0 else None


def _per_second(
    count: Callable[[pd.DataFrame], float],
) -> Callable[[pd.DataFrame], Estimate | None]:
    def of(group: pd.DataFrame) -> Estimate | None:
        good = group[_flags(group["ok"])]
        span = _span_s(good)
        return None if span is None else _one(count(good) / span, len(good))

    return of


def _tokens(*columns: str) -> Callable[[pd.DataFrame], float]:
    return lambda group: float(sum(group[name].fillna(0).sum() for name in columns))


def _goodput(group: pd.DataFrame) -> Estimate | None:
    """Good requests a second; only where the run has objectives."""
    span = _span_s(group[_flags(group["ok"])])
    if group["slo_ok"].isna().all() or span is None:
        return None
    return _one(float((_flags(group["ok"]) & _flags(group["slo_ok"])).sum()) / span, len(group))


def _good_share(group: pd.DataFrame) -> Estimate | None:
    """Good requests among all: one that failed isn't good."""
    if group["slo_ok"].isna().all():
        return None
    good = _flags(group["ok"]) & _flags(group["slo_ok"])
    return _share(good, pd.Series(True, index=group.index))


def _errors(group: pd.DataFrame) -> Estimate | None:
    return _share(~_flags(group["ok"]), pd.Series(True, index=group.index))


def _available(group: pd.DataFrame) -> Estimate | None:
    """Requests that succeeded among those that no rate limit turned away."""
    limited = group["error_class"].isin(["rate_limited_gateway", "rate_limited_provider"])
    return _share(_flags(group["ok"]), ~limited)


def _hit_share(group: pd.DataFrame) -> Estimate | None:
    return _share(group["cache_status"] == "HIT", pd.Series(True, index=group.index))


def _weighted_hits(*columns: str) -> Callable[[pd.DataFrame], Estimate | None]:
    def of(group: pd.DataFrame) -> Estimate | None:
        known = group[group["cache_status"].isin(["HIT", "MISS"]) & _flags(group["ok"])]
        weights = sum((known[name].astype("float64").fillna(0.0) for name in columns), start=0.0)
        total = float(np.sum(weights))
        hits = float(np.sum(weights * (known["cache_status"] == "HIT"))) if total else 0.0
        return _one(hits / total, len(known)) if total else None

    return of


def _offload(group: pd.DataFrame) -> Estimate | None:
    """Share of the requests that the upstream was spared; negative where retries outnumber hits."""
    if group["attempts"].isna().any() or not len(group):
        return None
    return _one(1 - float(group["attempts"].sum()) / len(group), len(group))


def _wasted(group: pd.DataFrame) -> Estimate | None:
    attempts = float(group["attempts"].fillna(0).sum())
    useful = (_flags(group["ok"]) & (group["attempts"].fillna(0) > 0)).sum()
    return _one(1 - float(useful) / attempts, int(attempts)) if attempts else None


def _rescued(group: pd.DataFrame) -> Estimate | None:
    """What retries and fallbacks bought: successes among those whose first attempt failed."""
    ok, tried = _flags(group["ok"]), group["attempts"].fillna(0)
    again = (tried > 1) | (group["step"].fillna(0) > 0)
    return _share(ok & again, again | (~ok & (tried == 1)))


def _added(group: pd.DataFrame) -> Estimate | None:
    """Latency that reliability added: successes after several attempts, beyond a usual one's."""
    good = group[_flags(group["ok"]) & group["e2e_ms"].notna()]
    usual = good.loc[good["attempts"] == 1, "e2e_ms"]
    again = good.loc[good["attempts"].fillna(0) > 1, "e2e_ms"]
    if not (len(usual) and len(again)):
        return None
    return statistics.mean_of_repetitions((again - usual.median()).to_numpy(dtype=float))


def _stampede(group: pd.DataFrame) -> Estimate | None:
    known = group["overlap_fill"].dropna()
    return _one(float(known.sum()), len(known)) if len(known) else None


def _calls(group: pd.DataFrame) -> Estimate | None:
    """Calls to the provider; nothing where a gateway tells only some of them."""
    attempts = group["attempts"]
    known = len(attempts) and attempts.notna().all()
    return _one(float(attempts.sum()), len(attempts)) if known else None


METRICS: dict[str, Metric] = {
    "hit_ratio": Metric("share", _hit_ratio),
    "wrong_wording": Metric("share", _wrong_wording),
    "success": Metric("share", _ok),
    "accepted": Metric("share", _accepted),
    "fallback_rate": Metric("share", _fallback),
    "amplification": Metric("attempts", _amplification, column="attempts"),
    "upstream_calls": Metric("attempts", _calls),
    "e2e_mean_ms": Metric("ms", _mean("e2e_ms"), sliced=True, column="e2e_ms"),
    **{
        f"{name}_p{round(p * 100)}_ms": Metric("ms", _quantile(f"{name}_ms", p), sliced=True)
        for name in ("e2e", "lat_scheduled", "ttft", "ttfb")
        for p in (0.5, 0.95, 0.99)
    },
    "tpot_mean_ms": Metric("ms/token", _mean("tpot_ms", only_ok=True), sliced=True),
    "ntpot_mean_ms": Metric("ms/token", _mean("ntpot_ms", only_ok=True), sliced=True),
    "itl_p50_ms": Metric("ms", _quantile("itl_p50_ms", 0.5), sliced=True),
    "itl_p95_ms": Metric("ms", _quantile("itl_p95_ms", 0.5), sliced=True),
    "tok_mean_s": Metric("tokens/s", _mean("tok_s", only_ok=True), sliced=True),
    "dispatch_p99_ms": Metric("ms", _quantile("dispatch_delay_ms", 0.99)),
    "throughput_s": Metric("1/s", _per_second(len)),
    "out_tok_s": Metric("tokens/s", _per_second(_tokens("out_tokens"))),
    "all_tok_s": Metric("tokens/s", _per_second(_tokens("in_tokens", "out_tokens"))),
    "goodput_s": Metric("1/s", _goodput),
    "goodput_share": Metric("share", _good_share),
    "error_rate": Metric("share", _errors),
    "availability": Metric("share", _available),
    "hit_share": Metric("share", _hit_share),
    "byte_hit_ratio": Metric("share", _weighted_hits("bytes_in")),
    "token_hit_ratio": Metric("share", _weighted_hits("in_tokens", "out_tokens")),
    "cost_hit_ratio": Metric("share", _weighted_hits("cost_list_usd")),
    "origin_offload": Metric("share", _offload),
    "wasted_attempts": Metric("share", _wasted),
    "rescue_rate": Metric("share", _rescued),
    "added_latency_ms": Metric("ms", _added),
    "stampede": Metric("requests", _stampede),
    "cost_usd": Metric("USD", _total("cost_usd")),
    "cost_list_usd": Metric("USD", _total("cost_list_usd")),
    "cost_saved_usd": Metric("USD", _total("cost_saved_usd")),
}
"""What is measured of every variant, by name.

Gaps between chunks (itl) are told as the median request's own p50 and p95; ``dispatch`` is how late
our own generator was. Seconds are emulated ones.
"""


def by_class(group: pd.DataFrame) -> dict[str, Estimate]:
    """Return the share of each class of error that a group has: they are kept apart."""
    classes = group.loc[~_flags(group["ok"]), "error_class"].dropna().astype(str)
    return {
        str(name): statistics.rate(int(count), len(group))
        for name, count in sorted(classes[classes != "none"].value_counts().items())
    }
