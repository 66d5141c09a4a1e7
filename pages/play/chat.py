"""Playground: one question, one to four columns, streamed side by side."""

import streamlit as st

from pages.parts import controls, live, state, views

workbench = state.workbench()
conversation = state.conversation()

with st.sidebar:
    options = controls.options_form("chat.options")
with st.bottom:
    terms, actions = controls.composer(options, list(workbench.targets))
question = st.chat_input("Ask all columns", key="chat.question")

simulated = workbench.targets[terms.target].simulated
views.banner(conversation, bool(simulated))
controls.column_pickers(conversation, terms.route, simulated)

welcome = st.empty()
if not conversation.turns:
    with welcome.container():
        question = controls.suggestions() or question
if question and question.strip():
    welcome.empty()
    conversation.ask(question, terms)

live.show(conversation, workbench, actions)
