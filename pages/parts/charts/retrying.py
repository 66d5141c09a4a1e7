"""Charts of retries: success of policies, rescues from outages, fallbacks, storms."""

import altair as alt
import numpy as np
import pandas as pd

from gateway.experiments.theory import retries
from pages.parts.charts import general
from pages.parts.charts.material import MEASURED, PREDICTED, Drawing, Material, legend, words

SHARE = alt.Axis(format="%")
CELL_PX = 30
PANELS = (("predicted", "Predicted"), ("estimate", "Measured"), ("z", "z: SE apart"))


def heat(material: Material) -> Drawing:
    """Draw success of each policy as predicted, as measured, and how far apart they are."""
    rows = words(material.figure("success"))
    if "p" not in rows or not len(rows):
        return general.plain(material)
    rows["policy"] = [
        f"{backoff}, {tries:g} tries" if tries > 1 else "no retry"
        for backoff, tries in zip(rows["backoff"], rows["attempts"], strict=True)
    ]
    rows["chance"] = [f"{100 * p:.0f} %" for p in rows["p"]]
    rows = rows.drop_duplicates(["policy", "chance"])
    order = rows.sort_values(["attempts", "policy"])["policy"].drop_duplicates().tolist()
    panels = []
    for column, title in PANELS:
        place = {
            "x": alt.X("chance:N", title="An attempt succeeds", axis=alt.Axis(labelAngle=0)),
            "y": alt.Y("policy:N", title=None, sort=order, axis=alt.Axis(labelLimit=180)),
        }
        diverging = column == "z"
        scale = alt.Scale(domain=[-4, 4], domainMid=0) if diverging else alt.Scale(domain=[0, 1])
        cells = (
            alt.Chart(rows, title=title)
            .mark_rect(cornerRadius=2)
            .encode(
                **place,
                color=alt.Color(f"{column}:Q", scale=scale, legend=None),
                tooltip=["label:N", "predicted:Q", "estimate:Q", "z:Q"],
            )
            .properties(width=170, height=CELL_PX * len(order))
        )
        panels.append(cells)
    drawn = alt.hconcat(*panels).resolve_scale(color="independent")
    worst = float(rows["z"].abs().max())
    return Drawing(
        drawn,
        f"Success of each policy; the farthest cell lies {worst:.1f} standard errors from its "
        "prediction.",
        height=CELL_PX * len(order) + 110,
    )


def rescue(material: Material) -> Drawing:
    """Draw the share of rescued requests over the policy's span: all lie on one line."""
    rows = words(material.figure("success"))
    if "delay_s" not in rows or not len(rows):
        return general.plain(material)
    knobs = material.preset.settled(material.plan.recipe)
    rows["span"] = [
        retries.span_s(backoff, delay, knobs["attempts"], knobs["failed_ms"] / 1000)
        for backoff, delay in zip(rows["backoff"], rows["delay_s"], strict=True)
    ]
    outage = float(knobs["outage_s"])
    spans = np.linspace(0, max(rows["span"].max(), outage) * 1.05, 60)
    line = pd.DataFrame({"span": spans, "share": [retries.rescued(s, outage) for s in spans]})
    axis = alt.X("span:Q", title="Seconds from the first to the last attempt")
    theory = (
        alt.Chart(line)
        .mark_line(strokeDash=[5, 3], strokeWidth=2)
        .encode(
            x=axis,
            y=alt.Y("share:Q", title="Requests rescued", axis=SHARE),
            color=alt.datum("predicted: span / outage"),
        )
    )
    base = alt.Chart(rows)
    colour = legend("backoff:N")
    spread = base.mark_rule(strokeWidth=2).encode(
        x=axis, y="ci_low:Q", y2="ci_high:Q", color=colour
    )
    points = base.mark_circle(size=110).encode(
        x=axis, y="estimate:Q", color=colour, tooltip=["label:N", "span:Q", "estimate:Q", "z:Q"]
    )
    return Drawing(
        theory + spread + points,
        f"An outage of {outage:g} s: only the span of all attempts counts, whatever the backoff.",
    )


