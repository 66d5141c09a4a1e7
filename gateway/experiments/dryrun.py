"""A plan before anything is sent: what it is likely to take, to cost, and to show.

Estimates say where they come from; what can't be known beforehand is ``None``, never 0.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from gateway import pricing
from gateway.chat import Usage
from gateway.experiments import statistics
from gateway.experiments.plan import Call, Plan, Variant
from gateway.experiments.presets import PRESETS, Prediction

Kind = Literal["emulator", "cloudflare"]

ANSWER_S = 1.0
"""An answer of a real provider, or of one that is played at a natural pace, until it is whole."""
QUICK_S = 0.006
"""A call on this machine that nobody delays: a hit, or a provider that answers at once."""
CHARACTERS_A_TOKEN = 4
TOKENS_OUT = 256
"""Output tokens of an answer that nothing bounds."""
MARGIN = 0.05
"""Half the width of an interval for a share that is thought worth having: five points."""
WORTH = 1.1
"""The difference of two latencies that is thought worth showing: 10 %."""
SPREAD = 0.45
"""Standard deviation of log ratios of latencies; assumed, a pilot would tell."""
Z95 = 1.96

_TIMED = re.compile(r"(?:slow|wait|stall)=(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a plan comes to before it is run.

    Attributes:
        calls: Requests that would be sent.
        emulated_s: How long it takes on the gateway's clock.
        real_s: How long one waits for it.
        cost_usd: At most, if nothing came from a cache and every answer were as long as it may
            be; ``None`` where no price is known.
        cost_source: Where the price is from, or why there is none.
        paid: Whether real money is spent.
        unpredicted: Why nothing is predicted of some variants, by their ids.
        least_n: Requests for each variant from which on the question can be answered, and why.
        warnings: What to know beforehand.
        refusals: Why it can't be started here; empty where it can.
    """

    calls: int
    emulated_s: float
    real_s: float
    cost_usd: float | None
    cost_source: str
    cap_usd: float | None
    paid: bool
    predictions: tuple[Prediction, ...]
    least_n: int | None
    least_why: str
    warnings: tuple[str, ...]
    refusals: tuple[str, ...]
    unpredicted: Mapping[str, str] = field(default_factory=dict)


def dry_run(plan: Plan, kind: Kind) -> DryRun:
    """Return what a plan comes to; nothing is sent.

    Args:
        kind: Where it would run: a local gateway of its own, or a hosted one as it is.
    """
    preset = PRESETS[plan.recipe.preset]
    predictions = tuple(preset.predict(plan))
    emulated_s = duration_s(plan, kind)
    cost, source = cost_usd(plan)
    least, why = _least_n(plan, predictions)
    return DryRun(
        calls=len(plan.calls),
        emulated_s=emulated_s,
        real_s=emulated_s / (plan.time_scale if kind == "emulator" else 1.0),
        cost_usd=cost,
        cost_source=source,
        cap_usd=plan.recipe.cap_usd,
        paid=kind == "cloudflare",
        predictions=predictions,
        least_n=least,
        least_why=why,
        warnings=tuple(_warnings(plan, kind, cost, least)),
        refusals=tuple(_refusals(plan, kind, cost)),
        unpredicted=preset.unpredicted(plan),
    )


def duration_s(plan: Plan, kind: Kind) -> float:
    """Return how long a plan is likely to take, in emulated seconds."""
    scale = plan.time_scale if kind == "emulator" else 1.0
    seen: set[tuple[str, str]] = set()
    spans: dict[str, float] = {}
    variants = {variant.id: variant for variant in plan.variants}
    for call in plan.calls:
        variant = variants[call.variant]
        took = _answer_s(plan, variant, call, kind, scale, seen)
        name = call.variant if plan.sequential_variants else ""
        before = spans.get(name, 0.0)
        if call.at_s is not None:
            spans[name] = max(before, call.at_s + took)
        else:
            lanes = variant.concurrency if plan.sequential_variants else 1
            spans[name] = before + took / lanes
    return sum(spans.values())


def _answer_s(
    plan: Plan,
    variant: Variant,
    call: Call,
    kind: Kind,
    scale: float,
    seen: set[tuple[str, str]],
) -> float:
    """Return what one call takes; ``seen`` knows which keys have an answer in the cache."""
    key = (variant.gateway, call.key_id)
    again = bool(call.key_id) and key in seen and not variant.options.skip_cache
    seen.add(key)
    if again:
        return QUICK_S * scale
    if call.fault is not None:
        return sum(int(ms) for ms in _TIMED.findall(call.fault)) / 1000 + QUICK_S * scale
    return QUICK_S * scale if plan.pace == "instant" and kind == "emulator" else ANSWER_S


