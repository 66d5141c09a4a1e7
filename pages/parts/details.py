"""The details of one answer, in a drawer: what was sent, what came back, and how it went."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from gateway.chat import Exchange, Failure
from gateway.evidence import Bar, Timeline
from gateway.logs import LogEntry
from pages.parts.code import code
from pages.parts.figures import UNKNOWN, ms
from pages.parts.state import story, workbench

BODY_SHOWN = 20_000
"""Characters of a body that the details show."""

SOURCES = {
    "journal": "",
    "header": "from header",
    "inferred": "inferred",
}


@st.dialog("Details of this answer", width=640, position="right")
def details(exchange: Exchange) -> None:
    """Open a drawer with everything about an answer, secrets masked."""
    request, response, as_code, attempts, cache, log = st.tabs(
        ["Request", "Response", "Code", "Attempts", "Cache", "Log row"]
    )
    with request:
        _request(exchange)
    with response:
        _response(exchange)
    with as_code:
        _code(exchange)
    with attempts:
        _attempts(exchange)
    with cache:
        _cache(exchange)
    with log:
        _log_row(exchange)


def _request(exchange: Exchange) -> None:
    sent = exchange.sent
    if sent is None:
        st.caption("Nothing was sent.")
        return
    st.code(f"{sent.method} {sent.url}", language=None, wrap_lines=True)
    _headers(sent.headers)
    _body("Body", sent.body)


def _response(exchange: Exchange) -> None:
    reply = exchange.reply
    if reply is None:
        st.caption(exchange.failure.sentence if exchange.failure else "No answer came.")
        return
    st.code(f"HTTP {reply.status}", language=None)
    _headers(reply.headers)
    if reply.body is not None:
        _body("Body", reply.body)
    else:
        _body("Text, put together from the stream", reply.text)


def _code(exchange: Exchange) -> None:
    target = workbench().targets.get(exchange.target)
    if target is None:
        st.caption("The gateway that was asked isn't connected here any more.")
    else:
        code(exchange.chat, exchange.options, target)


def _headers(headers: tuple[tuple[str, str], ...]) -> None:
    st.markdown("**Headers**")
    st.code(
        "\n".join(f"{name}: {value}" for name, value in headers), language=None, wrap_lines=True
    )


def _body(title: str, body: str) -> None:
    st.markdown(f"**{title}**")
    st.code(pretty(body)[:BODY_SHOWN], language="json", wrap_lines=True)
    if len(body) > BODY_SHOWN:
        st.caption(f"The first {BODY_SHOWN:,} characters of {len(body):,}.")


def pretty(body: str) -> str:
    """Return JSON text with indentation; any other text as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


# Attempts


def _attempts(exchange: Exchange) -> None:
    timeline, _ = story(exchange.id, exchange)
    st.markdown(timeline.sentence)
    if not timeline.bars:
        return
    st.html(_waterfall(timeline))
    st.table(
        [
            {
                "Who": bar.label,
                "From": ms(bar.start_ms),
                "To": ms(bar.end_ms),
                "What happened": " · ".join(
                    part for part in (bar.note, SOURCES[bar.source]) if part
                ),
            }
            for bar in timeline.bars
        ],
        border="horizontal",
        hide_index=True,
        alt="Attempts in order",
    )


def _waterfall(timeline: Timeline) -> str:
    rows = "".join(_bar(bar, timeline.end_ms) for bar in timeline.bars)
    said = escape(timeline.sentence, quote=True)
    return f'<div role="img" aria-label="{said}" style="font-size:.8rem">{rows}</div>'


