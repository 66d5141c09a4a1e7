"""Rules: which calls of a provider go wrong, by rate or by script; the same for the same seed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import orjson

from gateway.errors import BadRequest
from gateway.local.call import Call
from gateway.local.clock import chance
from gateway.local.faults.fault import NUMBERED, OK, SCRIPT_LIMIT, Fault, check_whole, fault_of

Json = Any
FAIL = "fail"
"""In a rule's script: the rule's own fault."""
LONGEST_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What shall go wrong with one provider's calls.

    Attributes:
        provider: Slug, or ``"*"`` for all.
        fault: What happens when the rule strikes.
        rate: Share of calls that it strikes, from 0 to 1.
        script: One word for each call in turn, ``"fail"`` for the rule's own fault; after its end
            nothing goes wrong. Empty means that ``rate`` decides.
        times: How often it strikes at most; ``None`` means without end.
        for_s: How long it strikes, in emulated seconds from when it is put into force: an outage
            that ends by the gateway's own clock. ``None`` means until it is removed.
    """

    provider: str = "*"
    fault: Fault
    rate: float = 1.0
    script: tuple[str, ...] = ()
    times: int | None = None
    for_s: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.provider, str) or not self.provider:
            raise BadRequest('provider must be a slug, or "*" for all')
        number = isinstance(self.rate, int | float) and not isinstance(self.rate, bool)
        if not number or not 0 <= self.rate <= 1:
            raise BadRequest(f"rate must be from 0 to 1, not {self.rate!r}")
        if len(self.script) > SCRIPT_LIMIT:
            raise BadRequest(f"script must have at most {SCRIPT_LIMIT} words")
        for word in self.script:
            if not isinstance(word, str):
                raise BadRequest(f"script must hold words, not {word!r}")
            if word != FAIL:
                fault_of(word)
        check_whole("times", self.times, 1, 1_000_000_000)
        known = isinstance(self.for_s, int | float) and not isinstance(self.for_s, bool)
        if self.for_s is not None and not (known and 0 < self.for_s <= LONGEST_S):
            raise BadRequest(f"for_s must be above 0 and at most {LONGEST_S}, not {self.for_s!r}")

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read a rule as ``/_local/faults`` takes it.

        ``{"provider": "openai", "kind": "status", "status": 503, "rate": 0.3}``, or
        ``{"script": ["fail", "fail", "ok"]}``, which fails with 503.

        Raises:
            BadRequest: a member is unknown or its value can't be used.
        """
        if not isinstance(row, dict):
            raise BadRequest("a fault rule must be a JSON object")
        members = dict(row)
        body = members.pop("body", None)
        stated = {name: members.pop(name) for name in _FAULT_MEMBERS if name in members}
        kind = stated.pop("kind", "status")
        if isinstance(stated.get("code"), int):
            stated.setdefault("status", NUMBERED.get(stated["code"]))
        if kind in ("status", "rate_limited"):
            stated.setdefault("status", 503 if kind == "status" else 429)
        if kind == "rate_limited":
            stated.setdefault("retry_after_s", 1)
        script = members.pop("script", None) or ()
        if not isinstance(script, list | tuple):
            raise BadRequest("script must be a list of words")
        rest = {
            name: members.pop(name)
            for name in ("provider", "rate", "times", "for_s")
            if name in members
        }
        if members:
            raise BadRequest(f"a fault rule has no member {next(iter(members))!r}")
        text = body if body is None or isinstance(body, str) else orjson.dumps(body).decode()
        fault = Fault(kind=kind, body=text, **stated)
        return cls(fault=fault, script=tuple(script), **rest)

    def to_json(self) -> dict[str, Json]:
        """Spell the rule as ``from_json`` reads it; what is usual is left out."""
        fault = {name: getattr(self.fault, name) for name in (*_FAULT_MEMBERS, "body")}
        row = {
            "provider": self.provider,
            **{name: value for name, value in fault.items() if value is not None},
        }
        if self.script:
            row["script"] = list(self.script)
        else:
            row["rate"] = self.rate
        bounds = {"times": self.times, "for_s": self.for_s}
        return row | {name: value for name, value in bounds.items() if value is not None}


_FAULT_MEMBERS = ("kind", "status", "retry_after_s", "ms", "after", "code", "gap", "slots")


@dataclass(slots=True)
class _Standing:
    """A rule in force, with what it has seen."""

    id: int
    rule: Rule
    since_s: float
    seen: int = 0
    struck: int = 0


class Faults:
    """The rules in force. The first one that strikes a call wins.

    Args:
        seed: The same seed and the same order of calls give the same faults.
        now: Emulated seconds from any fixed point.
    """

    def __init__(self, *, seed: int = 0, now: Callable[[], float] = time.perf_counter) -> None:
        self._seed = seed
        self._now = now
        self._standing: list[_Standing] = []
        self._next_id = 1

    def add(self, rule: Rule | Json) -> int:
        """Put a rule behind those in force; return its number.

        Args:
            rule: A rule, or one as ``Rule.from_json`` reads it.

        Raises:
            BadRequest: it can't be read.
        """
        if not isinstance(rule, Rule):
            rule = Rule.from_json(rule)
        number, self._next_id = self._next_id, self._next_id + 1
        self._standing.append(_Standing(number, rule, self._now()))
        return number

    def clear(self, number: int | None = None) -> None:
        """Remove one rule, or all of them."""
        self._standing = [s for s in self._standing if number is not None and s.id != number]

    def rules(self) -> list[dict[str, Json]]:
        """Return the rules in force as JSON, with the calls each has seen and struck."""
        return [
            {"id": s.id, **s.rule.to_json(), "seen": s.seen, "struck": s.struck}
            for s in self._standing
        ]

    def draw(self, call: Call) -> Fault | None:
        """Decide what happens to this call; ``None`` for nothing.

        A request's own script goes before the rules: attempt k takes its word k.

        Raises:
            BadRequest: a word of the call's script names no fault.
        """
        if call.script:
            at = call.attempt - 1
            fault = fault_of(call.script[at]) if at < len(call.script) else OK
            return None if fault.kind == "ok" else fault
        for standing in self._standing:
            if standing.rule.provider in ("*", call.provider):
                fault = self._struck(standing, call)
                if fault.kind != "ok":
                    standing.struck += 1
                    return fault
        return None

    def _struck(self, standing: _Standing, call: Call) -> Fault:
        rule, turn = standing.rule, standing.seen
        standing.seen += 1
        if rule.times is not None and standing.struck >= rule.times:
            return OK
        if rule.for_s is not None and self._now() - standing.since_s >= rule.for_s:
            return OK
        if rule.script:
            word = rule.script[turn] if turn < len(rule.script) else "ok"
            return rule.fault if word == FAIL else fault_of(word)
        if rule.rate >= 1:
            return rule.fault
        drawn = chance(self._seed, "fault", standing.id, turn).random()
        return rule.fault if drawn < rule.rate else OK
