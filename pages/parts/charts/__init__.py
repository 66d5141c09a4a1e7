"""Charts of experiments: pure functions of a run's tables, one for each plot that presets name.

material   what a chart is made of, and what a plot needs
caching    slope, timeline, law, ttl and its frontier, bars, paired, herd
retrying   heat and its staircase, rescue, steps, storm
loading    windows, knee, forest, gaps, amortised
general    any other run; latencies by cache state, and over time
compared   several runs of one experiment

All colours are the theme's, so that a chart can be read in light and in dark.
"""

from collections.abc import Mapping

from gateway.experiments.presets import Preset
from pages.parts.charts import caching, general, loading, retrying
from pages.parts.charts.material import Drawing, Material, Plot

PLAIN = Plot(draw=general.plain)
PLOTS: Mapping[str, Plot] = {
    "slope": Plot(draw=caching.slope, columns=("rep", "e2e_ms", "prompt_id", "cache_status")),
    "timeline": Plot(draw=caching.timeline, columns=("t_send_s", "cache_status")),
    "law": Plot(draw=caching.law),
    "ttl": Plot(draw=caching.ttl),
    "bars": Plot(draw=caching.bars),
    "paired": Plot(
        draw=caching.paired,
        columns=("prompt_id", "rep", "e2e_ms", "cache_status"),
        whole=True,
    ),
    "herd": Plot(draw=caching.herd, columns=("t_send_s", "cache_status"), whole=True),
    "heat": Plot(draw=retrying.heat),
    "rescue": Plot(draw=retrying.rescue),
    "steps": Plot(draw=retrying.steps, columns=("ok", "step")),
    "storm": Plot(draw=retrying.storm),
    "windows": Plot(draw=loading.windows, columns=("t_plan_s", "error_class"), whole=True),
    "knee": Plot(draw=loading.knee, columns=("ok", "t_send_s", "t_end_s"), whole=True),
    "forest": Plot(
        draw=loading.forest, columns=("ok", "prompt_id", "ttft_ms", "e2e_ms"), whole=True
    ),
    "gaps": Plot(draw=loading.gaps, columns=("request_id", "t_send_s"), whole=True, chunks=True),
    "amortised": Plot(draw=loading.amortised, columns=("seq", "e2e_ms"), whole=True),
}
"""The plot that each preset names; another one is drawn as predicted beside measured."""
MORE: Mapping[str, tuple[Plot, ...]] = {
    "ttl": (
        Plot(
            draw=caching.frontier,
            title="Money against freshness",
            columns=("key_id", "cache_status", "t_send_s", "t_end_s", "cost_saved_usd"),
            whole=True,
        ),
    ),
    "heat": (
        Plot(draw=retrying.heat_of_latency, title="Mean latency of each policy"),
        Plot(draw=retrying.staircase, title="The staircase of attempts", columns=("e2e_ms", "ok")),
    ),
    "knee": (
        Plot(
            draw=loading.curve_of_load,
            title="Latency over throughput",
            columns=("ok", "t_send_s", "t_end_s"),
            whole=True,
        ),
    ),
    "forest": (
        Plot(
            draw=loading.spreads,
            title="How the answers spread",
            columns=("ok", "ttft_ms", "e2e_ms"),
        ),
    ),
    "gaps": (
        Plot(
            draw=loading.pauses,
            title="Pauses between the pieces",
            columns=("request_id", "cache_status"),
            whole=True,
            chunks=True,
        ),
    ),
}
"""What a preset's plot has beside it for whoever reads in full."""
EVERY: tuple[Plot, ...] = (
    Plot(
        draw=general.ecdf,
        title="Latency by cache state",
        columns=("e2e_ms", "cache_status"),
    ),
    Plot(
        draw=general.over_time,
        title="Latency over the run",
        columns=("e2e_ms", "cache_status", "t_send_s"),
    ),
)
"""What any run may have to show besides."""

__all__ = ["EVERY", "MORE", "PLAIN", "PLOTS", "Drawing", "Material", "Plot", "drawn", "main"]


def main(preset: Preset) -> Plot:
    """Return the plot that answers a preset's question."""
    return PLOTS.get(preset.plot, PLAIN)


def drawn(plot: Plot, material: Material) -> Drawing | None:
    """Draw a run; a plot of requests that has none is drawn in the general way."""
    nothing = plot.columns and not len(material.requests)
    return (PLAIN if nothing else plot).draw(material)
