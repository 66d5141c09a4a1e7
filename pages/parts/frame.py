"""The frame around every page. The folders of pages/ are the sidebar's sections."""

import streamlit as st

from pages.parts import state, views

# Streamlit keeps 5rem free on both sides of a wide page and 3.5rem under the input, and has no
# setting for it; four columns of answers need that room. Where the window is low, as at 400 % zoom,
# the input would cover all answers, so it scrolls with them. There is no other style sheet.
ROOM = """
<style>
@media (min-width: 641px) {
  [data-testid=stMainBlockContainer], [data-testid=stBottomBlockContainer] {
    padding-left: 2rem; padding-right: 2rem;
  }
}
[data-testid=stBottomBlockContainer] { padding-top: 0.5rem; padding-bottom: 1rem; }
@media (max-height: 480px) { [data-testid=stBottom] { position: static; } }
</style>
"""


def draw() -> None:
    """Draw menu, status line and title, then the page that the visitor has chosen."""
    st.set_page_config(
        page_title="AI Gateway",
        page_icon=":material/hub:",
        layout="wide",
        initial_sidebar_state=250,
    )
    st.logo(state.PAGES / "parts/logo.svg", size="large")
    page = st.navigation(
        {
            "Play": [
                _page("play/chat.py", "Playground", ":material/forum:"),
                _page("play/headers.py", "Headers", ":material/tune:"),
                _page("play/realtime.py", "Realtime", ":material/graphic_eq:"),
            ],
            "Measure": [
                _page("measure/experiments.py", "Experiments", ":material/science:"),
                _page("measure/planner.py", "Planner", ":material/query_stats:"),
            ],
            "Setup": [
                _page("setup/connection.py", "Connection", ":material/lan:"),
                _page("setup/reference.py", "Reference", ":material/menu_book:"),
            ],
        }
    )
    st.html(ROOM)
    with st.sidebar:
        views.status_line(state.target())
    st.title(page.title)
    page.run()


def _page(path: str, title: str, icon: str) -> st.Page:
    return st.Page(state.PAGES / path, title=title, icon=icon)


if __name__ == "__main__":
    draw()