def _bar(bar: Bar, end_ms: float) -> str:
    color = {"wait": "#8a95a5"}.get(bar.kind, "#12876f" if bar.won else "#c03f55")
    known = bar.start_ms is not None and bar.end_ms is not None and end_ms > 0
    drawn = ""
    if known:
        left = 100 * (bar.start_ms or 0) / end_ms
        width = max(0.6, 100 * ((bar.end_ms or 0) - (bar.start_ms or 0)) / end_ms)
        style = f"position:absolute;left:{left:.2f}%;width:{min(width, 100 - left):.2f}%"
        pattern = "opacity:.45" if bar.kind == "wait" else ""
        drawn = (
            f'<div style="{style};top:3px;bottom:3px;background:{color};border-radius:2px;'
            f'{pattern}"></div>'
        )
    return (
        '<div style="display:flex;gap:.5rem;align-items:stretch">'
        f'<div style="flex:0 0 9rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap">'
        f"{escape(bar.label)}</div>"
        f'<div style="flex:1;position:relative;min-height:1.2rem">{drawn}</div></div>'
    )


# Cache


def _cache(exchange: Exchange) -> None:
    account = workbench().why(exchange)
    if account is None:
        st.caption(_seen_from_here(exchange))
        return
    status = account["cache_status"]
    st.markdown(f"**Why {status}:** {account['sentence']}")
    key, ttl = account["key"], account["ttl"]
    rows = [("Age of the stored answer", _seconds(account["age_s"]))] if status == "HIT" else []
    rows += [
        ("Lifetime", f"{_seconds(ttl['s'])}, said by: {ttl['level']}"),
        ("Time left", _seconds(ttl["left_s"])),
    ]
    _pairs(rows, "Times of the cache entry")
    _key(key)
    if (nearest := account["nearest"]) is not None:
        _nearest(nearest)


def _seen_from_here(exchange: Exchange) -> str:
    """Return what can be said of the cache where the gateway gives no account."""
    if exchange.target == "direct":
        return "Asked without a gateway: there was no cache on the way."
    reply = exchange.reply
    status = reply.cache if reply is not None else None
    if exchange.chat.stream and status != "HIT":
        return "It was asked for as a stream, and the gateway's cache keeps no streams."
    if exchange.options.skip_cache:
        return "cf-aig-skip-cache was true: the cache was neither read nor written."
    if status is None:
        return "The gateway named no cache status, and gives no account of its cache."
    return f"The gateway says {status}; only the local gateway says why."


def _key(key: Mapping[str, Any]) -> None:
    st.markdown("**What the cache key is made of**")
    rows = [(name, _short(value)) for name, value in key["parts"].items()]
    _pairs(rows, "Ingredients of the cache key")
    st.caption(f"No part of it: {', '.join(key['excluded'])}.")


def _nearest(nearest: Mapping[str, Any]) -> None:
    st.markdown("**The nearest earlier request**")
    differs = nearest.get("differs", [])
    if not differs:
        st.caption(f"Log row `{nearest['log_id']}`.")
        return
    st.table(
        [
            {"Differs in": row["field"], "Was": _short(row["was"]), "Is": _short(row["is"])}
            for row in differs
        ],
        border="horizontal",
        hide_index=True,
        alt="How the nearest earlier request differs",
    )


def _pairs(rows: list[tuple[str, str]], alt: str) -> None:
    st.table(
        [{"What": f":gray[{name}]", "Value": value} for name, value in rows],
        border="horizontal",
        hide_index=True,
        hide_header=True,
        alt=alt,
    )


def _seconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f} s"


def _short(value: Any) -> str:
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text[:160]}`" if text else UNKNOWN


# Log row


def _log_row(exchange: Exchange) -> None:
    log_id = exchange.reply.log_id if exchange.reply is not None else None
    if log_id is None:
        st.caption("The gateway named no log row for this answer.")
        return
    st.code(log_id, language=None)
    found = workbench().log(exchange)
    if isinstance(found, Failure):
        st.caption(found.sentence)
        return
    if found is None:
        st.caption(
            "The gateway's log has no such row yet: rows come a little later, or logs are off."
        )
        return
    _pairs([(name, _short(value)) for name, value in _facts(found)], "The gateway's log row")


def _facts(entry: LogEntry) -> list[tuple[str, Any]]:
    """Return what the gateway wrote down, by its own names."""
    return [
        (name, value) for name, value in entry.to_json().items() if value not in (None, "", {}, [])
    ]
