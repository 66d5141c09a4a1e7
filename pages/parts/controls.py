"""Widgets that hand back domain objects."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gateway.chat import Route
from gateway.headers import HEADERS, Choice, CostRates, Flag, Header, Metadata, Options, Whole
from gateway.providers import PROVIDERS, Provider
from gateway.showcase import SHOWCASES
from pages.parts.state import TARGET, Column, Conversation, Terms
from pages.parts.views import model_name, provider_name

GROUPS = {
    "Cache": ("cache",),
    "Retry and timeout": ("retry",),
    "Logs and metadata": ("logs",),
    "Keys, routing, tracing": ("auth", "routing", "tracing"),
}
"""Sections of the options form: title and the groups of the header table, useful ones first."""

SPELLED = {
    "Ttl": "TTL",
    "id": "ID",
    "Zdr": "Zero data retention",
    "Byok": "Stored key",
    "Otel": "OTel",
}
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


def options_form(key: str) -> Options:
    """Draw one widget per row of the header table. A widget left empty says nothing.

    A value that the gateway would refuse is shown at its widget, with what would be accepted,
    and left out of the result. A closed section isn't drawn, which makes the page open sooner;
    what was set in it holds.
    """
    given = {name: st.session_state.get(f"{key}.{name}") for name in HEADERS}
    read = {name: _read(row, given[name]) for name, row in HEADERS.items()}
    st.markdown(
        f"**Gateway options** {_tally(read.values())}",
        help="Headers that travel with every question. What is left empty isn't sent: the "
        "gateway's own settings hold.",
    )
    for title, groups in GROUPS.items():
        section = st.expander(title, type="compact", key=f"{key}.{groups[0]}", on_change="rerun")
        rows = (item for item in HEADERS.items() if item[1].group in groups and section.open)
        for name, row in rows:
            with section:
                _widget(_label(name, row), row, f"{key}.{name}")
                if (problem := read[name][1]) is not None:
                    st.markdown(
                        f":red[:small[{problem[:1].upper()}{problem[1:]}. Left out until then.]]"
                    )
    return Options(**{name: value for name, (value, _) in read.items()})


def _read(row: Header, given: Any) -> tuple[Any, str | None]:
    """Return a widget's value as an option, or ``None`` and what would be accepted."""
    if given in (None, ""):
        return None, None
    try:
        value = row.rule.parse(given) if isinstance(given, str) else given
        row.rule.check(value)
    except ValueError as reason:
        return None, str(reason)
    return value, None


def _tally(read: Collection[tuple[Any, str | None]]) -> str:
    """Return how many options are set and how many are refused, as badges."""
    count = sum(1 for value, _ in read if value is not None)
    refused = sum(1 for _, problem in read if problem is not None)
    badges = [f":gray-badge[{count} set]"] if count else []
    return " ".join(badges + ([f":red-badge[{refused} refused]"] if refused else []))


def _widget(label: str, row: Header, key: str) -> None:
    help = f"{row.help}\n\n`{row.name}`"
    match row.rule:
        case Flag(values):
            st.segmented_control(
                label, values, key=key, help=help, persist_state="session", width="stretch"
            )
        case Choice(words):
            st.selectbox(label, words, index=None, key=key, help=help, persist_state="session")
        case Whole():
            st.number_input(
                label,
                value=None,
                step=1,
                key=key,
                help=help,
                persist_state="session",
                placeholder="Not stated",
            )
        case Metadata() | CostRates():
            st.text_area(
                label,
                key=key,
                help=help,
                height=68,
                placeholder=row.example,
                persist_state="session",
            )
        case _:
            st.text_input(
                label,
                key=key,
                help=help,
                placeholder=row.example or "Not stated",
                persist_state="session",
            )


def _label(name: str, row: Header) -> str:
    words = [SPELLED.get(word, word) for word in name.replace("_", " ").capitalize().split()]
    unit = getattr(row.rule, "unit", "")
    return " ".join(words).replace("Cache ttl", "Cache TTL") + (
        f" ({unit})" if unit in ("s", "ms") else ""
    )


def column_pickers(conversation: Conversation, route: Route, simulated: frozenset[str]) -> None:
    """Draw a chip per column that opens its pickers; what they say becomes the columns."""
    with st.grid(len(conversation.columns), min_column_width=160):
        conversation.columns = tuple(
            _picker(column, conversation, route, simulated) for column in conversation.columns
        )


