"""The menu of what can be kept and shared: saved sessions, files, a link to the set-up."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from gateway import sessions
from gateway.conversation import Conversation, document_of, opened
from gateway.errors import GatewayError
from gateway.records import Kept
from gateway.workbench import Workbench

PARAMETER = "setup"
"""Name of the query parameter that carries a set-up."""

SAID = "chat.kept.said"
"""Name of the sentence about what was tried last, and whether it went well."""

BEFORE = "chat.kept.before"
"""Name of the conversation that was open before another one took its place."""

TAKEN = "chat.kept.taken"
"""Name of the id of the file that was imported last."""

NAME, CHOSEN = "chat.kept.name", "chat.kept.chosen"

WHEN = "%Y-%m-%d %H:%M"


def arrive(conversation: Conversation) -> None:
    """Take over the set-up of the link that the visitor has followed; say it where it fails."""
    token = st.query_params.get(PARAMETER)
    if token is not None:
        # Gone from the address at once: a reload shall not undo what was changed since.
        del st.query_params[PARAMETER]
        _replace(conversation, partial(sessions.followed, token), "The link's set-up is in place.")
    said = st.session_state.get(SAID)
    if said is not None and not said[0]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.error(said[1], icon=":material/error:")
            st.button("Dismiss", key="chat.kept.dismiss", type="tertiary", on_click=_forget_said)
    elif said is not None:
        st.toast(said[1], icon=":material/check:")
        _forget_said()


def menu(conversation: Conversation, workbench: Workbench) -> None:
    """Draw the menu; what is in it is made when it is open."""
    place = st.popover(
        "Session",
        icon=":material/folder_open:",
        type="tertiary",
        key="chat.kept.open",
        on_change="rerun",
        width="content",
    )
    if not place.open:
        return
    with place:
        if any(not turn.ended for turn in conversation.turns.values()):
            st.caption("Answers that still run are left out until they have ended.")
        _saved(conversation, workbench)
        _files(conversation, workbench)
        _link(conversation, workbench)


def _saved(conversation: Conversation, workbench: Workbench) -> None:
    st.markdown("**Save by name**")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Name", key=NAME, max_chars=200, placeholder="Sky, four models")
        save = partial(_save, conversation, workbench)
        st.button("Save", key="chat.kept.save", icon=":material/save:", on_click=save)
    found = _names(workbench)
    if found:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox(
                "Saved sessions",
                [kept.name for kept in found],
                format_func={kept.name: _titled(kept) for kept in found}.__getitem__,
                key=CHOSEN,
            )
            reopen = partial(_reopen, conversation, workbench)
            st.button("Open", key="chat.kept.reopen", on_click=reopen)
            delete = partial(_delete, workbench)
            st.button("Delete", key="chat.kept.delete", type="tertiary", on_click=delete)
    if BEFORE in st.session_state:
        st.button(
            "Bring back what was open before",
            key="chat.kept.before.open",
            icon=":material/undo:",
            type="tertiary",
            on_click=partial(_bring_back, conversation),
        )


def _files(conversation: Conversation, workbench: Workbench) -> None:
    st.markdown("**As a file**")
    secrets = workbench.settings.secrets
    with st.container(horizontal=True, gap="small"):
        for label, write, name, mime in (
            ("JSON", sessions.exported, "session.json", "application/json"),
            ("Markdown", sessions.written, "session.md", "text/markdown"),
        ):
            st.download_button(
                label,
                partial(write, conversation, secrets=secrets),
                file_name=name,
                mime=mime,
                key=f"chat.kept.{label}",
                icon=":material/download:",
                on_click="ignore",
            )
    file = st.file_uploader(
        "Import a JSON file",
        type="json",
        key="chat.kept.file",
        max_upload_size=sessions.FILE_LIMIT >> 20,
    )
    if file is not None and st.session_state.get(TAKEN) != file.file_id:
        st.session_state[TAKEN] = file.file_id
        read = partial(sessions.imported, file.getvalue())
        _replace(conversation, read, f"{file.name} is open.")
        st.rerun()


def _link(conversation: Conversation, workbench: Workbench) -> None:
    st.markdown(
        "**As a link**",
        help="Columns and settings, packed into the address: no question, no answer, no key. It "
        "opens on every installation of this app.",
    )
    try:
        token = sessions.linked(conversation, secrets=workbench.settings.secrets)
    except GatewayError as error:
        st.caption(f":material/link_off: {error}")
        return
    page = (st.context.url or "").partition("?")[0].rstrip("/")
    st.code(f"{page}/?{PARAMETER}={token}", language=None, wrap_lines=True)


def _names(workbench: Workbench) -> list[Kept]:
    try:
        return workbench.shelf.names(sessions.KIND)
    except GatewayError as error:
        st.caption(f":red[{error}]")
        return []


def _titled(kept: Kept) -> str:
    return f"{kept.name} ({kept.at.strftime(WHEN)} UTC)"


def _save(conversation: Conversation, workbench: Workbench) -> None:
    name = st.session_state[NAME].strip()
    secrets = workbench.settings.secrets
    keep = partial(sessions.keep, workbench.shelf, name, conversation, secrets=secrets)
    _tried(keep, f"Saved as {name}.")


def _reopen(conversation: Conversation, workbench: Workbench) -> None:
    name = st.session_state[CHOSEN]
    reopen = partial(sessions.reopen, workbench.shelf, name)
    _replace(conversation, reopen, f"{name} is open.")


def _delete(workbench: Workbench) -> None:
    name = st.session_state[CHOSEN]
    _tried(partial(workbench.shelf.forget, sessions.KIND, name), f"{name} is deleted.")


def _bring_back(conversation: Conversation) -> None:
    before = st.session_state[BEFORE]
    _replace(conversation, partial(opened, before), "What was open before is back.")


def _replace(conversation: Conversation, read: Callable[[Conversation], None], done: str) -> None:
    """Put another conversation in the place of this one, which can be brought back."""
    before = document_of(conversation)
    if _tried(partial(read, conversation), done) and before["turns"]:
        st.session_state[BEFORE] = before


def _tried(work: Callable[[], Any], done: str) -> bool:
    """Do something; the sentence about it is drawn in the next run."""
    try:
        work()
    except GatewayError as error:
        st.session_state[SAID] = (False, str(error))
        return False
    st.session_state[SAID] = (True, done)
    return True


def _forget_said() -> None:
    st.session_state.pop(SAID, None)
