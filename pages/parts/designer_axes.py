"""What a design varies and what it keeps: one widget for each, as the header table has them."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gateway.errors import BadRequest
from gateway.experiments.design import (
    CHOICES,
    SWEPT,
    UNSTATED,
    label_of,
    names,
    plain,
    read_axis,
    read_headers,
    spelled,
)
from gateway.form import FIELDS
from gateway.providers import PROVIDERS
from pages.parts.builder_form import field_input
from pages.parts.experiment_knobs import refused
from pages.parts.settings import ROUTES

PLACE = "experiments.F01"
VARY, KEEP = f"{PLACE}.vary", f"{PLACE}.keep"
WORDS: Mapping[str, Mapping[str, str]] = {
    "route": ROUTES,
    "transport": {"http": "HTTP", "websocket": "WebSocket"},
    "stream": {"no": "No", "yes": "Yes"},
}
"""What people call the choices of an axis."""
COMMAS = ("number", "duration")
"""Kinds of headers whose values are short enough to stand in one line, with commas."""
KINDS: Mapping[str, str] = {name: here.kind for name, here in FIELDS.items()}
"""Which widget each header wants."""
EXAMPLES = {"number": "1, 3, 5", "duration": f"{UNSTATED}, 1 min, 1 h"}


def vary() -> list[dict[str, Any]] | None:
    """Draw the axes and return them as a recipe holds them; ``None`` where one is refused."""
    st.session_state.setdefault(VARY, ["cache_ttl"])
    st.session_state.setdefault(_axis("cache_ttl"), "1 min, 1 h")
    chosen = st.multiselect(
        "What varies",
        names(),
        format_func=label_of,
        key=VARY,
        help="Each combination of one value of each is a variant. All are given the same requests.",
        persist_state="session",
    )
    found: list[dict[str, Any] | None] = []
    with st.grid(3, min_column_width=240):
        for name in chosen:
            with st.container(gap=None):
                found.append(_values(name))
    return None if None in found else [one for one in found if one is not None]


def keep(varying: list[str]) -> dict[str, Any] | None:
    """Draw the headers that all variants send; ``None`` where one is refused.

    Args:
        varying: What varies: a value of its own wins over the one for all.
    """
    chosen = st.multiselect(
        "Headers that all variants send",
        [name for name in SWEPT if name not in varying],
        format_func=label_of,
        key=KEEP,
        placeholder="None",
        persist_state="session",
    )
    found: dict[str, Any] = {}
    with st.grid(3, min_column_width=240):
        for name in chosen:
            with st.container(gap=None):
                here = FIELDS[name]
                unit = f" ({here.unit})" if here.unit else ""
                field_input(
                    here,
                    f"{here.label}{unit}",
                    here.limits or here.summary,
                    _header(name),
                    label_visibility="visible",
                    help=here.summary,
                )
                found[name] = _kept(name, st.session_state.get(_header(name)))
    if None in found.values():
        return None
    return {name: value for name, value in found.items() if value != ""}


def fill(axes: list[Mapping[str, Any]], headers: Mapping[str, Any]) -> None:
    """Put a recipe's axes and headers into the widgets."""
    st.session_state[VARY] = [one["name"] for one in axes]
    for one in axes:
        name = one["name"]
        read = read_axis(name, one["values"]).values
        if _is_listed(name):
            held: Any = [spelled(name, value) if name in SWEPT else value for value in read]
        else:
            held = (", " if _in_one_line(name) else "\n").join(
                _typed(name, value) for value in read
            )
        st.session_state[_axis(name)] = held
    st.session_state[KEEP] = list(headers)
    for name, value in headers.items():
        read = getattr(read_headers({name: value}), name)
        number = FIELDS[name].kind == "number"
        st.session_state[_header(name)] = read if number else spelled(name, read)


def _values(name: str) -> dict[str, Any] | None:
    """Draw one axis and return it as a recipe holds it."""
    label, place = label_of(name), _axis(name)
    terms: dict[str, Any] = {"key": place, "persist_state": "session"}
    if _is_listed(name):
        held = st.multiselect(
            label,
            _options(name),
            accept_new_options=name == "model",
            format_func=lambda one: WORDS.get(name, {}).get(one, one),
            help=_about(name),
            **terms,
        )
        given = list(held)
    elif _in_one_line(name):
        kind = "number" if name == "max_tokens" else FIELDS[name].kind
        said = st.text_input(label, placeholder=EXAMPLES[kind], help=_about(name), **terms)
        given = [part.strip() for part in (said or "").split(",") if part.strip()]
    else:
        said = st.text_area(
            label, placeholder="One value a line", height=96, help=_about(name), **terms
        )
        given = [line.strip() for line in (said or "").splitlines() if line.strip()]
    try:
        read = read_axis(name, ["" if one == UNSTATED else one for one in given])
    except BadRequest as error:
        refused(error)
        return None
    return {"name": name, "values": [plain(value) for value in read.values]}


def _kept(name: str, held: Any) -> Any:
    """Return a header for all as a recipe holds it; ``None`` where it is refused."""
    try:
        stated = read_headers({name: "" if held is None else held})
    except BadRequest as error:
        refused(error)
        return None
    return plain(getattr(stated, name))


def _options(name: str) -> list[str]:
    if name == "model":
        known = [
            f"{row.slug}/{model.id}"
            for row in PROVIDERS.values()
            for model in row.models
            if row.dialect
        ]
        return list(dict.fromkeys([*known, *st.session_state.get(_axis(name), [])]))
    if name in CHOICES:
        return list(CHOICES[name])
    return [UNSTATED, *FIELDS[name].words]


def _about(name: str) -> str | None:
    if name not in FIELDS:
        return None
    here = FIELDS[name]
    limits = f" Accepts {here.limits}." if here.limits else ""
    return f"`{here.row.name}`: {here.summary}{limits} *{UNSTATED}* leaves it out."


def _is_listed(name: str) -> bool:
    return name == "model" or name in CHOICES or KINDS.get(name) in ("switch", "choice")


def _in_one_line(name: str) -> bool:
    return name == "max_tokens" or KINDS.get(name) in COMMAS


def _typed(name: str, value: Any) -> str:
    return str(value) if name == "max_tokens" else spelled(name, value)


def _axis(name: str) -> str:
    return f"{PLACE}.axis.{name}"


def _header(name: str) -> str:
    return f"{PLACE}.header.{name}"
