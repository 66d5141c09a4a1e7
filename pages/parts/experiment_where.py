"""Who sends a run's requests: this process, or the workers of a Dask scheduler that is set up."""

import streamlit as st

from gateway.experiments.plan import Plan
from gateway.experiments.spread.cluster import Survey
from gateway.experiments.spread.shards import shards
from pages.parts import state

HERE, WORKERS = "here", "workers"
FRESH_S = 10
"""How long an answer of the scheduler is shown before it is asked again."""


def choose(plan: Plan) -> bool | None:
    """Draw the choice, where there is one, and return whether workers send.

    ``None`` is for workers that can't: nothing is run until something else is chosen.
    """
    scheduler = state.workbench().lab.scheduler
    if scheduler is None:
        return False
    found = _survey(scheduler)
    chosen = st.segmented_control(
        "Sent by",
        [HERE, WORKERS],
        default=HERE,
        required=True,
        format_func=lambda name: "This process" if name == HERE else _workers(found),
        key="experiments.sender",
        help=f"Workers are those of the Dask scheduler at {found.address}.",
        persist_state="session",
    )
    if chosen == HERE:
        return False
    if found.problem is not None:
        st.error(found.problem, icon=":material/error:")
        return None
    st.caption(f":material/lan: {told(plan, found)}")
    return True


@st.cache_data(ttl=FRESH_S, show_spinner="Asking the Dask scheduler")
def _survey(scheduler: str) -> Survey:
    return state.workbench().lab.survey(scheduler)


def _workers(found: Survey) -> str:
    count = len(found.workers)
    return "Workers" if not count else f"{count} worker" + "s" * (count > 1)


def told(plan: Plan, found: Survey) -> str:
    """Return what the workers would do, as a sentence."""
    sizes = sorted(len(shard.calls) for shard in shards(plan, len(found.workers)))
    if len(sizes) == 1:
        return (
            "One worker sends all of it: this plan's requests follow each other, which can't be "
            "shared."
        )
    each = f"{sizes[0]:,}" if sizes[0] == sizes[-1] else f"{sizes[0]:,} to {sizes[-1]:,}"
    return (
        f"{len(sizes)} workers send {each} requests each, drawn from the seed. Their clocks are "
        "aligned before and after, and what is left of the difference is told with the run."
    )
