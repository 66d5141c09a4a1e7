"""Charts of the cache: repeats, expiry, the law of a key, what a TTL is worth."""

import altair as alt
import numpy as np
import pandas as pd

from gateway.experiments.story import shown
from gateway.experiments.theory import cache
from pages.parts.charts import general
from pages.parts.charts.material import (
    MEASURED,
    PREDICTED,
    Drawing,
    Material,
    cache_color,
    legend,
    words,
)

SHARE = alt.Axis(format="%", tickCount=6)
CURVE = 120
FIXED, REFRESHED = "fixed life λT/(1+λT)", "life extended by hits"
MOST_MARKS = 3000


def slope(material: Material) -> Drawing:
    """Draw each prompt's latency, first afresh and then from the cache."""
    rows = material.measured.dropna(subset=["e2e_ms"])
    turn = np.where(rows["rep"].fillna(1) == 1, "first time", "repeated")
    table = pd.DataFrame(
        {"prompt": rows["prompt_id"].astype(str), "turn": turn, "ms": rows["e2e_ms"]}
    )
    table["cache"] = rows["cache_status"].astype(str)
    lines = table.groupby(["prompt", "turn"], as_index=False).agg(
        ms=("ms", "median"), cache=("cache", "first")
    )
    axis = alt.X("turn:N", title=None, sort=["first time", "repeated"], axis=alt.Axis(labelAngle=0))
    height = alt.Y("ms:Q", title="Latency in ms", scale=alt.Scale(type="log"))
    base = alt.Chart(lines)
    drawn = base.mark_line(opacity=0.35, strokeWidth=1.5).encode(
        x=axis, y=height, detail="prompt:N", color=alt.datum("MISS")
    )
    points = base.mark_circle(size=70).encode(
        x=axis, y=height, color=cache_color(), tooltip=["prompt:N", "turn:N", "ms:Q", "cache:N"]
    )
    medians = lines.groupby("turn")["ms"].median()
    first, again = medians.get("first time", np.nan), medians.get("repeated", np.nan)
    return Drawing(
        drawn + points,
        f"Each line is a prompt: {shown(first, 'ms')} in the middle the first time, "
        f"{shown(again, 'ms')} when it is repeated.",
    )


def timeline(material: Material) -> Drawing:
    """Draw each request on its variant's line, and the life of each entry as a bar."""
    rows = material.measured.sort_values("t_send_s").head(MOST_MARKS)
    labels = {variant.id: variant.label for variant in material.plan.variants}
    ttls = {
        variant.id: material.plan.gateways.get(variant.gateway, {}).get("cache_ttl") or 0
        for variant in material.plan.variants
    }
    ids = rows["variant_id"].astype(str)
    start = rows.groupby(ids)["t_send_s"].transform("min")
    table = pd.DataFrame(
        {
            "variant": ids.map(labels),
            "at": rows["t_send_s"] - start,
            "cache": rows["cache_status"].astype(str),
            "until": rows["t_send_s"] - start + ids.map(ttls),
        }
    )
    axis = alt.Y("variant:N", sort=list(labels.values()), title=None, axis=alt.Axis(labelLimit=220))
    lives = (
        alt.Chart(table[table["cache"] == "MISS"])
        .mark_bar(opacity=0.22, height=18)
        .encode(
            x=alt.X("at:Q", title="Seconds on the gateway's clock"),
            x2="until:Q",
            y=axis,
            color=alt.datum("HIT"),
        )
    )
    points = (
        alt.Chart(table)
        .mark_point(size=90, filled=True)
        .encode(
            x="at:Q",
            y=axis,
            color=cache_color(),
            shape=alt.Shape("cache:N", legend=None),
            tooltip=["variant:N", "at:Q", "cache:N"],
        )
    )
    return Drawing(
        lives + points,
        "A bar is the life that a miss gives its entry; requests inside it hit, the first after "
        "its end misses. Were a hit to extend it, bars would be too short.",
        height=60 + 52 * len(labels),
    )


