"""Which rules a gateway follows: those that explain a run, and what its probes have answered."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from gateway.errors import RecordsError
from gateway.experiments import certificate
from gateway.experiments.certificate import Certificate
from gateway.workbench import Results, Run
from pages.parts import experiment_run, state
from pages.parts.views import gateway_name

ABOUT = {"cache": "Cache, lifetime {}", "limit": "Limit, {}"}
PROBES = "P01"


def oracle(results: Results) -> None:
    """Draw for each gateway of a run which rule explains every hit and miss, and every 429."""
    if not results.oracle:
        return
    st.subheader("Which rule explains it?")
    best = [rows[0] for rows in _grouped(results.oracle).values()]
    st.markdown("  \n".join(_sentence(row) for row in best))
    lines = [
        {
            "Gateway": row["gateway"],
            "About": ABOUT[row["about"]].format(row["setting"]),
            "Rule": row["rule"],
            "Agrees with": f"{row['agreed']:,} of {row['judged']:,}",
            "Share": f"{100 * row['agreed'] / row['judged']:.1f} %",
            "First against it": "\N{EN DASH}"
            if row["first_wrong"] is None
            else f"request {row['first_wrong']}",
        }
        for row in results.oracle
    ]
    with st.expander(f"Each of the {len(lines)} rules", type="compact"):
        st.table(lines, border="horizontal", hide_index=True, alt="Rules and their agreement")
    st.caption(
        "Each rule is replayed over the recorded moments. Requests nearer to a boundary than our "
        "clocks can tell, 50 ms, aren't judged."
    )


def _grouped(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], list[Mapping[str, Any]]]:
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["gateway"], row["about"], row["setting"]), []).append(row)
    return found


def _sentence(row: Mapping[str, Any]) -> str:
    what = ABOUT[row["about"]].format(row["setting"])
    place = "" if row["gateway"] == "main" else f" of `{row['gateway']}`"
    whole = row["agreed"] == row["judged"]
    icon = ":green[:material/check:]" if whole else ":orange[:material/help:]"
    share = "every one" if whole else f"{row['agreed']:,}"
    return (
        f"{icon} {what}{place}: **{row['rule']}** explains {share} of {row['judged']:,} requests."
    )


def of_run(run: Run) -> None:
    """Draw what was known of the rules of a run's gateway."""
    known = certificate.read(run.figures["probes_json"])
    if not known:
        return
    with st.expander(
        f"What this gateway's probes answered: {len(known)} questions",
        type="compact",
        icon=":material/verified:",
    ):
        _table(known)


def of_gateways() -> None:
    """Draw the certificate of each gateway that has been probed, and how to get one."""
    lab = state.workbench().lab
    with st.expander("Certificates of gateways", type="compact", icon=":material/verified:"):
        st.caption(
            f"What no page documents is found out by asking: run {PROBES}, semantic probes. Each "
            "question keeps its newest answer, which then stands in every later run."
        )
        try:
            found = {
                name: lab.certificate(name)
                for name, target in state.workbench().targets.items()
                if target.bases is None
            }
        except RecordsError as error:
            st.error(str(error), icon=":material/error:")
            return
        for name, known in found.items():
            st.markdown(f"**{gateway_name(name)}**")
            if known:
                _table(known)
                newest = max(known.values(), key=lambda one: one["at"])["run_id"]
                st.button(
                    "Open its newest run",
                    key=f"experiments.certificate.{name}",
                    type="tertiary",
                    icon=":material/open_in_full:",
                    on_click=experiment_run.look_at,
                    args=(newest,),
                )
            else:
                st.caption("Nobody has asked it yet.")


def _table(known: Certificate) -> None:
    lines = [
        {
            "Question": one["question"],
            "Answer": f"**{one['answer']}**".replace("$", "\\$"),
            "Assumed here": "the same"
            if one["answer"] == one.get("expected")
            else f":orange[{one.get('expected', '')}]",
            "Seen": one.get("evidence", ""),
            "When (UTC)": one.get("at", "")[:16].replace("T", " "),
        }
        for one in known.values()
    ]
    st.table(lines, border="horizontal", hide_index=True, alt="Questions and answers")
