"""Charts of the cache: repeats, expiry, the law of a key, what a TTL is worth."""

import altair as alt
import numpy as np
import pandas as pd

from gateway.experiments import statistics
from gateway.experiments.story import shown
from gateway.experiments.theory import cache
from pages.parts.charts import general
from pages.parts.charts.material import (
    INTERVAL,
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

SHARE = alt.Axis(format="%", tickCount=6)
CURVE, WORKED_OUT = 120, 24
"""Points of a law; of one that takes milliseconds each."""
STEADY, COLD = "predicted, warm for long", "predicted, from cold"
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
    height = alt.Y(
        "ms:Q", title="Latency in ms", **logarithmic(lines["ms"].min(), lines["ms"].max())
    )
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
        (drawn + points,),
        f"Each line is a prompt: {shown(first, 'ms')} in the middle the first time, "
        f"{shown(again, 'ms')} when it is repeated.",
    )


def timeline(material: Material) -> Drawing:
    """Draw each request on its variant's line, and the life of each entry as a bar."""
    every = material.measured.sort_values("t_send_s")
    rows = every.head(MOST_MARKS)
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
    few = f" The first {MOST_MARKS:,} requests are drawn." if len(every) > len(rows) else ""
    return Drawing(
        (lives + points,),
        "A bar is the life that a miss gives its entry; requests inside it hit, the first after "
        f"its end misses. Were a hit to extend it, bars would be too short.{few}",
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
    axis = alt.X("load:Q", title="Requests a TTL (λT)", **logarithmic(loads[0], loads[-1]))
    colour = legend("what:N", MEASURED, FIXED, REFRESHED)
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
        (lines + spread + dots,),
        "Points with ±4 standard errors, beside the law of a fixed life and that of a life that "
        "hits extend.",
    )


def ttl(material: Material) -> Drawing:
    """Draw hit ratio and dollars saved for each TTL, with the laws of a warm and a cold cache."""
    rows = words(material.figure("hit_ratio"))
    if "ttl_s" not in rows or not len(rows):
        return general.plain(material)
    saved = material.figure("cost_saved_usd").set_index("variant_id")["estimate"]
    rows["usd"] = rows["variant_id"].map(saved).astype(float)
    knobs = material.preset.settled(material.plan.recipe)
    shares, rate = cache.zipf(knobs["keys"], knobs["exponent"]), knobs["rate"]
    low, high = float(rows["ttl_s"].min()) * 0.9, float(rows["ttl_s"].max()) * 1.1
    lives = np.geomspace(low, high, WORKED_OUT)
    laws = [{"ttl_s": t, "share": cache.hit_ratio_mixture(shares, rate, t), "what": STEADY}
            for t in lives] + [
        {
            "ttl_s": t,
            "share": cache.hit_ratio_cold(
                shares, rate, t, knobs["window_s"], fill_s=knobs["fill_s"]
            ),
            "what": COLD,
        }
        for t in lives
    ]  # fmt: skip
    colour = legend("what:N", MEASURED, COLD, STEADY)
    axis = alt.X("ttl_s:Q", title="TTL in s", **logarithmic(low, high))
    lines = (
        alt.Chart(pd.DataFrame(laws))
        .mark_line(strokeWidth=2)
        .encode(
            x=axis,
            y=alt.Y("share:Q", title="Hit ratio", axis=SHARE, scale=alt.Scale(zero=False)),
            color=colour,
        )
    )
    rows["low"] = rows["estimate"] - 4 * rows["predicted_se"]
    rows["high"] = rows["estimate"] + 4 * rows["predicted_se"]
    points = alt.Chart(rows.assign(what=MEASURED))
    spread = points.mark_rule(strokeWidth=2).encode(x=axis, y="low:Q", y2="high:Q", color=colour)
    dots = points.mark_circle(size=110).encode(
        x=axis,
        y="estimate:Q",
        color=colour,
        tooltip=["label:N", "estimate:Q", "predicted:Q", "z:Q", "usd:Q"],
    )
    money = (
        alt.Chart(rows.assign(what=MEASURED))
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=axis,
            y=alt.Y("usd:Q", title="Saved in this run, USD", axis=alt.Axis(format="$.2~f")),
            color=legend("what:N", MEASURED),
            tooltip=["label:N", "usd:Q", "estimate:Q"],
        )
    )
    best = rows.loc[rows["usd"].idxmax()] if rows["usd"].notna().any() else rows.iloc[-1]
    return Drawing(
        (lines + spread + dots, money),
        "Measured with ±4 standard errors (C13), beside the law of a run from an empty cache and "
        f"that of a cache that has run for long. {best['label']} saved most, "
        f"{shown(best['usd'], 'USD')}.",
        titles=("Hit ratio", "Money"),
        height=320,
    )


