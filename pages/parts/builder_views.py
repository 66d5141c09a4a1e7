"""What would become of a call, drawn: verdicts, lint, effective settings, retry plan."""

import altair as alt
import streamlit as st

from gateway.chat import Target
from gateway.draft import (
    Bar,
    Draft,
    Pace,
    Pair,
    cache_verdict,
    credential_verdict,
    retry_plan,
    settings,
)
from gateway.form import FIELDS
from gateway.lint import Finding, check
from pages.parts import builder
from pages.parts.builder import key
from pages.parts.figures import UNKNOWN
from pages.parts.views import provider_name

SEVERITIES = {
    "error": (":red-badge[:material/error: error]", "error"),
    "warning": (":orange-badge[:material/warning: warning]", "warning"),
    "hint": (":blue-badge[:material/lightbulb: hint]", "hint"),
}
OUTCOMES = {
    "ok": "#2f9e6e",
    "failed": "#d0526a",
    "timed out": "#d98a2b",
    "wait": "#9aa4b2",
}
BAR_PX = 26


def verdicts(draft: Draft) -> None:
    """Draw the two sentences: will it be cached, and with which credential."""
    for index, step in enumerate(draft.all_steps):
        cached, asked = cache_verdict(draft, index), credential_verdict(draft, index)
        name = f"Step {index + 1}, {provider_name(step.provider)}. " if draft.steps else ""
        lead = ":material/bolt:" if cached.cached else ":material/block:"
        sign = ":material/key_off:" if asked.source in ("none", "refused") else ":material/key:"
        st.markdown(f"{lead} {name}{cached.sentence}")
        st.markdown(f"{sign} {name}{asked.sentence}")


def findings(draft: Draft, target: Target) -> None:
    """Draw what lint finds, each with its fixes as buttons."""
    found = check(draft)
    if not found:
        st.markdown(":green[:material/check_circle:] No trap found in this call.")
        return
    for number, finding in enumerate(found):
        with st.container(border=True, gap="small"):
            _finding(finding, number, draft, target)


def _finding(finding: Finding, number: int, draft: Draft, target: Target) -> None:
    badge, _ = SEVERITIES[finding.severity]
    named = FIELDS[finding.place].label if finding.place in FIELDS else finding.place
    read_at = " · ".join(
        f"[{link.text}]({link.url})" if link.url else link.text for link in finding.sources
    )
    st.markdown(f"{badge} **{named}** {finding.sentence}  \n:small[:gray[{read_at}]]")
    with st.container(horizontal=True, gap="small"):
        for place, fix in enumerate(finding.fixes):
            mended = fix.apply(draft)
            if mended.policy != draft.policy and not builder.can_settle(target):
                st.caption(f"{fix.label}: in the gateway's own dashboard.")
                continue
            st.button(
                fix.label,
                key=key("fix", number, place),
                icon=":material/build:",
                on_click=builder.fixed,
                args=(draft, target, mended),
            )


def effective(draft: Draft) -> None:
    """Draw every setting in force: value, level, what it overrode, whether it is honoured."""
    for index, step in enumerate(draft.all_steps):
        if draft.steps:
            st.markdown(f"**Step {index + 1}** {provider_name(step.provider)} `{step.model}`")
        stated = [one for one in settings(draft, index) if one.level is not None]
        if not stated:
            st.caption("No level states anything: all defaults hold.")
            continue
        st.table(
            [
                {
                    "Setting": f"{FIELDS[one.name].label}  \n:small[`{FIELDS[one.name].row.name}`]",
                    "In force": f"**{one.shown}**",
                    "Stated by": one.level,
                    "Overrides": ", ".join(f"{level}: {value}" for level, value in one.overrode)
                    or UNKNOWN,
                    "Honoured": {"yes": "yes", "unlisted": "probably", "no": "no"}[one.honour]
                    + (f"  \n:small[{one.note}]" if one.note else ""),
                }
                for one in stated
            ],
            border="horizontal",
            hide_index=True,
            alt=f"Settings in force at step {index + 1}",
        )


