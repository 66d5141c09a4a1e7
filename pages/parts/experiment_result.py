"""What a run shows: in short for whoever wants the answer, in full for the figures."""

import json

import pandas as pd
import streamlit as st

from gateway.errors import GatewayError, RecordsError
from gateway.experiments.answers import answer
from gateway.experiments.plan import Outline
from gateway.experiments.presets import PRESETS, Finding
from gateway.experiments.story import story
from gateway.workbench import Results, Run
from pages.parts import (
    experiment_certificate,
    experiment_charts,
    experiment_compare,
    experiment_exports,
    experiment_form,
    experiment_rows,
    experiment_run,
    state,
)

LEVELS = {"short": "In short", "full": "In full"}
BADGES = {
    True: ":green-badge[:material/check: holds]",
    False: ":red-badge[:material/close: fails]",
    None: ":gray-badge[:material/help: can't tell]",
}
VERDICTS = {
    "match": "matches",
    "mismatch": "model does not describe this gateway",
    "too_few": "too few",
    "n/a": "",
}


def show(run: Run) -> None:
    """Draw what became of a run."""
    experiment_run.heading(run)
    experiment_run.rest(run)
    try:
        results = state.workbench().lab.results(run.id)
        plan = results.outline or _plan(run)
        if plan is None or not (len(results.summary) or results.findings):
            _nothing(run, results)
            return
        _ended(run, results)
        experiment_exports.where_from(run)
        level = st.segmented_control(
            "Reading level",
            list(LEVELS),
            default="short",
            required=True,
            format_func=LEVELS.__getitem__,
            key="experiments.level",
            label_visibility="collapsed",
            persist_state="session",
        )
        if level == "short":
            _short(run, plan, results)
        else:
            _full(run, plan, results)
        experiment_compare.others(run, plan, results)
        experiment_exports.files(run, plan, results)
        _again(run)
    except RecordsError as error:
        st.error(str(error), icon=":material/error:")


def _plan(run: Run) -> Outline | None:
    """Return the plan of a run that wasn't judged; ``None`` where this version can't draw it."""
    if run.recipe is None:
        return None
    try:
        plan, _ = experiment_form.planned(json.dumps(run.recipe.to_json()), "local")
    except GatewayError:
        return None
    return plan


def _nothing(run: Run, results: Results) -> None:
    _ended(run, results)
    if run.recipe is None or run.preset not in PRESETS:
        st.info("Its plan is of another version of this app: only its requests can be shown.")
    elif not len(results.summary):
        st.info("It wasn't judged: it ended before that. Its requests so far are below.")
    experiment_rows.requests(run)
    _again(run)


def _ended(run: Run, results: Results) -> None:
    """Say why a run ended early, and what to know before its figures are used."""
    now = run.progress
    why = experiment_run.why_ended(now.stopped_by)
    if why is not None:
        st.warning(
            f"{why} {now.done:,} of {now.planned:,} requests are kept.".replace("$", "\\$"),
            icon=":material/info:",
        )
    if refused := results.honesty.get("refused", ()):
        st.error(" ".join(refused), icon=":material/speed:")


def _short(run: Run, plan: Outline, results: Results) -> None:
    preset = PRESETS[plan.recipe.preset]
    told = story(
        plan,
        preset.family,
        results.summary,
        results.findings,
        state=run.state,
        punctual=not results.honesty.get("refused"),
    )
    st.markdown(f"**{plan.question}**")
    failed = any(finding.ok is False for finding in results.findings)
    say = st.warning if failed or run.state != "done" else st.success
    said = answer(plan, results.summary) if run.state == "done" else None
    say(f"{said or ''} {told.sentence}".strip().replace("$", "\\$"), icon=":material/flag:")
    with st.grid(3, min_column_width=200):
        for number in told.numbers:
            st.metric(
                number.label,
                number.value.replace("$", "\\$"),
                help=number.why.replace("$", "\\$"),
                border=True,
            )
    if len(results.summary):
        experiment_charts.answer(run, plan, results)
    else:
        _findings(results.findings)
    for icon, line in (
        ("savings", told.worth),
        ("balance", told.break_even),
        ("query_stats", told.sure),
    ):
        if line:
            st.markdown(f":material/{icon}: {line}".replace("$", "\\$"))


def _full(run: Run, plan: Outline, results: Results) -> None:
    st.subheader("Checks")
    _findings(results.findings)
    for warning in results.warnings:
        if warning not in results.honesty.get("refused", ()):
            st.caption(f":material/warning: {warning}".replace("$", "\\$"))
    if len(results.summary):
        st.subheader("Charts")
        experiment_charts.answer(run, plan, results)
        experiment_charts.others(run, plan, results)
        st.subheader("Predicted and measured")
        _summary(plan, results.summary)
    st.subheader("Was our own generator good enough?")
    _honesty(run, results)
    experiment_certificate.oracle(results)
    experiment_certificate.of_run(run)
    experiment_rows.tables(run, results)
    st.subheader("To reproduce")
    _code(run)


