"""What a visitor has: the workbench, shared by all, and a conversation of one to four columns."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gateway.chat import Chat, Exchange
from gateway.conversation import Conversation
from gateway.evidence import Timeline, timeline_of
from gateway.headers import Options
from gateway.settings import Settings
from gateway.workbench import Answer, Health, Workbench

PAGES = Path(__file__).parent.parent
CONVERSATION = "chat.conversation"
WIDE = "chat.wide"


@st.cache_resource(show_spinner=False, on_release=Workbench.close)
def workbench() -> Workbench:
    """Return the workbench that all visitors share."""
    return Workbench.open(Settings.read())


@st.cache_resource(ttl="30s", show_spinner=False)
def health(target: str) -> Health:
    """Return whether a gateway answers, as it was at most 30 s ago."""
    return workbench().check(target)


@st.cache_resource(max_entries=500, show_spinner=False)
def story(exchange_id: str, _exchange: Exchange) -> tuple[Timeline, float | None]:
    """Return the attempts behind an answer, and on a hit how old the stored one was, in seconds.

    Args:
        exchange_id: What the result is kept by; an exchange doesn't change.
    """
    reply = _exchange.reply
    request_id = None if reply is None else reply.header("cf-aig-request-id") or reply.log_id
    told = _exchange.target == "local" and request_id is not None
    timeline = timeline_of(_exchange, workbench().journal(request_id or "") if told else [])
    hit = reply is not None and reply.cache == "HIT"
    account = workbench().why(_exchange) if hit else None
    return timeline, None if account is None else account.get("age_s")


def target() -> str:
    """Return the name of the gateway that this visitor asks."""
    name = conversation().terms.target
    place = workbench().targets.get(name)
    return name if place is not None and place.bases is None else "local"


def visitor_is_there() -> Callable[[], bool]:
    """Return a question that any thread may ask: is this visitor's page still open?

    A closed tab and a reload end the session; a rerun of the page doesn't.
    """
    context = get_script_run_ctx()
    if context is None:
        return lambda: True
    session = context.session_id
    return lambda: not runtime.exists() or runtime.get_instance().is_active_session(session)


def conversation() -> Conversation:
    """Return this visitor's conversation; on a first visit a new one with two columns."""
    if CONVERSATION not in st.session_state:
        st.session_state[CONVERSATION] = Conversation(_sent)
    return st.session_state[CONVERSATION]


def _sent(chat: Chat, options: Options, target: str) -> Answer:
    return workbench().ask(chat, options, target=target, alive=visitor_is_there())
