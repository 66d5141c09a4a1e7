"""One turn besides its answers: the question, its siblings, and how to edit it."""

import base64
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gateway.conversation import Conversation, Turn

SHOWN = 2_000
"""Characters of a question that are shown; the rest is sent, not drawn."""


def question(conversation: Conversation, turn: Turn) -> DeltaGenerator:
    """Draw what the visitor asked, of a very long question the beginning; return a place in it."""
    prompt = turn.prompt
    with st.chat_message("user", avatar=":material/person:"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(prompt[:SHOWN] + ("…" if len(prompt) > SHOWN else ""), width="stretch")
            _siblings(conversation, turn)
            _edit(conversation, turn)
            place = st.empty()
        if len(prompt) > SHOWN:
            st.caption(f"{SHOWN:,} of {len(prompt):,} characters are shown; all were sent.")
        if turn.images:
            st.image([base64.b64decode(image.data) for image in turn.images], width=120)
    return place


def _siblings(conversation: Conversation, turn: Turn) -> None:
    """Draw the way to the other versions of a turn, where there are some."""
    others = conversation.siblings(turn)
    if len(others) < 2:
        return
    at = others.index(turn)
    steps = (
        (":material/chevron_left:", at - 1, "before"),
        (":material/chevron_right:", at + 1, "after"),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        for number, (icon, to, word) in enumerate(steps):
            if number:
                st.caption(f"{at + 1} of {len(others)}", width="content")
            st.button(
                "",
                icon=icon,
                type="tertiary",
                key=f"chat.turn.{turn.id}.{word}",
                help=f"The version {word} this one",
                disabled=not 0 <= to < len(others),
                on_click=partial(conversation.show, others[max(0, min(to, len(others) - 1))]),
            )


def _edit(conversation: Conversation, turn: Turn) -> None:
    """Draw the way to ask another question in this one's place."""
    key = f"chat.turn.{turn.id}.words"

    def ask() -> None:
        words = st.session_state[key].strip()
        if words:
            conversation.edit(turn, words)

    edit = st.popover(
        "Edit", icon=":material/edit:", type="tertiary", key=f"{key}.open", on_change="rerun"
    )
    if not edit.open:
        return
    with edit:
        st.text_area("Question", value=turn.prompt, height=140, key=key)
        st.caption("The version before stays, one click away.")
        st.button("Ask this instead", key=f"{key}.ask", icon=":material/send:", on_click=ask)
