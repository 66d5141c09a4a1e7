"""One widget for each setting of a question, for all columns or for one that differs.

Each shows what the conversation holds and hands back what the visitor makes of it. A value that
can't be used stands at its widget with what would be accepted, and says nothing until then.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import streamlit as st

from gateway.chat import Route, Step
from gateway.conversation import SETTINGS, Column, Conversation, Terms, typed
from gateway.form import FIELDS, read, show
from gateway.headers import HEADERS
from gateway.providers import PROVIDERS

ROUTES: dict[Route, str] = {
    "native": "Native",
    "compat": "Compat",
    "universal": "Universal",
    "rest": "REST",
}
ROUTE_HELP = (
    "The shape of the request. **Native**: the provider's own path and format. **Compat**: one "
    "OpenAI-style path for all providers. **Universal**: a list of steps, for fallbacks. **REST**: "
    "models by author on the API's own host, with the gateway's token and no provider keys."
)
TARGETS = {"local": "Local", "cloudflare": "Cloudflare", "direct": "Direct"}
TRANSPORTS = {"http": "HTTP", "websocket": "WebSocket"}
LABELS = {
    "target": "Gateway",
    "route": "Endpoint",
    "transport": "Transport",
    "stream": "Stream the answer",
    "history": "Send the turns before",
    "system": "System prompt",
    "temperature": "Temperature",
    "max_tokens": "Max output tokens",
    "top_p": "Top P",
    "stop": "Stop sequences",
    "seed": "Seed",
    "schema": "JSON schema",
    "tools": "Tools",
    "fallbacks": "Fallback models",
    **{name: field.label for name, field in FIELDS.items()},
}
HELP = {
    "target": "**Local** and **Cloudflare** are gateways. **Direct** asks the provider itself: "
    "without a key, the simulated one, outside the local gateway.",
    "route": ROUTE_HELP,
    "transport": "**HTTP**: a request for each question. **WebSocket**: messages over one "
    "connection to the gateway that stays open.",
    "history": "Off: each question is asked on its own, so that equal ones have equal bodies.",
    "top_p": "Providers advise to set this or the temperature, not both.",
    "stop": "One on each line, at most 4. The answer ends before any of them.",
    "seed": "Where the provider takes one: the same seed asks for the same answer.",
    "schema": "The answer must fit it. A JSON object.",
    "tools": "Functions that the model may call: a JSON list of name, description and "
    "parameters. The playground shows the calls and doesn't carry them out.",
    "fallbacks": "Asked one after the other where the model before fails. Such a list goes over "
    "the universal endpoint.",
}
OWN = "The model's own"
SECTIONS = (
    ("How", ("target", "route", "transport", "stream", "history", "fallbacks")),
    ("Model", ("system", "temperature", "top_p", "max_tokens", "seed", "stop")),
    ("Format", ("schema", "tools")),
)


class Bounds(NamedTuple):
    """What a number may be."""

    low: float | int | None
    high: float | int | None
    step: float | int


NUMBERS = {
    "temperature": Bounds(0.0, 2.0, 0.1),
    "top_p": Bounds(0.0, 1.0, 0.05),
    "max_tokens": Bounds(1, None, 1),
    "seed": Bounds(None, None, 1),
}
TYPED: dict[str, tuple[Callable[[str], Any], Callable[[Any], str], str]] = {
    "stop": (typed.read_stop, typed.show_stop, "END"),
    "schema": (typed.read_schema, typed.show_schema, '{"type": "object", "properties": {}}'),
    "tools": (typed.read_tools, typed.show_tools, '[{"name": "now", "parameters": {}}]'),
}


def shared(conversation: Conversation, targets: Mapping[str, Any]) -> Terms:
    """Draw the settings that are the same for all columns, but for the headers; return all."""
    values: dict[str, Any] = {}
    for tab, (_, names) in zip(st.tabs([title for title, _ in SECTIONS]), SECTIONS, strict=True):
        with tab:
            for name in names:
                key = shared_key(conversation, name)
                values[name] = setting(name, conversation.terms.value(name), key, targets)
    return conversation.terms.changed(values)


def shared_key(conversation: Conversation, name: str) -> str:
    """Return the widget key of a setting that is the same for all."""
    return f"chat.{conversation.edition}.{name}"


def own(column: Column, conversation: Conversation, targets: Mapping[str, Any]) -> Column:
    """Draw what one column sets for itself; return the column with it."""
    key = f"chat.{conversation.edition}.column.{column.id}.own"
    names = st.multiselect(
        "Different from the other columns",
        SETTINGS,
        default=list(column.own),
        format_func=LABELS.__getitem__,
        key=key,
        placeholder="Same for all",
        help="Settings in which this column goes its own way. All others are the same for all.",
    )
    terms = column.terms(conversation.terms)
    values = {name: setting(name, terms.value(name), f"{key}.{name}", targets) for name in names}
    agreeing = column
    for name in column.own:
        agreeing = agreeing.agreeing(name)
    for name, value in values.items():
        agreeing = agreeing.differing(name, value)
    return agreeing


def marks(column: Column) -> str:
    """Return what a column sets for itself, in words; empty where it agrees in all."""
    return " · ".join(
        f"{LABELS[name]}: {spoken(name, value)}" for name, value in column.own.items()
    )


def spoken(name: str, value: Any) -> str:
    """Return the value of a setting in a few words."""
    if name in HEADERS:
        return "not sent" if value is None else HEADERS[name].rule.spell(value)
    if name == "fallbacks":
        return ", ".join(typed.show_step(step) for step in value) or "none"
    if name in ("tools", "schema", "system"):
        return "own" if value else "none"
    words = {**ROUTES, **TARGETS, **TRANSPORTS, True: "yes", False: "no", None: OWN.lower()}
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return words.get(value, str(value)) if isinstance(value, str | bool | None) else f"{value:g}"


def setting(name: str, value: Any, key: str, targets: Mapping[str, Any]) -> Any:
    """Draw one setting that holds a value; return the value it holds now."""
    label, help = LABELS[name], HELP.get(name)
    if name in HEADERS:
        return header(name, value, key)
    if name in TYPED:
        return _typed(name, value, key)
    if name in NUMBERS:
        bounds = NUMBERS[name]
        return st.number_input(
            label,
            min_value=bounds.low,
            max_value=bounds.high,
            value=value,
            step=bounds.step,
            key=key,
            placeholder=OWN,
            help=help,
        )
    match name:
        case "stream" | "history":
            return st.toggle(label, value=value, key=key, help=help)
        case "system":
            text = st.text_area(
                label, value=value, height=90, key=key, placeholder="How the models shall answer"
            )
            return text.strip()
        case "fallbacks":
            return _fallbacks(value, key)
        case "target":
            words = {slug: TARGETS.get(slug, slug) for slug in targets}
        case _:
            words = {"route": ROUTES, "transport": TRANSPORTS}[name]
    return st.segmented_control(
        label,
        list(words),
        default=value if value in words else next(iter(words)),
        required=True,
        format_func=words.__getitem__,
        key=key,
        help=help,
    )


def header(name: str, value: Any, key: str) -> Any:
    """Draw one header; return its value, ``None`` where it says nothing or can't be used."""
    found, problem = header_read(name, header_widget(name, key, header_text(name, value)))
    if problem is not None:
        refused(problem)
    return found


