"""The free designer: what varies, how requests come, what is asked, and how providers answer."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gateway.experiments.plan import Recipe
from gateway.experiments.presets import Preset
from gateway.experiments.story import name_of
from pages.parts import designer_axes, designer_prompts, experiment_knobs
from pages.parts.designer_axes import PLACE

TITLE, QUESTION, CAP = f"{PLACE}.title", f"{PLACE}.question", f"{PLACE}.cap_calls"
ARRIVALS = {
    "closed": "Closed loop",
    "poisson": "Poisson",
    "paced": "Paced",
    "gamma": "Gamma",
    "recorded": "Recorded",
}
OPEN = ("requests", "repetitions", "order")
LOAD: Mapping[str, tuple[str, ...]] = {
    "closed": ("concurrency", *OPEN),
    "poisson": ("rate", *OPEN),
    "paced": ("rate", *OPEN),
    "gamma": ("rate", "shape", *OPEN),
    "recorded": ("speed", "repetitions", "order"),
}
"""Knobs that mean something, by how requests come."""
WORDS: Mapping[str, Mapping[str, str]] = {
    **designer_axes.WORDS,
    "order": {"one after another": "One after another", "mixed": "Mixed"},
    "popularity": {"in turn": "In turn", "zipf": "By Zipf's law"},
    "answers": {"natural": "Natural", "timed": "Timed"},
}


def draw(preset: Preset) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Draw the designer.

    Returns:
        The recipe's knobs, ``None`` where a value is refused; and its title, notes and cap.
    """
    own = _named()
    axes = designer_axes.vary()
    varying = [one["name"] for one in axes or ()]
    headers = designer_axes.keep(varying)
    knobs = _Knobs(preset)
    st.markdown("**Requests**")
    arrivals = st.segmented_control(
        "They come",
        list(ARRIVALS),
        required=True,
        format_func=ARRIVALS.__getitem__,
        key=knobs.key("arrivals"),
        wrap=True,
        persist_state="session",
    )
    knobs.take("arrivals", arrivals)
    if arrivals == "recorded":
        replayed = designer_prompts.recorded()
        prompts = None if replayed is None else replayed.prompts
    else:
        replayed, prompts = None, designer_prompts.given()
    with st.grid(4, min_column_width=180):
        knobs.draw("primary")
        for name in ("route", "transport", "stream", "max_tokens"):
            if name not in varying:
                knobs.draw(name)
        for name in LOAD[arrivals]:
            if name != "concurrency" or knobs.held("order") != "mixed":
                knobs.draw(name)
        if arrivals != "recorded":
            if not prompts:
                knobs.draw("keys")
            if knobs.draw("popularity") == "zipf":
                knobs.draw("exponent")
    st.markdown("**The run's gateway**")
    with st.grid(4, min_column_width=180):
        if knobs.draw("answers") == "timed":
            knobs.draw("answer_s")
        for name in ("success", "gateway_ttl_s", "time_scale"):
            knobs.draw(name)
    if axes is None or headers is None or prompts is None or knobs.refused:
        return None, own
    structured: dict[str, Any] = {
        "axes": axes,
        "headers": headers,
        "prompts": list(prompts),
        "moments_s": list(replayed.moments_s) if replayed is not None else [],
    }
    stated = {name: value for name, value in structured.items() if value}
    return knobs.changed | stated, own


def fill(preset: Preset, recipe: Recipe, settled: Mapping[str, Any]) -> None:
    """Put a recipe into the designer; its simple knobs are filled like any preset's."""
    st.session_state[TITLE], st.session_state[QUESTION] = recipe.title, recipe.notes
    st.session_state[CAP] = recipe.cap_calls
    given = recipe.knobs
    designer_axes.fill(list(given.get("axes", [])), given.get("headers", {}))
    designer_prompts.fill(list(settled["prompts"]), list(settled["moments_s"]))


def _named() -> dict[str, Any]:
    with st.grid(3, min_column_width=200):
        title = st.text_input(
            "Name",
            key=TITLE,
            max_chars=80,
            placeholder="A design of your own",
            persist_state="session",
        )
        question = st.text_input(
            "Question",
            key=QUESTION,
            max_chars=200,
            placeholder="What do these settings change?",
            persist_state="session",
        )
        cap = st.number_input(
            "Cap (requests)",
            value=None,
            step=1,
            key=CAP,
            placeholder="None",
            help="The run stops after so many. Empty is no cap.",
            persist_state="session",
        )
    return {"title": (title or "").strip(), "notes": (question or "").strip(), "cap_calls": cap}


class _Knobs:
    """The preset's knobs while they are drawn: what was changed, and whether one is refused."""

    def __init__(self, preset: Preset) -> None:
        self._preset = preset
        self._known = {knob.name: knob for knob in preset.knobs}
        self.changed: dict[str, Any] = {}
        self.refused = False
        arrivals = self._known["arrivals"]
        st.session_state.setdefault(self.key("arrivals"), arrivals.default)

    def key(self, name: str) -> str:
        return experiment_knobs.key(self._preset, name)

    def held(self, name: str) -> Any:
        return st.session_state.get(self.key(name))

    def draw(self, name: str) -> Any:
        words = {"primary": None, **WORDS}.get(name, {})
        spell = name_of if words is None else lambda word: words.get(word, word)
        value = experiment_knobs.draw(self._preset, self._known[name], spell=spell)
        self.refused |= value is None
        if value is not None:
            self.take(name, value)
        return value

    def take(self, name: str, value: Any) -> None:
        if experiment_knobs.differs(self._known[name], {name: value}):
            self.changed[name] = value
