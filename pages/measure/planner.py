"""Planner: the same workload at a million to a billion requests a day."""

import streamlit as st

from pages.parts import planner_form, planner_views


@st.fragment
def page() -> None:
    """Draw inputs and what follows from them; a change draws this again."""
    workload, choice = planner_form.workload()
    if workload is None:
        return
    planner_views.grid(workload)
    planner_views.point(workload, choice)
    planner_views.evidence(choice)


st.caption("Computed, not measured: nothing is sent from this page.")
page()
