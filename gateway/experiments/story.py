"""A run in a few words: three numbers, one sentence, how sure it is, and what it is worth.

For readers who want the answer and not the table. Everything comes from the summary, so that a
long run is told as quickly as a short one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import pandas as pd

from gateway.experiments.plan import Outline
from gateway.experiments.presets.preset import Finding

UNKNOWN = "\N{EN DASH}"
NAMES: dict[str, str] = {
    "hit_ratio": "Answered from the cache",
    "wrong_wording": "Answers to another wording",
    "success": "Requests that succeeded",
    "accepted": "Let through by the limit",
    "fallback_rate": "Answered by the fallback",
    "amplification": "Attempts a request",
    "upstream_calls": "Calls to the provider",
    "e2e_mean_ms": "Mean latency, all answers",
    "e2e_p50_ms": "Median latency",
    "e2e_p95_ms": "p95 latency",
    "e2e_p99_ms": "p99 latency",
    **{
        f"{name}_p{p}_ms": f"{'Median' if p == 50 else f'p{p}'} {what}"
        for name, what in (
            ("lat_scheduled", "latency from the intended start"),
            ("ttft", "time to the first token"),
            ("ttfb", "time to the headers"),
        )
        for p in (50, 95, 99)
    },
    "tpot_mean_ms": "Mean time a token, from the first one on",
    "ntpot_mean_ms": "Mean time a token, all in all",
    "itl_p50_ms": "Median gap between chunks",
    "itl_p95_ms": "p95 gap between chunks",
    "tok_mean_s": "Mean speed",
    "dispatch_p99_ms": "Our own delay, p99",
    "out_tok_s": "Tokens written a second",
    "all_tok_s": "Tokens a second, read and written",
    "hit_share": "Hits among all requests",
    "byte_hit_ratio": "Hits by bytes",
    "token_hit_ratio": "Hits by tokens",
    "cost_hit_ratio": "Hits by list price",
    "wasted_attempts": "Attempts that failed",
    "added_latency_ms": "Latency that another try adds",
    "stampede": "Misses during a fill of their key",
    "cost_list_usd": "List price without a cache",
    "throughput_s": "Answers a second",
    "goodput_s": "Good answers a second",
    "goodput_share": "Requests that met every objective",
    "error_rate": "Requests that failed",
    "availability": "Available, rate limits aside",
    "origin_offload": "Spared the provider",
    "rescue_rate": "Saved by another try",
    "cost_usd": "Paid",
    "cost_saved_usd": "Saved",
}
"""What people call a metric; another one keeps its own name."""
FAMILY: dict[str, tuple[str, ...]] = {
    "cache": ("hit_ratio", "cost_saved_usd", "upstream_calls"),
    "reliability": ("success", "amplification", "e2e_mean_ms"),
    "limits": ("accepted", "success", "e2e_p50_ms"),
    "comparison": ("ttft_p50_ms", "e2e_p50_ms", "e2e_p95_ms"),
    "custom": ("success", "e2e_p50_ms", "cost_usd"),
    "free": ("hit_ratio", "e2e_p50_ms", "cost_usd"),
}
"""Which numbers a reader of each family asks for first."""
NUMBERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One figure of a story.

    Attributes:
        why: What it is, with its interval and its prediction.
    """

    label: str
    value: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a run says to somebody in a hurry.

    Attributes:
        sentence: The answer to the preset's question.
        sure: How sure it is, in words.
        worth: What the cache saved; ``None`` where it answered nothing.
        break_even: From which hit ratio on a cache pays; ``None`` where the run can't tell.
    """

    numbers: tuple[Number, ...]
    sentence: str
    sure: str
    worth: str | None
    break_even: str | None


def story(
    plan: Outline,
    family: str,
    summary: pd.DataFrame,
    findings: Sequence[Finding],
    *,
    state: str,
    punctual: bool = True,
) -> Story:
    """Tell a run.

    Args:
        family: The preset's.
        summary: Its summary table.
        state: How it ended: one that didn't come to its end says so first.
        punctual: Whether our own generator kept to the plan.
    """
    return Story(
        numbers=tuple(_numbers(plan, family, summary)),
        sentence=_sentence(findings, state, punctual),
        sure=_sure(plan, summary),
        worth=_worth(plan, summary),
        break_even=_break_even(summary),
    )


def shown(value: float | None, unit: str) -> str:
    """Return a figure with its unit, for the eye."""
    if value is None or not isfinite(value):
        return UNKNOWN
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "USD":
        return f"${value:,.2f}" if value >= 0.1 else f"${value:.2g}"
    if unit.startswith("ms"):
        rest = unit.removeprefix("ms")
        if value >= 1000:
            return f"{value / 1000:,.2f} s{rest}"
        return f"{value:,.0f} ms{rest}" if value >= 10 else f"{value:.1f} ms{rest}"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def name_of(metric: str) -> str:
    """Return what people call a metric."""
    return NAMES.get(metric, metric)


def _rows(summary: pd.DataFrame, metric: str, part: str = "all") -> pd.DataFrame:
    return summary[(summary["metric"] == metric) & (summary["slice"] == part)]


def _numbers(plan: Outline, family: str, summary: pd.DataFrame) -> list[Number]:
    wanted = dict.fromkeys((plan.primary, *FAMILY.get(family, FAMILY["custom"])))
    found: list[Number] = []
    for metric in wanted:
        rows = _rows(summary, metric)
        if not len(rows) or len(found) == NUMBERS:
            continue
        unit = str(rows["unit"].iloc[0])
        values = rows["estimate"].dropna()
        if unit == "USD" or metric == "upstream_calls":
            value = shown(float(values.sum()), unit)
            why = "In all."
        else:
            low, high = float(values.min()), float(values.max())
            spread = shown(low, unit) != shown(high, unit)
            value = f"{shown(low, unit)} to {shown(high, unit)}" if spread else shown(low, unit)
            why = f"Across {len(rows)} variants." if spread else _why(rows.iloc[0], unit)
        found.append(Number(label=name_of(metric), value=value, why=why))
    return found


def _why(row: pd.Series, unit: str) -> str:
    parts = []
    if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
        parts.append(f"95 % interval {shown(row['ci_low'], unit)} to {shown(row['ci_high'], unit)}")
    if pd.notna(row["predicted"]):
        said = f"predicted {shown(row['predicted'], unit)} by {row['predicted_formula']}"
        parts.append(said)
    return "; ".join([*parts, f"n = {row['n']:,}"]) + "."


def _sentence(findings: Sequence[Finding], state: str, punctual: bool) -> str:
    bad = [finding for finding in findings if finding.ok is False]
    if state != "done":
        return "The run ended early: what it has is shown, and nothing is concluded from it."
    if not findings:
        return "The run has its figures; nothing was said beforehand that they could refute."
    if not bad:
        told = f"All {len(findings)} checks hold" if len(findings) > 1 else "The one check holds"
        return f"{told}: the gateway does what was expected of it."
    first = bad[0]
    said = f" (expected {first.expected}, measured {first.measured})" if first.measured else ""
    doubt = "" if punctual else " But our own generator was late: run it again before you conclude."
    return f"{len(bad)} of {len(findings)} checks fail, first: {first.sentence}{said}.{doubt}"


def _sure(plan: Outline, summary: pd.DataFrame) -> str:
    rows = _rows(summary, plan.primary)
    told = rows.dropna(subset=["predicted"])
    bounded = rows.dropna(subset=["ci_low", "ci_high"])
    if len(told) and (told["predicted_se"] == 0).all():
        return "The prediction is exact: there is no chance in it, each request counts."
    if not len(summary):
        return "Each check is a question with one answer: nothing is estimated."
    if not len(rows):
        return "How sure each figure is stands beside it."
    if not len(bounded):
        return "Too few requests for an interval: take the figures as a first impression."
    unit = str(bounded["unit"].iloc[0])
    wide = (
        bounded.assign(width=bounded["ci_high"] - bounded["ci_low"]).sort_values("width").iloc[-1]
    )
    return (
        f"If this were repeated, {name_of(plan.primary).lower()} would lie between "
        f"{shown(wide['ci_low'], unit)} and {shown(wide['ci_high'], unit)} "
        "in about 19 of 20 repetitions"
        + (" for the least certain variant." if len(bounded) > 1 else ".")
    )


def _worth(plan: Outline, summary: pd.DataFrame) -> str | None:
    saved = float(_rows(summary, "cost_saved_usd")["estimate"].sum())
    listed = float(_rows(summary, "cost_list_usd")["estimate"].sum())
    hits = _rows(summary, "e2e_p50_ms", "HIT").set_index("variant_id")
    misses = _rows(summary, "e2e_p50_ms", "MISS").set_index("variant_id")
    both = hits[["estimate", "n"]].join(misses["estimate"].rename("estimate_miss"), how="inner")
    if not len(hits):
        return None
    parts = []
    if listed > 0:
        parts.append(f"{100 * saved / listed:.0f} % of the money ({shown(saved, 'USD')})")
    # On a faster clock, and where nobody takes time to answer, latencies are our own noise.
    if len(both) and plan.time_scale == 1 and plan.pace == "natural":
        gained = ((both["estimate_miss"] - both["estimate"]).clip(lower=0) * both["n"]).sum()
        each = float(gained) / max(int(both["n"].sum()), 1)
        parts.append(f"{shown(each, 'ms')} for each answer from the cache")
    return f"The cache saved {' and '.join(parts)}." if parts else None


def _break_even(summary: pd.DataFrame) -> str | None:
    """Return from which hit ratio on the cache makes requests quicker on average.

    Only a run with one variant that skips the cache can tell: it says what a miss costs besides.
    """
    skip = _rows(summary[summary["variant_id"] == "skip"], "e2e_p50_ms")["estimate"]
    used = summary[summary["variant_id"] == "cache"]
    hit = _rows(used, "e2e_p50_ms", "HIT")["estimate"]
    miss = _rows(used, "e2e_p50_ms", "MISS")["estimate"]
    if not (len(skip) and len(hit) and len(miss)):
        return None
    extra, gain = float(miss.iloc[0] - skip.iloc[0]), float(miss.iloc[0] - hit.iloc[0])
    if gain <= 0:
        return "A hit was no quicker than a miss: the cache saves money here, not time."
    if extra <= 0:
        return "A miss took no longer than without a cache: it pays from the first hit on."
    return (
        f"A miss took {shown(extra, 'ms')} longer than without a cache: it pays in time from a hit "
        f"ratio of {100 * min(extra / gain, 1):.1f} % on."
    )
