"""The charts of a run: each reads what it shows and no more, so that a long run is soon drawn."""

import pandas as pd
import streamlit as st

from gateway.experiments.plan import Outline
from gateway.experiments.presets import PRESETS
from gateway.workbench import Results, Run
from pages.parts import charts, picture, state
from pages.parts.charts import Drawing, Plot

MOST_DRAWN = 20_000
"""Requests that a chart is drawn of where a sample will do."""
MOST_SCALE = 10.0
"""Up to this many emulated seconds a second, latencies are more than our own noise."""
PANEL_PX = 280
"""Room that a chart needs at least, to stand beside another one."""
ALWAYS = ("variant_id", "phase")


def answer(run: Run, plan: Outline, results: Results) -> None:
    """Draw the chart that answers the run's question."""
    _draw(charts.main(PRESETS[plan.recipe.preset]), run, plan, results)


def others(run: Run, plan: Outline, results: Results) -> None:
    """Draw what else the run has to show."""
    for plot in charts.MORE.get(PRESETS[plan.recipe.preset].plot, ()):
        _draw(plot, run, plan, results)
    if run.figures["time_scale"] > MOST_SCALE:
        st.caption(
            f"Its clock ran {run.figures['time_scale']:g} times as fast, and so did every "
            "millisecond of our own: latencies aren't drawn."
        )
        return
    for plot in charts.EVERY:
        _draw(plot, run, plan, results)


def _draw(plot: Plot, run: Run, plan: Outline, results: Results) -> None:
    done = run.figures["done_n"] or 0
    drawing = charts.drawn(
        plot,
        charts.Material(
            plan=plan,
            preset=PRESETS[plan.recipe.preset],
            requests=_requests(run.id, done, plot.columns, plot.whole)
            if plot.columns
            else pd.DataFrame(),
            summary=results.summary,
            chunks=_chunks(run.id, done) if plot.chunks else pd.DataFrame(),
        ),
    )
    if drawing is None:
        return
    if plot.title:
        st.markdown(f"**{plot.title}**")
    name = f"{run.preset} {plot.title or plan.title}"
    put(drawing, f"experiments-{plot.draw.__name__}", name)
    if plot.columns and not plot.whole and done > MOST_DRAWN:
        st.caption(
            f"Drawn from about {MOST_DRAWN:,} of {done:,} requests, taken evenly from the whole "
            "run; tables and verdicts count all."
        )


def put(drawing: Drawing, key: str, name: str) -> None:
    """Put charts on the page: below each other where it is narrow, and their words below them.

    Args:
        key: Of this place on the page.
        name: What a saved picture is called.
    """
    titles = drawing.titles or ("",) * len(drawing.charts)
    with st.container(key=key):
        with st.grid(len(drawing.charts), min_column_width=PANEL_PX):
            for title, chart in zip(titles, drawing.charts, strict=True):
                with st.container(gap=None):
                    if title:
                        st.markdown(f"**{title}**")
                    said = f"{title}. {drawing.said}" if title else drawing.said
                    st.altair_chart(chart, height=drawing.height, alt=said)
        st.caption(drawing.said.replace("$", "\\$"))
        picture.save(key, name)


@st.cache_resource(max_entries=32, show_spinner=False)
def _requests(run_id: str, done: int, columns: tuple[str, ...], whole: bool) -> pd.DataFrame:
    """Return columns of a run's requests; ``done`` says how many there are by now."""
    most = None if whole else MOST_DRAWN
    return state.workbench().lab.columns(run_id, (*ALWAYS, *columns), most=most)


@st.cache_resource(max_entries=8, show_spinner=False)
def _chunks(run_id: str, done: int) -> pd.DataFrame:
    return state.workbench().lab.chunks(run_id)