def _picker(
    column: Column, conversation: Conversation, route: Route, simulated: frozenset[str]
) -> Column:
    key = f"chat.column.{column.id}"
    slug = st.session_state.get(f"{key}.provider", column.provider)
    models = PROVIDERS[slug].models
    model = st.session_state.get(f"{key}.model.{slug}") or (
        column.model if slug == column.provider else models[0].id
    )
    label = f"**{provider_name(slug)}** · {model_name(slug, model)}"
    icon = ":material/science:" if slug in simulated else ":material/cloud:"
    with st.popover(label, key=key, width="stretch", icon=icon):
        slugs = [p.slug for p in PROVIDERS.values() if can_chat(p, route) or p.slug == slug]
        st.selectbox(
            "Provider",
            slugs,
            index=slugs.index(slug),
            format_func=provider_name,
            key=f"{key}.provider",
            persist_state="session",
        )
        ids = [m.id for m in models]
        if model not in ids:
            ids.append(model)
        st.selectbox(
            "Model",
            ids,
            index=ids.index(model),
            format_func=lambda id: model_name(slug, id),
            key=f"{key}.model.{slug}",
            accept_new_options=True,
            persist_state="session",
            help="Choose one, or type the id of any model that the provider has.",
        )
        if not can_chat(PROVIDERS[slug], route):
            st.caption(f":red[:material/error: Not served by the {ROUTES[route]} endpoint.]")
        st.caption(
            ":material/science: Simulated by the local gateway."
            if slug in simulated
            else ":material/cloud: The real provider answers."
        )
        st.button(
            "Remove column",
            key=f"{key}.remove",
            icon=":material/close:",
            type="tertiary",
            disabled=len(conversation.columns) == 1,
            on_click=conversation.remove_column,
            args=(column.id,),
        )
    return replace(column, provider=slug, model=model)


def can_chat(provider: Provider, route: Route) -> bool:
    """Return whether the playground can ask a provider over an endpoint shape."""
    speaks = {"compat": provider.compat_prefix, "rest": provider.rest_author}
    return bool(provider.models) and speaks.get(route, provider.dialect) is not None


def composer(options: Options, targets: list[str]) -> tuple[Terms, DeltaGenerator]:
    """Draw how the next question is asked, beside the input.

    Returns:
        What the widgets say, and a place for what can be done with the conversation.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        cache = st.toggle(
            "Cache",
            key="chat.cache",
            persist_state="session",
            help="Off: answers are streamed. On: answers come whole, because Cloudflare doesn't "
            "cache streams, and each question is asked on its own, so that a second identical "
            "one is answered from the cache.",
        )
        with st.popover("Settings", icon=":material/tune:", key="chat.settings"):
            target = _target(targets)
            route = st.segmented_control(
                "Endpoint",
                list(ROUTES),
                default="native",
                required=True,
                format_func=ROUTES.__getitem__,
                key="chat.route",
                persist_state="session",
                help=ROUTE_HELP,
            )
            system = st.text_area(
                "System prompt",
                height=90,
                key="chat.system",
                placeholder="How the models shall answer",
                persist_state="session",
            )
            temperature = st.number_input(
                "Temperature",
                min_value=0.0,
                max_value=2.0,
                value=None,
                step=0.1,
                key="chat.temperature",
                placeholder="The model's own",
                persist_state="session",
            )
            max_tokens = st.number_input(
                "Max output tokens",
                min_value=1,
                value=None,
                key="chat.max_tokens",
                placeholder="The model's own",
                persist_state="session",
            )
        st.space("stretch")
        place = st.empty()
    if cache:
        st.caption(
            ":material/bolt: Answers come whole, because Cloudflare doesn't cache streams. Each "
            "question is asked on its own: ask the same twice to see a hit."
        )
    terms = Terms(
        target=target,
        options=options,
        route=route,
        cache=cache,
        system=system.strip(),
        temperature=temperature,
        max_tokens=max_tokens,
    )
    return terms, place


def _target(targets: list[str]) -> str:
    if len(targets) == 1:
        return targets[0]
    return st.segmented_control(
        "Gateway",
        targets,
        default=targets[0],
        required=True,
        format_func=str.capitalize,
        key=TARGET,
        persist_state="session",
    )


def suggestions() -> str | None:
    """Draw the prompts that one can start with; return the one that was chosen."""
    chosen = None
    st.caption("Start with one of these, or ask a question of your own.")
    with st.grid(4, min_column_width=160):
        for showcase in SHOWCASES:
            with st.container(border=True, height="stretch", gap=None):
                if st.button(
                    showcase.title,
                    icon=showcase.icon,
                    type="tertiary",
                    key=f"chat.suggestion.{showcase.id}",
                    wrap=False,
                ):
                    chosen = showcase.prompt
                st.caption(showcase.prompt, wrap=False)
    return chosen
