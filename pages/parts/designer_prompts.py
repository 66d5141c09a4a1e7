"""Where a design's prompts come from: made up, typed, a file, or what was recorded."""

from typing import Any

import streamlit as st

from gateway.errors import GatewayError
from gateway.experiments import questions
from gateway.experiments.questions import Recorded
from pages.parts import state
from pages.parts.designer_axes import PLACE
from pages.parts.experiment_knobs import refused

SOURCES = {
    "made": "Made up",
    "typed": "Typed",
    "file": "CSV or JSONL",
}
SOURCE, TYPED, FILE = f"{PLACE}.source", f"{PLACE}.typed", f"{PLACE}.file"
HELD = f"{PLACE}.held"
"""Prompts of the plan that was opened last, or of a file: a widget of files can't be filled."""
MOMENTS, COUNT = f"{PLACE}.moments", f"{PLACE}.count"


def given() -> tuple[str, ...] | None:
    """Draw the source and return its prompts; none are made up, ``None`` is a refusal."""
    st.session_state.setdefault(SOURCE, "made")
    source = st.segmented_control(
        "Prompts",
        list(SOURCES),
        required=True,
        format_func=SOURCES.__getitem__,
        key=SOURCE,
        persist_state="session",
    )
    if source == "made":
        return ()
    try:
        if source == "typed":
            text = st.text_area("One prompt a line", key=TYPED, height=110, persist_state="session")
            prompts = questions.typed(text or "")
        else:
            prompts = _file()
    except GatewayError as error:
        refused(error)
        return None
    if not prompts:
        st.caption(":material/info: No prompt yet.")
        return None
    return prompts


def _file() -> tuple[str, ...]:
    file = st.file_uploader(
        "One prompt a line",
        type=["csv", "jsonl", "ndjson"],
        key=FILE,
        help='CSV with a column "prompt", or JSON lines: text, or objects with "prompt".',
    )
    if file is not None:
        st.session_state[HELD] = list(questions.of_file(file.name, file.getvalue()))
    prompts = questions.checked(st.session_state.get(HELD, []))
    if prompts:
        st.caption(f"{len(prompts):,} prompts, the first: {_short(prompts[0])}")
    return prompts


def recorded() -> Recorded | None:
    """Draw what is replayed and return it; ``None`` where there is nothing, and said so."""
    kept = st.session_state.get(MOMENTS)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        count = st.number_input(
            "Newest requests of the records",
            min_value=1,
            max_value=questions.MOST,
            value=100,
            key=COUNT,
            persist_state="session",
        )
        if st.button("Take them", icon=":material/history:", key=f"{PLACE}.take"):
            try:
                kept = questions.recorded(state.workbench().asked(limit=int(count)))
            except GatewayError as error:
                refused(error)
                return None
            st.session_state[MOMENTS] = kept
    if kept is None:
        st.caption(":material/info: Nothing is taken yet. What was asked since isn't part of it.")
        return None
    span_s = kept.moments_s[-1]
    st.caption(f"{len(kept.prompts):,} requests over {span_s:,.1f} s, as they came.")
    return kept


def fill(prompts: list[str], moments_s: list[float]) -> None:
    """Put a recipe's prompts into the widgets."""
    st.session_state[MOMENTS] = Recorded(tuple(prompts), tuple(moments_s)) if moments_s else None
    lines = all("\n" not in prompt for prompt in prompts)
    source = "made" if moments_s or not prompts else "typed" if lines else "file"
    values: dict[str, Any] = {SOURCE: source, HELD: prompts, TYPED: "\n".join(prompts)}
    st.session_state.update(values if source != "made" else {SOURCE: source})


def _short(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= 80 else f"{line[:79]}…"
