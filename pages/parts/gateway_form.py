"""What a gateway is set to besides: settings that no header changes, editable at the local one."""

from typing import Any

import streamlit as st

from gateway.chat import Target
from gateway.form import SETTINGS, GatewaySetting
from gateway.policy import GatewayPolicy
from pages.parts import builder
from pages.parts.builder import held, hold, key
from pages.parts.figures import UNKNOWN

HEIGHT_PX = 110


def besides(known: GatewayPolicy, target: Target) -> None:
    """Say in a line what else the gateway does, with a way to all of it."""
    limited = bool(known.rate_limiting_limit and known.rate_limiting_interval)
    rate = f"{known.rate_limiting_limit} requests in {known.rate_limiting_interval} s"
    facts = [
        f"authentication **{'on' if known.authentication else 'off'}**",
        f"rate limit **{rate if limited else 'off'}**",
        f"caching **{'on' if known.caches else 'off'}**",
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"The gateway besides: {', '.join(facts)}.", width="content")
        more = st.popover(
            "All its settings",
            icon=":material/settings:",
            type="tertiary",
            key=key("gateway", "more"),
            on_change="rerun",
        )
    if more.open:
        with more:
            _all(known, target)


def _all(known: GatewayPolicy, target: Target) -> None:
    if not builder.can_settle(target):
        st.caption(f"Read from {target.gateway}; they are changed in its own dashboard.")
        st.table(
            [{"Setting": here.label, "Is": _said(here, known)} for here in SETTINGS],
            border="horizontal",
            hide_index=True,
            alt="Settings of the gateway that no header changes",
        )
        return
    st.caption(f"Settings of the gateway {target.gateway} that no header changes.")
    problem = held("gateway", "problem")
    for here in SETTINGS:
        st.session_state.setdefault(key("gateway", "set", here.name), here.show(known))
        _widget(here, target)
        if problem is not None and problem[0] == here.name:
            st.markdown(f":red[:small[{problem[1]}]]")


def _said(here: GatewaySetting, known: GatewayPolicy) -> str:
    value = here.show(known)
    if here.kind == "switch":
        return "on" if value else "off"
    words = here.words or {}
    return words.get(value, str(value)) if value not in (None, "") else UNKNOWN


def _widget(here: GatewaySetting, target: Target) -> None:
    how: dict[str, Any] = {
        "key": key("gateway", "set", here.name),
        "help": here.help,
        "on_change": _change,
        "args": (here, target),
    }
    match here.kind:
        case "switch":
            st.toggle(here.label, **how)
        case "number":
            st.number_input(here.label, value=None, step=1, placeholder="Off", **how)
        case "choice":
            words = here.words or {}
            st.selectbox(here.label, list(words), format_func=words.__getitem__, index=None, **how)
        case "object":
            st.text_area(here.label, height=HEIGHT_PX, placeholder=here.example, **how)
        case _:
            st.text_input(here.label, value=None, placeholder=here.example, **how)


def _change(here: GatewaySetting, target: Target) -> None:
    """Change a setting to what was given. What is refused stays in its widget."""
    try:
        value = here.read(held("gateway", "set", here.name))
    except ValueError as reason:
        hold((here.name, f"{here.label} {reason}."), "gateway", "problem")
        return
    builder.change(target, {here.name: value})
