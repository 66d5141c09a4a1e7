"""Ways into and out of the header builder: paste, presets, files, links."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from gateway.chat import Target
from gateway.draft import Draft, of_document, to_document
from gateway.errors import BadDocument, RecordsError
from gateway.form import FIELDS, show
from gateway.paste import read
from gateway.sharing import pack, unpack
from pages.parts import builder
from pages.parts.builder import Form, held, hold, key
from pages.parts.figures import UNKNOWN
from pages.parts.state import workbench

KIND = "preset"
LINK = "call"
"""Name of the query parameter that carries a whole builder."""

PASTE_HELP = (
    "A cURL command from a browser, the docs or Postman, in the spelling of any shell; PowerShell, "
    "HTTPie, plain headers or a HAR entry. Keys in it are dropped at once."
)


def bar(form: Form, target: Target) -> None:
    """Draw the tools above the form, and what the last of them had to say."""
    with st.container(horizontal=True, gap="small", key=key("tools")):
        _tool("Paste", ":material/content_paste:", lambda: _paste())
        _tool("Presets", ":material/bookmark:", lambda: _presets(form, target))
        _tool("Share", ":material/link:", lambda: _share(form))
        _tool("Your client", ":material/devices:", lambda: _client())
        st.space("stretch")
        st.button(
            "Start over",
            icon=":material/restart_alt:",
            type="tertiary",
            key=key("clear"),
            on_click=builder.cleared,
        )
    said = held("said")
    if said is not None:
        kind, lines = said
        show_it = st.warning if kind == "problem" else st.success
        with st.container(horizontal=True, vertical_alignment="top"):
            show_it("\n\n".join(lines))
            st.button(
                "Got it", type="tertiary", key=key("said.ok"), on_click=hold, args=(None, "said")
            )


def _tool(label: str, icon: str, draw: Callable[[], None]) -> None:
    popover = st.popover(label, icon=icon, key=key("tool", label), on_change="rerun")
    if popover.open:
        with popover:
            draw()


def _say(kind: str, *lines: str) -> None:
    hold((kind, lines), "said")


# Paste


def _paste() -> None:
    st.text_area(
        "A call, as you have it",
        key=key("paste"),
        height=160,
        placeholder="curl https://gateway.ai.cloudflare.com/v1/... -H 'cf-aig-cache-ttl: 3600'",
        help=PASTE_HELP,
    )
    st.button(
        "Fill the form",
        icon=":material/input:",
        type="primary",
        key=key("paste.fill"),
        on_click=_fill,
    )


def _fill() -> None:
    """Read what was pasted; the text itself, which may hold keys, isn't kept."""
    text = held("paste") or ""
    hold("", "paste")
    found = read(text)
    if found.shape == "nothing":
        _say("problem", *(f"{one.place} can't be used: {one.reason}." for one in found.unread))
        return
    builder.take(replace(found.draft, prompt=found.draft.prompt or held("prompt") or ""))
    lines = [f"The form is filled from {found.shape}."]
    if found.secrets:
        names = ", ".join(f"`{name}`" for name, _ in found.secrets)
        lines.append(f"Keys were dropped: {names}. Those of .env are used here.")
    lines += [f"{one.place}: {one.reason}." for one in found.unread]
    _say("problem" if found.unread else "done", *lines)


# Presets


def _presets(form: Form, target: Target) -> None:
    names = _kept()
    first, second = st.columns(2)
    chosen = first.selectbox("Preset", names, index=None, key=key("preset"), placeholder="Choose")
    other = second.selectbox(
        "Compare with", ["The form", *names], key=key("preset.other"), disabled=chosen is None
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Use it",
            type="primary",
            key=key("preset.use"),
            disabled=chosen is None,
            on_click=_use,
            args=(chosen,),
        )
        st.button(
            "Forget it",
            type="tertiary",
            key=key("preset.forget"),
            disabled=chosen is None,
            on_click=_forget,
            args=(chosen,),
        )
    if chosen is not None:
        _compare(chosen, other, form.draft)
    name = st.text_input("Keep the form as", key=key("preset.name"), max_chars=200)
    st.button(
        "Keep",
        key=key("preset.keep"),
        disabled=not name.strip(),
        on_click=_keep,
        args=(name.strip(), form.draft),
    )
    st.download_button(
        "Export the form",
        json.dumps(to_document(form.draft), indent=2),
        file_name="call.json",
        mime="application/json",
        key=key("export"),
        icon=":material/download:",
    )
    st.file_uploader("Import", type="json", key=key("import"), on_change=_import)


