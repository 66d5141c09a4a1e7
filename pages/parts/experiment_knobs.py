"""Knobs of experiments as widgets: read as the preset takes them, refused at their place.

Each keeps its value for the visit, also while it isn't drawn.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gateway.errors import GatewayError
from gateway.experiments.presets import Knob, Preset


def key(preset: Preset, name: str) -> str:
    """Return the name under which a knob's widget keeps its value for the visit."""
    return f"experiments.{preset.id}.{name}"


def written(knob: Knob, value: Any) -> Any:
    """Return a knob's value as its widget holds it."""
    if knob.kind in ("numbers", "words"):
        return ", ".join(f"{one:g}" if isinstance(one, int | float) else one for one in value)
    return int(value) if knob.kind == "whole" else value


def draw(preset: Preset, knob: Knob, *, spell: Callable[[str], str] = str) -> Any:
    """Draw one knob and return its value; ``None`` where it isn't accepted, and said so.

    Args:
        spell: What people call one of the knob's choices.
    """
    name = key(preset, knob.name)
    st.session_state.setdefault(name, written(knob, knob.default))
    label = f"{knob.label} ({knob.unit})" if knob.unit else knob.label
    terms: dict[str, Any] = {"key": name, "help": knob.help or None, "persist_state": "session"}
    with st.container(gap=None):
        if knob.choices and knob.kind == "text":
            value = st.selectbox(label, knob.choices, format_func=spell, **terms)
        elif knob.kind in ("numbers", "words", "text"):
            value = st.text_input(label, **terms)
        else:
            value = st.number_input(label, step=1 if knob.kind == "whole" else None, **terms)
        try:
            return knob.read(_read(knob, value))
        except (GatewayError, ValueError) as error:
            refused(error)
            return None


def _read(knob: Knob, value: Any) -> Any:
    if knob.kind not in ("numbers", "words"):
        return value
    parts = [part.strip() for part in (value or "").split(",") if part.strip()]
    if knob.kind == "words":
        return parts
    try:
        return [float(part) for part in parts]
    except ValueError:
        raise ValueError(f"{knob.name} must be numbers with commas between them") from None


def differs(knob: Knob, knobs: dict[str, Any]) -> bool:
    """Whether a knob doesn't stand where its preset has it."""
    return bool(knobs[knob.name] != knob.read(knob.default))


def refused(reason: object) -> None:
    """Say at its place that a value isn't accepted, and why."""
    st.markdown(f":small[:red[:material/error: {dollars(str(reason))}]]")


def dollars(sentence: str) -> str:
    """Escape dollar signs: two of them would be read as a formula."""
    return sentence.replace("$", "\\$")
