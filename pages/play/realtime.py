"""Realtime: sessions over WebSocket in text and sound, with every event in both directions."""

import streamlit as st

from pages.parts import realtime, state

workbench = state.workbench()
realtime.wish_form(workbench)

session = realtime.session()
if session is None:
    st.info(
        "Connect, then say something. The provider's own events are relayed by the gateway and "
        "listed here, in both directions, each with its time, size and body.",
        icon=":material/graphic_eq:",
    )
    st.stop()

realtime.show(session)
realtime.speak(session)
