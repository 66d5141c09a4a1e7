"""Shards of a plan: which worker sends which of its calls.

    open loop     each call goes to a worker drawn from the plan's seed, all get equally many
    closed loop   lanes are dealt to the workers, and the calls to the lanes in turn

Together the shards hold each call exactly once, as it was drawn: its moment, key and fault don't
depend on who sends it. A closed loop of one lane stays on one worker: its calls follow each other.
"""

from dataclasses import replace
from itertools import islice

import numpy as np

from gateway.experiments import draw
from gateway.experiments.plan import Call, Plan, Variant


def shards(plan: Plan, count: int) -> tuple[Plan, ...]:
    """Return the plan's shards, at most ``count``; workers that would have none get none.

    Events and the moment to begin at are left out: whoever leads the run sees to them.
    """
    owners = _owners(plan, count)
    found = []
    for owner in sorted(set(owners.values())):
        calls = tuple(call for call in plan.calls if owners.get(_place(call)) == owner)
        used = {call.variant for call in calls}
        variants = tuple(
            replace(variant, concurrency=_lanes(plan, variant, owner, count))
            for variant in plan.variants
            if variant.id in used
        )
        found.append(replace(plan, calls=calls, variants=variants, events=(), align_s=None))
    return tuple(found)


def _owners(plan: Plan, count: int) -> dict[tuple[str, int], int]:
    """Return (variant, number) -> worker of each call that the plan's cap lets through."""
    owners: dict[tuple[str, int], int] = {}
    rng = draw.stream(plan.recipe.seed, "shards")
    for name, calls in plan.groups.items():
        timed = sorted((call for call in calls if call.at_s is not None), key=_moment)
        dealt = np.arange(len(timed)) % count
        rng.shuffle(dealt)
        owners |= {_place(call): int(owner) for call, owner in zip(timed, dealt, strict=True)}
        lanes = plan.variant(name).concurrency if name else 1
        free = [call for call in calls if call.at_s is None]
        owners |= {_place(call): turn % lanes % count for turn, call in enumerate(free)}
    # Whoever sends alone stops at the cap in this very order.
    return dict(islice(owners.items(), plan.recipe.cap_calls))


def _moment(call: Call) -> float:
    return call.at_s or 0.0


def _place(call: Call) -> tuple[str, int]:
    return call.variant, call.seq


def _lanes(plan: Plan, variant: Variant, owner: int, count: int) -> int:
    lanes = variant.concurrency if plan.sequential_variants else 1
    return max(len(range(owner, lanes, count)), 1)
