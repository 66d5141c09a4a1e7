"""How policies would treat a request: nothing is sent and nothing is counted.

What was spent already isn't looked at; ``bucketUsage`` says what shall count, by policy name.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from gateway.local.policies.conditions import Failed
from gateway.local.policies.evaluation import Cap, Evaluation, evaluate
from gateway.local.policies.policy import Policy
from gateway.local.settings import Invalid

Json = Any


def simulated(rows: Sequence[Json], body: Json) -> dict[str, Json]:
    """Return what policies come to for the request that a body describes.

    Args:
        rows: Policies as they are kept, drafts among them.

    Raises:
        Invalid: the body isn't what it must be.
    """
    if not isinstance(body, dict):
        raise Invalid("Input Validation Error", "body")
    identity, model = body.get("identity", {}), body.get("model")
    usage = body.get("bucketUsage", {})
    if not isinstance(identity, dict):
        raise Invalid("identity must be an object", "body", "identity")
    if not isinstance(model, str) or not model:
        raise Invalid("model must be text", "body", "model")
    provider = body.get("provider", model.partition("/")[0])
    if not isinstance(provider, str):
        raise Invalid("provider must be text", "body", "provider")
    if not _is_usage(usage):
        raise Invalid("bucketUsage must be like {name: {spent: dollars}}", "body", "bucketUsage")
    policies = [Policy.from_json(row) for row in rows]
    found = Evaluation(decision="no-limit")
    if policies:
        # A policy that can't be evaluated lets everything pass.
        with suppress(Failed):
            found = evaluate(policies, {"cf": {}, "metadata": {}, **identity}, model, [provider])
    return {
        "evaluation": {
            "decision": found.decision,
            "buckets": [_bucket(cap) for cap in found.caps],
        },
        "enforcement": _enforced(found, usage),
        "policiesEvaluated": len(policies),
    }


def _is_usage(usage: Json) -> bool:
    return isinstance(usage, dict) and all(
        isinstance(each, dict)
        and isinstance(each.get("spent"), int | float)
        and not isinstance(each["spent"], bool)
        for each in usage.values()
    )


def _bucket(cap: Cap) -> dict[str, Json]:
    return {
        "id": cap.id,
        "actor": cap.actor,
        "period": cap.period,
        "limit": cap.amount,
        "policies": list(cap.policies),
    }


def _enforced(found: Evaluation, usage: Json) -> dict[str, Json]:
    if found.decision == "block":
        blocked = {"allowed": False, "reason": "blocked"}
        return {**blocked, "policyName": found.policy} if found.policy else blocked
    for cap in found.caps:
        spent = max((usage[name]["spent"] for name in cap.policies if name in usage), default=0)
        if spent >= cap.amount:
            return {
                "allowed": False,
                "reason": "limit_exceeded",
                "bucket": cap.id,
                "spent": spent,
                "limit": cap.amount,
                "policyName": cap.policies[0],
            }
    return {"allowed": True}
