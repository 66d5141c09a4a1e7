"""Widgets that hand back domain objects: the gateway options, the composer, suggested prompts."""

import base64
from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gateway.chat import Image
from gateway.conversation import Conversation
from gateway.headers import HEADERS, Options
from gateway.showcase import SHOWCASES
from pages.parts import settings
from pages.parts.state import WIDE

GROUPS = {
    "Cache": ("cache",),
    "Retry and timeout": ("retry",),
    "Logs and metadata": ("logs",),
    "Keys, routing, tracing": ("auth", "routing", "tracing"),
}
"""Sections of the options form: title and the groups of the header table, useful ones first."""

PICTURES = ("png", "jpg", "jpeg", "webp", "gif")
PICTURE_MB = 5
"""What the strictest of the big providers takes in one picture."""


def options_form(key: str, options: Options) -> Options:
    """Draw one widget per row of the header table. A widget left empty says nothing.

    A value that the gateway would refuse is shown at its widget, with what would be accepted,
    and left out of the result. A closed section isn't drawn, which makes the page open sooner;
    what was set in it holds.

    Args:
        options: What holds until a widget says otherwise.
    """
    held = {name: settings.header_text(name, getattr(options, name)) for name in HEADERS}
    given = {name: st.session_state.get(f"{key}.{name}", held[name]) for name in HEADERS}
    read = {name: settings.header_read(name, given[name]) for name in HEADERS}
    st.markdown(
        f"**Gateway options** {_tally(read.values())}",
        help="Headers that travel with every question, of all columns. What is left empty isn't "
        "sent: the gateway's own settings hold.",
    )
    for title, groups in GROUPS.items():
        section = st.expander(title, type="compact", key=f"{key}.{groups[0]}", on_change="rerun")
        drawn = (name for name, row in HEADERS.items() if row.group in groups and section.open)
        for name in drawn:
            with section:
                settings.header_widget(name, f"{key}.{name}", held[name])
                if (problem := read[name][1]) is not None:
                    settings.refused(problem)
    return Options(**{name: value for name, (value, _) in read.items()})


def _tally(read: Collection[tuple[Any, str | None]]) -> str:
    """Return how many options are set and how many are refused, as badges."""
    count = sum(1 for value, _ in read if value is not None)
    refused = sum(1 for _, problem in read if problem is not None)
    badges = [f":gray-badge[{count} set]"] if count else []
    return " ".join(badges + ([f":red-badge[{refused} refused]"] if refused else []))


def composer(conversation: Conversation, targets: Mapping[str, Any]) -> DeltaGenerator:
    """Draw how the next question is asked, beside the input; the conversation takes it over.

    Returns:
        A place for what can be done with the conversation.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        cache = _cache(conversation)
        section = st.popover(
            "Settings", icon=":material/tune:", key="chat.settings", on_change="rerun"
        )
        if section.open:
            with section:
                conversation.terms = settings.shared(conversation, targets)
        _next_column(conversation)
        st.space("stretch")
        place = st.empty()
    if cache:
        st.caption(
            ":material/bolt: Answers come whole, because Cloudflare doesn't cache streams. Each "
            "question is asked on its own: ask the same twice to see a hit."
        )
    return place


def _cache(conversation: Conversation) -> bool:
    """Draw the switch for two settings at once; return whether answers can meet in a cache."""
    keys = [settings.shared_key(conversation, name) for name in ("stream", "history")]
    held = (conversation.terms.stream, conversation.terms.history)
    now = [st.session_state.get(key, value) for key, value in zip(keys, held, strict=True)]
    st.session_state["chat.cache"] = not any(now)

    def switch() -> None:
        live = not st.session_state["chat.cache"]
        conversation.terms = conversation.terms.changed({"stream": live, "history": live})
        for key in keys:
            st.session_state.pop(key, None)

    return st.toggle(
        "Cache",
        key="chat.cache",
        on_change=switch,
        help="Off: answers are streamed. On: answers come whole, because Cloudflare doesn't "
        "cache streams, and each question is asked on its own, so that a second identical "
        "one is answered from the cache.",
    )


def _next_column(conversation: Conversation) -> None:
    """Draw the button that shows one column after the other, and then all again."""
    ids = [column.id for column in conversation.asked]
    if len(ids) < 2:
        return
    at = ids.index(st.session_state[WIDE]) if st.session_state.get(WIDE) in ids else -1

    def turn_over() -> None:
        st.session_state[WIDE] = ids[at + 1] if at + 1 < len(ids) else None

    st.button(
        "Next column",
        icon=":material/view_column:",
        type="tertiary",
        key="chat.next",
        shortcut="Alt+N",
        on_click=turn_over,
        help="Show one column after the other in full width, and then all again.",
    )


def question_box() -> tuple[str, tuple[Image, ...]] | None:
    """Draw the input; return what was asked: words, and pictures as their bytes."""
    given = st.chat_input(
        "Ask all columns",
        key="chat.question",
        accept_file="multiple",
        file_type=list(PICTURES),
        max_upload_size=PICTURE_MB,
    )
    if given is None:
        return None
    files = given.files
    if not given.text.strip() and not files:
        return None
    images = tuple(
        Image(media_type=file.type, data=base64.b64encode(file.getvalue()).decode())
        for file in files
    )
    return given.text or "What do you see?", images


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
