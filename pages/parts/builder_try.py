"""Sending the call of the header builder, once or twice, and everything that came back."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from gateway.chat import Exchange, Target
from gateway.draft import Bar, Draft
from gateway.headers import BY_NAME
from pages.parts import builder, builder_views
from pages.parts.builder import Form, held, hold, key
from pages.parts.figures import UNKNOWN, ms
from pages.parts.state import visitor_is_there, workbench

PATIENCE_S = 180.0

TRANSPORT = {
    "content-type": "Format of the body: JSON for a whole answer, text/event-stream for a stream.",
    "content-length": "Length of the body in bytes.",
    "date": "When the answer was made, by the server's clock.",
    "server": "Which server answered.",
    "transfer-encoding": "The body comes in pieces, each with its length.",
    "connection": "Whether the connection stays open for the next request.",
    "cache-control": "What caches on the way may keep; the gateway's own cache doesn't listen.",
    "retry-after": "How long to wait before the next try.",
    "cf-ray": "Id of the request in Cloudflare's network: support asks for it.",
    "vary": "Which request headers the answer depends on.",
    "access-control-allow-origin": "Which web pages may read the answer.",
}
"""What usual headers say that aren't the gateway's."""


def attempt(form: Form, target: Target) -> None:
    """Draw the buttons, then what came back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        once = st.button("Send once", icon=":material/send:", key=key("once"), type="primary")
        twice = st.button(
            "Send twice",
            icon=":material/repeat:",
            key=key("twice"),
            help="The same call again: with caching, first a MISS, then a HIT.",
        )
        st.caption(_where(target))
    if once or twice:
        with st.spinner("Waiting for the answer"):
            hold([_sent(form.draft, target) for _ in range(2 if twice else 1)], "results")
    results: list[Exchange] = held("results") or []
    if not results:
        st.caption("Nothing was sent yet.")
        return
    for column, exchange in zip(st.columns(len(results)), results, strict=True):
        with column:
            _summary(exchange)
    _headers(results[-1])
    _account(results)


def _where(target: Target) -> str:
    if target.simulated:
        return "The local gateway answers; its providers are simulated unless .env has their keys."
    return "Goes to the real gateway, and may cost money."


def _sent(draft: Draft, target: Target) -> Exchange:
    answer = workbench().ask(
        builder.chat_of(draft), draft.options, target=target.name, alive=visitor_is_there()
    )
    try:
        return answer.wait(PATIENCE_S)
    except TimeoutError:
        answer.stop()
        return answer.wait(PATIENCE_S)


def _summary(exchange: Exchange) -> None:
    reply = exchange.reply
    with st.container(border=True):
        if reply is None:
            sentence = exchange.failure.sentence if exchange.failure else "No answer came."
            st.markdown(f":red-badge[not sent] {sentence}")
            return
        color = "green" if reply.ok else "red"
        cache = {"HIT": ":green-badge[HIT]", "MISS": ":gray-badge[MISS]"}.get(reply.cache or "", "")
        st.markdown(f":{color}-badge[HTTP {reply.status}] {cache} in **{ms(reply.total_ms)}**")
        st.caption(_first(reply.text or reply.body or ""))


def _first(text: str) -> str:
    return f"{text[:280]}…" if len(text) > 280 else text or "No text came."


def _headers(exchange: Exchange) -> None:
    """Draw what each response header of the newest answer says, and why it was a hit or a miss."""
    if exchange.reply is None:
        return
    why = workbench().why(exchange)
    if why is not None:
        st.markdown(f":material/bolt: {why['sentence']}")
    st.markdown("**Response headers, one by one**")
    st.table(
        [
            {"Header": f"`{name}`  \n:small[{_value(value)}]", "Says": _says(name)}
            for name, value in exchange.reply.headers
        ],
        border="horizontal",
        hide_index=True,
        alt="Response headers and what they say",
    )


def _value(value: str) -> str:
    """Return a value for Markdown; none of its letters is one of Markdown's."""
    return f"`{value.replace('`', chr(39))}`" if value else UNKNOWN


def _account(results: Iterable[Exchange]) -> None:
    """Draw the attempts of the first answer that took any, as the gateway's journal has them."""
    st.markdown("**What the gateway did**")
    log_ids = [one.reply.log_id for one in results if one.reply is not None and one.reply.log_id]
    journals = ((log_id, workbench().journal(log_id)) for log_id in log_ids)
    log_id, journal = next((found for found in journals if found[1]), ("", []))
    if not journal:
        st.caption("The journal has no upstream call: the cache answered, or it was refused.")
        return
    st.caption(f"Upstream calls behind log row {log_id}, from the journal of the local gateway.")
    builder_views.bars(_bars(journal), "Timeline of the attempts, as the gateway's journal has it")
    st.table(
        [
            {
                "Try": f"{attempt['step'] + 1}.{attempt['attempt']} {attempt['provider']}",
                "Waited": ms(1000 * attempt["wait_before_s"]),
                "Status": str(attempt["status"] or UNKNOWN),
                "Ended": attempt["fault"] or attempt["state"],
            }
            for attempt in journal
        ],
        border="horizontal",
        hide_index=True,
        alt="Attempts of the journal",
    )


def _says(name: str) -> str:
    row = BY_NAME.get(name.lower())
    if row is not None:
        return row.help
    return TRANSPORT.get(name.lower(), ":gray[The provider's own: passed through as it came.]")


def _bars(journal: Iterable[dict[str, Any]]) -> tuple[Bar, ...]:
    """Return attempts as bars from the moment at which the first one began."""
    found: list[Bar] = []
    start_s: float | None = None
    for attempt in journal:
        if start_s is None:
            start_s = attempt["started_s"]
        began = attempt["started_s"] - start_s
        ended = (attempt["ended_s"] or attempt["started_s"]) - start_s
        shared = {
            "step": attempt["step"],
            "provider": attempt["provider"],
            "attempt": attempt["attempt"],
        }
        if attempt["wait_before_s"]:
            waited = began - attempt["wait_before_s"]
            found.append(Bar(kind="wait", start_s=waited, end_s=began, **shared))
        ok = attempt["state"] == "done" and (attempt["status"] or 0) < 400
        found.append(
            Bar(
                kind="try",
                start_s=began,
                end_s=ended,
                outcome="ok" if ok else "failed",
                **shared,
            )
        )
    return tuple(found)
