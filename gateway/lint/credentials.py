"""Rules about keys and billing: what bypasses a stored key, and what leaks one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from gateway.draft import TOKEN, Draft, settled
from gateway.draft.effective import ZDR_PROVIDERS
from gateway.lint.finding import Fix, Rule, Trouble, drop, drop_raw
from gateway.masking import SECRET_HEADERS, holds_key, is_cloudflare_token
from gateway.providers import KEY_HEADERS, provider_of

_SCHEME = re.compile(r"^\s*(?:Bearer|Token|Key)(?:\s+|$)", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"(?i)|<.*>|\{.*\}|\[.*\]|\$.*|%\w+%|x{3,}|\*{3,}|\.{3}|sk-[x.*]+|(?:your|my)[-_ ].*"
    r"|placeholder|dummy|fake|none|null|undefined|nil|empty|test|changeme|anything|unused"
    r"|no[-_ ]?key|not[-_ ]?needed|api[-_ ]?key|token|key|\w+_API_KEY"
)
_QUERY_KEYS = frozenset({"key", "api_key", "access_token", "token"})


def _bare(value: str) -> str:
    return _SCHEME.sub("", value).strip()


def _keys(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield the raw headers that a gateway takes for a provider's key: name, bare value."""
    if draft.route == "rest":
        return
    row = provider_of(draft.provider)
    names = {*KEY_HEADERS, row.auth_header.lower() if row else ""}
    yield from ((name, _bare(value)) for name, value in draft.raw if name.lower() in names)


def placeholder_key(draft: Draft) -> Iterator[Trouble]:
    """Any key header, even an empty phrase, wins over the stored key."""
    for name, key in _keys(draft):
        if _PLACEHOLDER.fullmatch(key):
            yield Trouble(
                name,
                f"{name} holds a placeholder. Any value there counts as the provider's key, so the "
                "stored key isn't used, and the provider answers 401.",
                (drop_raw(name),),
            )


def gateway_token_to_provider(draft: Draft) -> Iterator[Trouble]:
    """The provider's header goes to the provider."""
    own = _bare(draft.header(TOKEN) or "")
    for name, key in _keys(draft):
        if draft.provider != "workers-ai" and key and (key == own or is_cloudflare_token(key)):
            fixes = [drop_raw(name)]
            if not own:
                fixes.insert(0, Fix(f"Move it to {TOKEN}", _moved(name, TOKEN, "Bearer ")))
            yield Trouble(
                name,
                f"{name} holds the gateway's token. It bypasses the stored key and is handed on to "
                f"the provider: that leaks it. The gateway reads it from {TOKEN}.",
                tuple(fixes),
            )


def provider_key_to_gateway(draft: Draft) -> Iterator[Trouble]:
    """The gateway's header holds the gateway's token."""
    value = draft.header(TOKEN) or ""
    row = provider_of(draft.provider)
    if row is not None and holds_key(value) and not is_cloudflare_token(value):
        place = "Authorization" if draft.route == "compat" else row.auth_header
        scheme = "Bearer " if place.lower() == "authorization" else ""
        yield Trouble(
            TOKEN,
            f"{TOKEN} holds something in the shape of a provider's key. The gateway wants its own "
            f"token there; {row.name}'s key belongs into {place}.",
            (
                Fix(f"Move it to {place}", _moved(TOKEN, place, scheme)),
                drop_raw(TOKEN),
            ),
        )


def _moved(name: str, place: str, scheme: str) -> Callable[[Draft], Draft]:
    """Return what moves a key from one raw header to another."""

    def move(draft: Draft) -> Draft:
        value = scheme + _bare(draft.header(name) or "")
        rest = draft.without(name, place)
        return replace(rest, raw=(*rest.raw, (place, value)))

    return move


def alias_elsewhere(draft: Draft) -> Iterator[Trouble]:
    """Only the provider's own path looks at the alias."""
    for index, step in enumerate(draft.all_steps):
        alias = settled(draft, index).alias
        if alias is None or draft.route == "native":
            continue
        fixes = [drop("Drop the alias", "byok_alias")]
        row = provider_of(step.provider)
        if row is not None and row.dialect is not None and len(draft.all_steps) == 1:
            fixes.append(Fix("Use the native route", lambda draft: replace(draft, route="native")))
        yield Trouble(
            "byok_alias",
            f"The {draft.route} route doesn't look at the alias of a stored key: only the one "
            'called "default" is used there.',
            tuple(fixes),
        )
        return


def alias_beside_key(draft: Draft) -> Iterator[Trouble]:
    """A key on the request wins over all stored ones."""
    row = provider_of(draft.provider)
    if draft.route != "native" or row is None or settled(draft).alias is None:
        return
    if row.credential(draft.headers_at(0)) is not None:
        yield Trouble(
            "byok_alias",
            "The request carries a key of its own, so no stored key is looked at and the alias "
            "means nothing.",
            (
                drop("Drop the alias", "byok_alias"),
                Fix("Send no key", _keyless),
            ),
        )


