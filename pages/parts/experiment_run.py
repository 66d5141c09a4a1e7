"""A run while it goes on: how far it has come, pause and end; and which run is looked at."""

import streamlit as st

from gateway.errors import RecordsError
from gateway.experiments.progress import Progress
from gateway.experiments.story import shown
from gateway.workbench import Run
from pages.parts import state
from pages.parts.figures import UNKNOWN

OPEN = "experiments.open"
QUERY = "run"
STATES = {
    "waiting": ":gray-badge[:material/hourglass_empty: waits for its turn]",
    "running": ":blue-badge[:material/play_arrow: running]",
    "paused": ":orange-badge[:material/pause: paused]",
    "done": ":green-badge[:material/check: done]",
    "cancelled": ":gray-badge[:material/stop_circle: cancelled]",
    "stopped": ":orange-badge[:material/savings: stopped at its cap]",
    "failed": ":red-badge[:material/error: failed]",
    "lost": ":orange-badge[:material/power_off: ended with the app]",
}
REFRESH = "0.5s"
REASONS = {
    "cap": "It reached its cap of money.",
    "calls": "It reached its cap of requests.",
    "cancel": "It was ended by hand.",
    "lease": "Nobody looked at it any more, and it cost money.",
}
"""Why a run ended early; anything else is a sentence already."""


def opened() -> Run | None:
    """Return the run that the address names, or that was looked at last; ``None`` for no run."""
    run_id = st.query_params.get(QUERY) or st.session_state.get(OPEN)
    if not run_id:
        return None
    try:
        run = state.workbench().lab.find(run_id)
    except KeyError:
        st.info(f"There is no run {run_id} here: it may have been deleted.", icon=":material/info:")
    except RecordsError as error:
        st.error(str(error), icon=":material/error:")
    else:
        look_at(run_id)
        return run
    look_at(None)
    return None


def look_at(run_id: str | None) -> None:
    """Choose the run that the page shows from now on; ``None`` shows the list."""
    st.session_state[OPEN] = run_id
    if run_id is None:
        st.query_params.pop(QUERY, None)
    else:
        st.query_params[QUERY] = run_id


def heading(run: Run) -> None:
    """Draw a run's name, its state, and the way back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "All experiments",
            icon=":material/arrow_back:",
            type="tertiary",
            key="experiments.back",
            on_click=look_at,
            args=(None,),
        )
        st.space("stretch")
        st.markdown(STATES.get(run.state, run.state), width="content")
    st.header(f"{run.preset} {run.title}")


def why_ended(reason: str | None) -> str | None:
    """Return why a run ended early, as a sentence."""
    return None if reason is None else REASONS.get(reason, reason)


def watch(run: Run) -> None:
    """Draw a run that goes on; only this part is drawn again and again."""
    state.workbench().lab.attend(run.id, state.visitor_is_there())
    heading(run)
    _progress(run.id)
    st.caption(
        "The run goes on when you leave this page. Its address finds it again."
        if run.figures["target"] == "emulator"
        else "The run asks a paid gateway: it ends a minute after the last page on it is closed."
    )


@st.fragment(run_every=REFRESH)
def _progress(run_id: str) -> None:
    lab = state.workbench().lab
    now = lab.progress(run_id)
    if now.state not in ("waiting", "running", "paused"):
        st.rerun()
    share = now.done / now.planned if now.planned else 0.0
    st.progress(min(share, 1.0), text=f"{now.done:,} of {now.planned:,} requests")
    figures(now)
    for note in now.notes:
        st.warning(note, icon=":material/schedule:")
    before = lab.queue().index(run_id) if run_id in lab.queue() else 0
    if now.state == "waiting" and before:
        st.caption(f"{before} {'run' if before == 1 else 'runs'} before it.")
    with st.container(horizontal=True, gap="small"):
        if now.state == "paused":
            st.button("Resume", icon=":material/play_arrow:", on_click=lab.resume, args=(run_id,))
        else:
            st.button(
                "Pause",
                icon=":material/pause:",
                disabled=now.state == "waiting",
                on_click=lab.pause,
                args=(run_id,),
            )
        label = "Take it back" if now.state == "waiting" else "End it"
        st.button(label, icon=":material/stop_circle:", on_click=lab.stop, args=(run_id,))


def rest(run: Run) -> None:
    """Draw how measured requests are kept that couldn't be when they were measured."""
    lab = state.workbench().lab
    if count := lab.unkept(run.id):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.error(
                f"{count:,} measured requests are in memory only. {run.progress.stopped_by}",
                icon=":material/disc_full:",
            )
            if st.button("Keep them now", icon=":material/save:", key="experiments.rest"):
                try:
                    lab.keep_rest(run.id)
                except RecordsError as error:
                    st.error(str(error), icon=":material/error:")
                else:
                    st.rerun()


def figures(now: Progress) -> None:
    """Draw rate, time left, money, and counts by status and by cache state."""
    rate = UNKNOWN if now.rate is None else f"{now.rate:,.1f}/s"
    left = UNKNOWN if now.eta_s is None else duration(now.eta_s)
    with st.grid(4, min_column_width=130):
        st.metric("Rate", rate)
        st.metric("Time left", left)
        st.metric("Time so far", duration(now.elapsed_s))
        st.metric("List price so far", shown(now.cost_usd, "USD").replace("$", "\\$"))
    counts = [
        f"HTTP {status or 'none'}: **{count:,}**" for status, count in sorted(now.statuses.items())
    ]
    counts += [f"{name}: **{count:,}**" for name, count in sorted(now.caches.items())]
    if counts:
        st.caption("\N{EM SPACE}".join(counts))


def duration(seconds: float) -> str:
    """Return a duration for the eye."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
