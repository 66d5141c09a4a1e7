"""Ways into and out of the header builder: paste, presets, files, links."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from gateway import presets
from gateway.chat import Target
from gateway.draft import of_document as draft_of
from gateway.draft import to_document as draft_document
from gateway.errors import BadDocument, RecordsError
from gateway.paste import read
from gateway.presets import PRESETS, Preset, of_document
from gateway.sharing import pack, unpack
from pages.parts import builder
from pages.parts.builder import Form, held, hold, key
from pages.parts.figures import UNKNOWN
from pages.parts.state import workbench

TOOLS = ("Paste", "Presets", "Share", "Your client")
KIND = "preset"
FORM = "The form"
LINK = "call"
"""Name of the query parameter that carries a whole builder."""

PASTE_HELP = (
    "A cURL command from a browser, the docs or Postman, in the spelling of any shell; PowerShell, "
    "HTTPie, plain headers or a HAR entry. Keys in it are dropped at once."
)


def bar(target: Target) -> None:
    """Draw the tools above the form, and what the last of them had to say."""
    with st.container(horizontal=True, gap="small", key=key("tools")):
        _tool(TOOLS[0], ":material/content_paste:", _paste)
        _tool(TOOLS[1], ":material/bookmark:", lambda: _presets(builder.form(target)))
        _tool(TOOLS[2], ":material/link:", lambda: _share(builder.form(target)))
        _tool(TOOLS[3], ":material/devices:", _client)
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
    """Say something above the form, which lies free again."""
    hold((kind, lines), "said")
    for tool in TOOLS:
        hold(False, "tool", tool)


# Paste


def _paste() -> None:
    st.text_area(
        "A call, as you have it",
        key=key("paste"),
        height=160,
        width=520,
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
        _say("problem", *(one.sentence for one in found.unread))
        return
    builder.take(replace(found.draft, prompt=found.draft.prompt or held("prompt") or ""))
    lines = [f"The form is filled from {found.shape}."]
    if found.secrets:
        names = ", ".join(f"`{name}`" for name, _ in found.secrets)
        lines.append(f"Keys were dropped: {names}. Those of .env are used here.")
    if len(found.draft.steps) > builder.MOST_STEPS:
        lines.append(f"Of its {len(found.draft.steps)} steps, the first {builder.MOST_STEPS} fit.")
    lines += [one.sentence for one in found.unread]
    _say("problem" if found.unread else "done", *lines)


# Presets


def _presets(form: Form) -> None:
    known = _known()
    first, second = st.columns(2)
    chosen = first.selectbox(
        "Preset", list(known), index=None, key=key("preset"), placeholder="Choose one"
    )
    other = second.selectbox(
        "Compare with", [FORM, *known], key=key("preset.other"), disabled=chosen is None
    )
    if chosen is not None:
        _chosen(known[chosen], known.get(other), form)
    _own(form)


def _known() -> dict[str, Preset]:
    """Return our presets and the visitors', by title. One that can't be read is left out."""
    known = {preset.title: preset for preset in PRESETS}
    try:
        documents = workbench().shelf.everything(KIND)
    except RecordsError as error:
        st.caption(f":red[{error}]")
        return known
    for document in documents:
        try:
            own = of_document(document)
        except BadDocument:
            continue
        known[own.title] = own
    return known


def _chosen(preset: Preset, other: Preset | None, form: Form) -> None:
    """Draw what a preset is for, how it differs, and what can be done with it."""
    if preset.summary:
        st.caption(preset.summary)
    right = other or presets.preset_of(FORM, form.draft, date="")
    rows = [
        {"Setting": one.label, preset.title: one.left or UNKNOWN, right.title: one.right or UNKNOWN}
        for one in presets.differences(preset, right)
    ]
    if rows and preset != right:
        st.table(rows, border="horizontal", hide_index=True, alt="Where the two differ")
    else:
        st.caption("Both say the same.")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Use it", type="primary", key=key("preset.use"), on_click=_use, args=(preset, form)
        )
        st.download_button(
            "Export",
            json.dumps(presets.to_document(preset), indent=2),
            file_name="preset.json",
            mime="application/json",
            key=key("preset.export"),
            icon=":material/download:",
        )
        if preset not in PRESETS:
            st.button(
                "Forget it",
                type="tertiary",
                key=key("preset.forget"),
                on_click=_forget,
                args=(preset.title,),
            )


def _own(form: Form) -> None:
    """Draw how the form becomes a preset, and how one comes from a file."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Keep the form as", key=key("preset.name"), max_chars=80, placeholder="A name"
        )
        st.button("Keep", key=key("preset.keep"), on_click=_keep, args=(form,))
    st.file_uploader("Import a preset", type="json", key=key("import"), on_change=_import)


def _use(preset: Preset, form: Form) -> None:
    builder.take(preset.apply(form.draft))
    _say("done", f"The form has the preset {preset.title}.")


def _forget(title: str) -> None:
    _done(lambda: workbench().shelf.forget(KIND, title), f"The preset {title} is thrown away.")


def _keep(form: Form) -> None:
    title = (held("preset.name") or "").strip()
    _done(lambda: _keep_as(title, form), f"Kept as the preset {title}.")


def _keep_as(title: str, form: Form) -> None:
    today = datetime.now(UTC).date().isoformat()
    _put(presets.preset_of(title, form.draft, date=today))


def _put(preset: Preset) -> None:
    if preset.title in {own.title for own in PRESETS}:
        raise BadDocument(f"{preset.title} is one of ours: choose another name")
    workbench().shelf.keep(KIND, preset.title, presets.to_document(preset))


def _import() -> None:
    file = held("import")
    if file is not None:
        _done(lambda: _put(of_document(_json(file.getvalue()))), f"{file.name} is imported.")


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"The file isn't JSON: {error}") from error


def _done(work: Callable[[], object], sentence: str) -> None:
    """Do something and say how it went."""
    try:
        work()
    except (BadDocument, RecordsError) as error:
        _say("problem", f"{str(error).rstrip('.')}.")
    else:
        _say("done", sentence)


# Links


def _share(form: Form) -> None:
    try:
        token = pack(draft_document(form.draft))
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
    _done(lambda: builder.take(draft_of(unpack(token))), "The form is filled from the link.")


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
