"""Drawings of domain objects: names, gateways, settings."""

import streamlit as st

from gateway.chat import Target
from gateway.providers import PROVIDERS, provider_of
from gateway.settings import Row
from pages.parts.figures import UNKNOWN, ms
from pages.parts.state import health

ASKED = (
    "CLOUDFLARE_ACCOUNT_ID",
    "CLOUDFLARE_GATEWAY_ID",
    "CLOUDFLARE_API_KEY",
    "OPENAI_API_KEY",
    "GOOGLE_AI_API_KEY",
)
"""Variables that the connection page always shows."""

ANSWERS = ":green-badge[:material/check: answers]"
NO_ANSWER = ":red-badge[:material/error: no answer]"
IN_USE = ":blue-badge[in use]"


def provider_name(slug: str) -> str:
    """Return what people call a provider."""
    row = provider_of(slug)
    return row.name if row is not None else slug


def model_name(slug: str, model: str) -> str:
    """Return what people call a model; its id where we have no other name."""
    row = provider_of(slug)
    return next((m.label for m in row.models if m.id == model), model) if row is not None else model


# Gateways and settings


def gateway_name(target: str) -> str:
    """Return what people call a gateway."""
    return {"local": "Local gateway", "cloudflare": "Cloudflare", "direct": "Direct"}.get(
        target, target
    )


def status_line(target: str) -> None:
    """Draw which gateway is in use and whether it answers."""
    found = health(target)
    state = ":green[:material/check_circle:]" if found.ok else ":red[:material/error:]"
    says = f"answers in {ms(found.ms)}" if found.ok else "gives no answer"
    st.caption(f"{state} {gateway_name(target)} {says}")


def gateway_card(target: Target, *, in_use: bool) -> None:
    """Draw one gateway: whether it answers, where it is, and who stands behind it."""
    found = health(target.name)
    server, _, gateway = target.base_url.rpartition("/")
    answers = "" if found.status is None else f"HTTP {found.status} in {ms(found.ms)}"
    chat = [row.slug for row in PROVIDERS.values() if row.models]
    played = sum(1 for slug in chat if slug in target.simulated)
    lines = {
        "Says": found.sentence,
        "Answer": answers or UNKNOWN,
        "Address": f"`{server}`",
        "Gateway": f"`{gateway}`",
        "Providers": f"{played} simulated, {len(chat) - played} real",
    }
    with st.container(border=True, height="stretch"):
        badges = [ANSWERS if found.ok else NO_ANSWER, IN_USE if in_use else ""]
        st.markdown(f"**{gateway_name(target.name)}** &nbsp; {' '.join(badges)}")
        st.table(
            [{"What": f":gray[{name}]", "Value": line} for name, line in lines.items()],
            border="horizontal",
            hide_index=True,
            hide_header=True,
            alt=f"How {gateway_name(target.name)} is",
        )


def cloudflare_steps() -> None:
    """Draw how to connect a hosted gateway."""
    with st.container(border=True, height="stretch"):
        st.markdown("**Cloudflare** &nbsp; :gray-badge[not connected]")
        st.markdown(
            "1. In the Cloudflare dashboard, open **AI > AI Gateway** and create a gateway. Note "
            "its name, and the account id in the page's address.\n"
            "2. Create an API token with the permission **AI Gateway - Run** (and **Read**, for "
            "its logs).\n"
            "3. Put the three into the file `.env` beside `app.py`, then start the app again."
        )
        st.code(
            "CLOUDFLARE_ACCOUNT_ID=\nCLOUDFLARE_GATEWAY_ID=\nCLOUDFLARE_API_KEY=",
            language=None,
        )


def settings_tables(rows: tuple[Row, ...]) -> None:
    """Draw what .env says: first what is set, wrong or asked of everyone, the rest one click away.

    Values are masked already.
    """
    first = [row for row in rows if row.name in ASKED or row.source or row.problem]
    _settings_table(first, "Variables that are set, wrong, or asked of everyone")
    with st.expander("Every other variable", type="compact"):
        _settings_table([row for row in rows if row not in first], "Every other variable")


def _settings_table(rows: list[Row], alt: str) -> None:
    lines = [
        {
            "Variable": f"`{row.name}`  \n:small[{row.purpose}]",
            "Value": f"`{row.value}`  \n:small[from {row.source}]" if row.source else "not set",
        }
        | ({"Value": f":red[:material/error: {row.problem}]"} if row.problem else {})
        for row in rows
    ]
    st.table(lines, border="horizontal", hide_index=True, alt=alt)
