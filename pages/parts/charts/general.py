"""Charts that fit any run: predicted beside measured, and latencies by cache state."""

import altair as alt
import numpy as np
import pandas as pd

from gateway.experiments.story import name_of
from gateway.experiments.theory import cache
from pages.parts.charts.material import (
    MEASURED,
    PREDICTED,
    Drawing,
    Material,
    cache_color,
    legend,
    words,
)

STEPS = 200
"""Points of a curve."""
ROW_PX = 34


def plain(material: Material) -> Drawing:
    """Draw the primary metric of each variant with its interval, and what was predicted."""
    metric = material.preset.primary
    rows = material.figure(metric)
    if not len(rows):
        metric = "e2e_p50_ms"
        rows = material.figure(metric)
    title = name_of(metric)
    order = rows["label"].tolist()
    axis = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=260))
    measured = words(rows).assign(what=MEASURED)
    told = measured[measured["predicted"].notna()].assign(what=PREDICTED)
    colour = legend(scale=alt.Scale(domain=[MEASURED, PREDICTED]))
    bars = (
        alt.Chart(measured)
        .mark_rule(strokeWidth=2)
        .encode(y=axis, x=alt.X("ci_low:Q", title=title), x2="ci_high:Q", color=colour)
    )
    points = (
        alt.Chart(measured)
        .mark_circle(size=110)
        .encode(
            y=axis,
            x=alt.X("estimate:Q", title=title, scale=alt.Scale(zero=False)),
            color=colour,
            tooltip=["label:N", "estimate:Q", "ci_low:Q", "ci_high:Q", "n:Q"],
        )
    )
    expected = (
        alt.Chart(told)
        .mark_point(shape="diamond", size=130, filled=False, strokeWidth=2)
        .encode(y=axis, x="predicted:Q", color=colour, tooltip=["label:N", "predicted:Q", "z:Q"])
    )
    return Drawing(
        bars + points + expected,
        f"{title} of each variant with its 95 % interval; a diamond is what was predicted.",
        height=max(160, ROW_PX * len(rows) + 90),
    )


def ecdf(material: Material) -> Drawing | None:
    """Draw which share of answers came within which time, hits and misses apart, and all.

    ``None`` where there aren't both.
    """
    rows = material.measured.dropna(subset=["e2e_ms"])
    status = rows["cache_status"].astype(str)
    parts = {name: rows.loc[status == name, "e2e_ms"] for name in ("HIT", "MISS")}
    if any(len(part) < 2 for part in parts.values()):
        return None
    curves = pd.concat([_curve(part, name) for name, part in parts.items()])
    both = pd.concat(list(parts.values()))
    hits = len(parts["HIT"]) / len(both)
    p99 = float(np.quantile(both.to_numpy(dtype=float), 0.99))
    among = cache.quantile_among_misses(0.99, hits)
    axis = alt.X("ms:Q", title="Latency in ms", scale=alt.Scale(type="log"))
    lines = (
        alt.Chart(curves)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=axis,
            y=alt.Y("share:Q", title="Share", axis=alt.Axis(format="%")),
            color=cache_color(),
        )
    )
    mark = pd.DataFrame({"ms": [p99], "share": [0.5], "said": ["p99 of all"]})
    rule = alt.Chart(mark).mark_rule(strokeDash=[4, 4]).encode(x="ms:Q", color=alt.datum("MISS"))
    text = (
        alt.Chart(mark)
        .mark_text(align="right", dx=-6)
        .encode(x="ms:Q", y="share:Q", text="said", color=alt.datum("MISS"))
    )
    where = (
        "a hit's time, because more than 99 % are hits"
        if among is None
        else f"the {100 * among:.1f} % point of the misses"
    )
    return Drawing(
        lines + rule + text,
        f"{100 * hits:.0f} % are hits, so the p99 of all answers ({p99:,.0f} ms) is {where}: a "
        "cache can't bring it down before the hit ratio passes 99 % (C12).",
        height=300,
    )


def _curve(values: pd.Series, name: str) -> pd.DataFrame:
    shares = np.linspace(0, 1, min(STEPS, len(values) * 2))
    points = np.quantile(values.to_numpy(dtype=float), shares)
    return pd.DataFrame({"ms": np.maximum(points, 0.01), "share": shares, "cache": name})
