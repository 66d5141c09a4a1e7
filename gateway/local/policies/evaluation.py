"""All policies of a gateway and one request: what they come to. Their order doesn't matter.

1. match     the resource covers the request, and the condition is true
2. block     any matching block wins
3. buckets   the others, grouped by resolved actor and resource
4. caps      none where one of a bucket's policies has no limit; of one period, the highest counts
5. deny      where nothing matches

A field that is missing: a block policy that covers the request blocks, any other doesn't apply.
ASSUMPTIONS: that holds for a block's actor too; a block with ``except`` that lets a request pass
doesn't count as a match.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from gateway.local.policies.conditions import Missing
from gateway.local.policies.policy import Policy

Json = Any
Decision = Literal["block", "no-limit", "check_limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """One budget that a request must be under.

    Attributes:
        policies: Names of the policies that it comes from, that with the highest amount first.
        amount: US dollars for each ``period``.
    """

    actor: str
    covered: str
    period: str
    amount: float
    policies: tuple[str, ...]

    @property
    def id(self) -> str:
        """The bucket's id: the same for the same actor, resource and period."""
        parts = orjson.dumps([self.actor, self.covered, self.period])
        return hashlib.sha256(parts).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What the policies come to.

    Attributes:
        policy: Name of the policy that blocks; empty where none matched.
    """

    decision: Decision
    policy: str = ""
    caps: tuple[Cap, ...] = ()


def evaluate(
    policies: Iterable[Policy], identity: Mapping[str, Json], model: str, providers: Sequence[str]
) -> Evaluation:
    """Evaluate the policies for one request.

    Args:
        model: Model id as policies name it, ``author/model``.
        providers: The names that its provider goes by.

    Raises:
        Failed: a condition or an actor can't be evaluated.
    """
    buckets: dict[tuple[str, str], list[Policy]] = {}
    for policy in policies:
        if policy.resource.covers(model, providers) is policy.excepted:
            continue
        try:
            actor = policy.actor.resolved(identity)
            if not policy.condition.holds(identity):
                continue
        except Missing:
            if policy.kind != "block":
                continue
            actor = ""
        if policy.kind == "block":
            return Evaluation(decision="block", policy=policy.name)
        buckets.setdefault((actor, policy.covered), []).append(policy)
    if not buckets:
        return Evaluation(decision="block")
    caps = [
        cap for (actor, covered), group in buckets.items() for cap in _caps(actor, covered, group)
    ]
    return Evaluation(decision="check_limits" if caps else "no-limit", caps=tuple(caps))


def _caps(actor: str, covered: str, group: Sequence[Policy]) -> Iterable[Cap]:
    if any(policy.kind == "no-limit" for policy in group):
        return
    for period in dict.fromkeys(policy.period for policy in group):
        of_period = [policy for policy in group if policy.period == period]
        of_period.sort(key=lambda policy: policy.amount, reverse=True)
        yield Cap(
            actor=actor,
            covered=covered,
            period=period,
            amount=of_period[0].amount,
            policies=tuple(policy.name for policy in of_period),
        )