def cost_usd(plan: Plan) -> tuple[float | None, str]:
    """Return the most that a plan can cost by list prices, and where these are from."""
    total = 0.0
    for variant_id, (count, tokens_in) in _tokens(plan.calls).items():
        variant = plan.variant(variant_id)
        price = pricing.price(variant.provider, variant.model)
        if price is None:
            return None, f"No price is known for {variant.provider} {variant.model}."
        out = count * (variant.max_tokens or TOKENS_OUT)
        total += price.usd(Usage(tokens_in=tokens_in, tokens_out=out))
    return total, f"{pricing.PACKAGE} {pricing.snapshot_date()}"


def _tokens(calls: Sequence[Call]) -> dict[str, tuple[int, int]]:
    """Return variant -> (calls, input tokens); four characters are taken for a token."""
    counts: Counter[str] = Counter(call.variant for call in calls)
    tokens: Counter[str] = Counter()
    for call in calls:
        tokens[call.variant] += ceil(len(call.prompt) / CHARACTERS_A_TOKEN) + 8
    return {variant: (count, tokens[variant]) for variant, count in counts.items()}


def _least_n(plan: Plan, predictions: Sequence[Prediction]) -> tuple[int | None, str]:
    found = re.search(r"_p(\d+)_", plan.primary)
    if found is not None:
        p = int(found[1]) / 100
        return statistics.least_n(p), f"A 95 % interval for a p{found[1]} begins to exist here."
    told = [p for p in predictions if p.metric == plan.primary and p.slice == "all"]
    if told and all(p.se == 0 for p in told):
        return 1, "The prediction is exact: a single deviation refutes it."
    if plan.primary in ("hit_ratio", "success", "accepted", "fallback_rate"):
        worst = min((p.value for p in told), key=lambda value: abs(value - 0.5), default=0.5)
        needed = ceil(worst * (1 - worst) * (Z95 / MARGIN) ** 2)
        return needed, "With fewer, a 95 % interval is wider than ±5 points."
    if plan.primary.endswith("_ms"):
        needed = statistics.pairs_needed(WORTH, SPREAD)
        return needed, "Pairs that show a difference of 10 %, if log ratios spread by 0.45."
    return None, "Every further request makes the interval narrower."


def _warnings(plan: Plan, kind: Kind, cost: float | None, least: int | None) -> list[str]:
    found = []
    sizes = Counter(call.variant for call in plan.calls if call.phase == "measure")
    if least is not None and sizes and min(sizes.values()) < least:
        found.append(
            f"{min(sizes.values()):,} requests for a variant are few: "
            f"{least:,} would answer the question."
        )
    cap = plan.recipe.cap_usd
    if cap is not None and cost is not None and cost > cap:
        found.append(
            f"It may cost more than its cap of ${cap:g}: it stops there and keeps what it has."
        )
    most = plan.recipe.cap_calls
    if most is not None and most < len(plan.calls):
        found.append(
            f"It stops after {most:,} of {len(plan.calls):,} requests: that is its cap. "
            "Variants that come later have fewer, or none."
        )
    if kind == "cloudflare":
        if len({variant.gateway for variant in plan.variants}) > 1:
            found.append(
                "All variants share one gateway there, and its cache: what one stored, "
                "another may be answered with."
            )
        if cap is None:
            found.append("Real money is spent, and no cap is set.")
        if plan.time_scale != 1:
            found.append("A hosted gateway's clock runs as ours: TTLs pass in real time.")
        wanted = {name: value for s in plan.gateways.values() for name, value in s.items()}
        if wanted:
            settings = ", ".join(f"{name} = {value}" for name, value in sorted(wanted.items()))
            found.append(f"Set the gateway beforehand as the plan has it: {settings}.")
    return found


def _refusals(plan: Plan, kind: Kind, cost: float | None) -> list[str]:
    found = []
    if kind == "cloudflare" and PRESETS[plan.recipe.preset].needs_local(plan):
        found.append(
            "This experiment makes providers fail on purpose: only the local gateway can do that."
        )
    cap = plan.recipe.cap_usd
    if cap is not None and cost is not None and cap < cost / len(plan.calls):
        found.append(
            f"The cap of ${cap:g} lies below the price of one request, about "
            f"${cost / len(plan.calls):.2g}: raise it."
        )
    return found
