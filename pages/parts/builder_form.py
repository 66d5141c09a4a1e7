"""The header builder's form: three levels beside each other, one row for each header."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gateway.chat import Failure, Target
from gateway.draft import Setting, settings
from gateway.form import FIELDS, GROUPS, Field, Problem, parse_duration, read
from gateway.headers import COST_RATES, CostRates
from gateway.policy import GatewayPolicy
from gateway.providers import PROVIDERS
from pages.parts import builder, gateway_form
from pages.parts.builder import MOST_STEPS, TABLES, Form, held, hold, key
from pages.parts.columns import can_chat
from pages.parts.figures import UNKNOWN
from pages.parts.settings import ROUTE_HELP, ROUTES
from pages.parts.views import model_name, provider_name

LEVEL_COLORS = {"gateway": "gray", "request": "blue", "step": "violet"}
CELL_PX = 150
"""Pixels that a level needs at least: four of them fit beside each other, on a phone two."""


def call_row() -> None:
    """Draw what is asked: endpoint, provider, model, question; on the universal route the steps."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Endpoint",
            list(ROUTES),
            required=True,
            format_func=ROUTES.__getitem__,
            key=key("route"),
            help=ROUTE_HELP,
            persist_state="session",
        )
        if held("route") != "universal":
            _place(held("route"))
        st.toggle("Stream", key=key("stream"), persist_state="session")
    if held("route") == "universal":
        _steps()
    st.text_input(
        "Question",
        key=key("prompt"),
        placeholder=builder.PROMPT,
        persist_state="session",
    )


def _steps() -> None:
    count = held("steps")
    for number in range(1, count + 1):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            _place("universal", "step", number)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Add a step",
            icon=":material/add:",
            type="tertiary",
            disabled=count == MOST_STEPS,
            on_click=_set_steps,
            args=(count + 1,),
        )
        st.button(
            "Remove the last",
            icon=":material/remove:",
            type="tertiary",
            disabled=count == 1,
            on_click=_set_steps,
            args=(count - 1,),
        )


def _set_steps(count: int) -> None:
    hold(count, "steps")
    hold(min(held("step"), count), "step")


def _place(route: Any, *parts: object) -> None:
    """Draw the pickers of a provider and its model."""
    slug = held(*parts, "provider")
    which = f" of step {parts[-1]}" if parts else ""
    slugs = [row.slug for row in PROVIDERS.values() if can_chat(row, route) or row.slug == slug]
    st.selectbox(
        f"Provider{which}",
        slugs,
        format_func=provider_name,
        key=key(*parts, "provider"),
        persist_state="session",
        width=190,
    )
    slug = held(*parts, "provider")
    chosen = builder.model(slug, *parts)
    ids = list(dict.fromkeys([*(m.id for m in PROVIDERS[slug].models), chosen]))
    st.session_state.setdefault(key(*parts, "model", slug), chosen)
    st.selectbox(
        f"Model{which}",
        ids,
        format_func=lambda id: model_name(slug, id),
        key=key(*parts, "model", slug),
        accept_new_options=True,
        persist_state="session",
        width=220,
    )


