"""Charts that fit any run: predicted beside measured, latencies by cache state and over time."""

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
    beside,
    cache_color,
    legend,
    logarithmic,
    words,
)

STEPS = 200
"""Points of a curve."""
ROW_PX = 34
LEAST_MS = 0.01
MOST_DOTS = 3000
SHARE = alt.Axis(format="%", tickCount=6)


def plain(material: Material) -> Drawing:
    """Draw the primary metric of each variant with its interval, and what was predicted."""
    metric = material.preset.primary
    rows = material.figure(metric)
    if not len(rows):
        metric = "e2e_p50_ms"
        rows = material.figure(metric)
    title = name_of(metric)
    order = rows["label"].tolist()
    axis = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=200))
    measured = words(rows).assign(what=MEASURED)
    told = measured[measured["predicted"].notna()].assign(what=PREDICTED)
    colour = beside()
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
        (bars + points + expected,),
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
    both = pd.concat(list(parts.values()))
    curves = pd.concat(
        [curve(part).assign(cache=name) for name, part in parts.items()]
        + [curve(both).assign(cache="all")]
    )
    hits = len(parts["HIT"]) / len(both)
    p99 = float(np.quantile(both.to_numpy(dtype=float), 0.99))
    among = cache.quantile_among_misses(0.99, hits)
    names = ["HIT", "MISS", "all"]
    colour = legend("cache:N", *names)
    axis = alt.X(
        "ms:Q", title="Latency in ms", **logarithmic(curves["ms"].min(), curves["ms"].max())
    )
    share = alt.Y("share:Q", title="Share of answers", axis=SHARE)
    lines = (
        alt.Chart(curves)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(x=axis, y=share, color=colour)
    )
    mark = pd.DataFrame({"ms": [p99], "share": [0.5], "said": ["p99 of all"], "cache": ["all"]})
    rule = (
        alt.Chart(mark)
        .mark_rule(strokeDash=[4, 4], strokeWidth=2)
        .encode(x="ms:Q", color=colour, tooltip=["said:N", "ms:Q"])
    )
    text = (
        alt.Chart(mark)
        .mark_text(align="right", dx=-6)
        .encode(x="ms:Q", y="share:Q", text="said", color=colour)
    )
    where = (
        "a hit's time, because more than 99 % are hits"
        if among is None
        else f"the {100 * among:.1f} % point of the misses"
    )
    return Drawing(
        (lines + rule + text,),
        f"{100 * hits:.0f} % are hits, so the p99 of all answers ({p99:,.0f} ms) is {where}: a "
        "cache can't bring it down before the hit ratio passes 99 % (C12).",
        height=300,
    )


def curve(values: pd.Series) -> pd.DataFrame:
    """Return which share of some latencies came within which time: ``ms`` and ``share``."""
    shares = np.linspace(0, 1, min(STEPS, len(values) * 2))
    points = np.quantile(values.to_numpy(dtype=float), shares)
    return pd.DataFrame({"ms": np.maximum(points, LEAST_MS), "share": shares})


def over_time(material: Material) -> Drawing | None:
    """Draw each answer's latency at the moment when it was asked for: drift shows, and stops."""
    rows = material.measured.dropna(subset=["e2e_ms", "t_send_s"])
    if len(rows) < 2:
        return None
    dots = rows if len(rows) <= MOST_DOTS else rows.sample(MOST_DOTS, random_state=1)
    table = pd.DataFrame(
        {
            "at": dots["t_send_s"] - rows["t_send_s"].min(),
            "ms": dots["e2e_ms"].clip(lower=LEAST_MS),
            "cache": dots["cache_status"].astype(str),
        }
    )
    drawn = (
        alt.Chart(table)
        .mark_circle(size=28, opacity=0.55)
        .encode(
            x=alt.X("at:Q", title="Seconds since the first request"),
            y=alt.Y(
                "ms:Q", title="Latency in ms", **logarithmic(table["ms"].min(), table["ms"].max())
            ),
            color=cache_color(),
            tooltip=["at:Q", "ms:Q", "cache:N"],
        )
    )
    few = "" if len(dots) == len(rows) else f" {MOST_DOTS:,} of {len(rows):,} are drawn."
    return Drawing((drawn,), f"Each point is an answer.{few}", height=260)
