"""A realtime session on the page: how it shall be, what is said in it, every event of it.

The session lives on the loop's thread. Here it is only looked at, several times a second while it
is open, so that a click or another page never ends it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from gateway.chat import Target
from gateway.errors import BadDocument, BadRequest
from gateway.realtime import OFFERS, Offer, Said, Session, View, Wish
from gateway.workbench import Workbench
from pages.parts import state
from pages.parts.details import pretty
from pages.parts.figures import UNKNOWN, ms
from pages.parts.live import safe_markdown
from pages.parts.views import gateway_name

Given = TypeVar("Given")

SESSION = "realtime.session"
"""Name of the visitor's session in the session state."""

REFUSED = "realtime.refused"
"""Name of the sentence about what couldn't be sent."""

OWN = "realtime.event.own"
"""Name of the event that the visitor has typed."""

SENT = "realtime.sent"
"""Name of the id of the last recording that was sent."""

LOOK_S, IDLE_LOOK_S = 0.2, 1.0
"""Pause between two looks at an open session: while something is on its way, and else."""

HEIGHT = 440
"""Pixels of the conversation and of the list of events."""

PICTURE_PX = 256

BADGES = {
    "connecting": ":orange-badge[:material/sync: connecting]",
    "open": ":green-badge[:material/check: open]",
    "closed": ":gray-badge[:material/link_off: closed]",
    "failed": ":red-badge[:material/error: failed]",
}


def session() -> Session | None:
    """Return this visitor's session; ``None`` before the first one."""
    return st.session_state.get(SESSION)


def wish_form(workbench: Workbench) -> None:
    """Draw how a session shall be, and the button that begins it; fixed while one is open."""
    targets = {name: each for name, each in workbench.targets.items() if each.base_url}
    busy = _is_busy(session())
    with st.container(border=True):
        with st.grid(3, min_column_width=200):
            offer = OFFERS[
                st.selectbox(
                    "API",
                    list(OFFERS),
                    format_func=lambda id: OFFERS[id].title,
                    key="realtime.offer",
                    disabled=busy,
                    persist_state="session",
                )
            ]
            model = st.selectbox(
                "Model",
                offer.models,
                key=f"realtime.model.{offer.id}",
                accept_new_options=True,
                disabled=busy,
                persist_state="session",
            )
            target = st.selectbox(
                "Gateway",
                list(targets),
                format_func=gateway_name,
                key="realtime.target",
                disabled=busy,
                persist_state="session",
            )
        wish = _wish(offer, model or offer.models[0], busy)
        with st.container(horizontal=True, vertical_alignment="center"):
            _connect(workbench, wish, targets[target], busy)
            st.caption(_about(offer, targets[target]), width="stretch")


def _wish(offer: Offer, model: str, busy: bool) -> Wish:
    spoken, instructions, voice = not offer.writes, "", ""
    if offer.voice:
        st.session_state.setdefault(f"realtime.voice.{offer.id}", offer.voice)
        voice = st.text_input(
            "Voice",
            key=f"realtime.voice.{offer.id}",
            help="Its id, from the provider's own list of voices.",
            disabled=busy,
            persist_state="session",
        )
    if offer.instructed:
        with st.expander("Instructions and kind of answer", type="compact", key="realtime.more"):
            instructions = st.text_area(
                "Instructions",
                key="realtime.instructions",
                placeholder="You are a guide through the old town. Answer in two sentences.",
                height=68,
                disabled=busy,
                persist_state="session",
            )
            spoken = (
                st.segmented_control(
                    "Answers come as",
                    ["Text", "Voice"],
                    default="Text",
                    key="realtime.kind",
                    disabled=busy,
                    persist_state="session",
                )
                == "Voice"
            )
    return Wish(
        offer=offer,
        model=model,
        instructions=instructions.strip(),
        spoken=spoken,
        voice=voice.strip(),
    )


def _connect(workbench: Workbench, wish: Wish, target: Target, busy: bool) -> None:
    found = session()
    if found is not None and busy:
        st.button(
            "Disconnect", icon=":material/link_off:", key="realtime.close", on_click=found.close
        )
    else:
        st.button(
            "Connect",
            icon=":material/link:",
            key="realtime.open",
            on_click=partial(_begin, workbench, wish, target.name),
        )


def _begin(workbench: Workbench, wish: Wish, target: str) -> None:
    alive = state.visitor_is_there()
    st.session_state[SESSION] = workbench.converse(wish, target=target, alive=alive)
    st.session_state[REFUSED] = None


def _about(offer: Offer, target: Target) -> str:
    played = (
        " **Simulated** by the local gateway: no key needed; it hasn't listened to your sound, and "
        "OpenAI's and Google's answers come as text."
    )
    return offer.about + (played if offer.provider in target.simulated else "")


def show(found: Session) -> None:
    """Draw the session, and keep it up to date for as long as it is open."""
    view = found.view()
    pause_s = LOOK_S if view.answering or view.state == "connecting" else IDLE_LOOK_S
    every = pause_s if _is_busy(found) else None
    st.fragment(_look, run_every=every)(found, (view.state, view.answering))


