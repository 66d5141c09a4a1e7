"""Secrets, reduced to their last four characters before anything is shown, kept or logged."""

import re
from collections.abc import Iterable

SECRET_HEADERS = frozenset(
    {
        "api-key",
        "authorization",
        "cf-access-client-secret",
        "cf-access-jwt-assertion",
        "cf-aig-authorization",
        "cookie",
        "payment-signature",
        "proxy-authorization",
        "sec-websocket-protocol",
        "set-cookie",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-key",
        "x-goog-api-key",
        "xi-api-key",
    }
)
"""Header names, lower case, whose value is or holds a secret."""

_SCHEME = re.compile(r"^(Bearer|Token|Key|Basic|Bot)\s+", re.IGNORECASE)
_QUERY = re.compile(r"(?i)\b(key|api_key|access_token|token)=([^&\s\"']+)")
_KEY = re.compile(
    r"\b(?:sk-[\w-]{16,}|(?:gsk|r8|hf|cfut|cfat|ghp)_\w{16,}|xai-\w{16,}|pplx-\w{16,}"
    r"|AIza[\w-]{30,}|AKIA[A-Z0-9]{16}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+)"
)
"""Shapes of keys that providers hand out, as they stand in their documentation."""
TOKEN_NOTE = "(a Cloudflare token)"
KEY_NOTE = "(an API key)"
_CLOUDFLARE = re.compile(rf"\bcf[ua]t_\w{{8,}}|{re.escape(TOKEN_NOTE)}$")
MASKED = "…"
"""Stands for what isn't shown of a secret."""
SHOWN = 4
SHORTEST_SHOWN = 8
"""A secret shorter than this is hidden whole: four of seven characters would be most of it."""


def mask(secret: str) -> str:
    """Return ``"…"`` and the last four characters; a short secret is hidden whole.

    What is masked already stays as it is, so that records come back unchanged.
    """
    if secret.startswith(MASKED) and len(secret) <= 1 + SHOWN:
        return secret
    return f"{MASKED}{secret[-SHOWN:]}" if len(secret) >= SHORTEST_SHOWN else MASKED


def mask_value(value: str) -> str:
    """Mask a header value, keeping its scheme: ``"Bearer …abcd"``."""
    scheme = _SCHEME.match(value)
    return f"{scheme.group(1)} {mask(value[scheme.end() :])}" if scheme else mask(value)


def holds_key(text: str) -> bool:
    """Whether a text holds something in the shape of a key, or what ``described`` leaves of it."""
    return _KEY.search(text) is not None or text.endswith((TOKEN_NOTE, KEY_NOTE))


def mask_keys(text: str) -> str:
    """Return the text with everything masked that has the shape of a key."""
    return _KEY.sub(lambda found: mask(found.group()), text)


def is_cloudflare_token(text: str) -> bool:
    """Whether a text holds a token of Cloudflare's, whole or as ``described`` leaves it."""
    return _CLOUDFLARE.search(text) is not None


def described(value: str) -> str:
    """Mask a header value, and say what kind of key it was, where its shape tells.

    ``holds_key`` and ``is_cloudflare_token`` say the same of what comes back.
    """
    if is_cloudflare_token(value):
        return f"{mask_value(value)} {TOKEN_NOTE}"
    return f"{mask_value(value)} {KEY_NOTE}" if holds_key(value) else mask_value(value)


def mask_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the headers with every secret value masked; names and order stay."""
    return tuple(
        (name, mask_value(value) if name.lower() in SECRET_HEADERS else value)
        for name, value in headers
    )


def mask_url(url: str) -> str:
    """Return the URL with secrets in its query masked (Google takes ``?key=``)."""
    return _QUERY.sub(lambda found: f"{found.group(1)}={mask(found.group(2))}", url)


def mask_text(text: str, secrets: Iterable[str]) -> str:
    """Return the text with every occurrence of a known secret masked."""
    # The longest first: one secret may begin with another.
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, mask(secret))
    return text
