"""A run as files to take along, and files of runs that come in.

Each file is made only when somebody asks for it, beside the page and not on its way.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd
import streamlit as st

from gateway.errors import GatewayError
from gateway.experiments import asserted, sheets
from gateway.experiments.bundle import Bundle, to_bundle
from gateway.experiments.plan import Outline
from gateway.experiments.presets import PRESETS
from gateway.experiments.report import Picture, to_html
from gateway.experiments.story import story
from gateway.workbench import Results, Run
from gateway.workbench.lab import Lab
from pages.parts import charts, experiment_run, state
from pages.parts.charts import pictures

MOST_DRAWN = 5_000
"""Requests that a picture of the report is drawn of: a dot each makes the file large."""
FILE = "experiments.bundle"
NOTHING = pd.DataFrame()
LARGEST_MB = 200


class _Format(NamedTuple):
    """A kind of file: what it is called, its ending, what it is good for, and how it is made."""

    label: str
    ending: str
    mime: str
    icon: str
    help: str
    make: Callable[[], bytes]
    why_not: str = ""


def files(run: Run, plan: Outline, results: Results) -> None:
    """Draw a button for each kind of file."""
    if run.recipe is None or run.preset not in PRESETS:
        return
    with (
        st.expander("Take it along", type="compact", icon=":material/download:"),
        st.grid(4, min_column_width=170),
    ):
        for one in _formats(run, plan, results):
            st.download_button(
                one.label,
                one.make,
                file_name=f"{run.preset}-{run.id}{one.ending}",
                mime=one.mime,
                icon=one.icon,
                help=one.why_not or one.help,
                disabled=bool(one.why_not),
                on_click="ignore",
                width="stretch",
                key=f"experiments.export.{one.ending}",
            )


def _formats(run: Run, plan: Outline, results: Results) -> tuple[_Format, ...]:
    bench = state.workbench()
    lab, recipe = bench.lab, plan.recipe
    place = "local" if run.figures["target"] == "emulator" else "cloudflare"
    base_url = bench.targets.get(place, bench.targets["local"]).base_url
    long = (run.figures["done_n"] or 0) > sheets.SHEET_ROWS

    def tables() -> dict[str, pd.DataFrame]:
        return tables_of(lab.bundle(run.id))

    def promptfoo() -> bytes:
        return asserted.to_promptfoo(lab.plan(recipe), lab.requests(run.id), base_url)

    return (
        _Format(
            "Report",
            ".html",
            "text/html",
            ":material/article:",
            "One file with the answer, charts and every figure; opens without a network.",
            lambda: report(lab, run, plan, results),
        ),
        _Format(
            "Bundle",
            ".json",
            "application/json",
            ":material/inventory_2:",
            "Plan, rows, summary, versions and seed: can be opened, judged and run elsewhere.",
            lambda: to_bundle(lab.bundle(run.id), lab.plan(recipe)),
        ),
        _Format(
            "Excel",
            ".xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ":material/table_chart:",
            "One sheet for each table.",
            lambda: sheets.to_xlsx(tables()),
            "More requests than a sheet has rows: take CSV or Parquet." if long else "",
        ),
        _Format(
            "CSV",
            ".csv.zip",
            "application/zip",
            ":material/csv:",
            "Requests, attempts, chunks, summary and the run itself, a file each.",
            lambda: sheets.zipped(tables(), ".csv", sheets.to_csv),
        ),
        _Format(
            "Parquet",
            ".parquet.zip",
            "application/zip",
            ":material/database:",
            "The same tables with their types.",
            lambda: sheets.zipped(tables(), ".parquet", sheets.to_parquet),
        ),
        _Format(
            "pytest",
            ".py",
            "text/x-python",
            ":material/bug_report:",
            "A test that runs this plan again and asserts what it found: for CI.",
            lambda: asserted.to_pytest(recipe),
        ),
        _Format(
            "promptfoo",
            ".promptfoo.json",
            "application/json",
            ":material/fact_check:",
            "Asks some prompts twice, and asserts status and cache.",
            promptfoo,
            "This experiment needs failures or settings that promptfoo can't bring about."
            if PRESETS[run.preset].local_only
            else "",
        ),
    )


def tables_of(bundle: Bundle) -> dict[str, pd.DataFrame]:
    """Return the tables of a run by name."""
    return {
        "requests": bundle.requests,
        "attempts": bundle.attempts,
        "chunks": bundle.chunks,
        "summary": bundle.summary,
        "runs": pd.DataFrame([dict(bundle.run)]),
    }


def report(lab: Lab, run: Run, plan: Outline, results: Results) -> bytes:
    """Return a run's report with its charts; may be called on any thread."""
    preset = PRESETS[plan.recipe.preset]
    told = story(
        plan,
        preset.family,
        results.summary,
        results.findings,
        state=run.state,
        punctual=not results.honesty.get("refused"),
    )
    drawn = []
    for plot in (charts.main(preset), *charts.EVERY):
        most = None if plot.whole else MOST_DRAWN
        needed = ("variant_id", "phase", *plot.columns)
        drawing = charts.drawn(
            plot,
            charts.Material(
                plan=plan,
                preset=preset,
                requests=lab.columns(run.id, needed, most=most) if plot.columns else NOTHING,
                summary=results.summary,
                chunks=lab.chunks(run.id) if plot.chunks else NOTHING,
            ),
        )
        if drawing is not None and len(results.summary):
            looks = (pictures.svg(drawing, scheme) for scheme in ("light", "dark"))
            drawn.append(Picture(plot.title or "What came out", drawing.said, *looks))
    return to_html(lab.bundle(run.id), told, plan, drawn, results.warnings)


def where_from(run: Run) -> None:
    """Say of an imported run where it was run."""
    if not run.imported:
        return
    told: Mapping[str, object] = run.figures
    with_python = f"Python {told['python']} on {told['platform']}" if told["python"] else ""
    parts = [part for part in (with_python, f"app {told['app_version']}") if part]
    st.info(
        f"This run came as a file. It ran elsewhere ({', '.join(parts)}), and was judged here "
        "again from its rows.",
        icon=":material/input:",
    )


@st.fragment
def take() -> None:
    """Draw where a file of a run is taken in."""
    with st.expander("Open a run from a file", type="compact", icon=":material/input:"):
        file = st.file_uploader(
            "A bundle, as *Take it along* saves it",
            type=["json"],
            key=FILE,
            max_upload_size=LARGEST_MB,
        )
        st.caption("It is judged again here, without a network; nothing is sent.")
        if st.button("Open the run", key="experiments.bundle.take", disabled=file is None):
            assert file is not None
            try:
                run_id = state.workbench().lab.take(file.getvalue())
            except GatewayError as error:
                st.error(str(error).replace("$", "\\$"), icon=":material/error:")
                return
            experiment_run.look_at(run_id)
            st.rerun()
