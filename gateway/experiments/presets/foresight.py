"""What theory says of a free design, request by request: drawn calls leave nothing to chance.

A cache with a fixed life is deterministic once arrivals, keys and the time of an answer are known;
so are retries once each attempt's fate is. Where one of these isn't known, nothing is said but why.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple

from gateway.experiments.plan import Call, Plan, Variant
from gateway.experiments.presets.preset import Prediction

Json = Any
Knobs = Mapping[str, Json]

MOST_TRIES = 5
DEFAULT_TTL_S = 300
"""Of an answer that only a cache key makes storable (contract: headers)."""
UNSURE_S = 0.05
"""Real seconds by which a request may pass a boundary otherwise than drawn."""
MOST_UNSURE = 0.25
"""Share of requests so near to a boundary that nothing is predicted any more."""
SLOW_S = 3.0
"""What one natural answer takes at the very most, with which a closed loop's length is bounded."""


class Foreseen(NamedTuple):
    """A figure, how sure it is, and the formula; or why there is none."""

    metric: str
    value: float = 0.0
    se: float = 0.0
    formula: str = ""
    why: str = ""


def predictions(plan: Plan, knobs: Knobs) -> list[Prediction]:
    """Return what can be said beforehand, variant by variant."""
    return [
        Prediction(
            variant=variant.id,
            metric=one.metric,
            value=one.value,
            se=one.se,
            formula=one.formula,
        )
        for variant, calls in _groups(plan)
        for one in (*_retries(variant, calls, knobs), _cache(variant, calls, plan, knobs))
        if not one.why
    ]


def reasons(plan: Plan, knobs: Knobs) -> dict[str, str]:
    """Return why nothing is said about a variant's cache, for those of which nothing is."""
    found = {
        variant.id: _cache(variant, calls, plan, knobs).why for variant, calls in _groups(plan)
    }
    return {variant: why for variant, why in found.items() if why}


def _groups(plan: Plan) -> list[tuple[Variant, list[Call]]]:
    groups: dict[str, list[Call]] = {variant.id: [] for variant in plan.variants}
    for call in plan.calls:
        groups[call.variant].append(call)
    return [(variant, groups[variant.id]) for variant in plan.variants]


def _ttl_s(variant: Variant, knobs: Knobs) -> int:
    """Return the life of an answer of a variant; 0 where none is stored."""
    options, gateway = variant.options, int(knobs["gateway_ttl_s"])
    if options.skip_cache or not (gateway or options.cache_key):
        return 0
    if options.cache_ttl is not None:
        return options.cache_ttl
    return gateway or DEFAULT_TTL_S


def _cache(variant: Variant, calls: Sequence[Call], plan: Plan, knobs: Knobs) -> Foreseen:
    ttl_s = _ttl_s(variant, knobs)
    why = ""
    if not ttl_s:
        why = "Nothing is stored here, so that there are no hits to predict."
    elif variant.stream:
        why = "Streamed answers aren't stored, as far as anybody has seen."
    elif knobs["success"] < 1:
        why = "Failed answers aren't stored: with failures and a cache at once no formula holds."
    elif calls[0].at_s is None:
        return _closed(calls, ttl_s, plan, knobs, variant)
    elif knobs["answers"] == "natural":
        why = "How long an answer takes isn't known: let answers be timed to get a prediction."
    else:
        return _replayed(calls, ttl_s, float(knobs["answer_s"]), plan.time_scale)
    return Foreseen("hit_ratio", why=why)


def _closed(
    calls: Sequence[Call], ttl_s: int, plan: Plan, knobs: Knobs, variant: Variant
) -> Foreseen:
    """C6 for drawn keys: as many misses as there are different prompts, if no answer expires."""
    if variant.concurrency > 1 and plan.sequential_variants:
        why = "Requests under way at once may miss the same prompt: set concurrency to 1."
        return Foreseen("hit_ratio", why=why)
    among = len(plan.calls) if not plan.sequential_variants else len(calls)
    slow_s = SLOW_S if knobs["answers"] == "natural" else float(knobs["answer_s"]) + UNSURE_S
    slow_s = max(slow_s, UNSURE_S * plan.time_scale)
    if among * slow_s > ttl_s:
        why = "A closed loop takes as long as its answers do: some may expire within it."
        return Foreseen("hit_ratio", why=why)
    distinct = len({call.key_id for call in calls})
    return Foreseen("hit_ratio", 1 - distinct / len(calls), 0.0, "C6, drawn")


def _replayed(calls: Sequence[Call], ttl_s: int, fill_s: float, scale: float) -> Foreseen:
    """C8's cache, request by request: each write restarts the life, no fill is shared."""
    blur_s = UNSURE_S * scale
    written: dict[str, float] = {}
    writes: dict[str, list[float]] = {}
    found = unsure = 0
    for call in sorted(calls, key=lambda call: call.at_s or 0.0):
        at, key = call.at_s or 0.0, call.key_id
        coming = writes.setdefault(key, [])
        while coming and coming[0] <= at:
            written[key] = coming.pop(0)
        last = written.get(key, float("-inf"))
        found += last + ttl_s > at
        edges = (last, last + ttl_s, *coming)
        unsure += any(abs(edge - at) <= blur_s for edge in edges)
        if last + ttl_s <= at:
            coming.append(at + fill_s)
    n = len(calls)
    if unsure > n * MOST_UNSURE:
        why = (
            "Too many requests fall together to tell their order: lower the rate or the time scale."
        )
        return Foreseen("hit_ratio", why=why)
    # A request near a boundary may fall on either side, and take another one with it.
    return Foreseen("hit_ratio", found / n, sqrt(2 * unsure) / n, "C8, drawn")


def _retries(variant: Variant, calls: Sequence[Call], knobs: Knobs) -> list[Foreseen]:
    """R1 for drawn failures: what the attempts' fates come to."""
    options = variant.options
    if knobs["success"] == 1 or _ttl_s(variant, knobs) or options.request_timeout is not None:
        return []
    tries = options.max_attempts or 1
    needed = [_needed((call.fault or "").split(", ")) for call in calls]
    n = len(calls)
    won = sum(at <= tries for at in needed) / n
    made = sum(min(at, tries) for at in needed) / n
    return [
        Foreseen("success", won, 0.0, "R1, drawn"),
        Foreseen("amplification", made, 0.0, "R1, drawn"),
    ]


def _needed(fates: Sequence[str]) -> int:
    """Return which attempt is the first to succeed; one beyond the last where none does."""
    good = (number for number, fate in enumerate(fates, 1) if not fate.startswith("status="))
    return next(good, len(fates) + 1)