def steps(material: Material) -> Drawing:
    """Draw for each timeout who answered, and the mean latency on the theory's curve."""
    rows = material.measured
    labels = {
        variant.id: f"{variant.factors['timeout_s']:g} s"
        for variant in material.plan.variants
        if "timeout_s" in variant.factors and not variant.stream
    }
    ok = rows[rows["ok"].fillna(False).astype(bool) & rows["variant_id"].isin(list(labels))]
    if not len(ok):
        return general.plain(material)
    step = np.where(ok["step"].fillna(0) >= 1, "fallback", "first choice")
    counts = (
        pd.DataFrame({"timeout": ok["variant_id"].astype(str).map(labels), "what": step})
        .value_counts()
        .rename("n")
        .reset_index()
    )
    order = list(labels.values())
    shares = (
        alt.Chart(counts, title="Who answered")
        .mark_bar(cornerRadius=2)
        .encode(
            x=alt.X("timeout:N", sort=order, title="Timeout", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("n:Q", stack="normalize", title="Share of answers", axis=SHARE),
            color=legend(scale=alt.Scale(domain=["first choice", "fallback", MEASURED, PREDICTED])),
            tooltip=["timeout:N", "what:N", "n:Q"],
        )
        .properties(width=280, height=240)
    )
    mean = words(material.figure("e2e_mean_ms"))
    mean = mean[mean["variant_id"].isin(list(labels))]
    knobs = material.preset.settled(material.plan.recipe)
    behind = knobs["fallback_least_s"] + knobs["fallback_s"]
    at = np.linspace(0.02, max(mean["timeout_s"].max(), 1.0) * 1.1, 80)
    curve = pd.DataFrame(
        {
            "timeout_s": at,
            "ms": [1000 * retries.timeout_then_fallback_s(knobs["first_s"], t, behind) for t in at],
        }
    )
    theory = (
        alt.Chart(curve, title="What it takes")
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("timeout_s:Q", title="Timeout in s"),
            y=alt.Y("ms:Q", title="Mean latency in ms", scale=alt.Scale(zero=False)),
            color=alt.datum(PREDICTED),
        )
    )
    base = alt.Chart(mean)
    spread = base.mark_rule(strokeWidth=2).encode(
        x="timeout_s:Q", y="ci_low:Q", y2="ci_high:Q", color=alt.datum(MEASURED)
    )
    points = base.mark_circle(size=110).encode(
        x="timeout_s:Q", y="estimate:Q", color=alt.datum(MEASURED), tooltip=["label:N", "z:Q"]
    )
    return Drawing(
        alt.hconcat(shares, (theory + spread + points).properties(width=320, height=240)),
        "A short timeout sends more requests to the fallback; the mean latency lies on the curve "
        "of the formula (R8).",
        height=400,
    )


def storm(material: Material) -> Drawing:
    """Draw what retries do to an overloaded provider: attempts rise, successes don't."""
    success = words(material.figure("success")).assign(what="requests that succeed")
    load = words(material.figure("amplification")).assign(what="attempts a request")
    if not len(load):
        return general.plain(material)
    order = success["label"].tolist()
    panels = []
    for rows, title in ((success, "Requests that succeed"), (load, "Attempts a request")):
        axis = alt.Axis(format="%") if rows is success else alt.Axis()
        base = alt.Chart(rows, title=title)
        place = alt.X("label:N", sort=order, title=None, axis=alt.Axis(labelAngle=0))
        bars = base.mark_bar(cornerRadius=3).encode(
            x=place,
            y=alt.Y("estimate:Q", title=None, axis=axis),
            color=alt.datum(MEASURED),
            tooltip=["label:N", "estimate:Q", "predicted:Q", "z:Q"],
        )
        ticks = base.mark_tick(thickness=3, size=70).encode(
            x=place, y="predicted:Q", color=alt.datum(PREDICTED)
        )
        panels.append((bars + ticks).properties(width=300, height=230))
    return Drawing(
        alt.hconcat(*panels).configure_legend(orient="top", title=None),
        "Retries against a provider that can't take more: as many succeed as before, at a "
        "multiple of the load.",
        height=360,
    )