def plan(draft: Draft) -> None:
    """Draw the tries and waits of a call under what is assumed of the providers."""
    with st.container(horizontal=True, gap="small"):
        answer_s = _assumed("An answer begins after (s)", 1.0, "answer")
        failure_s = _assumed("An error comes after (s)", 0.2, "failure")
        slowest_s = _assumed("A hanging try takes (s)", 60.0, "slowest")
        percent = st.slider(
            "Tries that fail (%)", 0, 100, key=key("plan", "rate"), persist_state="session"
        )
    pace = Pace(
        answer_s=answer_s,
        failure_s=failure_s,
        slowest_s=slowest_s,
        failure_rate=percent / 100,
    )
    found = retry_plan(draft, pace)
    with st.grid(4, min_column_width=130):
        st.metric("Best case", UNKNOWN if found.best_s is None else _seconds(found.best_s))
        worst = f"{'≥ ' if found.endless else ''}{_seconds(found.worst_s)}"
        st.metric("Worst case", worst, help="Each try lasts as long as it may.")
        st.metric("Chance of an answer", _percent(found.success))
        st.metric("Upstream calls", f"{found.expected_tries:.2f}", help="For one request.")
    st.markdown("**When the first half of the tries fails**")
    bars(found.usual, "Timeline where the first half of the tries fails")
    st.markdown("**When everything takes as long as it may**")
    bars(found.worst, "Timeline of the worst case")
    if found.endless:
        st.caption(
            "Nothing cuts off the last try: the gateway's timeout moves it on to the next try, "
            "and after the last there is none."
        )


def _assumed(label: str, value: float, name: str) -> float:
    st.session_state.setdefault(key("plan", name), value)
    st.session_state.setdefault(key("plan", "rate"), 5)
    return st.number_input(
        label, min_value=0.0, step=0.1, key=key("plan", name), persist_state="session"
    )


def bars(found: tuple[Bar, ...], said: str) -> None:
    """Draw tries and waits on one line of time."""
    rows = [
        {
            "Try": f"{bar.step + 1}.{bar.attempt} {provider_name(bar.provider)}",
            "from": bar.start_s,
            "to": bar.end_s,
            "What": bar.outcome or "wait",
            "Takes": _seconds(bar.end_s - bar.start_s),
        }
        for bar in found
    ]
    names = list(dict.fromkeys(row["Try"] for row in rows))
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(cornerRadius=3, height=BAR_PX * 0.6)
        .encode(
            x=alt.X("from:Q", title="Seconds since the call reached the gateway"),
            x2="to:Q",
            y=alt.Y(
                "Try:N", sort=names, title=None, axis=alt.Axis(labelLimit=160, labelOverlap=False)
            ),
            color=alt.Color(
                "What:N",
                scale=alt.Scale(domain=list(OUTCOMES), range=list(OUTCOMES.values())),
                legend=alt.Legend(orient="top", title=None),
            ),
            tooltip=["Try:N", "What:N", "Takes:N"],
        )
        .properties(height=BAR_PX * len(names))
    )
    st.altair_chart(chart, height=BAR_PX * len(names) + 110, alt=said)


def _percent(chance: float) -> str:
    return "> 99.99 %" if 0.9999 < chance < 1 else f"{100 * chance:.2f} %"


def _seconds(value: float) -> str:
    return f"{1000 * value:,.0f} ms" if value < 1 else f"{value:,.2f} s"


def raw(pairs: tuple[Pair, ...]) -> None:
    """Draw pasted headers that are no options: they are checked, and not sent from here."""
    if pairs:
        st.caption("Pasted headers beside the form: they are checked, but not sent from here.")
        lines = "\n".join(f"{name}: {value}" for name, value in pairs)
        st.code(lines, language=None, wrap_lines=True)
