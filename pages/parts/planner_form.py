"""What is planned: traffic, prompts, prices, providers; from scratch or as a run had it."""

from typing import NamedTuple

import streamlit as st

from gateway.errors import RecordsError
from gateway.experiments.planner import Workload, zipf_bins
from gateway.workbench import Run
from pages.parts import state

RATES = {10**6: "1 million", 10**7: "10 million", 10**8: "100 million", 10**9: "1 billion"}
TTLS = {60: "1 min", 300: "5 min", 3600: "1 h", 86_400: "1 day", 2_592_000: "30 days"}
KEYS = {
    10**4: "10 thousand",
    10**5: "100 thousand",
    10**6: "1 million",
    10**7: "10 million",
    10**8: "100 million",
}
FRESH = "chosen by hand"
MOST_RUNS = 30


class Choice(NamedTuple):
    """The point that is looked at, and the recorded run behind it, if there is one."""

    per_day: float
    ttl_s: float
    run_id: str | None


def workload() -> tuple[Workload | None, Choice]:
    """Draw the inputs and return what they come to; ``None`` where one can't be."""
    with st.grid(4, min_column_width=200):
        per_day = _pick("Requests a day", RATES, 10**7, "rate")
        ttl_s = _pick("Cache TTL", TTLS, 3600, "ttl")
        keys = _pick("Distinct prompts", KEYS, 10**7, "keys")
        exponent = _number("Zipf exponent", 1.0, "exponent", "1 is usual; more means that fewer "
                           "prompts make up more of the traffic.", 0.1, 3.0)  # fmt: skip
    with st.grid(4, min_column_width=200):
        cost = _number(
            "List price of 1,000 answers (USD)", 0.5, "cost", "Without a cache.", 0.0, 1e6
        )
        miss = _number("Median of a miss (ms)", 900.0, "miss", "Of the provider.", 1.0, 600_000.0)
        tail = _number(
            "p99 of a miss (ms)", 4000.0, "tail", "The rest is log-normal.", 1.0, 600_000.0
        )
        hit = _number("A hit (ms)", 15.0, "hit", "Look-up in the gateway.", 0.0, 60_000.0)
    with st.expander("Retries, capacity, locations, limit", type="compact"):
        more = _more()
    run_id = _sample()
    choice = Choice(per_day, ttl_s, run_id)
    if tail < miss:
        st.error("The p99 of a miss can't lie below its median: raise it.", icon=":material/error:")
        return None, choice
    found = Workload(
        popularity=zipf_bins(keys, exponent, unique=more["unique"]),
        cost_usd=cost / 1000,
        hit_ms=hit,
        miss_ms=spread(miss, tail),
        fill_s=miss / 1000,
        locations=(1 / more["locations"],) * more["locations"],
        daily_swing=more["swing"],
        p=more["p"],
        tries=more["tries"],
        limit=more["limit"],
        upstream_rps=more["capacity"],
    )
    return found, choice


@st.cache_data(max_entries=64, show_spinner=False)
def spread(median_ms: float, p99_ms: float) -> tuple[float, ...]:
    """Return latencies whose median and p99 are these, log-normal between and beyond."""
    normal = (-2.33, -1.64, -1.28, -0.84, -0.52, -0.25, 0.0, 0.25, 0.52, 0.84, 1.28, 1.64, 2.33)
    return tuple(median_ms * (p99_ms / median_ms) ** (z / 2.33) for z in normal)


def _more() -> dict[str, float | int | None]:
    with st.grid(4, min_column_width=200):
        p = _number("An attempt succeeds (%)", 99.0, "p", "", 1.0, 100.0) / 100
        tries = int(_number("Attempts at most", 3, "tries", "", 1, 5))
        capacity = _number(
            "The provider takes (attempts/s)", None, "capacity", "Empty is unknown.", 0.1, 1e9
        )
        limit = _number(
            "Rate limit a minute", None, "limit", "Sliding window; empty is none.", 1, 10**6
        )
        locations = int(_number("Locations", 1, "locations", "With a cache each.", 1, 300))
        swing = _number("Day's swing (%)", 0.0, "swing", "80 is from 20 % to 180 % of the mean.",
                        0.0, 95.0) / 100  # fmt: skip
        unique = _number("Never repeated (%)", 0.0, "unique", "", 0.0, 100.0) / 100
    return {
        "p": p,
        "tries": tries,
        "capacity": capacity,
        "limit": None if limit is None else int(limit),
        "locations": locations,
        "swing": swing,
        "unique": unique,
    }


def _pick(label: str, options: dict[int, str], usual: int, name: str) -> int:
    return st.selectbox(
        label,
        list(options),
        index=list(options).index(usual),
        format_func=options.__getitem__,
        key=f"planner.{name}",
        persist_state="session",
    )


def _number(
    label: str, usual: float | None, name: str, help: str, low: float, high: float
) -> float | None:
    key = f"planner.{name}"
    st.session_state.setdefault(key, usual)
    value = st.number_input(
        label,
        min_value=type(usual or 0.0)(low),
        max_value=type(usual or 0.0)(high),
        key=key,
        help=help or None,
        placeholder=None if usual is None else f"{usual:g}",
        persist_state="session",
    )
    return usual if value is None else value


def _sample() -> str | None:
    """Draw which recorded run shows how often prompts come again."""
    try:
        found = state.workbench().lab.runs(limit=MOST_RUNS)
    except RecordsError:
        found = []
    usable = {run.id: run for run in found if run.ended and (run.figures["done_n"] or 0) >= 100}
    if not usable:
        return None
    return st.selectbox(
        "Prompts as in a recorded run",
        [None, *usable],
        format_func=lambda id: FRESH if id is None else _said(usable[id]),
        key="planner.sample",
        help="Its prompts are replayed or fitted; each figure says how far to trust it.",
    )


def _said(run: Run) -> str:
    return f"{run.preset} {run.title}, {run.figures['done_n']:,} requests"
