"""Entry point of ``streamlit run app.py``: gets ready before the first visitor, then serves.

The frame that visitors see is ``pages/parts/frame.py``. It is the main script because it lies where
no folder ``pages`` stands beside it: with one, Streamlit looks for the pages of its first version,
and a link to any page but the first says "Page not found" in a server that nobody has opened yet.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import streamlit as st

from pages.parts import frame, state


@asynccontextmanager
async def ready(_: st.App) -> AsyncIterator[None]:
    """Start the workbench and its local gateway before the first visitor; end them at the end."""
    await anyio.to_thread.run_sync(state.workbench)
    yield
    state.workbench.clear()


app = st.App(frame.__file__, lifespan=ready)

if __name__ == "__main__":  # run as a script, as AppTest does
    frame.draw()
