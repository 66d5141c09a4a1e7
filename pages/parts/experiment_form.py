"""A new experiment: which question, with which knobs, what it comes to, and the one button."""

import json
from typing import Any

import streamlit as st

from gateway.errors import GatewayError
from gateway.experiments import objectives
from gateway.experiments.dryrun import DryRun
from gateway.experiments.objectives import OBJECTIVES
from gateway.experiments.plan import Plan, Recipe
from gateway.experiments.presets import PRESETS, Preset
from gateway.experiments.story import name_of, shown
from gateway.providers import PROVIDERS
from gateway.workbench.lab import LEASE_S
from pages.parts import (
    designer_form,
    experiment_knobs,
    experiment_plans,
    experiment_run,
    experiment_where,
    state,
)
from pages.parts.experiment_knobs import dollars
from pages.parts.experiment_run import duration
from pages.parts.figures import UNKNOWN
from pages.parts.views import gateway_name, model_name, provider_name

FAMILIES = {
    "cache": "Cache",
    "reliability": "Retries and fallback",
    "limits": "Limits and load",
    "comparison": "Comparisons",
    "custom": "Probes",
    "free": "Your own",
}
UNITS = {
    "hit_ratio": "share",
    "wrong_wording": "share",
    "success": "share",
    "accepted": "share",
    "fallback_rate": "share",
}
PREDICTIONS = 40
"""Rows of the predicted table that are shown."""


@st.fragment
def new() -> None:
    """Draw the form of a new run; a change draws this again and not the list below it."""
    experiment_plans.arrive(fill)
    st.header("New experiment")
    preset = _preset()
    st.markdown(f"**{preset.question}**")
    if preset.family == "free":
        knobs, own = designer_form.draw(preset)
    else:
        knobs, own = _knobs(preset), {}
    terms = _terms(preset) | own
    experiment_plans.open_one(fill)
    if knobs is None:
        st.caption(":material/info: Correct the marked values to see what would happen.")
        return
    _dry(preset, knobs, terms)


def _knobs(preset: Preset) -> dict[str, Any] | None:
    """Draw a preset's knobs and return those that were changed; ``None`` where one is refused."""
    with st.grid(4, min_column_width=180):
        knobs = {knob.name: experiment_knobs.draw(preset, knob) for knob in preset.knobs}
    if any(value is None for value in knobs.values()):
        return None
    changed = (knob for knob in preset.knobs if experiment_knobs.differs(knob, knobs))
    return {knob.name: knobs[knob.name] for knob in changed}


