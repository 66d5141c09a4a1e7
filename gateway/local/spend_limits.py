"""Spend limits: budgets in dollars that are checked before a call (contract: behaviour, 5).

bucket   one for each rule, times the values of the dimensions that it is split by
check    every rule that applies; one whose budget is used up refuses the call (2045)
charge   what an answer cost, once it is whole: concurrent calls can overshoot

fixed    windows aligned to the epoch
sliding  what the current window holds, and of the window before as much as still overlaps

ASSUMPTIONS: a model is named as the call or as the log names it; metadata values are compared as
text; a window of 0 seconds never holds anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import orjson

from gateway.local.clock import Clock
from gateway.local.ledger import Ledger
from gateway.local.logbook import log_model
from gateway.local.refusals import Refusal
from gateway.local.steps import Step
from gateway.pricing import price

Json = Any
OVER = 2045


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension of a rule.

    Attributes:
        values: The only values that the rule is for; ``None`` splits the budget by value.
    """

    name: str
    values: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One budget.

    Attributes:
        limit: US dollars for each ``window_s`` seconds.
    """

    id: str
    limit: float
    window_s: int
    technique: str
    dimensions: tuple[Dimension, ...]

    @classmethod
    def from_json(cls, rule: Mapping[str, Json]) -> Self:
        """Read a rule as the settings keep it: checked, with its defaults filled in."""
        plain = {name: rule[name] for name in ("provider", "model") if name in rule}
        metadata = {f"metadata.{name}": how for name, how in rule.get("metadata", {}).items()}
        return cls(
            id=rule["id"],
            limit=rule["limit"],
            window_s=rule["window"],
            technique=rule["technique"],
            dimensions=tuple(
                Dimension(
                    name=name,
                    values=frozenset(how["values"]) if how["mode"] == "filter" else None,
                )
                for name, how in {**plain, **metadata}.items()
            ),
        )

    def bucket(self, step: Step) -> str | None:
        """Return the bucket that a step draws on; ``None`` where the rule isn't for it."""
        split = [self.id]
        for dimension in self.dimensions:
            names = _names(step, dimension.name)
            if not names:
                # Without the key that a budget is split by, a call falls into no bucket.
                return None
            if dimension.values is None:
                split.append(f"{dimension.name}={names[0]}")
            elif dimension.values.isdisjoint(names):
                return None
        return orjson.dumps(["spend", *split]).decode()

    def spent(self, ledger: Ledger, gateway: str, bucket: str, now: float) -> float:
        """Return what counts against the limit at a moment."""
        start_s = self.start_s(now)
        total = ledger.read(gateway, bucket, start_s=start_s, length_s=self.window_s)
        if self.technique == "fixed":
            return total.spent
        overlap = 1 - (now - start_s) / self.window_s
        return total.spent + total.before * overlap

    def start_s(self, now: float) -> float:
        """Return when the current window began."""
        return now // self.window_s * self.window_s


class SpendLimits:
    """The rules of one gateway that are in force."""

    def __init__(self, gateway: str, rules: Sequence[Rule], ledger: Ledger, clock: Clock) -> None:
        self._gateway = gateway
        self._rules = tuple(rule for rule in rules if rule.window_s)
        self._ledger = ledger
        self._clock = clock

    def check(self, step: Step) -> None:
        """Let a step pass, if no budget that it draws on is used up.

        A model without a known price draws on none.

        Raises:
            Refusal: one of them is (2045).
        """
        now = self._clock.now()
        for rule, bucket in self._drawn_on(step):
            if rule.spent(self._ledger, self._gateway, bucket, now) >= rule.limit:
                limit = f"{rule.limit:.9f}".rstrip("0").rstrip(".")
                words = f"cost limit {limit} per {rule.window_s}s, {rule.technique}"
                raise Refusal(
                    OVER,
                    f"Spend limit exceeded: rule '{rule.id}' ({words}) "
                    f"for {step.slug} {step.model}",
                )

    def charge(self, step: Step, usd: float) -> None:
        """Add what a step cost to every budget that it draws on."""
        now = self._clock.now()
        for rule, bucket in self._drawn_on(step):
            self._ledger.add(
                self._gateway, bucket, usd, start_s=rule.start_s(now), length_s=rule.window_s
            )

    def _drawn_on(self, step: Step) -> Iterator[tuple[Rule, str]]:
        if step.settled.custom_cost is None and price(step.provider.slug, step.model) is None:
            return
        for rule in self._rules:
            bucket = rule.bucket(step)
            if bucket is not None:
                yield rule, bucket


def spend_limits_of(
    gateway: str, settings: Json, *, ledger: Ledger, clock: Clock
) -> SpendLimits | None:
    """Return what the setting ``spend_limits`` asks for; ``None`` where it asks for nothing."""
    if not settings or not settings["enabled"]:
        return None
    rules = [Rule.from_json(rule) for rule in settings["rules"] if rule["enabled"]]
    return SpendLimits(gateway, rules, ledger, clock) if rules else None


def _names(step: Step, dimension: str) -> tuple[str, ...]:
    """Return by what names a step's value of a dimension goes; none where it has no value."""
    if dimension == "provider":
        return (step.slug,)
    if dimension == "model":
        return (log_model(step.provider, step.model), step.model)
    value = step.settled.metadata.get(dimension.removeprefix("metadata."))
    if value is None:
        return ()
    return (value if isinstance(value, str) else orjson.dumps(value).decode(),)
