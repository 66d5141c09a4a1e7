"""Headers: build a call at three levels, see what would become of it, take it along as code."""

import streamlit as st

from pages.parts import (
    builder,
    builder_form,
    builder_tools,
    builder_try,
    builder_views,
    code,
    state,
)

TABS = ["In force", "Retry plan", "Code", "Try it"]


@st.fragment
def levels() -> None:
    """Draw the levels and what becomes of them; a change here draws this again and no more."""
    if builder.moved():
        st.rerun()  # a fix has changed what stands above as well
    form = builder.form(target)
    builder_form.levels(form, target)

    st.header("What would become of it")
    builder_views.verdicts(form.draft)
    builder_views.raw(form.draft.raw)
    builder_views.findings(form.draft, target)

    in_force, plan, written, attempt = st.tabs(TABS, key=builder.key("tab"), on_change="rerun")
    if in_force.open:
        with in_force:
            builder_views.effective(form.draft)
    if plan.open:
        with plan:
            builder_views.plan(form.draft)
    if written.open:
        with written:
            code.code(builder.chat_of(form.draft), form.draft.options, target)
    if attempt.open:
        with attempt:
            builder_try.attempt(form, target)


target = state.workbench().targets[state.target()]
builder.begin()
builder_tools.opened()
builder_form.settings_problem(target)
builder_tools.bar(target)
builder_form.call_row()
levels()
