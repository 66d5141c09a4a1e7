"""The chart of several runs of one experiment: the figure that its question is about, in each."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from gateway.experiments.plan import Outline
from gateway.experiments.story import name_of
from pages.parts.charts.general import SHARE
from pages.parts.charts.material import Drawing, legend, words

RUN_PX, GAP_PX, AXIS_PX, LEGEND_PX = 16, 14, 100, 22


def runs(plan: Outline, summaries: Mapping[str, pd.DataFrame]) -> Drawing | None:
    """Draw one figure of each variant in each run, with its 95 % interval.

    Args:
        summaries: Summary tables by what their runs are called.

    Returns:
        ``None`` where the runs have no figure in common with the plan.
    """
    labels = {variant.id: variant.label for variant in plan.variants}
    for metric in (plan.primary, "e2e_p50_ms"):
        parts = [
            table[(table["metric"] == metric) & (table["slice"] == "all")].assign(run=name)
            for name, table in summaries.items()
        ]
        found = pd.concat(parts)
        found = found[found["variant_id"].isin(list(labels))].dropna(subset=["estimate"])
        if len(found):
            break
    else:
        return None
    share = (found["unit"] == "share").all()
    rows = words(found[["run", "variant_id", "estimate", "ci_low", "ci_high", "n"]])
    rows["label"] = rows["variant_id"].map(labels)
    title = name_of(metric)
    base = alt.Chart(rows).encode(
        y=alt.Y("label:N", title=None, sort=list(labels.values()), axis=alt.Axis(labelLimit=160)),
        yOffset=alt.YOffset("run:N", sort=list(summaries)),
        color=legend("run:N", *summaries),
    )
    spread = base.mark_rule(strokeWidth=3).encode(x="ci_low:Q", x2="ci_high:Q")
    points = base.mark_circle(size=90, opacity=1).encode(
        x=alt.X(
            "estimate:Q",
            title=title,
            scale=alt.Scale(zero=False),
            axis=SHARE if share else alt.Axis(),
        ),
        tooltip=["run:N", "label:N", "estimate:Q", "ci_low:Q", "ci_high:Q", "n:Q"],
    )
    band = GAP_PX + RUN_PX * len(summaries)
    return Drawing(
        (spread + points,),
        f"{title} in {len(summaries)} runs, with 95 % intervals.",
        height=AXIS_PX + LEGEND_PX * len(summaries) + band * rows["label"].nunique(),
    )
