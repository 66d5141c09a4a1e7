"""Charts of limits, load and comparisons."""

import altair as alt
import numpy as np
import pandas as pd

from gateway.experiments import statistics
from gateway.experiments.presets.compare import pairs
from gateway.experiments.presets.knee import bounds as knee_bounds
from gateway.experiments.presets.knee import loop_of
from pages.parts.charts import general
from pages.parts.charts.material import (
    MEASURED,
    PREDICTED,
    Drawing,
    Material,
    beside,
    cache_color,
    legend,
    logarithmic,
    words,
)

STREAMS = 8
"""Streams whose single pieces are drawn."""
MOST_POINTS = 1500
PASSED, SLIDING, LIMIT = "passed in a window", "passed in the time before", "limit"
LASTS = ("time to the first token", "whole answer")
SAME = "no difference"


def windows(material: Material) -> Drawing:
    """Draw how many requests each window let through, for fixed and for sliding windows."""
    rows = material.measured
    loads = {v.id: v for v in material.plan.variants if v.factors.get("workload") == "load"}
    rows = rows[rows["variant_id"].isin(list(loads))]
    if not len(rows):
        return general.plain(material)
    knobs = material.preset.settled(material.plan.recipe)
    window = float(knobs["window_s"])
    limit = float(knobs["limit"])
    ids = rows["variant_id"].astype(str)
    start = rows.groupby(ids)["t_plan_s"].transform("min")
    at = rows["t_plan_s"] - start
    passed = rows["error_class"].astype(str) != "rate_limited_gateway"
    panels, worst = [], {}
    for id, variant in loads.items():
        let = at[(ids == id) & passed].sort_values().to_numpy(dtype=float)
        if not len(let):
            continue
        # At each request: how many passed in the window that ends with it.
        trailing = np.arange(1, len(let) + 1) - np.searchsorted(let, let - window, side="right")
        worst[str(variant.factors["technique"])] = int(trailing.max())
        number = np.floor(let / window)
        bars = pd.DataFrame({"from": np.unique(number) * window})
        bars["to"] = bars["from"] + window * 0.96
        bars["n"] = [int((number * window == one).sum()) for one in bars["from"]]
        shown = np.unique(np.linspace(0, len(let) - 1, min(len(let), MOST_POINTS)).astype(int))
        line = pd.DataFrame({"at": let[shown], "n": trailing[shown], "what": SLIDING})
        colour = legend("what:N", PASSED, SLIDING, LIMIT)
        x = alt.X("from:Q", title="Seconds on the gateway's clock", scale=alt.Scale(nice=False))
        drawn = (
            alt.Chart(bars.assign(what=PASSED))
            .mark_bar(opacity=0.5)
            .encode(
                x=x,
                x2="to:Q",
                y2=alt.Y2(datum=0),
                y=alt.Y("n:Q", title="Requests", scale=alt.Scale(domain=[0, 2.1 * limit])),
                color=colour,
                tooltip=["from:Q", "n:Q"],
            )
        )
        drawn += (
            alt.Chart(line)
            .mark_line(strokeWidth=1.5, interpolate="step-after")
            .encode(x="at:Q", y="n:Q", color=colour)
        )
        drawn += (
            alt.Chart(pd.DataFrame({"n": [limit], "what": [LIMIT]}))
            .mark_rule(strokeDash=[5, 3], strokeWidth=2)
            .encode(y="n:Q", color=colour)
        )
        panels.append(drawn)
    if not panels:
        return general.plain(material)
    shares = material.figure("accepted").set_index("label")["estimate"]
    said = ", ".join(f"{label.lower()} {100 * share:.1f} %" for label, share in shares.items())
    edges = " and ".join(f"{count} with {name} windows" for name, count in worst.items())
    return Drawing(
        tuple(panels),
        f"Let through: {said}. In any {window:g} s on end, up to {edges} passed: a fixed window "
        f"can let through twice the limit of {limit:g} around its edge.",
        height=270,
        titles=tuple(f"{name.capitalize()} windows" for name in worst),
    )


