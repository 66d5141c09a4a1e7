"""What would be in force: each setting with its level, the cache, and the credential.

The rules are the local gateway's own stages, asked without sending anything; so what is said here
is what happens there, and what the contract says of a hosted gateway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from gateway.codes import CODES, Code
from gateway.draft.draft import AUTO_MODEL, DYNAMIC, TOKEN, Draft
from gateway.form import FIELDS, show, spell_duration
from gateway.headers import HEADERS, Header, Level
from gateway.local import cache, credentials
from gateway.local.reading import CfHeaders, Settled, settle
from gateway.local.refusals import Refusal
from gateway.masking import holds_key, mask
from gateway.policy import GatewayPolicy
from gateway.providers import Provider, provider_of

Honour = Literal["yes", "no", "unlisted"]
Source = Literal["request", "stored", "unified", "none", "route", "unknown", "refused"]

ZDR_PROVIDERS = frozenset({"openai", "anthropic"})
"""For whom Unified Billing has routes without data retention (contract: headers)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of one step.

    Attributes:
        name: Field of ``Options``.
        value: What is in force; ``None`` where no level states it.
        shown: The same for the eyes: ``"1 h"``; the default where no level states it, "" where
            none is documented.
        level: Who stated it; ``None`` for the default.
        overrode: (level, value for the eyes) of the weaker statements, strongest first.
        honour: Whether the chosen endpoint listens to it; ``"unlisted"`` where its documentation
            doesn't name it.
        note: Why it isn't honoured, in one sentence; else empty.
    """

    name: str
    value: Any
    shown: str
    level: Level | None
    overrode: tuple[tuple[Level, str], ...]
    honour: Honour
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheVerdict:
    """Whether an answer will be stored, and an equal question answered from the store.

    Attributes:
        ttl_s: How long; ``None`` where it isn't cached.
        key: The custom key; ``None`` where the whole request is the key.
    """

    cached: bool
    ttl_s: int | None
    key: str | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialVerdict:
    """With what the provider will be asked.

    Attributes:
        source: ``"route"`` where a dynamic route or the Auto Router decides, ``"unknown"`` where it
            depends on what only the gateway knows, ``"refused"`` where the gateway itself answers.
        status, code: The answer where it is refused, or where what is needed is missing.
        sentence: Which credential, and what fails if it is missing.
    """

    source: Source
    status: int | None
    code: int | None
    sentence: str


def settled(draft: Draft, step: int = 0) -> Settled:
    """Return what the gateway makes of all three levels for one step, raw headers included."""
    own = draft.all_steps[step].options
    request = {**{name.lower(): value for name, value in draft.raw}, **draft.options.to_headers()}
    return _settled(
        draft.policy,
        tuple(pair for pair in request.items() if pair[0].startswith("cf-")),
        tuple(own.step_headers().items()),
        tuple(own.to_config().items()),
    )


@lru_cache(maxsize=256)
def _settled(
    policy: GatewayPolicy, request: CfHeaders, step: CfHeaders, config: tuple[tuple[str, Any], ...]
) -> Settled:
    # Every rule of the lint asks for the same few.
    return settle(policy, request, step, dict(config))


def settings(draft: Draft, step: int = 0) -> tuple[Setting, ...]:
    """Return every setting of one step, in the order of the header table."""
    levels = settled(draft, step).levels
    found = []
    for name, row in HEADERS.items():
        stated = levels.get(name)
        honour, note = honours(draft, row)
        found.append(
            Setting(
                name=name,
                value=None if stated is None else stated.value,
                shown=_shown(name, stated.value) if stated else FIELDS[name].default,
                level=None if stated is None else stated.level,
                overrode=tuple(
                    (level, _shown(name, value))
                    for level, value in (stated.overrode if stated else ())
                ),
                honour=honour,
                note=note,
            )
        )
    return tuple(found)


def honours(draft: Draft, row: Header) -> tuple[Honour, str]:
    """Whether the chosen endpoint shape listens to a header, and why not."""
    if row.models is not None and draft.model != row.models:
        return "no", f"Only the model {row.models} listens to it."
    if draft.route not in row.routes:
        where = " and ".join(row.routes)
        return "no", f"Only the {where} route listens to it, not {draft.route}."
    if row.field == "zdr" and not ZDR_PROVIDERS & {step.provider for step in draft.all_steps}:
        return "no", "Only OpenAI and Anthropic have routes without data retention."
    if draft.route in row.unlisted:
        return "unlisted", f"The documentation of the {draft.route} route doesn't list it."
    return "yes", ""


def cache_verdict(draft: Draft, step: int = 0) -> CacheVerdict:
    """Say whether one step's answer will be cached, for how long, and under which key."""
    held = settled(draft, step)
    policy = draft.policy
    if cache.is_cacheable(policy, held, method="POST", streamed=draft.stream, size=0):
        ttl_s = cache.ttl_s(held)
        span = spell_duration(ttl_s, "s")
        if held.cache_key is not None:
            shown = _shown("cache_key", held.cache_key)
            words = f'under the key "{shown}" alone: whoever sends it gets this answer'
        else:
            words = (
                "under a key of provider, endpoint, model, provider key and the whole body: only "
                "the identical question gets this answer"
            )
        sentence = f"A successful answer is cached for {span}, {words}."
        return CacheVerdict(cached=True, ttl_s=ttl_s, key=held.cache_key, sentence=sentence)
    return CacheVerdict(cached=False, ttl_s=None, key=None, sentence=_why_not(draft, held))


