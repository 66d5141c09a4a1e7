"""Why HIT, why MISS: an account of each answered request's cache decision, explained on demand.

Keeping an account costs a few fields; what it means is worked out only when somebody asks
(``/_local/requests/{log id}``). The nearest earlier request is the one with the fewest differences
among those whose answers were stored.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from gateway.local import cache
from gateway.local.logbook import Served
from gateway.masking import mask

Json = Any
KEPT = 2_000
BODY_KEPT = 64 * 1024
"""Larger bodies are compared by their size and hash only."""
DIFFERENCES = 20
EXCLUDED = (
    "cf-aig-metadata",
    "cf-aig-event-id",
    "cf-aig-collect-log",
    "cf-aig-cache-ttl",
    "retry and timeout headers",
    "user-agent",
    "every other header but the provider's key",
)
"""What is no part of a cache key, though people expect it to be."""


@dataclass(slots=True, kw_only=True)
class Account:
    """What one step's cache decision was made of. Times are emulated seconds since the epoch.

    Attributes:
        key: Under what it was looked up; ``None`` where the cache wasn't asked.
        refusal: Why the cache wasn't asked: a word of ``REFUSALS``.
        credential: The provider's key, masked; its hash tells two keys apart.
        body: ``None`` where it is too large to be kept.
        stored_at: When the answer was stored.
        expires_at: Until when it is reused; ``None`` where it wasn't stored.
        source: On a hit, the log row of the fresh answer.
    """

    id: str
    gateway: str
    started_s: float
    ended_s: float
    status: int
    cached: bool
    key: str | None
    refusal: str | None
    provider: str
    endpoint: str
    model: str
    credential: str | None
    credential_hash: int
    body: bytes | None
    size: int
    body_hash: int
    ttl_s: int
    ttl_level: str
    stored_at: float | None
    expires_at: float | None
    source: str | None


Again = tuple[Account, str, float, float]
"""An account like this one, but for its id, when it started, and when it ended."""

REFUSALS = {
    "off": "Caching is off: neither the gateway's cache_ttl nor a cf-aig-cache-key switches it on; "
    "cf-aig-cache-ttl alone doesn't.",
    "skipped": "cf-aig-skip-cache was true: the cache is neither read nor written.",
    "streamed": "The request asked for a stream, and streams are not cached.",
    "ttl_zero": "The lifetime in force is 0, which means no caching.",
    "too_large": "The request is larger than 25 MB.",
    "method": "Only POST requests are cached.",
}


def account_of(served: Served, *, ended_s: float) -> Account:
    """Write down what a step's cache decision was made of."""
    entry = served.entry
    step, settled = served.step, served.step.settled
    credential = step.provider.credential(step.headers)
    level = settled.levels.get("cache_ttl")
    return Account(
        id=served.id,
        gateway=served.policy.id,
        started_s=served.created_s,
        ended_s=ended_s,
        status=served.status,
        cached=served.cached,
        key=served.key,
        refusal=None if served.key is not None else _refusal(served),
        provider=step.slug,
        endpoint=step.endpoint,
        model=step.model,
        credential=None if credential is None else mask(credential),
        credential_hash=hash(credential),
        body=step.body if len(step.body) <= BODY_KEPT else None,
        size=len(step.body),
        body_hash=hash(step.body),
        ttl_s=cache.ttl_s(settled),
        ttl_level=level.level if level is not None else "default",
        stored_at=entry.stored_at if entry is not None else None,
        expires_at=entry.expires_at if entry is not None else None,
        source=entry.log_id if entry is not None and served.cached else None,
    )


def _refusal(served: Served) -> str:
    settled = served.step.settled
    if served.request.method != "POST":
        return "method"
    if settled.skip_cache:
        return "skipped"
    if not served.policy.caches and settled.cache_key is None:
        return "off"
    if served.step.streamed:
        return "streamed"
    return "ttl_zero" if settled.cache_ttl == 0 else "too_large"


