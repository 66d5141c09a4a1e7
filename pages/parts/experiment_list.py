"""The list of runs: open one, delete some, compare several."""

import streamlit as st

from gateway.errors import RecordsError
from gateway.workbench import Run
from pages.parts import (
    experiment_certificate,
    experiment_exports,
    experiment_queue,
    experiment_run,
    state,
)

PAGE = 10
SHOWN = "experiments.shown"
IMPORTED = " :violet-badge[:material/input: imported]"


def runs() -> None:
    """Draw the runs that are kept, the newest first."""
    experiment_certificate.of_gateways()
    st.header("Runs")
    experiment_exports.take()
    live = experiment_queue.live()
    count = st.session_state.setdefault(SHOWN, PAGE)
    try:
        newest = state.workbench().lab.runs(limit=count + 1 + len(live))
    except RecordsError as error:
        st.error(str(error), icon=":material/error:")
        return
    found = [run for run in newest if run.id not in live]
    if not newest:
        st.caption("No run yet. Choose an experiment above: nothing is sent before you say so.")
        return
    for run in found[:count]:
        _row(run)
    if len(found) > count:
        st.button("Show more", icon=":material/expand_more:", type="tertiary", on_click=_more)


def _row(run: Run) -> None:
    figures = run.figures
    at = figures["started_utc"]
    planned = figures["planned_n"] or 0
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            badges = experiment_run.STATES.get(run.state, "") + (IMPORTED if run.imported else "")
            st.markdown(f"**{run.preset} {run.title}** {badges}")
            place = "local" if figures["target"] == "emulator" else figures["gateway_id"]
            began = f"{at:%Y-%m-%d %H:%M} UTC, " if at is not None else ""
            st.caption(f"{began}{planned:,} requests, {place} gateway, seed {figures['seed']}")
        st.button(
            "Open",
            icon=":material/open_in_full:",
            key=f"experiments.open.{run.id}",
            on_click=experiment_run.look_at,
            args=(run.id,),
        )
        with st.popover("Delete", icon=":material/delete:", type="tertiary"):
            st.markdown("Its requests and its result are gone then.")
            st.button(
                "Delete this run",
                key=f"experiments.delete.{run.id}",
                on_click=state.workbench().lab.forget,
                args=(run.id,),
            )


def _more() -> None:
    st.session_state[SHOWN] += PAGE
