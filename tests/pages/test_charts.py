"""Charts of experiments: each plot that a preset names is drawn of its tables, and says in words
what it shows."""

import json

import altair as alt
import numpy as np
import pandas as pd
import pytest

from gateway.experiments.plan import Outline, Recipe
from gateway.experiments.presets import PRESETS
from gateway.experiments.rows import table
from gateway.experiments.summary import summarise
from pages.parts import charts
from pages.parts.charts import compared, general

SMALL = {
    "E01": {"prompts": 4, "passes": 3},
    "E02": {"cycles": 1},
    "E03": {"requests": 20},
    "E04": {"keys": 10, "window_s": 60},
    "E05": {"requests": 20},
    "E06": {"prompts": 3, "rounds": 2},
    "E07": {"requests": 10},
    "E08": {"requests": 10},
    "E09": {"requests": 20, "streams": 2},
    "E10": {"duration_s": 180},
    "E11": {"prompts": 4, "blocks": 2},
    "E12": {"prompts": 3, "rounds": 2},
    "E13": {"requests": 8, "clients": [1, 2, 4]},
    "E14": {"messages": 8},
    "E15": {"requests": 10},
    "E16": {"duration_s": 1},
    "P01": {},
}
"""Every preset, small."""


def played(plan):
    """Return requests as a gateway might answer a plan: every other one a hit, with noise."""
    noise = np.random.default_rng(1).lognormal(0, 0.3, len(plan.calls))
    found = []
    for call, factor in zip(plan.calls, noise.tolist(), strict=True):
        hit = call.seq % 2 == 1
        at = float(call.at_s if call.at_s is not None else call.seq)
        e2e = (5.0 if hit else 500.0) * factor
        found.append(
            {"seq": call.seq, "variant_id": call.variant, "phase": call.phase, "rep": call.rep}
            | {"block": call.block, "prompt_id": call.prompt_id, "key_id": call.key_id}
            | {"wording_id": call.wording_id or None, "status": 200, "ok": True}
            | {"cache_status": "HIT" if hit else "MISS", "error_class": "none"}
            | {"t_plan_s": at, "t_send_s": at, "t_end_s": at + e2e / 1000, "e2e_ms": e2e}
            | {"lat_scheduled_ms": e2e, "ttft_ms": e2e / 2, "dispatch_delay_ms": 0.1}
            | {"attempts": int(not hit), "step": int(call.seq % 3 == 0)}
            | {"request_id": f"r{call.seq}", "cost_usd": 0.0, "cost_saved_usd": 0.001}
        )
    return table(found)


def material(preset, requests=None, columns=None):
    """Return what a preset's chart is made of; of the requests those columns that are read."""
    plan = PRESETS[preset].plan(Recipe(preset=preset, knobs=SMALL[preset]))
    rows = played(plan) if requests is None else requests
    summary = summarise(rows, PRESETS[preset].predict(plan), primary=plan.primary)
    pieces = {"request_id": ["r0", "r0", "r2"], "i": [0, 1, 0], "t_s": [0.1, 0.3, 2.2]}
    chunks = pd.DataFrame(pieces)
    return charts.Material(
        plan=Outline.from_json(json.loads(json.dumps(plan.to_json())), plan.recipe),
        preset=PRESETS[preset],
        requests=rows if columns is None else rows[["variant_id", "phase", *columns]],
        summary=summary,
        chunks=chunks,
    )


def chart(preset, requests=None):
    """Draw what answers a preset's question, from no more than it asks for."""
    plot = charts.main(PRESETS[preset])
    return charts.drawn(plot, material(preset, requests, plot.columns))


def well_drawn(drawing):
    """Vega-Lite takes it; it has data, words, and no colours but the theme's."""
    for one in drawing.charts:
        spec = one.to_dict()
        marks = {name: spec[name] for name in spec.keys() - {"datasets", "config", "$schema"}}
        assert "#" not in str(marks)
        assert spec["$schema"].endswith(alt.SCHEMA_VERSION + ".json")
        assert any(spec["datasets"].values())
    assert drawing.chart.to_dict()
    assert len(drawing.titles) in (0, len(drawing.charts))
    assert drawing.said.endswith(".")
    assert "nan" not in drawing.said


@pytest.mark.parametrize("preset", sorted(SMALL.keys() - {"P01"}))
def test_preset_s_plot_is_drawn(preset):
    """A chart that Vega-Lite takes, with data and a sentence, in no colours but the theme's."""
    drawing = chart(preset)

    well_drawn(drawing)


BESIDE = [
    (preset.id, plot) for preset in PRESETS.values() for plot in charts.MORE.get(preset.plot, ())
]


@pytest.mark.parametrize(("preset", "plot"), BESIDE, ids=lambda value: getattr(value, "title", ""))
def test_preset_s_further_plots_are_drawn(preset, plot):
    """From no more than they ask for; and a run without an answer has none that fails."""
    well_drawn(charts.drawn(plot, material(preset, columns=plot.columns)))
    charts.drawn(plot, material(preset, requests=table([]), columns=plot.columns))


@pytest.mark.parametrize("plot", charts.EVERY, ids=lambda plot: plot.title)
def test_any_run_has_these_charts(plot):
    """Where it has hits and misses."""
    well_drawn(charts.drawn(plot, material("E04", columns=plot.columns)))


def test_every_plot_has_its_chart():
    """A preset that names another plot than these is drawn in the general way."""
    named = {preset.plot for preset in PRESETS.values()} - {"plain"}

    assert named == set(charts.PLOTS)


@pytest.mark.parametrize("preset", ["E01", "E11", "P01"])
def test_nothing_measured_is_no_error(preset):
    """A run that ended before its first answer has an empty chart."""
    drawing = chart(preset, requests=table([]))

    assert drawing.chart.to_dict()["$schema"]


def test_latency_by_cache_state_says_where_p99_lies():
    """At half hits the p99 of all is the 98 % point of the misses (C12)."""
    drawing = general.ecdf(material("E01"))

    assert "the 98.0 % point of the misses" in drawing.said
    curves = next(iter(drawing.chart.to_dict()["datasets"].values()))
    assert {row["cache"] for row in curves} == {"HIT", "MISS", "all"}


def test_one_cache_state_has_nothing_to_part():
    """Then there is no such chart."""
    only = material("E01").requests
    only = only[only["cache_status"] == "MISS"]

    assert general.ecdf(material("E01", requests=only)) is None


def test_runs_are_drawn_beside_each_other():
    """The figure of the question, of every variant, in each run."""
    one, other = material("E05"), material("E05")

    drawing = compared.runs(one.plan, {"this run": one.summary, "that run": other.summary})

    well_drawn(drawing)
    rows = next(iter(drawing.chart.to_dict()["datasets"].values()))
    assert len(rows) == 2 * len(one.plan.variants)
    assert {row["run"] for row in rows} == {"this run", "that run"}
    assert compared.runs(one.plan, {"this run": one.summary.head(0)}) is None
