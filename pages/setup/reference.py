"""Reference: every header, provider, error code, lint rule and limit, with source and date."""

import streamlit as st

from pages.parts import reference

words = st.text_input(
    "Search",
    key="reference.words",
    placeholder="cache, 2009, groq, retry ...",
    icon=":material/search:",
    persist_state="session",
)
reference.tables(words or "")