def _look(found: Session, was: tuple[str, bool]) -> None:
    view = found.view()
    if (view.state, view.answering) != was:
        # What can be done has changed, on the whole page, and how often to look.
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{BADGES[view.state]} :small[:gray[`{found.url}`]]", width="stretch")
        if view.answering and found.stoppable:
            _button("Stop the answer", ":material/stop_circle:", "stop", found.stop)
    if view.sentence:
        st.caption(view.sentence)
    with st.grid(2, min_column_width=340):
        with st.container(border=True, height=HEIGHT, key="realtime.said", autoscroll=True):
            _conversation(view)
        with st.container(border=True, height=HEIGHT, key="realtime.events"):
            _events(view)


def _button(
    label: str, icon: str, key: str, on_click: Callable[[], None], *, disabled: bool = False
) -> None:
    st.button(
        label,
        icon=icon,
        type="tertiary",
        key=f"realtime.{key}",
        on_click=on_click,
        disabled=disabled,
        wrap=False,
    )


def _conversation(view: View) -> None:
    if not view.said:
        st.caption("Nothing was said yet." if view.state == "open" else "The conversation.")
    for said in view.said:
        avatar = ":material/person:" if said.ours else ":material/graphic_eq:"
        with st.chat_message("user" if said.ours else "assistant", avatar=avatar):
            _message(said)


def _message(said: Said) -> None:
    if said.text:
        cursor = " ▍" if said.running else ""
        st.markdown(f"{safe_markdown(said.text)}{cursor}")
    elif said.running:
        st.caption(":shimmer[Waiting for the answer]")
    if said.sound:
        st.audio(said.sound, format="audio/wav", alt="Recording" if said.ours else "Spoken answer")
    if said.picture:
        st.image(said.picture, width=PICTURE_PX, alt="The picture that was drawn")
    if said.problem:
        st.markdown(f":red[:material/error: {said.problem}]")
    if not said.ours and not said.running:
        st.caption(_figures(said))


def _figures(said: Said) -> str:
    first = None if said.first_s is None else (said.first_s - said.asked_s) * 1000
    total = None if said.ended_s is None else (said.ended_s - said.asked_s) * 1000
    both = (said.tokens_in, said.tokens_out)
    tokens = "/".join(UNKNOWN if count is None else f"{count:,}" for count in both)
    found = {"First piece": ms(first), "Total": ms(total), "Tokens in/out": tokens}
    return "\N{EM SPACE}".join(f"{label} **{value}**" for label, value in found.items())


def _events(view: View) -> None:
    """Draw the list of events; the body of the one that is chosen stands under it."""
    dropped = f", the first {view.dropped:,} are forgotten" if view.dropped else ""
    st.markdown(f"**Events** :gray-badge[{len(view.events) + view.dropped:,}]{dropped}")
    if not view.events:
        st.caption("Everything that is sent and received will stand here.")
        return
    rows = [
        {
            "At (s)": event.at_s,
            "Way": "→ sent" if event.sent else "← received",
            "Type": event.kind,
            "Bytes": event.size,
        }
        for event in view.events
    ]
    chosen = st.dataframe(
        rows,
        key="realtime.event",
        height=260,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={"At (s)": st.column_config.NumberColumn(format="%.3f")},
        alt="Events of the session in both directions",
    )
    places: Mapping[str, list[int]] = chosen["selection"]
    if not places["rows"] or places["rows"][0] >= len(view.events):
        st.caption("Choose a row to see its body.")
        return
    event = view.events[places["rows"][0]]
    if event.kind == "sound" or not event.body:
        st.caption(f"{event.size:,} bytes of sound.")
        return
    st.code(pretty(event.body), language="json", wrap_lines=True)
    if event.size > len(event.body.encode()):
        st.caption(f"The first {len(event.body):,} characters; secrets are masked.")


def speak(found: Session) -> None:
    """Draw what one can say: a line of text, a recording, an event of one's own."""
    offer, is_open = found.wish.offer, found.view().state == "open"
    if offer.hears:
        recording = st.audio_input(
            "Say it", sample_rate=offer.rate_in_hz, key="realtime.sound", disabled=not is_open
        )
        _once(found, recording)
    with st.expander("Send an event of your own", type="compact", key="realtime.raw"):
        st.text_area("Event as JSON", key=OWN, height=100, disabled=not is_open)
        sent = partial(_send_own, found)
        _button("Send", ":material/send:", "send", sent, disabled=not is_open)
    if sentence := st.session_state.get(REFUSED):
        st.error(sentence, icon=":material/error:")
    if offer.reads:
        text = st.chat_input("Say something", key="realtime.text", disabled=not is_open)
        if text and text.strip():
            found.say(text)
            st.rerun()


def _send_own(found: Session) -> None:
    # What was typed last is in the state; what was drawn with the button is older.
    _tried(found.send, st.session_state[OWN])


def _once(found: Session, recording: UploadedFile | None) -> None:
    """Send a recording when it is new: the widget gives it on every run."""
    if recording is None or st.session_state.get(SENT) == recording.file_id:
        return
    st.session_state[SENT] = recording.file_id
    _tried(found.hear, recording.getvalue())
    st.rerun()


def _tried(send: Callable[[Given], None], what: Given) -> None:
    """Send something; what can't be sent leaves its sentence on the page."""
    try:
        send(what)
    except (BadRequest, BadDocument) as error:
        st.session_state[REFUSED] = str(error)
    else:
        st.session_state[REFUSED] = None


def _is_busy(found: Session | None) -> bool:
    return found is not None and found.view().state in ("connecting", "open")
