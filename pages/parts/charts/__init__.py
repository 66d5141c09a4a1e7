"""Charts of experiments: pure functions of a run's tables, one for each plot that presets name.

material   what a chart is made of
caching    slope, timeline, law, ttl, bars, paired, herd
retrying   heat, rescue, steps, storm
loading    windows, knee, forest, gaps, amortised
general    any other run; latencies by cache state

All colours are the theme's, so that a chart can be read in light and in dark. The chart's own menu
saves it as PNG and SVG.
"""

from collections.abc import Callable, Mapping

from pages.parts.charts import caching, general, loading, retrying
from pages.parts.charts.general import ecdf
from pages.parts.charts.material import COLUMNS, Drawing, Material, draw

PLOTS: Mapping[str, Callable[[Material], Drawing]] = {
    "slope": caching.slope,
    "timeline": caching.timeline,
    "law": caching.law,
    "ttl": caching.ttl,
    "bars": caching.bars,
    "paired": caching.paired,
    "herd": caching.herd,
    "heat": retrying.heat,
    "rescue": retrying.rescue,
    "steps": retrying.steps,
    "storm": retrying.storm,
    "windows": loading.windows,
    "knee": loading.knee,
    "forest": loading.forest,
    "gaps": loading.gaps,
    "amortised": loading.amortised,
}
"""The plot that each preset names; another one is drawn as predicted beside measured."""

__all__ = ["COLUMNS", "PLOTS", "Drawing", "Material", "chart", "draw", "ecdf"]


def chart(material: Material) -> Drawing:
    """Return the chart of a run: its preset's own, or the general one where that has no data."""
    plot = PLOTS.get(material.preset.plot, general.plain)
    return plot(material) if len(material.requests) else general.plain(material)
