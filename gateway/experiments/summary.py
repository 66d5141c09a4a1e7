"""The summary of a run: each metric of each variant, with its interval, beside its prediction.

HIT and MISS, attempts, steps and classes of errors are slices of their own: a figure over all of
them says so by its slice, "all". What is measured, and with which interval, is in ``metrics``.
"""

from collections.abc import Sequence
from math import hypot, isfinite
from typing import Any, Literal

import pandas as pd

from gateway.experiments import statistics
from gateway.experiments.metrics import METRICS, by_class
from gateway.experiments.presets.preset import Prediction
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
                found.append(
                    _row(estimate, prediction)
                    | {
                        "variant_id": str(variant),
                        "metric": name,
                        "unit": metric.unit,
                        "slice": part,
                        "primary": name == primary and part == "all",
                    }
                )
        found += [
            _row(share, None)
            | {
                "variant_id": str(variant),
                "metric": "error_rate",
                "unit": "share",
                "slice": name,
                "primary": False,
            }
            for name, share in by_class(group).items()
        ]
    for row in found:
        row |= {"run_id": run_id, "preset": preset}
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