def law(material: Material) -> Drawing:
    """Draw the hit ratio of each load, with both hypotheses."""
    rows = words(material.figure("hit_ratio"))
    if "load" not in rows or not len(rows):
        return general.plain(material)
    loads = np.geomspace(min(rows["load"].min(), 0.1), max(rows["load"].max(), 20), CURVE)
    curves = pd.concat(
        [
            pd.DataFrame({"load": loads, "share": cache.hit_ratio(loads, 1.0), "what": FIXED}),
            pd.DataFrame(
                {"load": loads, "share": cache.hit_ratio_refreshed(loads, 1.0), "what": REFRESHED}
            ),
        ]
    )
    rows["low"] = rows["estimate"] - 4 * rows["predicted_se"]
    rows["high"] = rows["estimate"] + 4 * rows["predicted_se"]
    axis = alt.X("load:Q", title="Requests a TTL (λT)", scale=alt.Scale(type="log"))
    colour = legend(scale=alt.Scale(domain=[FIXED, REFRESHED, MEASURED]))
    lines = (
        alt.Chart(curves)
        .mark_line(strokeWidth=2)
        .encode(x=axis, y=alt.Y("share:Q", title="Hit ratio", axis=SHARE), color=colour)
    )
    points = alt.Chart(rows.assign(what=MEASURED))
    spread = points.mark_rule(strokeWidth=2).encode(x=axis, y="low:Q", y2="high:Q", color=colour)
    dots = points.mark_circle(size=110).encode(
        x=axis,
        y="estimate:Q",
        color=colour,
        tooltip=["label:N", "estimate:Q", "predicted:Q", "z:Q"],
    )
    return Drawing(
        lines + spread + dots,
        "Points with ±4 standard errors, beside the law of a fixed life and that of a life that "
        "hits extend.",
    )


def ttl(material: Material) -> Drawing:
    """Draw hit ratio and dollars saved for each TTL, with the law that fits the run."""
    rows = words(material.figure("hit_ratio"))
    if "ttl_s" not in rows or not len(rows):
        return general.plain(material)
    saved = material.figure("cost_saved_usd").set_index("variant_id")["estimate"]
    rows["usd"] = rows["variant_id"].map(saved).astype(float)
    axis = alt.X("ttl_s:Q", title="TTL in s", scale=alt.Scale(type="log", nice=False, padding=20))
    colour = legend(scale=alt.Scale(domain=[PREDICTED, MEASURED]))
    share = alt.Y("predicted:Q", title="Hit ratio", axis=SHARE, scale=alt.Scale(zero=False))
    line = (
        alt.Chart(rows.assign(what=PREDICTED))
        .mark_line(strokeWidth=2)
        .encode(x=axis, y=share, color=colour)
    )
    points = alt.Chart(rows.assign(what=MEASURED))
    rows["said"] = [shown(usd, "USD") for usd in rows["usd"]]
    dots = points.mark_circle(size=110).encode(
        x=axis,
        y=alt.Y("estimate:Q", title="Hit ratio"),
        color=colour,
        tooltip=["label:N", "estimate:Q", "predicted:Q", "z:Q", "usd:Q"],
    )
    money = (
        alt.Chart(rows.assign(what=MEASURED))
        .mark_text(dy=-14, fontWeight="bold")
        .encode(x=axis, y="estimate:Q", text="said:N", color=colour)
    )
    return Drawing(
        line + dots + money,
        "Measured hit ratio of each TTL on the line that was predicted, with what it saved in this "
        "run.",
    )