def frontier(material: Material) -> Drawing | None:
    """Draw what each TTL saves over how old its answers are: money against freshness."""
    rows = material.measured.sort_values("t_send_s")
    lives = {v.id: v.factors["ttl_s"] for v in material.plan.variants if "ttl_s" in v.factors}
    if not lives or not (rows["cache_status"].astype(str) == "HIT").any():
        return None
    ids = rows["variant_id"].astype(str)
    hit = rows["cache_status"].astype(str) == "HIT"
    written = rows["t_end_s"].where(~hit).groupby([ids, rows["key_id"].astype(str)]).ffill()
    age = (rows["t_send_s"] - written).where(hit, 0.0).clip(lower=0)
    found = pd.DataFrame(
        {"variant_id": ids, "age_s": age, "hit": hit, "usd": rows["cost_saved_usd"]}
    )
    table = found.groupby("variant_id", as_index=False).agg(
        age_s=("age_s", "mean"), hit=("hit", "mean"), usd=("usd", "sum"), n=("hit", "size")
    )
    table["ttl_s"] = table["variant_id"].map(lives).astype(float)
    table["usd"] = 1000 * table["usd"] / table["n"]
    table = table.dropna(subset=["ttl_s"]).sort_values("ttl_s").assign(what=MEASURED)
    table["label"] = [f"TTL {life:g} s" for life in table["ttl_s"]]
    # Hits of a key come at any moment of an entry's life alike: half of it on average.
    law = table.assign(age_s=table["hit"] * table["ttl_s"] / 2, what=PREDICTED)
    colour = beside()
    x = alt.X("age_s:Q", title="Mean age of an answer in s")
    y = alt.Y("usd:Q", title="Saved on 1,000 requests, USD", axis=alt.Axis(format="$.2~f"),
              scale=alt.Scale(zero=False))  # fmt: skip
    base = alt.Chart(table)
    line = base.mark_line(point=alt.OverlayMarkDef(size=90), strokeWidth=2).encode(
        x=x, y=y, color=colour, order="ttl_s:Q", tooltip=["label:N", "age_s:Q", "usd:Q", "hit:Q"]
    )
    names = base.mark_text(align="right", dx=-8, dy=-8).encode(
        x="age_s:Q", y="usd:Q", text="label:N", color=colour
    )
    told = (
        alt.Chart(law)
        .mark_point(shape="diamond", size=130, filled=False, strokeWidth=2)
        .encode(x="age_s:Q", y="usd:Q", color=colour, tooltip=["label:N", "age_s:Q"])
    )
    return Drawing(
        (line + names + told,),
        "Further up is more money, further right are older answers. A diamond is the age by "
        "formula: hits come at any moment of an entry's life, so half the TTL for each hit.",
        height=300,
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
    drawn = base.mark_bar(cornerRadius=3, opacity=0.75).encode(
        x=alt.X("estimate:Q", title="Share of requests", axis=SHARE),
        y=place,
        yOffset=offset,
        color=legend("what:N", "hit ratio", "answers to another wording", PREDICTED, INTERVAL),
        tooltip=["label:N", "what:N", "estimate:Q", "ci_low:Q", "ci_high:Q", "predicted:Q"],
    )
    spread = base.mark_rule(strokeWidth=2).encode(
        x="ci_low:Q", x2="ci_high:Q", y=place, yOffset=offset, color=alt.datum(INTERVAL)
    )
    ticks = base.mark_tick(thickness=4, bandSize=26).encode(
        x="predicted:Q", y=place, yOffset=offset, color=alt.datum(PREDICTED)
    )
    return Drawing(
        (drawn + spread + ticks,),
        "Hits are good, answers to another wording are their price; thin lines are 95 % "
        "intervals, thick ticks what was predicted.",
        height=360,
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
    hits = table.loc[table["cache"] == "HIT", "saved"].to_numpy(dtype=float)
    drawn, said = zero + points, "no answer came from the cache."
    if len(hits) >= 2:
        mean = statistics.mean_of_repetitions(hits)
        band = pd.DataFrame({"low": [mean.low], "high": [mean.high], "mean": [mean.value]})
        base = alt.Chart(band)
        drawn += base.mark_rect(opacity=0.18).encode(y="low:Q", y2="high:Q", color=alt.datum("HIT"))
        drawn += base.mark_rule(strokeWidth=2).encode(y="mean:Q", color=alt.datum("HIT"))
        said = (
            f"a hit saved {shown(mean.value, 'ms')} on average "
            f"(95 % interval {shown(mean.low, 'ms')} to {shown(mean.high, 'ms')}, the band)."
        )
    return Drawing(
        (drawn,),
        f"The same prompt with the cache and without, next to each other in time: {said}",
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
        alt.Chart(table[table["variant"] == label])
        .mark_circle(size=60)
        .encode(
            x=alt.X("at:Q", title="Seconds after the first"),
            y=alt.Y("number:Q", title="Requests so far"),
            color=cache_color(),
            tooltip=["at:Q", "cache:N"],
        )
        for label in labels.values()
    ]
    calls = material.figure("upstream_calls").set_index("label")["estimate"]
    said = ", ".join(f"{name.lower()} {int(count)}" for name, count in calls.items())
    return Drawing(
        tuple(panels),
        f"Calls that reached the provider: {said}. Each point is a request.",
        height=280,
        titles=tuple(labels.values()),
    )