def _findings(findings: tuple[Finding, ...]) -> None:
    lines = [
        {
            "Check": finding.sentence.replace("$", "\\$"),
            "Expected": finding.expected.replace("$", "\\$"),
            "Measured": finding.measured.replace("$", "\\$"),
            "Verdict": BADGES[finding.ok],
        }
        for finding in findings
    ]
    if lines:
        st.table(lines, border="horizontal", hide_index=True, alt="Checks and their verdicts")
    else:
        st.caption("This experiment has no check: it compares.")


def _summary(plan: Outline, summary: pd.DataFrame) -> None:
    every = st.toggle("Every figure", key="experiments.every", persist_state="session")
    rows = summary if every else summary[summary["predicted"].notna() | summary["primary"]]
    labels = {variant.id: variant.label for variant in plan.variants}
    shown = pd.DataFrame(
        {
            "Variant": rows["variant_id"].map(labels),
            "Figure": rows["metric"],
            "Slice": rows["slice"],
            "n": rows["n"],
            "Measured": rows["estimate"],
            "95 % from": rows["ci_low"],
            "to": rows["ci_high"],
            "Predicted": rows["predicted"],
            "SE": rows["predicted_se"],
            "Formula": rows["predicted_formula"],
            "z": rows["z"],
            "Verdict": rows["verdict"].map(VERDICTS),
            "Unit": rows["unit"],
            "Interval": rows["ci_method"],
            "Difference to first": rows["diff"],
            "p (Holm)": rows["p_adj"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.4g")
            for name in shown.columns
            if shown[name].dtype == "float64"
        },
        alt="Summary of the run",
    )
    st.caption(
        "z is (measured - predicted) / SE: below 2 is good, 4 and more means that the model does "
        "not describe this gateway. HIT, MISS, attempts and steps are slices of their own; "
        "a latency of the slice *all* pools them. Formulas are those of the planner: "
        "C for the cache, R for retries, Q for load."
    )


def _honesty(run: Run, results: Results) -> None:
    told = results.honesty
    lines = [
        ("Late at p99", told.get("dispatch_p99_ms"), "{:.1f} ms", "Allowed: 5 ms, or 1 % of the "
         "median latency. Only for requests with a moment of their own."),
        ("Share of the planned rate", told.get("rate_share"), "{:.1%}", "At least 99 %."),
        ("Requests a second", told.get("achieved_rate"), "{:,.1f}", "While it was sending."),
        ("Ceiling", told.get("ceiling_rps"), "{:,.0f}/s", "Against an endpoint that does nothing; "
         "measured for load only."),
        ("Little's law is off by", told.get("little_error"), "{:.2%}", "Requests under way against "
         "rate times latency: a check of our clocks."),
    ]  # fmt: skip
    with st.grid(5, min_column_width=150):
        for label, value, form, why in lines:
            said = "\N{EN DASH}" if value is None else form.format(value)
            st.metric(label, said, help=why)
    for refused in told.get("refused", ()):
        st.caption(f":red[:material/block: {refused}]")
    if told.get("clock_error_ms") is not None:
        st.caption(
            f":material/lan: {told['workers']} workers sent, their clocks aligned to within "
            f"{told['clock_error_ms']:.1f} ms; the delay above has that added to it."
        )
    figures = run.figures
    st.caption(
        f"Python {figures['python']} on {figures['platform']}, seed {figures['seed']}, plan "
        f"`{figures['plan_sha256'][:12]}`, {figures['time_scale']:g} emulated seconds a second."
    )


def _code(run: Run) -> None:
    if run.recipe is None:
        return
    recipe = json.dumps(run.recipe.to_json())
    st.code(
        "from gateway.experiments.plan import Recipe\n"
        "from gateway.settings import Settings\n"
        "from gateway.workbench import Workbench\n\n"
        f"recipe = Recipe.from_text({recipe!r})\n"
        "lab = Workbench.open(Settings.read()).lab\n"
        f"run_id = lab.start(recipe, {_target(run)!r})\n"
        "lab.wait(run_id)\n"
        "print(lab.results(run_id).findings)",
        language="python",
        wrap_lines=True,
    )


def _target(run: Run) -> str:
    return "local" if run.figures["target"] == "emulator" else "cloudflare"


def _again(run: Run) -> None:
    """Draw what can be done with a run: its plan as a file, and the form filled with it."""
    if run.recipe is None or run.preset not in PRESETS:
        return
    with st.container(horizontal=True, gap="small"):
        st.button("Run again", icon=":material/replay:", on_click=_fill, args=(run,))
        st.download_button(
            "Save the plan",
            json.dumps(run.recipe.to_json(), indent=2),
            file_name=f"{run.preset}-seed-{run.recipe.seed}.json",
            mime="application/json",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


def _fill(run: Run) -> None:
    if run.recipe is not None:
        experiment_form.fill(run.recipe)
        experiment_run.look_at(None)
