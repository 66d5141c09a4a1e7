"""Reading cf-aig-* headers as a gateway does: it never fails a request over one of them.

ASSUMPTION (contract: headers, precedence): a value that can't be read is ignored, so that the next
level down speaks; a number outside its limits is clamped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from gateway.errors import HeaderError
from gateway.headers import (
    CONFIG,
    HEADERS,
    Effective,
    Metadata,
    Options,
    Text,
    Whole,
    effective,
    rows_of,
)
from gateway.policy import GatewayPolicy

Json = Any
CfHeaders = tuple[tuple[str, str], ...]
"""The cf-* request headers, names in lower case: what makes two requests' settings equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is in force for one step, after precedence.

    Attributes:
        levels: Every setting in force with the level that stated it, by field of ``Options``.
        timeout_s: Longest wait for the first part of an answer.
        attempts: Tries in total, the first one included (ASSUMPTION in the contract).
    """

    levels: Mapping[str, Effective] = field(hash=False)
    skip_cache: bool
    cache_ttl: int | None
    cache_key: str | None
    collect_log: bool
    collect_payload: bool
    metadata: Mapping[str, Json]
    custom_cost: Mapping[str, Json] | None
    event_id: str | None
    timeout_s: float | None
    attempts: int
    delay_s: float
    backoff: str
    no_wholesale: bool
    alias: str | None


def options_of(headers: Iterable[tuple[str, str]]) -> Options:
    """Read what request headers state, tolerantly."""
    found = dict(headers)
    stated: dict[str, Any] = {}
    for name, row in rows_of(found):
        try:
            value = row.rule.parse(found[name])
        except ValueError:
            continue
        _state(stated, row.field or "", value)
    return Options(**stated)


def config_of(config: Mapping[str, Json]) -> Options:
    """Read the ``config`` object of a universal step, tolerantly."""
    stated: dict[str, Any] = {}
    for name, spelled in CONFIG.items():
        if spelled in config:
            _state(stated, name, config[spelled])
    return Options(**stated)


def _state(stated: dict[str, Any], name: str, value: Any) -> None:
    """Keep a value as the gateway would: as it is, mended, or not at all."""
    rule = HEADERS[name].rule
    number = isinstance(value, int) and not isinstance(value, bool)
    if isinstance(rule, Whole) and number and value not in rule.also:
        value = rule.clamp(value)
    if isinstance(rule, Metadata):
        value = metadata_of(value, rule)
    if isinstance(rule, Text) and isinstance(value, str):
        value = value.strip()
    try:
        Options(**{name: value})
    except HeaderError:
        return
    stated[name] = value


def metadata_of(entries: Any, rule: Metadata) -> dict[str, Json] | None:
    """Return the entries that the gateway keeps, or ``None`` where it keeps none.

    Reserved names go, entries after the fifth go; a nested value or a null loses them all, and so
    does what no log row can hold: half a surrogate pair, a number of more than 64 bits.
    """
    if not isinstance(entries, dict):
        return None
    if any(not isinstance(value, str | int | float) for value in entries.values()):
        return None
    kept = {name: value for name, value in entries.items() if not name.startswith(rule.reserved)}
    kept = dict(list(kept.items())[: rule.high])
    try:
        orjson.dumps(kept)
    except orjson.JSONEncodeError:
        return None
    return kept or None


def settle(
    policy: GatewayPolicy,
    request: CfHeaders,
    step: CfHeaders = (),
    config: Mapping[str, Json] | None = None,
) -> Settled:
    """Settle gateway, request and step into what is in force.

    In a step, ``config`` wins over the step's headers (ASSUMPTION: it is the documented place).
    """
    if not config:
        return _by_headers(policy, request, step)
    stated = {**dict(options_of(step).stated()), **dict(config_of(config).stated())}
    return _settle(policy, options_of(request), Options(**stated))


@lru_cache(maxsize=4096)
def _by_headers(policy: GatewayPolicy, request: CfHeaders, step: CfHeaders) -> Settled:
    return _settle(policy, options_of(request), options_of(step))


def _settle(policy: GatewayPolicy, request: Options, step: Options) -> Settled:
    levels = effective(step=step, request=request, gateway=policy.defaults)

    def value(name: str) -> Any:
        found = levels.get(name)
        return None if found is None else found.value

    timeout_ms, delay_ms = value("request_timeout"), value("retry_delay")
    return Settled(
        levels=levels,
        skip_cache=bool(value("skip_cache")),
        cache_ttl=value("cache_ttl"),
        cache_key=value("cache_key"),
        collect_log=value("collect_log") is not False,
        collect_payload=value("collect_log_payload") is not False,
        metadata=value("metadata") or {},
        custom_cost=value("custom_cost"),
        event_id=value("event_id"),
        timeout_s=None if timeout_ms is None else timeout_ms / 1000,
        attempts=value("max_attempts") or 1,
        delay_s=(delay_ms or 0) / 1000,
        backoff=value("backoff") or "constant",
        no_wholesale=bool(value("no_wholesale")),
        alias=value("byok_alias"),
    )
