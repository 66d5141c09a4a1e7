"""The replay oracle over a whole run: each gateway of it, with the rules that could be in force.

For each gateway and lifetime, the rules of a cache; for each gateway with a limit, the rules of a
limiter. Only where the run knows the setting: a hosted gateway's own settings aren't read here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gateway.experiments.oracle import Agreement, cache_rules, limit_rules
from gateway.experiments.plan import Plan, Variant

Json = Any
MOST = 20_000
"""Requests of a gateway that are replayed, the first ones: each rule is replayed one by one."""


def explained(plan: Plan, requests: pd.DataFrame, *, hosted: bool) -> list[dict[str, Json]]:
    """Return what each rule explains of a run, the best of each gateway first.

    Args:
        hosted: Whether the gateway was asked as it is: then only headers are known of it.

    Returns:
        Rows with ``gateway``, ``about`` ("cache" or "limit"), ``setting``, ``rule``, ``judged``,
        ``agreed`` and ``first_wrong``, the ``seq`` of the first request that contradicts the rule.
    """
    found: list[dict[str, Json]] = []
    for name, settings in plan.gateways.items():
        known = {} if hosted else settings
        mine = [variant for variant in plan.variants if variant.gateway == name]
        for ttl in dict.fromkeys(_ttl(variant, known) for variant in mine):
            same = [variant.id for variant in mine if _ttl(variant, known) == ttl]
            rows = _of(requests, same)
            if ttl and rows["cache_status"].isin(["HIT", "MISS"]).any():
                found += _told(name, "cache", f"{ttl:g} s", cache_rules(rows, ttl))
        limit, window = (
            known.get("rate_limiting_limit", 0),
            known.get("rate_limiting_interval", 0),
        )
        if limit and window and plan.align_s:
            rows = _of(requests, [variant.id for variant in mine])
            offset = _offset(plan, rows)
            if offset is not None:
                rules = limit_rules(rows, int(limit), float(window), offset_s=offset)
                found += _told(name, "limit", f"{limit} in {window} s", rules)
    return found


def _ttl(variant: Variant, settings: Mapping[str, Json]) -> float:
    """Return the lifetime in force for a variant, in seconds; 0 where it isn't known to cache."""
    options = variant.options
    if options.skip_cache:
        return 0.0
    own = options.cache_ttl
    return float(settings.get("cache_ttl") or 0) if own is None else float(own)


def _of(requests: pd.DataFrame, variants: Sequence[str]) -> pd.DataFrame:
    rows = requests[requests["variant_id"].isin(variants) & requests["t_send_s"].notna()]
    return rows.sort_values("t_send_s").head(MOST)


def _offset(plan: Plan, rows: pd.DataFrame) -> float | None:
    """Return what the gateway's clock showed at the run's 0, up to whole periods of alignment.

    The first variant begins at a multiple of ``align_s`` of that clock.
    """
    if not len(rows):
        return None
    at = {call.seq: call.at_s for call in plan.calls}
    first = rows.iloc[0]
    due = at.get(int(first["seq"]))
    return None if due is None else -(float(first["t_plan_s"]) - due)


def _told(
    gateway: str, about: str, setting: str, rules: Sequence[Agreement]
) -> list[dict[str, Json]]:
    return [
        {
            "gateway": gateway,
            "about": about,
            "setting": setting,
            "rule": one.rule,
            "judged": one.judged,
            "agreed": one.agreed,
            "first_wrong": one.first_wrong,
        }
        for one in rules
        if one.judged
    ]