def knee(material: Material) -> Drawing:
    """Draw answers a second and latency over the number of clients, with their bounds."""
    table = _loops(material)
    closed = table[table["clients"].notna()] if len(table) else table
    if not len(closed):
        return general.plain(material)
    knobs = material.preset.settled(material.plan.recipe)
    limits = [knee_bounds(knobs, clients) for clients in closed["clients"]]
    bounds = {
        "rate": [limit.throughput_s for limit in limits],
        "latency": [1000 * limit.latency_s for limit in limits],
    }
    axis = alt.X(
        "clients:Q",
        title="Requests at once",
        scale=alt.Scale(type="log", base=2, nice=False),
        axis=alt.Axis(values=sorted(closed["clients"].unique().tolist())),
    )
    panels = []
    for column, title in (("rate", "Answers a second"), ("latency", "Mean latency in ms")):
        y = alt.Y(f"{column}:Q", title=title)
        told = closed.assign(**{column: bounds[column]}, what=PREDICTED)
        theory = (
            alt.Chart(told)
            .mark_line(strokeDash=[5, 3], strokeWidth=2)
            .encode(x=axis, y=y, color=beside())
        )
        base = alt.Chart(closed.assign(what=MEASURED))
        line = base.mark_line(point=True, strokeWidth=2).encode(
            x=axis, y=y, color=beside(), tooltip=["label:N", f"{column}:Q"]
        )
        if column == "latency":
            theory += base.mark_rule(strokeWidth=2).encode(
                x=axis, y="low:Q", y2="high:Q", color=beside()
            )
        panels.append(theory + line)
    best = closed.loc[closed["rate"].idxmax()]
    return Drawing(
        tuple(panels),
        f"Most answers, {best['rate']:.0f} a second, at {best['clients']:.0f} at once; where the "
        "lines part, more clients only wait (Q4). Latencies have 95 % intervals.",
        height=300,
        titles=("What comes out", "What it takes"),
    )


def curve_of_load(material: Material) -> Drawing | None:
    """Draw latency over throughput: closed loops beside open ones at parts of the most."""
    table = _loops(material)
    if len(table) < 2:
        return None
    names = ["as many at once", "at a given rate"]
    table["what"] = np.where(table["clients"].notna(), *names)
    colour = legend("what:N", *names)
    x = alt.X("rate:Q", title="Answers a second")
    base = alt.Chart(table)
    y = alt.Y("latency:Q", title="Mean latency in ms", scale=alt.Scale(zero=False))
    line = base.mark_line(strokeWidth=1.5).encode(x=x, y=y, color=colour)
    spread = base.mark_rule(strokeWidth=2).encode(x=x, y="low:Q", y2="high:Q", color=colour)
    dots = base.mark_circle(size=90).encode(
        x=x, y=y, color=colour, tooltip=["label:N", "rate:Q", "latency:Q", "low:Q", "high:Q"]
    )
    return Drawing(
        (line + spread + dots,),
        "Each point is a load, with the 95 % interval of its mean latency: the curve turns up "
        "where the gateway or our generator is full.",
        height=300,
    )


def _loops(material: Material) -> pd.DataFrame:
    """Return throughput and mean latency of each variant; ``clients`` only of closed loops."""
    found = []
    for variant in material.plan.variants:
        rows = material.measured
        rows = rows[(rows["variant_id"] == variant.id) & rows["ok"].fillna(False).astype(bool)]
        if len(rows) < 2:
            continue
        throughput, latency, _ = loop_of(rows)
        took = (1000 * (rows["t_end_s"] - rows["t_send_s"])).to_numpy(dtype=float)
        mean = statistics.mean_of_repetitions(took)
        found.append(
            {
                "label": variant.label,
                "clients": float(variant.factors["clients"])
                if "clients" in variant.factors
                else np.nan,
                "rate": throughput,
                "latency": 1000 * latency,
                "low": mean.low,
                "high": mean.high,
            }
        )
    return pd.DataFrame(found)