def levels(form: Form, target: Target) -> None:
    """Draw the settings of one group at all levels, and what is in force."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Settings",
            [group.id for group in GROUPS],
            required=True,
            format_func=lambda id: _group_title(id, form),
            key=key("group"),
            wrap=True,
            persist_state="session",
        )
        if held("route") == "universal" and held("steps") > 1:
            st.segmented_control(
                "Step",
                list(range(1, held("steps") + 1)),
                required=True,
                key=key("step"),
                persist_state="session",
            )
    group = next(group for group in GROUPS if group.id == held("group"))
    step = held("step") if held("route") == "universal" else 0
    found = {one.name: one for one in settings(form.draft, max(0, step - 1))}
    _heading(target, step)
    for here in group.fields:
        _row(here, form, target, found[here.name], step)
    gateway_form.besides(form.draft.policy, target)


def _group_title(id: str, form: Form) -> str:
    group = next(group for group in GROUPS if group.id == id)
    refused = any(here.name in known for known in form.problems.values() for here in group.fields)
    stated = sum(1 for name, _ in form.draft.options.stated() if FIELDS[name].row.group == id)
    mark = " :red[●]" if refused else f" :blue[{stated}]" if stated else ""
    return f"{group.title}{mark}"


def _heading(target: Target, step: int) -> None:
    names = ["Setting", f"Gateway {target.gateway}", "This request"]
    names += [f"Step {step}"] if step else []
    with st.grid(len(names) + 1, min_column_width=CELL_PX):
        for name in (*names, "In force"):
            st.markdown(f":small[:gray[{name}]]")


def _row(here: Field, form: Form, target: Target, in_force: Setting, step: int) -> None:
    """Draw a setting at all levels; what is refused stands under it, in its whole width."""
    refused = []
    line = st.grid(5 if step else 4, min_column_width=CELL_PX)
    with line:
        unit = f" ({here.unit})" if here.unit in ("s", "ms") else ""
        st.markdown(f"**{here.label}**{unit}  \n:small[:gray[{here.summary}]]", help=_about(here))
        refused += _gateway(here, form.draft.policy, target)
        refused += _widget(here, form.problems[0], "request", label="this request")
        if step:
            refused += _widget(here, form.problems[step], "step", step, label=f"step {step}")
        words, note = _in_force(in_force)
        st.markdown(words, help=note)
    if refused:
        with line.cell(column_span="all"):
            st.markdown("  \n".join(f":red[:small[{sentence}]]" for sentence in refused))


def _about(here: Field) -> str:
    """Return all that is known of a header: for the tooltip."""
    row = here.row
    lines = [f"`{row.name}`", row.help]
    if here.limits:
        lines.append(f"**Accepts** {here.limits}.")
    if here.default:
        lines.append(f"**Default** {here.default}.")
    read_at = " · ".join(
        f"[{link.text}]({link.url})" if link.url else link.text for link in here.sources
    )
    lines.append(f":small[{read_at}, read {row.date} ({row.evidence})]")
    return "\n\n".join(lines)


def _widget(here: Field, problems: Mapping[str, Problem], *parts: object, label: str) -> list[str]:
    """Draw the widget of a setting at one level; return what is wrong with what it holds."""
    name = f"{here.label} of {label}"
    if here.kind in TABLES:
        _table(here, name, *parts)
    else:
        field_input(here, name, f"{parts[0]}: {UNKNOWN}".capitalize(), key(*parts, here.name))
    if here.name not in problems:
        return []
    return [f"{name} {problems[here.name].reason}. Left out until then."]


def field_input(here: Field, label: str, nothing: str, name: str, **how: Any) -> None:
    """Draw the widget of a field's kind; without a value it says nothing."""
    common = {"key": name, "label_visibility": "collapsed", "persist_state": "session", **how}
    match here.kind:
        case "switch":
            st.segmented_control(label, here.words, width="stretch", **common)
        case "choice":
            st.selectbox(label, here.words, index=None, placeholder=nothing, **common)
        case "number":
            st.number_input(label, value=None, step=1, placeholder=nothing, **common)
        case _:
            st.text_input(label, value=None, placeholder=nothing, **common)


