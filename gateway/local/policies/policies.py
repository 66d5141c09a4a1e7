"""One gateway's policies in a call's way: after a cache miss, before its provider is asked."""

import logging
from collections.abc import Sequence
from typing import Any

import orjson

from gateway.local.clock import Clock
from gateway.local.ledger import Ledger
from gateway.local.logbook import Served, log_model
from gateway.local.policies.conditions import Failed
from gateway.local.policies.evaluation import evaluate
from gateway.local.policies.identity import identity_of
from gateway.local.policies.periods import period_at
from gateway.local.policies.policy import Policy
from gateway.local.refusals import Refusal
from gateway.providers import Provider

Json = Any
DENIED, SPENT = "Access denied by policy", "Spending limit exceeded"
log = logging.getLogger(__name__)


class PolicyRefusal(Refusal):
    """A refusal by policy: ``error`` is an object here (contract: behaviour, 6).

    Attributes:
        details: What the object holds besides the message.
    """

    def __init__(self, status: int, message: str, **details: Json) -> None:
        super().__init__(None, message, status=status)
        self.details = details

    def body(self) -> bytes:
        """Return the envelope."""
        error = {"message": self.message, **self.details}
        return orjson.dumps({"success": False, "error": error})


class Policies:
    """The policies of one gateway that are in force; at least one."""

    def __init__(
        self, gateway: str, policies: Sequence[Policy], ledger: Ledger, clock: Clock
    ) -> None:
        self._gateway = gateway
        self._policies = tuple(policies)
        self._ledger = ledger
        self._clock = clock

    def check(self, served: Served) -> None:
        """Let a request pass, if a policy covers it, none blocks it, and no budget is used up.

        Where a policy can't be evaluated, the request passes (contract: behaviour, 6).

        Raises:
            PolicyRefusal: it mustn't be sent (403), or not now (429).
        """
        step = served.step
        identity = identity_of(served.request.headers, step.settled.metadata)
        model = log_model(step.provider, step.model)
        try:
            found = evaluate(self._policies, identity, model, names_of(step.provider, step.slug))
        except Failed as error:
            log.warning("Policies of %s can't be evaluated: %s", self._gateway, error)
            return
        if found.decision == "block":
            raise PolicyRefusal(403, DENIED)
        served.drawn = tuple((cap.id, cap.period) for cap in found.caps)
        for cap in found.caps:
            start_s, length_s = self._window(cap.period)
            bucket = _bucket(cap.id)
            total = self._ledger.read(self._gateway, bucket, start_s=start_s, length_s=length_s)
            spent = total.spent
            if spent >= cap.amount:
                raise PolicyRefusal(429, SPENT, bucket=cap.id, spent=spent, limit=cap.amount)

    def charge(self, served: Served, usd: float) -> None:
        """Add what an answer cost to the budgets that it was allowed by."""
        for id, period in served.drawn:
            start_s, length_s = self._window(period)
            self._ledger.add(self._gateway, _bucket(id), usd, start_s=start_s, length_s=length_s)

    def _window(self, period: str) -> tuple[float, float]:
        start_s, end_s = period_at(period, self._clock.now())
        return start_s, end_s - start_s


def _bucket(id: str) -> str:
    """Return what the ledger calls a bucket of policies."""
    return f"policy {id}"


def names_of(provider: Provider, slug: str) -> tuple[str, ...]:
    """Return the names that a provider goes by in policies: its slug, and its models' author."""
    return (slug, provider.rest_author) if provider.rest_author else (slug,)
