"""Charts of limits, load and comparisons."""

import altair as alt
import numpy as np
import pandas as pd

from gateway.experiments import statistics
from gateway.experiments.presets.compare import pairs
from gateway.experiments.presets.knee import loop_of
from pages.parts.charts import general
from pages.parts.charts.material import MEASURED, PREDICTED, Drawing, Material, legend, words

STREAMS = 8
"""Streams whose single pieces are drawn."""


def windows(material: Material) -> Drawing:
    """Draw how many requests each window let through, for fixed and for sliding windows."""
    rows = material.measured
    loads = {v.id: v for v in material.plan.variants if v.factors.get("workload") == "load"}
    rows = rows[rows["variant_id"].isin(list(loads))]
    if not len(rows):
        return general.plain(material)
    knobs = material.preset.settled(material.plan.recipe)
    window = float(knobs["window_s"])
    ids = rows["variant_id"].astype(str)
    start = rows.groupby(ids)["t_plan_s"].transform("min")
    table = pd.DataFrame(
        {
            "technique": ids.map({id: v.factors["technique"] for id, v in loads.items()}),
            "window": np.floor((rows["t_plan_s"] - start) / window),
            "passed": (rows["error_class"].astype(str) != "rate_limited_gateway"),
        }
    )
    counts = table.groupby(["technique", "window"], as_index=False).agg(
        asked=("passed", "size"), passed=("passed", "sum")
    )
    base = alt.Chart(counts)
    bars = base.mark_bar(opacity=0.85).encode(
        x=alt.X("window:Q", title=f"Window of {window:g} s"),
        y=alt.Y("passed:Q", title="Let through"),
        color=legend("technique:N"),
        tooltip=["technique:N", "window:Q", "passed:Q", "asked:Q"],
    )
    limit = base.mark_rule(strokeDash=[5, 3]).encode(
        y=alt.Y(datum=float(knobs["limit"])), color=alt.datum("limit")
    )
    drawn = (
        (bars + limit)
        .properties(height=130, width=620)
        .facet(row=alt.Row("technique:N", title=None))
    )
    shares = material.figure("accepted").set_index("label")["estimate"]
    said = ", ".join(f"{label.lower()} {100 * share:.1f} %" for label, share in shares.items())
    return Drawing(drawn, f"Let through: {said}.", height=400)


def knee(material: Material) -> Drawing:
    """Draw answers a second and latency over the number of clients, with their bounds."""
    found = []
    for variant in material.plan.variants:
        rows = material.measured
        rows = rows[(rows["variant_id"] == variant.id) & rows["ok"].fillna(False).astype(bool)]
        if len(rows) >= 2:
            throughput, latency, _ = loop_of(rows)
            clients = float(variant.concurrency)
            found.append({"clients": clients, "rate": throughput, "latency": 1000 * latency})
    if not found:
        return general.plain(material)
    table = pd.DataFrame(found)
    service = float(material.preset.settled(material.plan.recipe)["service_s"])
    table["bound"], table["least"] = table["clients"] / service, 1000 * service
    axis = alt.X("clients:Q", title="At once", scale=alt.Scale(type="log", base=2))
    panels = []
    for column, bound, title in (
        ("rate", "bound", "Answers a second"),
        ("latency", "least", "Latency in ms"),
    ):
        base = alt.Chart(table, title=title)
        theory = base.mark_line(strokeDash=[5, 3], strokeWidth=2).encode(
            x=axis, y=alt.Y(f"{bound}:Q", title=None), color=alt.datum(PREDICTED)
        )
        line = base.mark_line(point=True, strokeWidth=2).encode(
            x=axis,
            y=alt.Y(f"{column}:Q", title=None),
            color=alt.datum(MEASURED),
            tooltip=["clients:Q", f"{column}:Q", f"{bound}:Q"],
        )
        panels.append((theory + line).properties(width=310, height=240))
    best = table.loc[table["rate"].idxmax()]
    return Drawing(
        alt.hconcat(*panels).configure_legend(orient="top", title=None),
        f"Most answers, {best['rate']:.0f} a second, at {best['clients']:.0f} at once; where the "
        "lines part, more clients only wait (Q4).",
        height=390,
    )