def _why_not(draft: Draft, held: Settled) -> str:
    if held.skip_cache:
        return "Not cached: cf-aig-skip-cache neither reads the cache nor writes to it."
    if draft.stream:
        return "Not cached: a streamed answer never is. Ask for a whole one."
    if held.cache_ttl == 0:
        return "Not cached: a lifetime of 0 switches the cache off."
    alone = " A lifetime alone doesn't switch it on." if held.cache_ttl is not None else ""
    return f"Not cached: the gateway's caching is off, and no cache key asks for it.{alone}"


def credential_verdict(draft: Draft, step: int = 0) -> CredentialVerdict:
    """Say with which credential one step's provider is asked, and what fails without it."""
    refused = _entry(draft)
    if refused is not None:
        return refused
    chosen = draft.all_steps[step]
    if draft.route == "compat" and (chosen.model.startswith(DYNAMIC) or chosen.model == AUTO_MODEL):
        return CredentialVerdict(
            source="route",
            status=400,
            code=2005,
            sentence="The gateway chooses the model, and asks its provider with the stored key or "
            "with Unified Billing; where neither is there, that model isn't used.",
        )
    row = provider_of(chosen.provider)
    if row is None or row.slug == "compat":
        return _refused(2008, f"The gateway knows no provider {chosen.provider!r}.")
    return _of_provider(draft, step, row)


def _entry(draft: Draft) -> CredentialVerdict | None:
    """Return the refusal of a caller without the gateway's token."""
    if draft.route == "rest":
        if draft.keys.token or draft.header("authorization"):
            return None
        return _refused(10000, "The REST endpoint takes nobody without the gateway's token.")
    if not draft.policy.authentication or draft.keys.token or draft.header(TOKEN):
        return None
    return _refused(2009, "The gateway has authentication on, and no cf-aig-authorization is sent.")


def _of_provider(draft: Draft, step: int, row: Provider) -> CredentialVerdict:
    held, keys = settled(draft, step), draft.keys
    headers = {
        name: value for name, value in draft.headers_at(step).items() if not name.startswith("cf-")
    }
    native = draft.route == "native"
    alias = held.alias if native and held.alias else "default"
    stored = keys.stored
    if stored is None and row.credential(headers) is None:
        return _unknown(row, alias, held)
    aliases: Mapping[str, frozenset[str]] = stored or {}
    try:
        found = credentials.credential(
            row,
            headers,
            held,
            native=native,
            stored=lambda slug, name: "key" if name in aliases.get(slug, ()) else None,
            aliases=lambda slug: sorted(aliases.get(slug, ())),
            credits=keys.credits is not False,
        )
    except Refusal as refusal:
        return _refused(refusal.code, f"{refusal.message}.", status=refusal.status)
    return _chosen(row, alias, found.source)


def _chosen(row: Provider, alias: str, source: credentials.Source) -> CredentialVerdict:
    code: int | None
    match source:
        case "request":
            status, code, sentence = (
                401,
                None,
                f"{row.name} is asked with the key that the request carries, and no stored key is "
                f"looked at; a wrong one gives {row.name}'s own 401.",
            )
        case "stored":
            status, code, sentence = (
                401,
                None,
                f"{row.name} is asked with the key stored in the gateway as {alias!r}; if it is "
                f"no longer valid, {row.name} itself answers 401.",
            )
        case "unified":
            status, code, sentence = (
                402,
                2021,
                f"{row.name} is asked with Cloudflare's own key and paid from credits (Unified "
                "Billing); without credits the gateway answers 402 with code 2021.",
            )
        case "none" if row.slug == "workers-ai":
            status, code, sentence = (
                401,
                None,
                "Workers AI needs no provider key: the account's own credentials are used.",
            )
        case _:
            status, code, sentence = (
                401,
                None,
                f"{row.name} is asked without any key, since none is sent or stored and Unified "
                "Billing doesn't serve it: expect its own 401.",
            )
    return CredentialVerdict(source=source, status=status, code=code, sentence=sentence)


def _unknown(row: Provider, alias: str, held: Settled) -> CredentialVerdict:
    """Say the order, where only the gateway knows which keys it has stored."""
    status: int
    code: int | None
    status, code, end = 402, 2021, "Unified Billing, which without credits gives 402 with code 2021"
    if alias != "default":
        status, code, end = 400, 2040, "nothing else: a missing alias gives 400 with code 2040"
    elif row.slug == "workers-ai":
        status, code, end = 401, None, "the account's own credentials, as Workers AI needs no key"
    elif held.no_wholesale:
        status, code, end = 400, None, "nothing else: Unified Billing is forbidden, which gives 400"
    elif not row.unified_billing:
        status, code, end = 401, None, f"no key at all, to which {row.name} itself answers 401"
    return CredentialVerdict(
        source="unknown",
        status=status,
        code=code,
        sentence=f"{row.name} is asked with the key stored as {alias!r}, else with {end}.",
    )


def _refused(code: int | None, sentence: str, *, status: int | None = None) -> CredentialVerdict:
    row = _row(code, status)
    said = f"{sentence} That is answered with {row.status}" if row else sentence
    number = f", code {code}" if code is not None else ""
    fix = f"{number}. {row.fix}" if row else ""
    return CredentialVerdict(
        source="refused",
        status=row.status if row else status,
        code=code,
        sentence=f"{said}{fix}",
    )


def _row(code: int | None, status: int | None) -> Code | None:
    if code is None:
        return next(row for row in CODES if row.name == "credentials_required")
    return next(row for row in CODES if row.code == code and status in (None, row.status))


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    table = FIELDS[name].kind in ("table", "rates")
    text = HEADERS[name].rule.spell(value) if table else str(show(name, value))
    return mask(text) if holds_key(text) else text