class Accounts:
    """The newest accounts, oldest first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._newest: deque[Account | Again] = deque(maxlen=kept)

    def add(self, account: Account) -> None:
        """Keep one account."""
        self._newest.append(account)

    def add_again(self, account: Account, id: str, started_s: float, ended_s: float) -> None:
        """Keep an account that differs from an older one in its id and times only.

        It is spelt out when somebody asks: a hit that is repeated has no time for that.
        """
        self._newest.append((account, id, started_s, ended_s))

    def explain(self, log_id: str, now: float) -> dict[str, Json] | None:
        """Say why a request was a hit or a miss; ``None`` where it isn't kept any more.

        Args:
            now: Emulated seconds since the epoch.
        """
        kept = [_whole(each) for each in self._newest]
        account = next((each for each in reversed(kept) if each.id == log_id), None)
        if account is None:
            return None
        reason, sentence, nearest = _reason(account, kept)
        source = account
        if account.cached:
            source = next((each for each in kept if each.id == account.source), account)
        expires_at = account.expires_at
        return {
            "log_id": account.id,
            "cache_status": "HIT" if account.cached else "MISS",
            "reason": reason,
            "sentence": sentence,
            "key": _key(account),
            "ttl": {
                "s": source.ttl_s,
                "level": source.ttl_level,
                "left_s": None if expires_at is None else max(0.0, expires_at - now),
            },
            "source_log_id": account.source,
            "age_s": None
            if not account.cached or account.stored_at is None
            else account.started_s - account.stored_at,
            "nearest": nearest,
        }


def _whole(account: Account | Again) -> Account:
    """Spell out an account that was kept as what is new in it."""
    if isinstance(account, Account):
        return account
    like, id, started_s, ended_s = account
    return replace(like, id=id, started_s=started_s, ended_s=ended_s)


def _reason(account: Account, kept: list[Account]) -> tuple[str, str, Json]:
    if account.cached:
        return "hit", "The same key was stored before, and its time isn't over.", None
    if account.refusal is not None:
        return account.refusal, REFUSALS[account.refusal], None
    earlier = [each for each in _earlier(account, kept) if each.key is not None]
    same = [each for each in earlier if each.key == account.key]
    for each in reversed(same):
        if each.ended_s > account.started_s:
            return (
                "in_flight",
                "The same request was still on its way: its answer wasn't there yet.",
                _named(each),
            )
        if each.expires_at is not None and each.expires_at <= account.started_s:
            return (
                "expired",
                "The same request was stored, but its time was over.",
                _named(each),
            )
        if each.expires_at is None and not each.cached:
            return (
                "not_stored",
                f"The same request was asked before, but its answer ({each.status}) "
                "wasn't stored: only 2xx answers are.",
                _named(each),
            )
    stored = [each for each in earlier if each.expires_at is not None]
    if not stored:
        return "first", "Nothing was stored in this gateway before.", None
    ranked = [(differences(each, account), each) for each in reversed(stored)]
    differing, nearest = min(ranked, key=lambda pair: len(pair[0]))
    if not differing:
        return "dropped", "The same request was stored, but its entry is gone.", _named(nearest)
    fields = ", ".join(difference["field"] for difference in differing[:3])
    return (
        "different",
        f"No stored request is the same; the nearest differs in {fields}.",
        {**_named(nearest), "differs": differing},
    )


def _earlier(account: Account, kept: list[Account]) -> Iterator[Account]:
    for each in kept:
        mine = each.gateway == account.gateway and each.id != account.id
        if mine and each.started_s <= account.started_s:
            yield each


def differences(old: Account, new: Account) -> list[dict[str, Json]]:
    """Return the fields in which two requests' keys differ: ``field``, ``was``, ``is``."""
    if _is_custom(old) or _is_custom(new):
        return [] if old.key == new.key else [_difference("cf-aig-cache-key", old.key, new.key)]
    found = [
        _difference(name, getattr(old, name), getattr(new, name))
        for name in ("provider", "endpoint", "model")
        if getattr(old, name) != getattr(new, name)
    ]
    if old.credential_hash != new.credential_hash:
        found.append(_difference("provider key", old.credential, new.credential))
    if (old.body_hash, old.size) != (new.body_hash, new.size):
        found.extend(_body_differences(old, new))
    return found[:DIFFERENCES]


def _body_differences(old: Account, new: Account) -> list[dict[str, Json]]:
    try:
        was, is_ = orjson.loads(old.body or b""), orjson.loads(new.body or b"")
    except orjson.JSONDecodeError:
        return [_difference("body", f"{old.size} bytes", f"{new.size} bytes")]
    found = list(_paths("body", was, is_))
    # Equal values in other words: white space or the order of members counts too.
    return found or [_difference("spelling of the body", f"{old.size} bytes", f"{new.size} bytes")]


def _paths(path: str, was: Json, is_: Json) -> Iterator[dict[str, Json]]:
    if isinstance(was, dict) and isinstance(is_, dict):
        for name in {**was, **is_}:
            if name not in was:
                yield _difference(f"{path}.{name}", None, is_[name])
            elif name not in is_:
                yield _difference(f"{path}.{name}", was[name], None)
            else:
                yield from _paths(f"{path}.{name}", was[name], is_[name])
    elif isinstance(was, list) and isinstance(is_, list):
        for at in range(max(len(was), len(is_))):
            old = was[at] if at < len(was) else None
            new = is_[at] if at < len(is_) else None
            yield from _paths(f"{path}[{at}]", old, new)
    elif was != is_ or type(was) is not type(is_):
        yield _difference(path, was, is_)


def _difference(field: str, was: Json, is_: Json) -> dict[str, Json]:
    return {"field": field, "was": was, "is": is_}


def _is_custom(account: Account) -> bool:
    return account.key is not None and account.key.startswith("custom:")


def _named(account: Account) -> dict[str, Json]:
    return {"log_id": account.id, "at_s": account.started_s}


def _key(account: Account) -> dict[str, Json]:
    if _is_custom(account):
        return {
            "kind": "custom",
            "parts": {"cf-aig-cache-key": (account.key or "").removeprefix("custom:")},
            "excluded": ["provider", "endpoint", "model", "provider key", "body", *EXCLUDED],
        }
    return {
        "kind": "default",
        "value": account.key,
        "parts": {
            "provider": account.provider,
            "endpoint": account.endpoint,
            "model": account.model,
            "provider key": account.credential,
            "body": f"{account.size} bytes, every one of them counts",
        },
        "excluded": list(EXCLUDED),
    }
