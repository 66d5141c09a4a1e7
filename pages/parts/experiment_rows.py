"""The requests of a run as a table: filtered, sorted and paged by the database."""

from typing import Any

import streamlit as st

from gateway.workbench import Run
from pages.parts import state

PAGE = 200
FIRST = (
    "seq",
    "variant_id",
    "prompt_id",
    "cache_status",
    "status",
    "ok",
    "error_class",
    "attempts",
    "step",
    "ttft_ms",
    "e2e_ms",
    "lat_scheduled_ms",
    "dispatch_delay_ms",
    "original_ms",
    "cost_usd",
    "cost_saved_usd",
)
"""Columns that are shown at first; the others are a click away."""
FILTERS = {"variant_id": "Variant", "status": "Status", "cache_status": "Cache"}
CACHE = ["HIT", "MISS", "BYPASS", "UNKNOWN"]
STATUSES = [0, 200, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504]


@st.fragment
def requests(run: Run) -> None:
    """Draw the table with its filters; a change draws only this."""
    lab = state.workbench().lab
    st.subheader("Requests")
    where = _where(run)
    names = list(lab.requests(run.id, limit=0).columns)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        order = st.selectbox("Sort by", names, index=names.index("seq"), key="experiments.order")
        down = st.toggle("Largest first", key="experiments.down")
        count = lab.count(run.id, where)
        pages = max((count - 1) // PAGE + 1, 1)
        page = st.number_input(
            f"Page of {pages:,}", min_value=1, max_value=pages, key=f"experiments.page.{pages}"
        )
    with st.popover("Columns", icon=":material/view_column:", type="tertiary"):
        columns = st.multiselect("Columns", names, default=list(FIRST), key="experiments.columns")
    shown = lab.requests(
        run.id,
        where=where,
        order=order,
        descending=down,
        limit=PAGE,
        offset=PAGE * (int(page) - 1),
        columns=tuple(columns),
    )
    st.dataframe(shown[columns] if columns else shown, hide_index=True, alt="Requests of the run")
    st.caption(
        f"{count:,} requests fit. Times are seconds since the run's start on the gateway's clock; "
        "original_ms is what a cached answer took when it was fresh."
    )


def _where(run: Run) -> dict[str, list[Any]]:
    variants = sorted(state.workbench().lab.results(run.id).summary["variant_id"].unique())
    options: dict[str, list[Any]] = {
        "variant_id": variants,
        "status": STATUSES,
        "cache_status": CACHE,
    }
    with st.grid(3, min_column_width=200):
        chosen = {
            name: st.multiselect(label, options[name], key=f"experiments.where.{name}")
            for name, label in FILTERS.items()
        }
    return {name: values for name, values in chosen.items() if values}