def bars(material: Material) -> Drawing:
    """Draw for each key policy how much it hits, and how often it gives another's answer."""
    hit, wrong = material.figure("hit_ratio"), material.figure("wrong_wording")
    table = words(
        pd.concat([hit.assign(what="hit ratio"), wrong.assign(what="answers to another wording")])
    )
    base = alt.Chart(table)
    place = alt.Y("label:N", title=None, sort=hit["label"].tolist(), axis=alt.Axis(labelLimit=240))
    offset = alt.YOffset("what:N", sort=["hit ratio", "answers to another wording"])
    drawn = base.mark_bar(cornerRadius=3).encode(
        x=alt.X("estimate:Q", title="Share of requests", axis=SHARE),
        y=place,
        yOffset=offset,
        color=legend(
            scale=alt.Scale(domain=["hit ratio", "answers to another wording", PREDICTED])
        ),
        tooltip=["label:N", "what:N", "estimate:Q", "predicted:Q"],
    )
    ticks = base.mark_point(shape="diamond", size=90, strokeWidth=2, filled=False).encode(
        x="predicted:Q", y=place, yOffset=offset, color=alt.datum(PREDICTED)
    )
    return Drawing(
        drawn + ticks,
        "Hits are good, answers to another wording are their price; a diamond is what was "
        "predicted.",
        height=300,
    )


def paired(material: Material) -> Drawing:
    """Draw, for each prompt and round, how much quicker the second arm was than the first."""
    rows = material.measured.dropna(subset=["e2e_ms"])
    first, second = (variant.id for variant in material.plan.variants[:2])
    wide = rows.assign(variant=rows["variant_id"].astype(str)).pivot_table(
        index=["prompt_id", "rep"], columns="variant", values="e2e_ms", observed=True
    )
    if first not in wide or second not in wide:
        return general.plain(material)
    table = (wide[first] - wide[second]).rename("saved").reset_index()
    state = rows[rows["variant_id"] == second].set_index(["prompt_id", "rep"])["cache_status"]
    state = state[~state.index.duplicated()]
    keys = pd.MultiIndex.from_frame(table[["prompt_id", "rep"]])
    table["cache"] = state.reindex(keys).astype(str).to_numpy()
    table = words(table)
    points = (
        alt.Chart(table)
        .mark_circle(size=60, opacity=0.7)
        .encode(
            x=alt.X("rep:O", title="Round", axis=alt.Axis(labelAngle=0)),
            xOffset="prompt_id:N",
            y=alt.Y("saved:Q", title="Time saved in ms"),
            color=cache_color(),
            tooltip=["prompt_id:N", "rep:O", "saved:Q", "cache:N"],
        )
    )
    zero = (
        alt.Chart(pd.DataFrame({"y": [0]}))
        .mark_rule(strokeDash=[4, 4])
        .encode(y="y:Q", color=alt.datum("UNKNOWN"))
    )
    middle = table.loc[table["cache"] == "HIT", "saved"].median()
    return Drawing(
        zero + points,
        f"The same prompt with the cache and without, next to each other in time: a hit saved "
        f"{shown(middle, 'ms')} in the middle, a miss about nothing.",
    )


def herd(material: Material) -> Drawing:
    """Draw how many of the identical requests reached the provider, and when they came."""
    rows = material.measured.sort_values("t_send_s")
    labels = {variant.id: variant.label for variant in material.plan.variants}
    ids = rows["variant_id"].astype(str)
    start = rows.groupby(ids)["t_send_s"].transform("min")
    table = pd.DataFrame(
        {
            "variant": ids.map(labels),
            "at": rows["t_send_s"] - start,
            "cache": rows["cache_status"].astype(str),
            "number": rows.groupby(ids).cumcount() + 1,
        }
    )
    panels = [
        alt.Chart(table[table["variant"] == label], title=label)
        .mark_circle(size=60)
        .encode(
            x=alt.X("at:Q", title="Seconds after the first"),
            y=alt.Y("number:Q", title="Requests so far"),
            color=cache_color(),
            tooltip=["at:Q", "cache:N"],
        )
        .properties(width=300, height=220)
        for label in labels.values()
    ]
    calls = material.figure("upstream_calls").set_index("label")["estimate"]
    said = ", ".join(f"{name.lower()} {int(count)}" for name, count in calls.items())
    return Drawing(alt.hconcat(*panels), f"Calls that reached the provider: {said}.", height=370)
