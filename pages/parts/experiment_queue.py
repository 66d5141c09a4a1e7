"""Runs that haven't ended, in the order in which they run; one that waits can be taken back."""

import streamlit as st

from gateway.errors import RecordsError
from gateway.experiments.progress import Progress
from pages.parts import experiment_run, state

REFRESH = "1s"


def live() -> tuple[str, ...]:
    """Draw what runs and what waits; return its runs, none where nothing does."""
    ids = state.workbench().lab.queue()
    if ids:
        _rows(ids)
    return ids


@st.fragment(run_every=REFRESH)
def _rows(ids: tuple[str, ...]) -> None:
    lab = state.workbench().lab
    if lab.queue() != ids:
        st.rerun()  # what has ended belongs into the list below
    for place, run_id in enumerate(ids):
        try:
            run, now = lab.find(run_id), lab.progress(run_id)
        except (KeyError, RecordsError):
            continue  # it was deleted meanwhile, or the records can't be read: the list says so
        waits = now.state == "waiting"
        with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None, width="stretch"):
                badge = experiment_run.STATES.get(now.state, "")
                st.markdown(f"**{run.preset} {run.title}** {badge}")
                st.caption(_said(place, now))
            st.button(
                "Open",
                icon=":material/open_in_full:",
                key=f"experiments.open.{run_id}",
                on_click=experiment_run.look_at,
                args=(run_id,),
            )
            st.button(
                "Take it back" if waits else "End it",
                icon=":material/close:" if waits else ":material/stop_circle:",
                type="tertiary",
                key=f"experiments.stop.{run_id}",
                on_click=lab.stop,
                args=(run_id,),
            )


def _said(place: int, now: Progress) -> str:
    planned = f"{now.planned:,} requests"
    if now.state == "waiting" and place:
        return f"{planned}, {'next' if place == 1 else f'number {place}'} in line"
    left = "" if now.eta_s is None else f", {experiment_run.duration(now.eta_s)} left"
    return f"{now.done:,} of {planned}{left}"
