"""The summary of a run: each metric of each variant, with its interval, beside its prediction.

HIT and MISS, attempts and steps are slices of their own: a latency over all of them says so in
its name. Quantiles have order-statistic intervals, rates Wilson's, hit ratios of long runs batch
means.
"""

from collections.abc import Callable, Sequence
from math import hypot, isfinite, nan
from typing import Any, Literal, NamedTuple

import pandas as pd

from gateway.experiments import statistics
from gateway.experiments.presets.preset import Prediction
from gateway.experiments.rows import wrong_wordings
from gateway.experiments.statistics import Estimate

Verdict = Literal["match", "mismatch", "too_few", "n/a"]
Z95 = 1.96
COLUMNS: dict[str, str] = {
    "run_id": "string",
    "preset": "string",
    "variant_id": "string",
    "metric": "string",
    "unit": "string",
    "slice": "string",
    "n": "Int64",
    "estimate": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "ci_method": "string",
    "conf": "float32",
    "predicted": "float64",
    "predicted_formula": "string",
    "predicted_se": "float64",
    "z": "float64",
    "verdict": "string",
    "baseline_variant": "string",
    "diff": "float64",
    "diff_ci_low": "float64",
    "diff_ci_high": "float64",
    "p_adj": "float64",
    "effect": "float64",
    "primary": "boolean",
}
"""The summary table: column -> dtype."""


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


METRICS: dict[str, Metric] = {
    "hit_ratio": Metric("share", _hit_ratio),
    "wrong_wording": Metric("share", _wrong_wording),
    "success": Metric("share", _ok),
    "accepted": Metric("share", _accepted),
    "fallback_rate": Metric("share", _fallback),
    "amplification": Metric("attempts", _amplification, column="attempts"),
    "upstream_calls": Metric("attempts", _total("attempts")),
    "e2e_mean_ms": Metric("ms", _mean("e2e_ms"), sliced=True, column="e2e_ms"),
    **{
        f"{name}_p{round(p * 100)}_ms": Metric("ms", _quantile(f"{name}_ms", p), sliced=True)
        for name in ("e2e", "lat_scheduled", "ttft")
        for p in (0.5, 0.95, 0.99)
    },
    "tpot_mean_ms": Metric("ms/token", _mean("tpot_ms", only_ok=True), sliced=True),
    "cost_usd": Metric("USD", _total("cost_usd")),
    "cost_list_usd": Metric("USD", _total("cost_list_usd")),
    "cost_saved_usd": Metric("USD", _total("cost_saved_usd")),
}
"""What is measured of every variant, by name."""


def summarise(
    requests: pd.DataFrame,
    predictions: Sequence[Prediction] = (),
    *,
    primary: str = "",
    baseline: str | None = None,
    run_id: str = "",
    preset: str = "",
) -> pd.DataFrame:
    """Return the summary table of a run.

    Args:
        requests: The requests table; rows of other phases than "measure" are left out.
        baseline: Variant that the others are compared with, on the primary metric only: there
            one family of comparisons is corrected by Holm; others aren't tested.
    """
    measured = requests[requests["phase"] == "measure"]
    told = {(p.variant, p.metric, p.slice): p for p in predictions}
    found: list[dict[str, Any]] = []
    for variant, group in measured.groupby("variant_id", observed=True, sort=False):
        for part, rows in _slices(group):
            for name, metric in METRICS.items():
                prediction = told.get((str(variant), name, part))
                if part != "all" and prediction is None and not metric.sliced:
                    continue
                estimate = metric.of(rows)
                if estimate is None:
                    continue
                row = _row(estimate, prediction)
                row |= {
                    "run_id": run_id,
                    "preset": preset,
                    "variant_id": str(variant),
                    "metric": name,
                    "unit": metric.unit,
                    "slice": part,
                    "primary": name == primary and part == "all",
                }
                found.append(row)
    if baseline is not None:
        _compare(found, measured, primary, baseline)
    columns = {
        name: pd.Series([row.get(name) for row in found], dtype=dtype)
        for name, dtype in COLUMNS.items()
    }
    return pd.DataFrame(columns)


def _slices(group: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    parts = [("all", group)]
    parts += [
        (status, group[group["cache_status"] == status])
        for status in ("HIT", "MISS")
        if (group["cache_status"] == status).any()
    ]
    for name in ("attempts", "step"):
        values = group[name].dropna().unique()
        if len(values) > 1:
            parts += [(f"{name}={value}", group[group[name] == value]) for value in sorted(values)]
    if group["rep"].nunique() > 1:
        parts += [(f"rep={rep}", rows) for rep, rows in group.groupby("rep", observed=True)]
    return parts


def _row(estimate: Estimate, prediction: Prediction | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "n": estimate.n,
        "estimate": estimate.value,
        "ci_low": estimate.low if isfinite(estimate.low) else None,
        "ci_high": estimate.high if isfinite(estimate.high) else None,
        "ci_method": estimate.method,
        "conf": estimate.conf,
        "verdict": "n/a",
    }
    if prediction is not None:
        z = statistics.z_score(estimate.value, prediction.value, prediction.se)
        row |= {
            "predicted": prediction.value,
            "predicted_formula": prediction.formula,
            "predicted_se": prediction.se,
            "z": z,
            "verdict": "match" if abs(z) < 4 else "mismatch",
        }
    return row


def _compare(
    found: list[dict[str, Any]], measured: pd.DataFrame, primary: str, baseline: str
) -> None:
    """Put differences to the baseline beside the primary metric's rows."""
    base = next((row for row in found if row["variant_id"] == baseline and row["primary"]), None)
    if base is None:
        return
    others = [row for row in found if row["primary"] and row["variant_id"] != baseline]
    metric = METRICS[primary]
    p_values: list[float] = []
    for row in others:
        row["baseline_variant"] = baseline
        row["diff"] = row["estimate"] - base["estimate"]
        a = measured[measured["variant_id"] == row["variant_id"]]
        b = measured[measured["variant_id"] == baseline]
        if metric.column is not None:
            mine, theirs = (x[metric.column].dropna().to_numpy(dtype=float) for x in (a, b))
            compared = statistics.compare(mine, theirs)
            row["effect"] = compared.effect
            p_values.append(compared.p)
        else:
            spread = hypot(_se(row), _se(base))
            row["diff_ci_low"] = row["diff"] - Z95 * spread
            row["diff_ci_high"] = row["diff"] + Z95 * spread
            p_values.append(statistics.p_of(statistics.z_score(row["diff"], 0.0, spread)))
    for row, adjusted in zip(others, statistics.holm(p_values), strict=True):
        row["p_adj"] = adjusted


def _se(row: dict[str, Any]) -> float:
    if row["ci_low"] is None or row["ci_high"] is None:
        return 0.0
    return float(row["ci_high"] - row["ci_low"]) / (2 * Z95)
