"""Charts of retries: success of policies, rescues from outages, fallbacks, storms."""

import altair as alt
import numpy as np
import pandas as pd

from gateway.experiments.plan import Outline, Variant
from gateway.experiments.presets.policy import stairs_of
from gateway.experiments.story import shown
from gateway.experiments.theory import retries
from pages.parts.charts import general
from pages.parts.charts.material import (
    INTERVAL,
    MEASURED,
    PREDICTED,
    Drawing,
    Material,
    beside,
    legend,
    words,
)

SHARE = alt.Axis(format="%", tickCount=6)
SPAN = "predicted: span / outage"
CELL_PX = 30
PANELS = (("predicted", "Predicted"), ("estimate", "Measured"), ("z", "Standard errors apart (z)"))


def heat(material: Material) -> Drawing:
    """Draw success of each policy as predicted, as measured, and how far apart they are."""
    return _heat(material, "success", "Success of each policy")


def heat_of_latency(material: Material) -> Drawing | None:
    """Draw the mean latency of each policy in the same way."""
    if "p" not in material.figure("e2e_mean_ms"):
        return None
    return _heat(material, "e2e_mean_ms", "Mean latency of each policy, all answers")


def _heat(material: Material, metric: str, said: str) -> Drawing:
    rows = words(material.figure(metric))
    if "p" not in rows or not len(rows):
        return general.plain(material)
    rows["policy"] = [
        f"{backoff}, {tries:g} tries" if tries > 1 else "no retry"
        for backoff, tries in zip(rows["backoff"], rows["attempts"], strict=True)
    ]
    rows["chance"] = [f"{100 * p:.0f} %" for p in rows["p"]]
    rows = rows.drop_duplicates(["policy", "chance"])
    order = rows.sort_values(["attempts", "policy"])["policy"].drop_duplicates().tolist()
    unit = "share" if metric == "success" else "ms"
    panels = []
    for column, _ in PANELS:
        far = column == "z"
        rows[f"{column}_said"] = [f"{z:+.1f}" if far else shown(z, unit) for z in rows[column]]
        scale = alt.Scale(domain=[-4, 4], domainMid=0) if far else alt.Scale(zero=False)
        base = alt.Chart(rows).encode(
            x=alt.X(
                "chance:N",
                title="An attempt succeeds",
                axis=alt.Axis(labelAngle=0),
                sort=rows.sort_values("p")["chance"].drop_duplicates().tolist(),
            ),
            y=alt.Y("policy:N", title=None, sort=order, axis=alt.Axis(labelLimit=140)),
            tooltip=["label:N", "predicted:Q", "estimate:Q", "ci_low:Q", "ci_high:Q", "z:Q"],
        )
        cells = base.mark_rect(cornerRadius=2).encode(
            color=alt.Color(f"{column}:Q", scale=scale, legend=None)
        )
        # The theme's scale runs from pale to strong in light, from dark to bright in dark: its
        # other end can be read on every cell in both.
        middle = (rows[column].min() + rows[column].max()) / 2
        strong = rows[column].abs() > 3 if far else rows[column] > middle
        rows[f"{column}_ink"] = np.where(strong, 0, 1)
        ink = alt.Color(f"{column}_ink:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
        text = base.mark_text(fontSize=11).encode(text=f"{column}_said:N", color=ink)
        panels.append((cells + text).resolve_scale(color="independent"))
    worst = float(rows["z"].abs().max())
    return Drawing(
        tuple(panels),
        f"{said}; the farthest cell lies {worst:.1f} standard errors from its prediction.",
        height=CELL_PX * len(order) + 70,
        titles=tuple(title for _, title in PANELS),
    )


def staircase(material: Material) -> Drawing | None:
    """Draw how long requests of one policy took, on the stairs that its attempts make (R4)."""
    knobs = material.preset.settled(material.plan.recipe)
    if "good_ms" not in knobs:
        return None
    variant = _telling(material.plan)
    rows = material.measured
    taken = rows.loc[rows["variant_id"] == variant.id, ["e2e_ms", "ok"]].dropna()
    if len(taken) < 2:
        return None
    stairs = sorted(stairs_of(variant, knobs), key=lambda stair: stair.latency_s)
    told = pd.DataFrame(
        {
            "ms": [1000 * stair.latency_s for stair in stairs],
            "share": np.cumsum([stair.probability for stair in stairs]),
            "said": [
                f"{stair.attempts} {'attempt' if stair.attempts == 1 else 'attempts'}"
                + ("" if stair.ok else ", failed")
                for stair in stairs
            ],
            "what": PREDICTED,
        }
    )
    last = max(told["ms"].max(), taken["e2e_ms"].max()) * 1.05
    edge = pd.DataFrame({"ms": [0.0, last], "share": [0.0, 1.0], "what": PREDICTED})
    steps = pd.concat([edge.head(1), told, edge.tail(1)])
    found = general.curve(taken["e2e_ms"]).assign(what=MEASURED)
    colour = beside()
    x = alt.X("ms:Q", title="Latency in ms", scale=alt.Scale(domain=[0, last], nice=False))
    y = alt.Y("share:Q", title="Share of requests", axis=SHARE)
    theory = (
        alt.Chart(steps)
        .mark_line(interpolate="step-after", strokeDash=[5, 3], strokeWidth=2)
        .encode(x=x, y=y, color=colour)
    )
    line = (
        alt.Chart(found)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(x=x, y=y, color=colour)
    )
    base = alt.Chart(told)
    marks = base.mark_rule(strokeDash=[2, 4], opacity=0.6).encode(x="ms:Q", color=colour)
    names = base.mark_text(align="left", dx=5, dy=12).encode(
        x="ms:Q", y="share:Q", text="said:N", color=colour
    )
    return Drawing(
        (marks + theory + line + names,),
        f"{variant.label}: each step is one attempt more; from a latency, the attempts behind it "
        "can be read.",
        height=300,
    )


def _telling(plan: Outline) -> Variant:
    """Return the variant whose stairs tell most: several tries that often fail, and unequal waits.

    Three exponential tries at a chance of 70 % are the documented example.
    """
    return min(
        (variant for variant in plan.variants if variant.factors.get("attempts", 1) > 1),
        key=lambda variant: (
            abs(variant.factors["attempts"] - 3),
            abs(variant.factors["p"] - 0.7),
            variant.factors["backoff"] != "exponential",
        ),
        default=plan.variants[0],
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
            color=alt.datum(SPAN),
        )
    )
    base = alt.Chart(rows)
    kinds = ["constant", "linear", "exponential", SPAN]
    colour = legend("backoff:N", *kinds)
    spread = base.mark_rule(strokeWidth=2).encode(
        x=axis, y="ci_low:Q", y2="ci_high:Q", color=colour
    )
    points = base.mark_circle(size=110).encode(
        x=axis, y="estimate:Q", color=colour, tooltip=["label:N", "span:Q", "estimate:Q", "z:Q"]
    )
    return Drawing(
        (theory + spread + points,),
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
    place = alt.X("timeout:N", sort=order, title="Timeout", axis=alt.Axis(labelAngle=0))
    bars = (
        alt.Chart(counts)
        .mark_bar(cornerRadius=2, opacity=0.75)
        .encode(
            x=place,
            y=alt.Y("n:Q", stack="normalize", title="Share of answers", axis=SHARE),
            color=legend("what:N", "first choice", "fallback", PREDICTED),
            order=alt.Order("what:N", sort="ascending"),
            tooltip=["timeout:N", "what:N", "n:Q"],
        )
    )
    told = words(material.figure("fallback_rate"))
    told = told[told["variant_id"].isin(list(labels))]
    told["timeout"] = told["variant_id"].map(labels)
    ticks = (
        alt.Chart(told)
        .mark_tick(thickness=4, bandSize=60)
        .encode(
            x=place,
            y="predicted:Q",
            color=alt.datum(PREDICTED),
            tooltip=["timeout:N", "predicted:Q", "z:Q"],
        )
    )
    mean = words(material.figure("e2e_mean_ms"))
    mean = mean[mean["variant_id"].isin(list(labels))].assign(what=MEASURED)
    knobs = material.preset.settled(material.plan.recipe)
    behind = knobs["fallback_least_s"] + knobs["fallback_s"]
    at = np.linspace(0.02, max(mean["timeout_s"].max(), 1.0) * 1.1, 80)
    curve = pd.DataFrame(
        {
            "timeout_s": at,
            "ms": [1000 * retries.timeout_then_fallback_s(knobs["first_s"], t, behind) for t in at],
            "what": PREDICTED,
        }
    )
    colour = beside()
    theory = (
        alt.Chart(curve)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("timeout_s:Q", title="Timeout in s", scale=alt.Scale(nice=False)),
            y=alt.Y("ms:Q", title="Mean latency in ms", scale=alt.Scale(zero=False)),
            color=colour,
        )
    )
    base = alt.Chart(mean)
    spread = base.mark_rule(strokeWidth=2).encode(
        x="timeout_s:Q", y="ci_low:Q", y2="ci_high:Q", color=colour
    )
    points = base.mark_circle(size=110).encode(
        x="timeout_s:Q", y="estimate:Q", color=colour, tooltip=["label:N", "estimate:Q", "z:Q"]
    )
    return Drawing(
        (bars + ticks, theory + spread + points),
        "A short timeout sends more requests to the fallback, as predicted by the ticks (R7); the "
        "mean latency, with its 95 % interval, lies on the curve of the formula (R8).",
        height=300,
        titles=("Who answered", "What it takes"),
    )


