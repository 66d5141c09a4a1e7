"""What a plan comes to: a grid of rates and TTLs, one point in detail, and the evidence for it."""

import altair as alt
import pandas as pd
import streamlit as st

from gateway.experiments import planner, projection
from gateway.experiments.planner import Point, Workload
from gateway.experiments.story import shown
from pages.parts import state
from pages.parts.figures import GLUE, UNKNOWN
from pages.parts.planner_form import RATES, TTLS, Choice

LAYERS = {
    "hit_ratio": "Hit ratio",
    "cost_usd": "Cost a day",
    "origin_rps": "Requests a second to the provider",
    "p50_ms": "Median latency",
    "p95_ms": "p95 latency",
    "p99_ms": "p99 latency",
}
UNITS = {"hit_ratio": "share", "cost_usd": "USD", "origin_rps": ""}
TIERS = {
    "replay": ":green-badge[replay] The recorded prompts at another pace, without a model.",
    "fit": ":orange-badge[fit] A law fitted to the recorded prompts.",
    "band": ":red-badge[band] Far beyond the sample: several laws fit it, the truth lies between.",
}
SAMPLE = 20_000


def grid(workload: Workload) -> None:
    """Draw one figure for every rate and TTL."""
    layer = st.segmented_control(
        "Figure",
        list(LAYERS),
        default="hit_ratio",
        required=True,
        format_func=LAYERS.__getitem__,
        key="planner.layer",
        wrap=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    points = planner.plan(workload, list(RATES), list(TTLS))
    unit = UNITS.get(layer, "ms")
    table = pd.DataFrame(
        [
            {
                "day": RATES[int(point.per_day)],
                "ttl": TTLS[int(point.ttl_s)],
                "value": getattr(point, layer),
                "said": shown(getattr(point, layer), unit),
            }
            for point in points
        ]
    )
    base = alt.Chart(table).encode(
        x=alt.X("ttl:N", sort=list(TTLS.values()), title="TTL", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("day:N", sort=list(RATES.values()), title="Requests a day"),
    )
    cells = base.mark_rect(cornerRadius=3).encode(
        color=alt.Color("value:Q", legend=None), tooltip=["day:N", "ttl:N", "said:N"]
    )
    said = f"{LAYERS[layer]} for each number of requests a day and each TTL."
    st.altair_chart(cells, height=240, alt=said)
    wide = table.pivot(index="day", columns="ttl", values="said").loc[list(RATES.values())]
    lines = [
        {"Requests a day": day}
        | {ttl: row[ttl].replace("$", "\\$").replace(" ", GLUE) for ttl in TTLS.values()}
        for day, row in wide.iterrows()
    ]
    st.table(lines, border="horizontal", hide_index=True, alt=said)


def point(workload: Workload, choice: Choice) -> None:
    """Draw everything about the chosen rate and TTL."""
    (found,) = planner.plan(workload, [choice.per_day], [choice.ttl_s])
    st.header(f"{RATES[int(choice.per_day)]} a day, TTL {TTLS[int(choice.ttl_s)]}")
    saved = found.cost_nocache_usd - found.cost_usd
    with st.grid(4, min_column_width=170):
        _metric(
            "Hit ratio", shown(found.hit_ratio, "share"), "In steady state, C5 with C8's fills."
        )
        _metric("Cost a day", shown(found.cost_usd, "USD"), "By list price.")
        _metric("Saved a day", shown(saved, "USD"), "Against the same traffic without a cache.")
        _metric("To the provider", f"{found.origin_rps:,.1f}/s", "Mean over the day.")
        _metric("At the day's peak", f"{found.origin_peak_rps:,.1f}/s", "With the day's swing.")
        _metric("Entries in the cache", f"{found.live_entries:,.0f}", "At any moment.")
        _metric("Available", f"{100 * found.availability:.3f} %", "Hits, and misses that succeed.")
        _metric("Let through", shown(found.accepted, "share"), "By the gateway's rate limit.")
        for name in ("p50_ms", "p95_ms", "p99_ms"):
            why = "A mixture of hits and misses (C12)."
            _metric(LAYERS[name], shown(getattr(found, name), "ms"), why)
        _metric("Attempts a day", f"{found.attempts_per_day:,.0f}", "With retries.")
    st.markdown(_stability(found))
    hours = found.cold_s / 3600
    after = f"{hours:,.1f} h" if hours >= 1 else f"{found.cold_s / 60:,.0f} min"
    st.caption(f"From an empty cache, this holds after about {after}: two TTLs.")


def _metric(label: str, value: str, why: str) -> None:
    st.metric(label, value.replace("$", "\\$"), help=why)


def _stability(found: Point) -> str:
    if found.stable is None:
        return (
            ":gray-badge[:material/help: stability unknown] Say what the provider takes to see "
            "whether retries can bring it down (R12)."
        )
    if found.stable:
        return (
            ":green-badge[:material/check: cannot collapse] Even if every request needed all its "
            "attempts, the provider could serve them (R12)."
        )
    margin = UNKNOWN if found.margin_rps is None else f"{found.margin_rps:,.1f}/s"
    return (
        f":red-badge[:material/warning: can collapse] From {margin} attempts on, late answers and "
        "retries feed each other: fewer attempts or more capacity (R12)."
    )


def evidence(choice: Choice) -> None:
    """Draw what a recorded run's prompts say about the rates, each with its tier."""
    if choice.run_id is None:
        return
    st.header("What the recorded prompts say")
    keys = _keys(choice.run_id)
    if len(set(keys)) < 2:
        st.info("That run asked one prompt only: it says nothing about how prompts repeat.")
        return
    laws = _laws(choice.run_id)
    lines = []
    for rate, name in RATES.items():
        told = projection.project(keys, rate, choice.ttl_s, laws)
        spread = (
            UNKNOWN
            if told.low == told.high
            else f"{shown(told.low, 'share')} to {shown(told.high, 'share')}"
        )
        lines.append(
            {
                "Requests a day": name,
                "Hit ratio": shown(told.hit_ratio, "share"),
                "Between": spread,
                "Evidence": TIERS[told.tier],
            }
        )
    st.table(lines, border="horizontal", hide_index=True, alt="Hit ratios with their evidence")
    fitted = ", ".join(f"{law.name}: {law.keys:,} prompts, s = {law.exponent:.2f}" for law in laws)
    st.caption(f"{len(keys):,} requests; fitted {fitted}.")


@st.cache_resource(max_entries=8, show_spinner=False)
def _keys(run_id: str) -> list[str]:
    """Return the keys of a run's first variant, in order: variants share their draws."""
    columns = ("variant_id", "key_id", "prompt_id")
    rows = state.workbench().lab.requests(run_id, limit=SAMPLE, columns=columns)
    first = rows[rows["variant_id"] == rows["variant_id"].iloc[0]]
    return first["key_id"].fillna(first["prompt_id"]).astype(str).tolist()


@st.cache_resource(max_entries=8, show_spinner=False)
def _laws(run_id: str) -> tuple[projection.Fitted, ...]:
    return projection.fit(_keys(run_id))