def _table(here: Field, label: str, *parts: object) -> None:
    """Draw a small table that becomes one line of JSON: the rows so far and one to type into."""
    rows = held(*parts, here.name) or []
    with st.container(gap="xxsmall"):
        for at, row in enumerate([*rows, (None, None)]):
            cells = _cells(here, *parts, row=at)
            for cell, text in zip(cells, row, strict=True):
                st.session_state.setdefault(cell, text)
            with st.grid(2, gap="xxsmall", min_column_width=CELL_PX // 2):
                _pair(here, f"{at + 1}, {label}", cells, row[0], args=(here, *parts))


def _pair(
    here: Field, said: str, cells: tuple[str, str], name: str | None, args: tuple[object, ...]
) -> None:
    """Draw a name, or a rate that exists, and its value."""
    first, second = cells
    how: dict[str, Any] = {"label_visibility": "collapsed", "on_change": _typed, "args": args}
    if isinstance(here.row.rule, CostRates):
        rates = [*COST_RATES, *({name} - {None, *COST_RATES})]
        st.selectbox(f"Rate {said}", rates, index=None, key=first, placeholder="Rate", **how)
        unit = "USD per token"
    else:
        st.text_input(f"Name {said}", value=None, key=first, placeholder="Name", **how)
        unit = "Value"
    st.text_input(f"{unit} {said}", value=None, key=second, placeholder=unit, **how)


def _cells(here: Field, *parts: object, row: int) -> tuple[str, str]:
    """Return the keys of a row's two cells; other keys where the table was filled anew."""
    version = held(*parts, here.name, "version") or 0
    first, second = (key(*parts, here.name, version, row, part) for part in ("name", "value"))
    return first, second


def _typed(here: Field, *parts: object) -> None:
    """Take what stands in the cells; rows at the end that are empty again go."""
    rows = []
    while (cells := _cells(here, *parts, row=len(rows)))[0] in st.session_state:
        name, value = (st.session_state[cell] or None for cell in cells)
        rows.append((name, value))
    while rows and rows[-1] == (None, None):
        rows.pop()
    hold(rows, *parts, here.name)


def _gateway(here: Field, known: GatewayPolicy, target: Target) -> list[str]:
    """Draw the gateway's own setting; return why it didn't take what was typed."""
    setting = here.row.setting
    if setting is None:
        st.markdown(f":gray[{UNKNOWN}]", help="The gateway has no such setting.")
        return []
    value = getattr(known, setting)
    shown = builder.widget_value(here, value)
    if not builder.can_settle(target):
        st.markdown("not set" if value is None else f"`{shown}`")
        return []
    name = key("gateway", here.name)
    st.session_state.setdefault(name, shown)
    field_input(
        here,
        f"{here.label} of the gateway",
        f"Gateway: {UNKNOWN}",
        name,
        on_change=_change,
        args=(here, target),
    )
    problem = held("gateway", "problem")
    return [problem[1]] if problem is not None and problem[0] == setting else []


def _change(here: Field, target: Target) -> None:
    """Change the gateway's setting to what was typed."""
    given, setting = held("gateway", here.name), here.row.setting
    try:
        if here.kind == "duration":
            value = parse_duration(given or "0", "ms" if here.unit == "ms" else "s")
        else:
            value = read(here.name, given)
    except ValueError as reason:
        hold((setting, f"{here.label} {reason}."), "gateway", "problem")
        return
    if value is None and here.kind == "switch":
        value = False
    builder.change(target, {setting: value})


def _in_force(one: Setting) -> tuple[str, str | None]:
    """Return what to say of the value in force, and the note for its tooltip."""
    level, lines = one.level, []
    if one.honour == "no":
        lines.append(":orange-badge[not honoured]")
    if level is not None:
        lines.append(f"**{_short(one.shown)}** :{LEVEL_COLORS[level]}-badge[{level}]")
        lines += [f":small[:gray[over {name}: {_short(value)}]]" for name, value in one.overrode]
        if one.honour == "unlisted":
            lines.append(":small[:orange[not listed for this endpoint]]")
    elif one.honour != "no":
        lines += [f":gray[{_short(one.shown)}]", ":small[default]"] if one.shown else [UNKNOWN]
    return "  \n".join(lines), one.note or None


def _short(text: str) -> str:
    return text if len(text) <= 48 else f"{text[:47]}…"


def settings_problem(target: Target) -> None:
    """Say why the gateway's settings can't be read, where they can't."""
    known = builder.policy(target.name)
    if isinstance(known, Failure):
        st.warning(
            f"The settings of this gateway can't be read, so its defaults are assumed. "
            f"{known.sentence}",
            icon=":material/warning:",
        )