def _dry(preset: Preset, knobs: dict[str, Any], terms: dict[str, Any]) -> None:
    """Draw what a recipe comes to, and the button that starts it."""
    lab, target = state.workbench().lab, terms.pop("target")
    try:
        terms["objectives"] = objectives.read(terms["objectives"])
        recipe = Recipe(preset=preset.id, version=preset.version, knobs=knobs, **terms)
        plan, dry = planned(json.dumps(recipe.to_json()), target)
    except GatewayError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.subheader("Before anything is sent")
    _figures(dry)
    for warning in dry.warnings:
        st.warning(dollars(warning), icon=":material/warning:")
    for refusal in dry.refusals:
        st.error(dollars(refusal), icon=":material/block:")
    _predicted(plan, dry)
    spread = experiment_where.choose(plan)
    stay = dry.paid and st.toggle(
        "Go on when nobody looks",
        key="experiments.stay",
        help="Else a run that costs money ends a minute after its last page is closed.",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pressed = st.button(
            "Run",
            icon=":material/play_arrow:",
            type="primary",
            key="experiments.run",
            disabled=bool(dry.refusals) or spread is None,
        )
        experiment_plans.keep_one(recipe)
    if pressed:
        try:
            run_id = lab.start(
                recipe,
                target,
                spread=bool(spread),
                alive=state.visitor_is_there(),
                lease_s=None if stay else LEASE_S,
            )
        except GatewayError as error:
            st.error(str(error), icon=":material/error:")
            return
        experiment_run.look_at(run_id)
        st.rerun()


@st.cache_resource(max_entries=32, show_spinner=False)
def planned(recipe: str, target: str) -> tuple[Plan, DryRun]:
    """Return the plan of a recipe's text and what it comes to.

    Raises:
        BadRequest: it can't be drawn.
    """
    lab = state.workbench().lab
    plan = lab.plan(Recipe.from_text(recipe))
    return plan, lab.dry_run(plan, target)


def _preset() -> Preset:
    family = st.segmented_control(
        "About",
        list(FAMILIES),
        default="cache",
        required=True,
        format_func=FAMILIES.__getitem__,
        key="experiments.family",
        wrap=True,
        persist_state="session",
    )
    ids = [preset.id for preset in PRESETS.values() if preset.family == family]
    if len(ids) == 1:
        return PRESETS[ids[0]]
    chosen = st.selectbox(
        "Experiment",
        ids,
        format_func=lambda id: f"{id} {PRESETS[id].title}",
        key=f"experiments.preset.{family}",
        persist_state="session",
    )
    return PRESETS[chosen]


def _terms(preset: Preset) -> dict[str, Any]:
    """Draw where it runs, with which model, seed and cap."""
    targets = [name for name, t in state.workbench().targets.items() if t.bases is None]
    with st.grid(4, min_column_width=180):
        target = st.selectbox(
            "Gateway",
            targets,
            format_func=gateway_name,
            key="experiments.target",
            help="The local gateway is a fresh one of the run's own, with an empty cache.",
            persist_state="session",
        )
        held = st.session_state.setdefault("experiments.provider", "openai")
        slugs = [row.slug for row in PROVIDERS.values() if row.models and row.dialect]
        provider = st.selectbox(
            "Provider",
            list(dict.fromkeys([*slugs, held])),
            format_func=provider_name,
            key="experiments.provider",
            persist_state="session",
        )
        known = [row.id for row in PROVIDERS[provider].models] if provider in PROVIDERS else []
        kept = st.session_state.get(f"experiments.model.{provider}")
        model = st.selectbox(
            "Model",
            list(dict.fromkeys([*known, *([kept] if kept else [])])),
            accept_new_options=True,
            format_func=lambda id: model_name(provider, id),
            key=f"experiments.model.{provider}",
            persist_state="session",
        )
        st.session_state.setdefault("experiments.seed", 1)
        seed = st.number_input(
            "Seed",
            min_value=0,
            step=1,
            key="experiments.seed",
            help="The same seed draws the same arrivals, keys and faults.",
            persist_state="session",
        )
        st.session_state.setdefault("experiments.cap", 1.0)
        cap = st.number_input(
            "Cap (US dollars)",
            key="experiments.cap",
            help="The run stops there, by list prices. Empty is no cap.",
            persist_state="session",
        )
        asked = st.text_input(
            "Objectives",
            key="experiments.objectives",
            placeholder="ttft_ms=500, e2e_ms=2000",
            help="How fast an answer must be to count as good, for the goodput of the run: "
            f"{', '.join(OBJECTIVES)}.",
            persist_state="session",
        )
    return {
        "target": target,
        "objectives": asked or "",
        "provider": provider,
        "model": model or "",
        "seed": seed,
        "cap_usd": cap,
    }


def fill(recipe: Recipe) -> None:
    """Put a recipe into the form's widgets."""
    preset = PRESETS[recipe.preset]
    settled = preset.settled(recipe)
    st.session_state["experiments.family"] = preset.family
    st.session_state[f"experiments.preset.{preset.family}"] = preset.id
    for knob in preset.knobs:
        st.session_state[experiment_knobs.key(preset, knob.name)] = experiment_knobs.written(
            knob, settled[knob.name]
        )
    if preset.family == "free":
        designer_form.fill(preset, recipe, settled)
    st.session_state["experiments.provider"] = recipe.provider
    st.session_state[f"experiments.model.{recipe.provider}"] = recipe.model
    st.session_state["experiments.seed"] = recipe.seed
    st.session_state["experiments.cap"] = recipe.cap_usd
    st.session_state["experiments.objectives"] = objectives.spell(recipe.objectives)


def _figures(dry: DryRun) -> None:
    cost = dollars(shown(dry.cost_usd, "USD"))
    with st.grid(4, min_column_width=150):
        st.metric("Requests", f"{dry.calls:,}")
        st.metric("You wait about", duration(dry.real_s), help=_clock(dry))
        st.metric("List price, at most", cost, help=dry.cost_source)
        least = UNKNOWN if dry.least_n is None else f"{dry.least_n:,}"
        st.metric("Least a variant", least, help=dry.least_why)
    money = "Real money is spent" if dry.paid else "Nothing is paid: the providers are simulated"
    cap = "no cap" if dry.cap_usd is None else f"it stops at \\${dry.cap_usd:g} by list price"
    st.caption(f":material/savings: {money}; {cap}.")


def _clock(dry: DryRun) -> str:
    return f"{duration(dry.emulated_s)} on the gateway's clock."


def _predicted(plan: Plan, dry: DryRun) -> None:
    if not (dry.predictions or dry.unpredicted):
        st.caption("Nothing is predicted here: the run compares, and says how sure it is.")
        return
    lines = [
        {
            "Variant": plan.variant(told.variant).label,
            "What": name_of(told.metric) + ("" if told.slice == "all" else f", {told.slice}"),
            "Predicted": _value(told.metric, told.value),
            "±": "exact" if told.se == 0 else _value(told.metric, 4 * told.se),
            "Formula": told.formula,
        }
        for told in dry.predictions[:PREDICTIONS]
    ]
    lines += [
        {
            "Variant": plan.variant(id).label,
            "What": name_of("hit_ratio"),
            "Predicted": UNKNOWN,
            "±": UNKNOWN,
            "Formula": why,
        }
        for id, why in list(dry.unpredicted.items())[: PREDICTIONS - len(lines)]
    ]
    with st.expander(f"Predicted figures: {len(dry.predictions)}", type="compact", expanded=True):
        st.table(lines, border="horizontal", hide_index=True, alt="Predicted figures")
        if len(dry.predictions) > PREDICTIONS:
            st.caption(f"The first {PREDICTIONS} of {len(dry.predictions)}.")


def _value(metric: str, value: float) -> str:
    unit = UNITS.get(metric, "ms" if metric.endswith("_ms") else "")
    return shown(value, unit)