def _keyless(draft: Draft) -> Draft:
    row = provider_of(draft.provider)
    names = (*KEY_HEADERS, row.auth_header if row else "")
    own = draft.keys.own - {draft.provider}
    return replace(draft.without(*names), keys=replace(draft.keys, own=own))


def billing_not_relaxed(draft: Draft) -> Iterator[Trouble]:
    """A gateway with byok_only stays that way."""
    stated = [draft.options.no_wholesale, *(step.options.no_wholesale for step in draft.all_steps)]
    if draft.policy.byok_only and False in stated:
        yield Trouble(
            "no_wholesale",
            "The gateway requires provider keys (byok_only), and a request can't relax that: "
            "Unified Billing stays forbidden.",
            (drop("Drop the header", "no_wholesale"),),
        )


def retention_without_effect(draft: Draft) -> Iterator[Trouble]:
    """Zero data retention exists for Unified Billing at two providers."""
    for index, step in enumerate(draft.all_steps):
        stated = settled(draft, index).levels.get("zdr")
        if stated is None or not stated.value or stated.level == "gateway":
            continue
        row = provider_of(step.provider)
        if step.provider not in ZDR_PROVIDERS:
            reason = f"{row.name if row else step.provider} has no such route, and is silently used"
        elif row is not None and row.credential(draft.headers_at(index)) is not None:
            reason = "it concerns Unified Billing only, and the request carries a key"
        else:
            continue
        yield Trouble(
            "zdr",
            f"Zero data retention has no effect here: {reason}.",
            (drop("Drop the header", "zdr"),),
        )
        return


def key_in_url(draft: Draft) -> Iterator[Trouble]:
    """URLs are logged everywhere."""
    query = parse_qsl(urlsplit(draft.url or "").query)
    if any(name.lower() in _QUERY_KEYS for name, _ in query):
        yield Trouble(
            "url",
            "The URL carries a key in its query, where every log on the way keeps it. Send it as "
            "a header, or store it in the gateway.",
            (Fix("Take it out of the URL", _without_query_keys),),
        )


def _without_query_keys(draft: Draft) -> Draft:
    parts = urlsplit(draft.url or "")
    kept = [
        (name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _QUERY_KEYS
    ]
    return replace(draft, url=parts._replace(query=urlencode(kept)).geturl())


def secret_in_value(draft: Draft) -> Iterator[Trouble]:
    """Metadata, keys and ids are kept in logs."""
    levels = (draft.options, *(step.options for step in draft.steps))
    stated = [pair for level in levels for pair in level.stated()]
    for name in dict.fromkeys(name for name, value in stated if holds_key(str(value))):
        yield Trouble(
            name,
            "The value holds something in the shape of a key. It is kept in the gateway's logs, "
            "and whoever reads them has it.",
            (drop("Drop the value", name),),
        )
    for name, value in draft.raw:
        if name.lower() not in SECRET_HEADERS and holds_key(value):
            yield Trouble(
                name,
                f"{name} holds something in the shape of a key, in a header that nobody masks.",
                (drop_raw(name),),
            )


RULES = (
    Rule(
        id="placeholder-key",
        severity="error",
        source="cloudflare/cloudflare-docs#33517; configuration/bring-your-own-keys.mdx",
        check=placeholder_key,
    ),
    Rule(
        id="gateway-token-to-provider",
        severity="error",
        source="reference/troubleshooting.mdx; anomalyco/opencode#40344",
        check=gateway_token_to_provider,
    ),
    Rule(
        id="provider-key-to-gateway",
        severity="error",
        source="configuration/authentication.mdx",
        check=provider_key_to_gateway,
    ),
    Rule(
        id="alias-elsewhere",
        severity="warning",
        source="configuration/bring-your-own-keys.mdx; features/unified-billing.mdx",
        check=alias_elsewhere,
    ),
    Rule(
        id="alias-beside-key",
        severity="warning",
        source="configuration/bring-your-own-keys.mdx",
        check=alias_beside_key,
    ),
    Rule(
        id="billing-not-relaxed",
        severity="warning",
        source="features/unified-billing.mdx; changelog 2026-09-14",
        check=billing_not_relaxed,
    ),
    Rule(
        id="retention-without-effect",
        severity="warning",
        source="features/unified-billing.mdx",
        check=retention_without_effect,
    ),
    Rule(
        id="key-in-url",
        severity="error",
        source="configuration/bring-your-own-keys.mdx",
        check=key_in_url,
    ),
    Rule(
        id="secret-in-value",
        severity="error",
        source="observability/logging/index.mdx",
        check=secret_in_value,
    ),
)
