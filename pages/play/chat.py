"""Playground: one question, one to four columns, streamed side by side."""

from dataclasses import replace

import streamlit as st

from pages.parts import columns, controls, keeping, live, state

workbench = state.workbench()
conversation = state.conversation()

keeping.arrive(conversation)
columns.banner(conversation, workbench)
with st.sidebar:
    key = f"chat.{conversation.edition}.options"
    options = controls.options_form(key, conversation.terms.options)
conversation.terms = replace(conversation.terms, options=options)
with st.bottom:
    actions = controls.composer(conversation, workbench.targets)
asked = controls.question_box()

columns.chips(conversation, workbench.targets)

welcome = st.empty()
if not conversation.path:
    with welcome.container():
        suggested = controls.suggestions()
        asked = (suggested, ()) if suggested else asked
if asked:
    welcome.empty()
    conversation.ask(*asked)

live.show(conversation, workbench, actions)