def _kept() -> list[str]:
    try:
        return [kept.name for kept in workbench().shelf.names(KIND)]
    except RecordsError as error:
        st.caption(f":red[{error}]")
        return []


def _draft(name: str) -> Draft:
    return of_document(workbench().shelf.fetch(KIND, name))


def _use(name: str) -> None:
    _taken(lambda: _draft(name), f"The form is filled from the preset {name}.")


def _taken(made: Callable[[], Draft], done: str) -> None:
    try:
        builder.take(made())
    except (BadDocument, RecordsError) as error:
        _say("problem", f"{error}.")
    except KeyError:
        _say("problem", "This preset was thrown away in the meantime.")
    else:
        _say("done", done)


def _forget(name: str) -> None:
    try:
        workbench().shelf.forget(KIND, name)
    except RecordsError as error:
        _say("problem", str(error))


def _keep(name: str, draft: Draft) -> None:
    try:
        workbench().shelf.keep(KIND, name, to_document(draft))
    except RecordsError as error:
        _say("problem", str(error))
    else:
        _say("done", f"Kept as the preset {name}.")


def _import() -> None:
    file = held("import")
    if file is not None:
        _taken(lambda: of_document(_json(file.getvalue())), f"The form is filled from {file.name}.")


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"The file isn't JSON: {error}") from error


def _compare(name: str, other: str, current: Draft) -> None:
    """Draw in which settings two drafts differ."""
    try:
        one = _draft(name)
        two = current if other == "The form" else _draft(other)
    except (BadDocument, RecordsError, KeyError) as error:
        st.caption(f":red[{error}]")
        return
    rows = [
        {"Setting": label, name: first, other: second}
        for label, first, second in _pairs(one, two)
        if first != second
    ]
    if not rows or name == other:
        st.caption("Both say the same.")
        return
    st.table(rows, border="horizontal", hide_index=True, alt="Where the two differ")


def _pairs(one: Draft, two: Draft) -> list[tuple[str, str, str]]:
    found = [
        (label, str(getattr(one, name)), str(getattr(two, name)))
        for label, name in (
            ("Endpoint", "route"),
            ("Provider", "provider"),
            ("Model", "model"),
            ("Stream", "stream"),
        )
    ]
    first, second = dict(one.options.stated()), dict(two.options.stated())
    found += [
        (here.label, _shown(name, first), _shown(name, second)) for name, here in FIELDS.items()
    ]
    steps = [" → ".join(step.provider for step in draft.steps) or UNKNOWN for draft in (one, two)]
    return [*found, ("Steps", steps[0], steps[1])]


def _shown(name: str, stated: dict[str, Any]) -> str:
    return str(show(name, stated[name])) if name in stated else UNKNOWN


# Links


def _share(form: Form) -> None:
    try:
        token = pack(to_document(form.draft))
    except BadDocument as error:
        st.warning(f"{error}.")
        return
    st.caption("Whoever opens this link finds the form as it is now. It holds no key.")
    st.code(f"{(st.context.url or '').partition('?')[0]}?{LINK}={token}", language=None)


def opened() -> None:
    """Fill the form from the link with which the page was opened, once."""
    token = st.query_params.get(LINK)
    if token is None or token == held("opened"):
        return
    hold(token, "opened")
    _taken(lambda: of_document(unpack(token)), "The form is filled from the link.")


# The visitor's own client


def _client() -> None:
    st.caption("What your own program does besides: lint looks at it, nothing is sent.")
    st.number_input(
        "It gives up after (s)",
        min_value=0.1,
        value=None,
        step=1.0,
        key=key("patience"),
        placeholder="Never",
        persist_state="session",
    )
    st.number_input(
        "Its SDK tries again",
        min_value=0,
        max_value=20,
        step=1,
        key=key("retries"),
        help="The openai and anthropic packages: twice, unless told otherwise.",
        persist_state="session",
    )
    st.toggle("Answers are rated in the log", key=key("rated"), persist_state="session")