def forest(material: Material) -> Drawing:
    """Draw how many times as long each variant took as the first, with intervals."""
    base, *others = material.plan.variants
    found = []
    for column, name in (("ttft_ms", "time to the first token"), ("e2e_ms", "whole answer")):
        for variant in others:
            both = pairs(material.measured, column, variant.id, base.id)
            if len(both) >= 2:
                ratio = statistics.paired_ratio(both["ours"], both["base"])
                found.append(
                    {"label": variant.label, "what": name, "ratio": ratio.value}
                    | {"low": ratio.low, "high": ratio.high, "n": ratio.n}
                )
    if not found:
        return general.plain(material)
    table = pd.DataFrame(found)
    chart = alt.Chart(table)
    place = {
        "y": alt.Y("label:N", title=None, axis=alt.Axis(labelLimit=240)),
        "yOffset": "what:N",
        "color": legend(),
    }
    spread = chart.mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q", **place)
    points = chart.mark_square(size=120, opacity=1).encode(
        x=alt.X("ratio:Q", title=f"Times as long as {base.label}", scale=alt.Scale(zero=False)),
        tooltip=["label:N", "what:N", "ratio:Q", "low:Q", "high:Q", "n:Q"],
        **place,
    )
    one = (
        alt.Chart(pd.DataFrame({"x": [1.0]}))
        .mark_rule(strokeDash=[4, 4])
        .encode(x="x:Q", color=alt.datum("no difference"))
    )
    return Drawing(
        one + spread + points,
        f"Pairs of the same prompt; where the bar crosses 1, {base.label} is not shown to differ.",
        height=120 + 60 * len(others),
    )


def gaps(material: Material) -> Drawing:
    """Draw when the pieces of a few streams arrived."""
    if not len(material.chunks):
        return general.plain(material)
    sent = material.requests.set_index("request_id")["t_send_s"]
    table = material.chunks[["request_id", "t_s"]].copy()
    table["request_id"] = table["request_id"].astype(str)
    table = table[table["request_id"].isin(table["request_id"].drop_duplicates().head(STREAMS))]
    table["ms"] = 1000 * (table["t_s"] - table["request_id"].map(sent))
    names = {id: f"stream {number}" for number, id in enumerate(table["request_id"].unique(), 1)}
    table["stream"] = table["request_id"].map(names)
    table = table.dropna(subset=["ms"])
    drawn = (
        alt.Chart(table[["ms", "stream"]])
        .mark_tick(thickness=2, height=18)
        .encode(
            x=alt.X("ms:Q", title="Milliseconds after the request was sent"),
            y=alt.Y("stream:N", title=None, sort=list(names.values())),
            color=alt.datum("a piece of the answer"),
            tooltip=["stream:N", "ms:Q"],
        )
    )
    first = float(table.groupby("stream")["ms"].min().median())
    last = float(table.groupby("stream")["ms"].max().median())
    return Drawing(
        drawn.configure_legend(orient="top", title=None),
        f"The first words come after {first:,.0f} ms, the last ones after {last:,.0f} ms; in one "
        "piece all would come at the end.",
        height=90 + 30 * len(names),
    )


def amortised(material: Material) -> Drawing:
    """Draw the mean time of the first messages on each kind of connection."""
    rows = material.requests.dropna(subset=["e2e_ms"]).sort_values("seq")
    labels = {variant.id: variant.label for variant in material.plan.variants}
    ids = rows["variant_id"].astype(str)
    table = pd.DataFrame(
        {
            "what": ids.map(labels),
            "message": rows.groupby(ids).cumcount() + 1,
            "mean": rows.groupby(ids)["e2e_ms"].transform(lambda ms: ms.expanding().mean()),
        }
    )
    table = words(table)
    drawn = (
        alt.Chart(table)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("message:Q", title="Messages so far", scale=alt.Scale(type="log")),
            y=alt.Y("mean:Q", title="Mean latency in ms"),
            color=legend(scale=alt.Scale(domain=list(labels.values()))),
            tooltip=["what:N", "message:Q", "mean:Q"],
        )
    )
    return Drawing(
        drawn,
        "The first message opens the connection; what that costs is shared by those that follow.",
    )
