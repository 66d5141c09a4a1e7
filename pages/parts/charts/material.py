"""What a chart is made of, and what charts have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from gateway.experiments.plan import Outline
from gateway.experiments.presets import Preset

CACHE = ["HIT", "MISS", "BYPASS", "UNKNOWN"]
MEASURED, PREDICTED, INTERVAL = "measured", "predicted", "95 % interval"
ROW_LETTERS = 36
"""Letters of a legend that a phone has room for in one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A run's tables.

    Attributes:
        requests: With the columns that the plot asks for.
        chunks: Kept chunks of streams; may have no row.
    """

    plan: Outline
    preset: Preset
    requests: pd.DataFrame
    summary: pd.DataFrame
    chunks: pd.DataFrame

    @property
    def measured(self) -> pd.DataFrame:
        """The requests that count."""
        return self.requests[self.requests["phase"] == "measure"]

    def figure(self, metric: str, part: str = "all") -> pd.DataFrame:
        """Return one metric of each variant: summary rows with the variant's label and factors."""
        rows = self.summary[(self.summary["metric"] == metric) & (self.summary["slice"] == part)]
        factors = {variant.id: dict(variant.factors) for variant in self.plan.variants}
        labels = {variant.id: variant.label for variant in self.plan.variants}
        beside = pd.DataFrame([factors.get(id, {}) for id in rows["variant_id"]], index=rows.index)
        plain = rows[
            ["variant_id", "n", "estimate", "ci_low", "ci_high", "predicted", "predicted_se", "z"]
        ]
        plain = plain.assign(label=rows["variant_id"].map(labels))
        return pd.concat([plain, beside], axis=1).reset_index(drop=True)


class Drawing(NamedTuple):
    """Charts that belong together, and what they show in words for those who don't see them.

    Attributes:
        charts: Beside each other where there is room, else below each other.
        titles: Of each chart, where there are several.
        height: Of each chart, in pixels.
    """

    charts: tuple[Any, ...]
    said: str
    height: int = 340
    titles: tuple[str, ...] = ()

    @property
    def chart(self) -> Any:
        """All in one, for a file."""
        if len(self.charts) == 1:
            return self.charts[0]
        titled = zip(self.charts, self.titles, strict=True)
        return alt.hconcat(*(chart.properties(title=title) for chart, title in titled))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A way to draw a run, and what it needs for that.

    Attributes:
        draw: Returns ``None`` where the run has nothing to draw.
        title: What stands above it, where it isn't the only one.
        columns: Of the requests, besides those that all plots have; with none, the summary does.
        whole: Whether it counts requests or looks for pairs, so that a sample of them won't do.
        chunks: Whether it shows the pieces of streams.
    """

    draw: Callable[[Material], Drawing | None]
    title: str = ""
    columns: tuple[str, ...] = ()
    whole: bool = False
    chunks: bool = False


def cache_color() -> alt.Color:
    """Return the colour of cache states, the same in every chart."""
    return alt.Color(
        "cache:N",
        scale=alt.Scale(domain=CACHE),
        legend=alt.Legend(orient="top", title=None, values=CACHE[:2]),
    )


def legend(name: str = "what:N", *domain: str) -> alt.Color:
    """Return a colour with its legend on top, in two columns or one where names are long.

    Args:
        domain: What there is, in the order of the theme's colours; empty is as it comes.
    """
    long = sum(map(len, domain)) > ROW_LETTERS
    columns = (1 if max(map(len, domain)) > ROW_LETTERS / 2 else 2) if long else None
    shape = {"columns": columns} if columns else {}
    return alt.Color(
        name,
        legend=alt.Legend(orient="top", title=None, labelLimit=300, **shape),
        scale=alt.Scale(domain=list(domain)) if domain else alt.Undefined,
    )


def beside(*others: str) -> alt.Color:
    """Return the colours of what was measured, what was predicted, and others: the same ones
    in every chart."""
    return legend("what:N", MEASURED, PREDICTED, *others)


def logarithmic(low: float, high: float) -> dict[str, Any]:
    """Return scale and axis for values that span decades: few lines, and no empty decade."""
    few = (1,) if high > 2000 * low else (1, 3) if high > 100 * low else (1, 2, 5)
    steps = few if high > 8 * low else range(1, 10)
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    values = [step * 10.0**decade for decade in decades for step in steps]
    return {
        "scale": alt.Scale(type="log", nice=False, domain=[low, high]),
        "axis": alt.Axis(values=[value for value in values if low <= value <= high], format=",~g"),
    }


def words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as charts take it: no categories, no types that know "not known"."""
    plain = {}
    for name in table.columns:
        column = table[name]
        if str(column.dtype) in ("Int8", "Int16", "Int32", "Int64", "Float64"):
            plain[name] = column.astype("float64")
        elif str(column.dtype) in ("category", "string", "boolean"):
            plain[name] = column.astype(object).where(column.notna(), None)
        else:
            plain[name] = column
    return pd.DataFrame(plain, index=table.index)