def forest(material: Material) -> Drawing:
    """Draw how many times as long each variant took as the first, with intervals."""
    base, *others = material.plan.variants
    found = []
    for column, name in zip(("ttft_ms", "e2e_ms"), LASTS, strict=True):
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
        "color": legend("what:N", *LASTS, SAME),
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
        .encode(x="x:Q", color=alt.datum(SAME))
    )
    return Drawing(
        (one + spread + points,),
        f"Pairs of the same prompt; where the bar crosses 1, {base.label} is not shown to differ.",
        height=120 + 60 * len(others),
    )


def spreads(material: Material) -> Drawing | None:
    """Draw which share of each variant's answers had begun, and had ended, within which time."""
    rows = material.measured[material.measured["ok"].fillna(False).astype(bool)]
    panels = []
    for column in ("ttft_ms", "e2e_ms"):
        parts = [
            general.curve(values).assign(what=variant.label)
            for variant in material.plan.variants
            if len(values := rows.loc[rows["variant_id"] == variant.id, column].dropna()) > 1
        ]
        if not parts:
            continue
        curves = pd.concat(parts)
        limits = logarithmic(curves["ms"].min(), curves["ms"].max())
        panels.append(
            alt.Chart(curves)
            .mark_line(interpolate="step-after", strokeWidth=2)
            .encode(
                x=alt.X("ms:Q", title="Milliseconds", **limits),
                y=alt.Y("share:Q", title="Share of answers", axis=general.SHARE),
                color=legend("what:N", *(v.label for v in material.plan.variants)),
            )
        )
    if len(panels) < len(LASTS):
        return None
    return Drawing(
        tuple(panels),
        "A line further left is quicker; lines that cross are quicker for some answers only.",
        height=280,
        titles=tuple(last.capitalize() for last in LASTS),
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
            tooltip=["stream:N", "ms:Q"],
        )
    )
    first = float(table.groupby("stream")["ms"].min().median())
    last = float(table.groupby("stream")["ms"].max().median())
    return Drawing(
        (drawn,),
        f"Each tick is a piece of an answer. The first words come after {first:,.0f} ms, the last "
        f"ones after {last:,.0f} ms; in one piece all would come at the end.",
        height=90 + 30 * len(names),
    )


def pauses(material: Material) -> Drawing | None:
    """Draw the pauses between the pieces of streams, fresh ones and those from the cache apart."""
    if not len(material.chunks):
        return None
    state = material.requests.set_index("request_id")["cache_status"].astype(str)
    table = material.chunks[["request_id", "i", "t_s"]].sort_values(["request_id", "i"])
    ids = table["request_id"].astype(str)
    table = table.assign(ms=1000 * table.groupby(ids)["t_s"].diff(), cache=ids.map(state))
    table = table.dropna(subset=["ms", "cache"])[["ms", "cache"]]
    if not len(table):
        return None
    medians = table.groupby("cache")["ms"].median()
    dots = (
        table
        if len(table) <= general.MOST_DOTS
        else table.sample(general.MOST_DOTS, random_state=1)
    )
    drawn = (
        alt.Chart(dots)
        .mark_tick(thickness=1, opacity=0.5)
        .encode(
            x=alt.X("ms:Q", title="Milliseconds between two pieces"),
            y=alt.Y("cache:N", title=None),
            color=cache_color(),
        )
    )
    middles = (
        alt.Chart(medians.reset_index())
        .mark_tick(thickness=4, bandSize=44)
        .encode(x="ms:Q", y="cache:N", color=cache_color(), tooltip=["cache:N", "ms:Q"])
    )
    said = ", ".join(f"{ms:,.1f} ms on a {name}" for name, ms in medians.items())
    return Drawing(
        (drawn + middles,),
        f"Each tick is a pause; a thick one is the middle: {said}. What comes from the cache has "
        "nothing to wait for.",
        height=190,
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
            x=alt.X(
                "message:Q",
                title="Messages so far",
                **logarithmic(1, max(float(table["message"].max()), 2)),
            ),
            y=alt.Y("mean:Q", title="Mean latency in ms"),
            color=legend("what:N", *labels.values()),
            tooltip=["what:N", "message:Q", "mean:Q"],
        )
    )
    return Drawing(
        (drawn,),
        "The first message opens the connection; what that costs is shared by those that follow.",
    )
