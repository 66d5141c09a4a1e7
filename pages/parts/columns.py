"""The row of columns: who answers in each, and in what they differ."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from gateway.chat import Route, Target
from gateway.conversation import MOST_COLUMNS, PAIRS, Column, Conversation, Terms
from gateway.evidence import paired
from gateway.providers import PROVIDERS, Provider, provider_of
from gateway.workbench import Workbench
from pages.parts import keeping, settings, verdicts
from pages.parts.figures import difference
from pages.parts.state import PAGES, WIDE
from pages.parts.views import model_name, provider_name

PAIR = {pair.id: pair for pair in PAIRS}


def banner(conversation: Conversation, workbench: Workbench) -> None:
    """Say where the answers come from and how to change that; offer what fits all columns."""
    targets = workbench.targets
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_source(conversation, targets), width="content")
        st.page_link(
            PAGES / "setup/connection.py", label="Connect Cloudflare", icon=":material/lan:"
        )
        st.space("stretch")
        keeping.menu(conversation, workbench)
        verdicts.menu(workbench)
        chosen = st.menu_button(
            "Compare",
            list(PAIR),
            format_func=lambda id: PAIR[id].title,
            key="chat.compare",
            icon=":material/compare_arrows:",
            type="tertiary",
            help="Set columns up that ask the first column's model in several ways.",
        )
        st.button(
            "Add column",
            icon=":material/add:",
            type="tertiary",
            key="chat.add",
            disabled=len(conversation.columns) == MOST_COLUMNS or conversation.solo is not None,
            on_click=conversation.add_column,
        )
    if chosen is not None:
        conversation.pair(PAIR[chosen])
        st.rerun()
    _alone(conversation)


def _source(conversation: Conversation, targets: Mapping[str, Target]) -> str:
    played = [_is_simulated(column, conversation.terms, targets) for column in conversation.asked]
    if all(played):
        return ":material/science: Answers are **simulated**: no account, key or network needed."
    some = "Some answers" if any(played) else "Answers"
    return f":material/cloud: {some} come from real providers, and may cost money."


def _is_simulated(column: Column, shared: Terms, targets: Mapping[str, Target]) -> bool:
    target = targets.get(column.terms(shared).target)
    return target is not None and column.provider in target.simulated


def _alone(conversation: Conversation) -> None:
    """Say that only one column is asked, and how to bring the others back."""
    if conversation.solo is None:
        return
    (column,) = conversation.asked
    hidden = len(conversation.columns) - 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f":material/filter_1: Only **{title(column)}** goes on; {hidden} "
            f"{'column waits' if hidden == 1 else 'columns wait'}.",
            width="content",
        )
        st.button(
            "Bring back all columns",
            key="chat.back",
            icon=":material/undo:",
            type="tertiary",
            on_click=conversation.bring_back,
        )


def shown(conversation: Conversation) -> tuple[Column, ...]:
    """Return the columns that are drawn: all that are asked, or the one in full width."""
    asked = conversation.asked
    wide = tuple(column for column in asked if column.id == st.session_state.get(WIDE))
    return wide or asked


def title(column: Column) -> str:
    """Return what a column is called: what it tries, or whom it asks."""
    return column.name or provider_name(column.provider)


def chips(conversation: Conversation, targets: Mapping[str, Target]) -> None:
    """Draw a chip per column that opens its settings; what they say becomes the columns."""
    drawn = shown(conversation)
    with st.grid(len(drawn), min_column_width=160):
        for column in drawn:
            with st.container(gap=None, key=f"chat.column.{column.id}"):
                _chip(column, conversation, targets)
        for _ in range(len(conversation.columns) - len(drawn)):
            st.empty()  # takes the place of a chip that is hidden now


def _chip(column: Column, conversation: Conversation, targets: Mapping[str, Target]) -> None:
    key = f"chat.{conversation.edition}.column.{column.id}"
    # The label says what the pickers inside say: they are asked before it is drawn.
    column = _picked(column, key)
    simulated = _is_simulated(column, conversation.terms, targets)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
        with st.popover(
            f"**{title(column)}** · {model_name(column.provider, column.model)}",
            key=f"{key}.chip",
            width="stretch",
            icon=":material/science:" if simulated else ":material/cloud:",
        ):
            conversation.change_column(_pickers(column, conversation, targets, key))
        _expander(column, conversation)
    if marks := settings.marks(conversation.column(column.id)):
        st.caption(f":material/tune: {marks}")


def _picked(column: Column, key: str) -> Column:
    """Return a column as its pickers have it now."""
    slug = st.session_state.get(f"{key}.provider", column.provider)
    model = st.session_state.get(f"{key}.model.{slug}")
    if model is None:
        row = provider_of(slug)
        own = column.model if slug == column.provider else None
        model = own or (row.models[0].id if row is not None and row.models else column.model)
    return replace(column, provider=slug, model=model)


def _pickers(
    column: Column, conversation: Conversation, targets: Mapping[str, Target], key: str
) -> Column:
    terms = column.terms(conversation.terms)
    route: Route = "universal" if terms.fallbacks else terms.route
    row, slug = provider_of(column.provider), column.provider
    slugs = [p.slug for p in PROVIDERS.values() if can_chat(p, route)]
    slugs += [slug] if slug not in slugs else []
    st.selectbox(
        "Provider",
        slugs,
        index=slugs.index(slug),
        format_func=provider_name,
        key=f"{key}.provider",
    )
    ids = [model.id for model in row.models] if row is not None else []
    ids += [column.model] if column.model not in ids else []
    st.selectbox(
        "Model",
        ids,
        index=ids.index(column.model),
        format_func=lambda id: model_name(slug, id),
        key=f"{key}.model.{slug}",
        accept_new_options=True,
        help="Choose one, or type the id of any model that the provider has.",
    )
    if row is None or not can_chat(row, route):
        served = settings.ROUTES[route]
        st.caption(f":red[:material/error: Not served by the {served} endpoint.]")
    st.caption(
        ":material/science: Simulated by the local gateway."
        if _is_simulated(column, conversation.terms, targets)
        else ":material/cloud: The real provider answers."
    )
    column = settings.own(column, conversation, targets)
    st.button(
        "Remove column",
        key=f"{key}.remove",
        icon=":material/close:",
        type="tertiary",
        disabled=len(conversation.columns) == 1,
        on_click=conversation.remove_column,
        args=(column.id,),
    )
    return column


def _expander(column: Column, conversation: Conversation) -> None:
    """Draw the button that gives one column the whole width, and takes it back."""
    if len(conversation.asked) < 2:
        return
    wide = st.session_state.get(WIDE) == column.id

    def toggle() -> None:
        st.session_state[WIDE] = None if wide else column.id

    st.button(
        "",
        icon=":material/close_fullscreen:" if wide else ":material/open_in_full:",
        type="tertiary",
        key=f"chat.wide.{column.id}",
        help="Show all columns" if wide else f"Show only {title(column)}, in full width",
        on_click=toggle,
    )


def compared(conversation: Conversation) -> None:
    """Draw how much longer each column takes than the first, turn by turn, where two turns tell."""
    first, *others = conversation.columns
    turns = [
        {id: a.exchange for id, a in turn.answers.items() if a.exchange is not None}
        for turn in conversation.path
    ]
    for column in others:
        found = paired(turns, first.id, column.id)
        if found is not None and found.pairs > 1:
            st.caption(
                f":material/compare_arrows: **{title(column)}** against **{title(first)}**, "
                f"total time: **{difference(found.median_ms)}**, median of {found.pairs} pairs "
                f"({difference(found.low_ms)} to {difference(found.high_ms)})."
            )


def can_chat(provider: Provider, route: Route) -> bool:
    """Return whether the playground can ask a provider over an endpoint shape."""
    speaks = {"compat": provider.compat_prefix, "rest": provider.rest_author}
    return bool(provider.models) and speaks.get(route, provider.dialect) is not None
