"""Connection: which gateway is in use, whether it answers, and what .env says."""

import streamlit as st

from pages.parts import state, views

workbench = state.workbench()

for problem in workbench.problems:
    st.error(problem, icon=":material/error:")

with st.container(horizontal=True, vertical_alignment="center"):
    st.header("Gateways")
    st.space("stretch")
    st.button(
        "Check again", icon=":material/refresh:", type="tertiary", on_click=state.health.clear
    )
with st.grid(2, min_column_width=320):
    for target in workbench.targets.values():
        if target.bases is None:
            views.gateway_card(target, in_use=target.name == state.target())
    if "cloudflare" not in workbench.targets:
        views.cloudflare_steps()

st.header("What .env says")
views.settings_tables(workbench.settings.rows())
