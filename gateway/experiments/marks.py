"""What only a whole run can say of its single requests: columns that are filled at its end.

attempts      of a gateway that tells nothing: read off the latencies, and labelled "inferred"
cache_age_s   of a hit: since the write that we observed
overlap_fill  of a miss: whether a fill of the same key was under way
slo_ok        whether it met the run's objectives, where it has any
outlier       far from the median of its kind on log latency; a flag, never a reason to delete
"""

from collections.abc import Mapping

import pandas as pd

from gateway.experiments import objectives, statistics
from gateway.experiments.plan import Plan
from gateway.experiments.staircase import infer

MARKED = (
    "attempts",
    "attempts_source",
    "backoff_ms",
    "cache_age_s",
    "overlap_fill",
    "outlier",
    "slo_ok",
)
"""The columns that are filled here."""
FEWEST = 20
"""Requests of a kind that an outlier is judged by, at least."""


def marked(requests: pd.DataFrame, plan: Plan, *, hidden: bool) -> pd.DataFrame:
    """Return the requests table with its ``MARKED`` columns filled where they can be told.

    Args:
        hidden: Whether the gateway hides its attempts.
    """
    found = requests.copy()
    if hidden:
        told = infer(found)
        told = told[found.loc[told.index, "attempts"].isna()]
        found.loc[told.index, "attempts"] = told["attempts"]
        found.loc[told.index, "backoff_ms"] = told["backoff_ms"]
        source = found["attempts_source"].astype("string")
        source.loc[told.index] = "inferred"
        found["attempts_source"] = source.astype("category")
    cache = _cache(found, {variant.id: variant.gateway for variant in plan.variants})
    found["cache_age_s"] = cache["cache_age_s"].astype("float64")
    found["overlap_fill"] = cache["overlap_fill"].astype("boolean")
    found["outlier"] = _outliers(found)
    found["slo_ok"] = objectives.met(found, plan.recipe.objectives)
    return found


def _cache(requests: pd.DataFrame, gateways: Mapping[str, str]) -> pd.DataFrame:
    """Return ages of hits and overlaps of misses, by what was seen of the same key before."""
    known = requests["key_id"].notna() & requests["t_end_s"].notna() & requests["t_send_s"].notna()
    rows = pd.DataFrame(
        {
            "place": requests["variant_id"].astype("string").map(gateways).fillna(""),
            "key": requests["key_id"].astype("string"),
            "sent": requests["t_send_s"],
            "ended": requests["t_end_s"],
            "status": requests["cache_status"].astype("string").fillna(""),
            "ok": requests["ok"].fillna(False).astype(bool),
        }
    )[known].sort_values("sent", kind="stable")
    out = pd.DataFrame({"cache_age_s": float("nan"), "overlap_fill": pd.NA}, index=requests.index)
    misses = rows[rows["status"] == "MISS"]
    if len(misses):
        newest = misses.groupby(["place", "key"], sort=False)["ended"]
        until = newest.cummax().groupby([misses["place"], misses["key"]], sort=False).shift()
        out.loc[misses.index, "overlap_fill"] = (until > misses["sent"]).fillna(False)
    hits, writes = rows[rows["status"] == "HIT"], misses[misses["ok"]]
    if len(hits) and len(writes):
        by = ["place", "key"]
        aged = pd.merge_asof(
            hits[["place", "key", "sent"]].reset_index(names="at").sort_values("sent"),
            writes[["place", "key", "ended"]].sort_values("ended"),
            left_on="sent",
            right_on="ended",
            by=by,
        )
        out.loc[aged["at"], "cache_age_s"] = (aged["sent"] - aged["ended"]).to_numpy()
    return out


def _outliers(requests: pd.DataFrame) -> pd.Series:
    """Flag among requests of one kind: variant, cache state, attempts and step are never pooled."""
    flags = pd.Series(pd.NA, index=requests.index, dtype="boolean")
    good = requests[requests["ok"].fillna(False).astype(bool) & requests["e2e_ms"].notna()]
    kind = ["variant_id", "cache_status", "attempts", "step"]
    for _, rows in good.groupby(kind, observed=True, dropna=False, sort=False):
        if len(rows) >= FEWEST:
            flags.loc[rows.index] = statistics.outliers(rows["e2e_ms"])
    return flags