def storm(material: Material) -> Drawing:
    """Draw what retries do to an overloaded provider: attempts rise, successes don't."""
    success, load = words(material.figure("success")), words(material.figure("amplification"))
    if not len(load):
        return general.plain(material)
    order = success["label"].tolist()
    panels = []
    for rows, axis in ((success, SHARE), (load, alt.Axis())):
        table = rows.assign(what=MEASURED)
        place = alt.X("label:N", sort=order, title=None, axis=alt.Axis(labelAngle=0))
        colour = beside(INTERVAL)
        base = alt.Chart(table)
        bars = base.mark_bar(cornerRadius=3, opacity=0.75).encode(
            x=place,
            y=alt.Y("estimate:Q", title=None, axis=axis),
            color=colour,
            tooltip=["label:N", "estimate:Q", "ci_low:Q", "ci_high:Q", "predicted:Q", "z:Q"],
        )
        spread = base.mark_rule(strokeWidth=2).encode(
            x=place, y="ci_low:Q", y2="ci_high:Q", color=alt.datum(INTERVAL)
        )
        ticks = (
            alt.Chart(rows.assign(what=PREDICTED))
            .mark_tick(thickness=4, bandSize=70)
            .encode(x=place, y="predicted:Q", color=colour)
        )
        panels.append(bars + spread + ticks)
    return Drawing(
        tuple(panels),
        "Retries against a provider that can't take more: as many succeed as before, at a "
        "multiple of the load.",
        height=280,
        titles=("Requests that succeed", "Attempts a request"),
    )
