"""Plans that are kept and shared: by name, as a file, as a link; opened again into the form."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gateway import sharing
from gateway.errors import BadRequest, GatewayError
from gateway.experiments.plan import Recipe
from gateway.experiments.plan_file import to_json, to_toml
from pages.parts import state
from pages.parts.experiment_knobs import dollars

KIND = "plan"
"""What plans are called on the shelf."""
QUERY = "plan"
"""Query parameter of a link that carries a plan."""
NAME, CHOSEN, SAID = "experiments.plan.name", "experiments.plan.chosen", "experiments.plan.said"
TEXT, FILE = "experiments.text", "experiments.file"
Fill = Callable[[Recipe], None]


def arrive(fill: Fill) -> None:
    """Take over the plan of the link that the visitor has followed."""
    token = st.query_params.get(QUERY)
    if token is not None:
        # Gone from the address at once: a reload shall not undo what was changed since.
        del st.query_params[QUERY]
        _tried(lambda: _into(fill, Recipe.from_json(sharing.unpack(token))), "")


def open_one(fill: Fill) -> None:
    """Draw where a plan is opened: a kept one, a file, or text.

    Args:
        fill: Puts a recipe into the form.
    """
    with st.expander("Open a plan", type="compact", icon=":material/upload_file:"):
        _kept(fill)
        st.text_area(
            "Plan as JSON or TOML",
            key=TEXT,
            placeholder='preset = "E04"\nseed = 7\n\n[knobs]\nttls_s = [60, 600]',
        )
        st.file_uploader("or a file", type=["json", "toml"], key=FILE)
        st.button("Open the plan", key="experiments.take", on_click=_take, args=(fill,))
    said = st.session_state.get(SAID)
    if said is not None and said[0]:
        if said[1]:
            st.toast(said[1], icon=":material/check:")
        st.session_state[SAID] = None
    elif said is not None:
        st.error(dollars(said[1]), icon=":material/error:")


def keep_one(recipe: Recipe) -> None:
    """Draw how the plan of the form is kept: by name, as a file, as a link."""
    with st.popover("Save the plan", icon=":material/save:", type="tertiary", width="content"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input("Name", key=NAME, max_chars=200, placeholder="Two lives of an answer")
            st.button("Save", key="experiments.plan.save", on_click=_save, args=(recipe,))
        name = f"{recipe.preset}-seed-{recipe.seed}"
        with st.container(horizontal=True, gap="small"):
            _download("JSON", lambda: to_json(recipe), f"{name}.json", "application/json")
            try:
                toml = to_toml(recipe)
            except BadRequest as error:
                st.caption(f":material/info: {error}")
            else:
                _download("TOML", lambda: toml, f"{name}.toml", "application/toml")
        try:
            token = sharing.pack(recipe.to_json())
        except GatewayError as error:
            st.caption(f":material/link_off: {error}.")
            return
        page = (st.context.url or "").partition("?")[0].rstrip("/")
        st.caption("As a link, for any installation of this app:")
        st.code(f"{page}?{QUERY}={token}", language=None, wrap_lines=True)


def _download(label: str, write: Callable[[], str], name: str, mime: str) -> None:
    st.download_button(
        label,
        write,
        file_name=name,
        mime=mime,
        icon=":material/download:",
        key=f"experiments.plan.{label}",
        on_click="ignore",
    )


def _kept(fill: Fill) -> None:
    try:
        names = [kept.name for kept in state.workbench().shelf.names(KIND)]
    except GatewayError as error:
        st.caption(f":red[{error}]")
        return
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox("Saved plans", names, key=CHOSEN)
        st.button("Open", key="experiments.plan.open", on_click=_reopen, args=(fill,))
        st.button("Delete", key="experiments.plan.delete", type="tertiary", on_click=_delete)


def _save(recipe: Recipe) -> None:
    name = st.session_state[NAME].strip()
    shelf = state.workbench().shelf
    _tried(lambda: shelf.keep(KIND, name, recipe.to_json()), f"Saved as {name}.")


def _reopen(fill: Fill) -> None:
    name = st.session_state[CHOSEN]

    def reopen() -> None:
        try:
            document = state.workbench().shelf.fetch(KIND, name)
        except KeyError:
            raise BadRequest(f"There is no plan {name} any more: somebody deleted it.") from None
        _into(fill, Recipe.from_json(document))

    _tried(reopen, f"{name} is open.")


def _delete() -> None:
    name = st.session_state[CHOSEN]
    _tried(lambda: state.workbench().shelf.forget(KIND, name), f"{name} is deleted.")


def _take(fill: Fill) -> None:
    """Put a file's or a text's plan into the form."""
    file, said = st.session_state[FILE], st.session_state[TEXT]
    if file is not None:
        said = file.getvalue().decode("utf-8", "replace")
    _tried(lambda: _into(fill, Recipe.from_text(said)), "The plan is open.")


def _into(fill: Fill, recipe: Recipe) -> None:
    state.workbench().lab.plan(recipe)
    fill(recipe)


def _tried(work: Callable[[], Any], done: str) -> None:
    """Do something; the sentence about it is drawn in the next run.

    Args:
        done: What is said if it went well; "" says nothing.
    """
    try:
        work()
    except GatewayError as error:
        st.session_state[SAID] = (False, str(error))
    else:
        st.session_state[SAID] = (True, done)
