"""Who may use a gateway, and with whose key its provider is asked (contract: behaviour, 2)."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.local.reading import Settled
from gateway.local.refusals import Refusal
from gateway.policy import GatewayPolicy
from gateway.providers import KEY_HEADERS, Provider

AUTHORIZATION = "cf-aig-authorization"

CLOUDFLARE_KEY = "cloudflare"
"""Stands for Cloudflare's own credentials, with which Unified Billing and Workers AI ask."""

Source = Literal["request", "stored", "unified", "none"]
Stored = Callable[[str, str], str | None]
"""(provider, alias) -> the stored key, or ``None``."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: whether the gateway's token let them in, and the headers without it."""

    authenticated: bool
    headers: Mapping[str, str]


def caller(headers: Mapping[str, str], policy: GatewayPolicy, token: str) -> Caller:
    """Authenticate a caller.

    ASSUMPTION (contract: behaviour, 2): without ``cf-aig-authorization``, a gateway token in a
    provider's own header counts too, and is dropped. A gateway with authentication off serves
    everybody as unauthenticated, whatever token comes along.

    Raises:
        Refusal: authentication is on and the token is missing or wrong (2009).
    """
    given = headers.get(AUTHORIZATION)
    if given is not None:
        valid = same(bare(given), token)
    else:
        present = (name for name in KEY_HEADERS if name in headers)
        place = next((name for name in present if same(bare(headers[name]), token)), "")
        valid = bool(place)
        if place:
            headers = {name: value for name, value in headers.items() if name != place}
    if policy.authentication and not valid:
        raise Refusal(2009)
    return Caller(valid and policy.authentication, headers)


def bare(value: str) -> str:
    """Return a token without its ``Bearer``, which some clients leave out."""
    scheme, _, token = value.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else value.strip()


def bearer(value: str) -> str | None:
    """Return the token of the API host's ``Authorization``: there ``Bearer`` can't be left out."""
    scheme, _, token = value.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


@dataclass(frozen=True, slots=True)
class Credential:
    """With what the provider is asked: where the key comes from, and the headers with it."""

    source: Source
    headers: Mapping[str, str]


def credential(
    provider: Provider,
    headers: Mapping[str, str],
    settled: Settled,
    *,
    native: bool,
    stored: Stored,
    aliases: Callable[[str], list[str]],
    credits: bool,
) -> Credential:
    """Choose the credential: the request's own key, else a stored one, else Unified Billing.

    Args:
        headers: Request headers, names in lower case, the gateway's own already gone.
        native: Only provider-native requests honour ``cf-aig-byok-alias``.
        aliases: Names of the keys stored for a provider.
        credits: Whether Unified Billing has credits left.

    Raises:
        Refusal: the alias doesn't exist (2040), no key where one is required (400), or
            no credits (2021).
    """
    if provider.credential(headers) is not None:
        return Credential("request", headers)
    alias = settled.alias if native and settled.alias else "default"
    key = stored(provider.slug, alias)
    if key is not None:
        return _keyed("stored", provider, headers, key)
    if alias != "default":
        known = ", ".join(aliases(provider.slug)) or "none"
        raise Refusal(2040, f"Alias '{alias}' not found. Configured aliases: {known}")
    if provider.slug == "workers-ai":
        return _keyed("none", provider, headers, CLOUDFLARE_KEY)
    if settled.no_wholesale:
        raise Refusal(
            None,
            f"No credentials for {provider.slug}: this gateway or request requires a provider key",
            status=400,
        )
    if not provider.unified_billing:
        return Credential("none", headers)
    if not credits:
        raise Refusal(2021)
    return _keyed("unified", provider, headers, CLOUDFLARE_KEY)


def _keyed(source: Source, provider: Provider, headers: Mapping[str, str], key: str) -> Credential:
    name, value = provider.auth(key)
    return Credential(source, {**headers, name.lower(): value})


def same(given: str | None, token: str) -> bool:
    """Compare two tokens in a time that doesn't tell how much of them is equal."""
    return given is not None and hmac.compare_digest(given.encode(), token.encode())
