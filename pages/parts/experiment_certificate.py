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
    st.markdown("  \n".join(_sentence(rows) for rows in _grouped(results.oracle).values()))
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


def _sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say which of a gateway's rules explain it best; the best comes first."""
    best = rows[0]
    share = best["agreed"] / best["judged"]
    alike = [row["rule"] for row in rows if row["agreed"] / row["judged"] == share]
    what = ABOUT[best["about"]].format(best["setting"])
    place = "" if best["gateway"] == "main" else f" of `{best['gateway']}`"
    icon = ":green[:material/check:]" if share == 1 else ":orange[:material/help:]"
    many = "every one" if share == 1 else f"{best['agreed']:,}"
    verb = "explains" if len(alike) == 1 else "explain"
    names = ", ".join(f"**{rule}**" for rule in alike)
    said = f"{icon} {what}{place}: {names} {verb} {many} of {best['judged']:,} requests"
    return f"{said}." if len(alike) == 1 else f"{said}; this run can't tell them apart."


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
            "question keeps its newest answer, which then stands in every later run. A hosted "
            "gateway is asked those that need headers alone."
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
            "Answer": _answer(one).replace("$", "\\$"),
            "Seen": one.get("evidence", ""),
            "When (UTC)": one.get("at", "")[:16].replace("T", " "),
        }
        for one in known.values()
    ]
    st.table(lines, border="horizontal", hide_index=True, alt="Questions and answers")


def _answer(one: Mapping[str, str]) -> str:
    """Return an answer, and beside it what was assumed where that is another one."""
    expected = one.get("expected", one["answer"])
    differs = "" if expected == one["answer"] else f" :orange[(assumed: {expected})]"
    return f"**{one['answer']}**{differs}"