def header_text(name: str, value: Any) -> Any:
    """Return what a header's widget holds to say a value."""
    here = FIELDS[name]
    if value is None:
        return None if here.kind in ("switch", "choice", "number") else ""
    if here.kind in ("switch", "table", "rates"):
        return here.row.rule.spell(value)
    return show(name, value)


def header_read(name: str, given: Any) -> tuple[Any, str | None]:
    """Return a widget's value as an option, or ``None`` and what would be accepted."""
    try:
        return read(name, given), None
    except ValueError as reason:
        return None, str(reason)


def header_widget(name: str, key: str, text: Any) -> Any:
    """Draw the widget of one header; return what it holds.

    Args:
        text: What it holds at first, as ``header_text`` spells it.
    """
    here = FIELDS[name]
    help = f"{here.row.help}\n\n`{here.row.name}`"
    label = f"{LABELS[name]} ({here.unit})" if here.unit in ("s", "ms") else LABELS[name]
    example = here.row.example or "Not stated"
    match here.kind:
        case "switch":
            return st.segmented_control(
                label, here.words, default=text, key=key, help=help, width="stretch"
            )
        case "choice":
            index = None if text is None else here.words.index(text)
            return st.selectbox(label, here.words, index=index, key=key, help=help)
        case "number":
            return st.number_input(
                label, value=text, step=1, key=key, help=help, placeholder="Not stated"
            )
        case "table" | "rates":
            return st.text_area(
                label, value=text, key=key, help=help, height=68, placeholder=example
            )
        case _:
            return st.text_input(label, value=text, key=key, help=help, placeholder=example)


def refused(reason: str) -> None:
    """Say at a widget why its value isn't used."""
    st.markdown(f":red[:small[{reason[:1].upper()}{reason[1:]}. Left out until then.]]")


def _typed(name: str, value: Any, key: str) -> Any:
    read, show, example = TYPED[name]
    text = st.text_area(
        LABELS[name],
        value=show(value),
        height=68 if name == "stop" else 140,
        key=key,
        placeholder=example,
        help=HELP[name],
    )
    try:
        return read(text)
    except ValueError as reason:
        refused(str(reason))
        return read("")


def _fallbacks(value: tuple[Step, ...], key: str) -> tuple[Step, ...]:
    known = [
        typed.show_step(Step(provider=row.slug, model=model.id))
        for row in PROVIDERS.values()
        if row.dialect is not None
        for model in row.models
    ]
    chosen = [typed.show_step(step) for step in value]
    given = st.multiselect(
        LABELS["fallbacks"],
        [*known, *(step for step in chosen if step not in known)],
        default=chosen,
        key=key,
        accept_new_options=True,
        placeholder="provider/model",
        help=HELP["fallbacks"],
    )
    steps = []
    for text in given:
        try:
            steps.append(typed.read_step(text))
        except ValueError as reason:
            refused(str(reason))
    return tuple(steps)
