"""Entry point: the frame around every page. The folders of pages/ are the sidebar's sections."""

import streamlit as st

from pages.parts import state, views

st.set_page_config(
    page_title="AI Gateway", page_icon=":material/hub:", layout="wide", initial_sidebar_state=250
)
st.logo("pages/parts/logo.svg", size="large")

page = st.navigation(
    {
        "Play": [st.Page("pages/play/chat.py", title="Playground", icon=":material/forum:")],
        "Setup": [st.Page("pages/setup/connection.py", title="Connection", icon=":material/lan:")],
    }
)
# The only style sheet. Streamlit keeps 5rem free on both sides of a wide page and 3.5rem under the
# input, and has no setting for it; four columns of answers need that room.
st.html(
    "<style>@media (min-width: 641px) {"
    "[data-testid=stMainBlockContainer], [data-testid=stBottomBlockContainer]"
    "{padding-left: 2rem; padding-right: 2rem}}"
    "[data-testid=stBottomBlockContainer] {padding-top: 0.5rem; padding-bottom: 1rem}</style>"
)
with st.sidebar:
    views.status_line(state.target())
st.title(page.title)
page.run()
