"""The tables of a run: requests, filtered, sorted and paged by the database, and the others."""

from typing import Any

import streamlit as st

from gateway.records.runs import FILTERS
from gateway.workbench import Results, Run
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
LABELS = {
    "variant_id": "Variant",
    "phase": "Phase",
    "status": "Status",
    "cache_status": "Cache",
    "ok": "Succeeded",
    "error_class": "Error",
    "provider": "Provider",
}
MOST = 20_000
"""Rows of a table beside the requests that are shown."""


@st.fragment
def tables(run: Run, results: Results) -> None:
    """Draw the choice of a table, and that table; a change draws only this."""
    st.subheader("Tables")
    beside = {
        "Requests": "",
        "Attempts": "One row for each try behind a request, as the local journal tells.",
        "Chunks": "When each piece of the first streamed answers arrived.",
        "Summary": "Each figure of each variant and slice; nothing is pooled but in the slice all.",
        "Run": "What was run, with what, and how it went.",
    }
    chosen = st.segmented_control(
        "Table",
        list(beside),
        default="Requests",
        required=True,
        key="experiments.table",
        label_visibility="collapsed",
        wrap=True,
    )
    lab = state.workbench().lab
    if chosen == "Requests":
        _requests(run)
        return
    if chosen == "Run":
        lines = [
            {"Column": name, "Value": str(value)}
            for name, value in run.figures.items()
            if value is not None and name != "summary_json"
        ]
        st.dataframe(lines, hide_index=True, alt="The run's row")
        st.caption(beside[chosen])
        return
    table = {
        "Attempts": lambda: lab.attempts(run.id),
        "Chunks": lambda: lab.chunks(run.id),
        "Summary": lambda: results.summary,
    }[chosen]()
    if not len(table):
        st.caption(f"This run has none. {beside[chosen]}")
        return
    st.dataframe(table.head(MOST), hide_index=True, alt=f"{chosen} of the run")
    more = f" The first {MOST:,} of {len(table):,} rows." if len(table) > MOST else ""
    st.caption(f"{beside[chosen]}{more}")


@st.fragment
def requests(run: Run) -> None:
    """Draw the requests of a run that wasn't judged."""
    st.subheader("Requests")
    _requests(run)


def _requests(run: Run) -> None:
    lab = state.workbench().lab
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
    pooled = {"HIT", "MISS"} <= set(where.get("cache_status", ("HIT", "MISS")))
    st.caption(
        f"{count:,} requests fit{', hits and misses among each other' if pooled else ''}. "
        "Columns that end in _s are seconds since the run's start on the gateway's clock, those in "
        "_ms milliseconds; original_ms is what a cached answer took when it was fresh. "
        "attempts_source says whether attempts were read from the journal or inferred from "
        "latencies."
    )


def _where(run: Run) -> dict[str, list[Any]]:
    held = _values(run.id, run.figures["done_n"] or 0)
    with st.grid(4, min_column_width=160):
        chosen = {
            name: st.multiselect(LABELS[name], held[name], key=f"experiments.where.{name}")
            for name in FILTERS
        }
    return {name: values for name, values in chosen.items() if values}


@st.cache_resource(max_entries=8, show_spinner=False)
def _values(run_id: str, done: int) -> dict[str, list[Any]]:
    """Return what can be filtered by; ``done`` says how many rows there are by now."""
    return state.workbench().lab.values(run_id)
