"""The tables of the house, to be searched: headers, providers, error codes, lint rules, limits."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import streamlit as st

from gateway.codes import CODES, Code, decode
from gateway.form import FIELDS
from gateway.headers import TABLE, Header
from gateway.limits import LIMITS, Limit
from gateway.lint import RULES, Rule
from gateway.providers import PROVIDERS, Provider
from gateway.sources import links
from pages.parts.figures import UNKNOWN

Row = TypeVar("Row")

ORIGINS = {
    "gateway": "The gateway",
    "management": "The management API",
    "workers-ai": "Workers AI",
    "provider": "The provider itself",
}
SEVERITIES = {"error": "red", "warning": "orange", "hint": "blue"}


def tables(words: str) -> None:
    """Draw the tables in tabs; only the open one is made.

    Args:
        words: What to look for; a row must hold all of them, in any case.
    """
    named: dict[str, Callable[[str], None]] = {
        "Error codes": _codes,
        "Headers": _headers,
        "Providers": _providers,
        "Lint rules": _rules,
        "Limits": _limits,
    }
    tabs = st.tabs(list(named), key="reference.tab", on_change="rerun")
    for tab, draw in zip(tabs, named.values(), strict=True):
        if tab.open:
            with tab:
                draw(words)


def _table(rows: Iterable[Row], words: str, drawn: Callable[[Row], dict[str, str]]) -> None:
    wanted = words.lower().split()
    found = [drawn(row) for row in rows]
    found = [row for row in found if all(word in _plain(row) for word in wanted)]
    if not found:
        st.caption(f"Nothing here says {words!r}: try fewer words, or another tab.")
        return
    st.table(found, border="horizontal", hide_index=True, alt="Search results")
    st.caption(f"{len(found)} rows")


def _plain(row: dict[str, str]) -> str:
    return " ".join(row.values()).lower()


def _source(source: str, date: str, evidence: str) -> str:
    """Return where a fact was read and when; what evidence stands behind it."""
    named = " · ".join(
        f"[{link.text}]({link.url})" if link.url else link.text for link in links(source)
    )
    return f":small[{named}  \n{date} · {evidence}]"


def _code(text: str | None) -> str:
    return f"`{text}`" if text else UNKNOWN


# Error codes


def _codes(words: str) -> None:
    _decoder()
    _table(CODES, words, _code_row)


def _decoder() -> None:
    with st.container(border=True):
        text = st.text_area(
            "Paste an error",
            key="reference.error",
            height=100,
            placeholder='{"success":false,"error":[{"code":2009,"message":"Unauthorized"}]}',
            help="The body of an answer, with its headers or without, as an SDK printed it, also "
            "cut off. It stays in this page.",
        )
        if not text.strip():
            return
        found = decode(text)
        facts = [
            f":red-badge[HTTP {found.status}]" if found.status is not None else "",
            f":gray-badge[code {found.number}]" if found.number is not None else "",
        ]
        if found.row is None:
            st.markdown(" ".join(facts))
            st.markdown(found.note or "Nobody documents this error.")
            return
        row = found.row
        st.markdown(f"{' '.join(facts)} **{row.meaning}**")
        st.markdown(f"**Said by** {ORIGINS[row.origin]}.")
        st.markdown(f"**Likely cause** {row.cause}")
        st.markdown(f"**What to do** {row.fix}")
        if found.note:
            st.caption(found.note)
        st.markdown(_source(row.source, row.date, row.evidence))


def _code_row(row: Code) -> dict[str, str]:
    return {
        "Code": f"**{row.code}**" if row.code is not None else UNKNOWN,
        "HTTP": str(row.status),
        "Means": f"**{row.meaning}**  \n:small[{ORIGINS[row.origin]}: {row.message or UNKNOWN}]",
        "What to do": f"{row.fix}  \n:small[:gray[{row.cause}]]",
        "Source": _source(row.source, row.date, row.evidence),
    }


# The other tables


def _headers(words: str) -> None:
    _table(TABLE, words, _header_row)


def _header_row(row: Header) -> dict[str, str]:
    here = FIELDS[row.field] if row.field else None
    facts = [f"sent in the {row.direction}" if row.direction != "both" else "sent both ways"]
    facts += [f"levels: {row.levels}"] if row.levels != row.direction else []
    if here is not None and here.limits:
        facts.append(f"accepts {here.limits}")
    if row.default:
        facts.append(f"default: {row.default}")
    if row.replaced_by:
        facts.append(f"deprecated: use `{row.replaced_by}`")
    return {
        "Header": f"`{row.name}`  \n:small[{row.status}]",
        "Does": f"{row.help}  \n:small[:gray[{' · '.join(facts)}]]",
        "Endpoints": f":small[{row.endpoints}]",
        "Source": _source(row.source, row.date, row.evidence),
    }


def _providers(words: str) -> None:
    _table(PROVIDERS.values(), words, _provider_row)


def _provider_row(row: Provider) -> dict[str, str]:
    facts = [
        f"`{row.example_model}`" if row.example_model else "",
        "Unified Billing" if row.unified_billing else "",
        "WebSocket" if row.websocket_realtime else "",
        f"REST author `{row.rest_author}`" if row.rest_author else "",
    ]
    return {
        "Provider": f"**{row.name}**  \n`{row.slug}`",
        "Path and compat": f"{_code(row.base_path)}  \n{_code(row.compat_prefix)}",
        "Chat": _code(row.chat_endpoint),
        "Key": f"`{row.auth_header}`  \n{_code(row.env_key)}",
        "Besides": f":small[{' · '.join(fact for fact in facts if fact) or UNKNOWN}]",
        "Source": _source(row.source, row.date, row.upstream_evidence or "DOC"),
    }


def _rules(words: str) -> None:
    _table(RULES, words, _rule_row)


def _rule_row(row: Rule) -> dict[str, str]:
    said: Any = row.check.__doc__ or ""
    return {
        "Rule": f"**{row.id.replace('-', ' ')}**",
        "Severity": f":{SEVERITIES[row.severity]}-badge[{row.severity}]",
        "Why": said.strip().partition("\n\n")[0],
        "Source": " · ".join(
            f"[{link.text}]({link.url})" if link.url else link.text for link in links(row.source)
        ),
    }


def _limits(words: str) -> None:
    _table(LIMITS, words, _limit_row)


def _limit_row(row: Limit) -> dict[str, str]:
    return {
        "What": row.item,
        "Limit": f"**{row.limit.replace('$', chr(92) + '$')}**",
        "Note": row.note.replace("$", "\\$") or UNKNOWN,
        "Source": _source(row.source, row.date, row.evidence),
    }
