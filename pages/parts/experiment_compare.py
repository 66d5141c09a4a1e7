"""A run beside others of its kind: differences with intervals, and what differed in the set-up."""

import pandas as pd
import streamlit as st

from gateway.experiments import compare
from gateway.experiments.plan import Outline
from gateway.experiments.story import name_of, shown
from gateway.workbench import Results, Run
from pages.parts import experiment_charts, state
from pages.parts.charts import compared
from pages.parts.figures import GLUE

MOST_RUNS = 50
ROWS = 60
METRICS = ("hit_ratio", "success", "accepted", "fallback_rate", "amplification", "upstream_calls")
SLICED = ("e2e_p50_ms", "e2e_p95_ms", "ttft_p50_ms")
"""Latencies, which are compared for hits and misses apart."""


@st.fragment
def others(run: Run, plan: Outline, results: Results) -> None:
    """Draw the choice of other runs of the same experiment, and each of them beside this one."""
    lab = state.workbench().lab
    found = {
        other.id: other
        for other in lab.runs(limit=MOST_RUNS)
        if other.preset == run.preset and other.id != run.id and other.ended and other.recipe
    }
    if not found:
        return
    chosen = st.multiselect(
        "Compare with",
        list(found),
        format_func=lambda id: _name(found[id]),
        key=f"experiments.compare.{run.id}",
    )
    if not chosen:
        return
    summaries = {run_id: lab.results(run_id).summary for run_id in chosen}
    named = {_name(found[run_id]): table for run_id, table in summaries.items()}
    drawing = compared.runs(plan, {"this run": results.summary, **named})
    if drawing is not None:
        experiment_charts.put(drawing, "experiments-compared", f"{run.preset} runs compared")
    for run_id, summary in summaries.items():
        other = found[run_id]
        st.markdown(f"**Beside the run of {other.figures['started_utc']:%Y-%m-%d %H:%M:%S} UTC**")
        _setup(run, other)
        _differences(plan, results.summary, summary)


def _name(run: Run) -> str:
    began, seed = run.figures["started_utc"], run.figures["seed"]
    return f"{began:%Y-%m-%d %H:%M:%S} UTC, seed {seed}"


def _setup(run: Run, other: Run) -> None:
    assert run.recipe is not None
    assert other.recipe is not None
    differs = compare.setup(run.recipe, other.recipe, run.figures, other.figures)
    if not differs:
        st.caption(":material/check: Set up alike: one repeats the other.")
        return
    said = "; ".join(f"{row.what}: **{row.ours}** here, **{row.base}** there" for row in differs)
    st.caption(f":material/difference: {said}.".replace("$", "\\$"))


def _differences(plan: Outline, ours: pd.DataFrame, base: pd.DataFrame) -> None:
    rows = compare.differences(ours, base)
    whole = rows["metric"].isin((*METRICS, plan.primary)) & (rows["slice"] == "all")
    parted = rows["metric"].isin(SLICED) & rows["slice"].isin(["HIT", "MISS"])
    labels = {variant.id: variant.label for variant in plan.variants}
    rows = rows[whole | parted]
    lines = [
        {
            "Variant": labels.get(row["variant_id"], row["variant_id"]),
            "Figure": name_of(row["metric"])
            + ("" if row["slice"] == "all" else f", {row['slice']}"),
            "Here": shown(row["ours"], row["unit"]).replace(" ", GLUE).replace("$", "\\$"),
            "There": shown(row["base"], row["unit"]).replace(" ", GLUE).replace("$", "\\$"),
            "Difference": _interval(row),
            "Says": ":blue-badge[differs]" if row["clear"] else ":gray-badge[not shown to differ]",
        }
        for row in rows.head(ROWS).to_dict("records")
    ]
    if lines:
        st.table(lines, border="horizontal", hide_index=True, alt="Differences of two runs")
        st.caption("95 % intervals by Newcombe's method; several rows, so one may err by chance.")
    else:
        st.caption("The two runs have no figure in common.")


def _interval(row: dict) -> str:
    unit = row["unit"]
    scale, suffix = (100, " points") if unit == "share" else (1, f" {unit}" if unit else "")
    diff = f"{scale * row['diff']:+,.3g}{suffix}"
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return f"{diff} (too few for an interval)"
    return f"{diff} ({scale * row['low']:+,.3g} to {scale * row['high']:+,.3g})"
