"""A call as code: the language is the visitor's choice, keys are variables."""

import streamlit as st

from gateway.chat import Chat, Target
from gateway.errors import GatewayError
from gateway.headers import Options
from gateway.snippets import LANGUAGES, Call, Snippet, call_of, write


@st.fragment
def code(chat: Chat, options: Options, target: Target) -> None:
    """Draw the language picker, the code, and what is needed to run it.

    Args:
        target: Where the call goes. Its keys stay where they are: the code reads variables.
    """
    try:
        call = call_of(chat, options, target)
    except GatewayError as error:
        st.caption(f":material/info: {error}")
        return
    language = st.selectbox(
        "Language",
        list(LANGUAGES),
        format_func=lambda id: LANGUAGES[id].title,
        key="code.language",
        persist_state="session",
    )
    snippet = write(language, call)
    if snippet.code is None:
        st.info(snippet.why, icon=":material/block:")
        return
    st.code(snippet.code, language=snippet.language.highlight, wrap_lines=True)
    st.caption("\n".join(f"- {line}" for line in _notes(snippet, call)))


def _notes(snippet: Snippet, call: Call) -> list[str]:
    row = snippet.language
    notes = [f"Needs {row.needs}." if " " in row.needs else f"Needs `{row.needs}`."]
    if snippet.variables:
        names = ", ".join(f"`{name}`" for name in snippet.variables)
        notes.append(f"Reads {names} from the environment: no key is in the code.")
    if row.tested:
        notes.append(f"Tested: it sends this very call. The body is equal {row.body}.")
    else:
        notes.append("Not run here: its types are checked against Cloudflare's own.")
    if row.id == "worker" and "127.0.0.1" in call.base_url:
        notes.append(f"A Worker reaches a gateway `{call.gateway}` of your account, not this one.")
    return notes
