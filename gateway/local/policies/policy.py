"""One policy as the management API takes it, checked and ready to be evaluated."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import orjson

from gateway.local.policies.conditions import Actor, BadExpression, Expression
from gateway.local.policies.periods import PERIODS

Json = Any
T = TypeVar("T")
MEMBERS = ("name", "actor", "resource", "condition", "action")
TECHNIQUE = "named-interval"
ANY = "*"


class BadPolicy(ValueError):
    """A policy can't be accepted.

    Attributes:
        member: Where the reason lies: one of ``MEMBERS``.
    """

    def __init__(self, member: str, reason: str) -> None:
        self.member = member
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Which models and providers a policy covers; ``None`` covers all.

    Attributes:
        models: Patterns; ``*`` stands for any characters but a slash.
    """

    models: tuple[re.Pattern[str], ...] | None
    providers: frozenset[str] | None

    @classmethod
    def from_json(cls, given: Json) -> Self:
        """Read ``"*"``, or an object of ``model``, ``provider`` or both: text or lists of it.

        Raises:
            BadPolicy: it is something else.
        """
        if given == ANY:
            return cls(models=None, providers=None)
        if not isinstance(given, dict) or not given or given.keys() - {"model", "provider"}:
            raise BadPolicy("resource", 'must be "*", or have model, provider or both')
        models, providers = (
            _texts(given[name]) if name in given else None for name in ("model", "provider")
        )
        return cls(
            models=None if models is None else tuple(map(_pattern, models)),
            providers=None if providers is None else frozenset(providers),
        )

    def covers(self, model: str, providers: Iterable[str]) -> bool:
        """Whether a request for a model is meant.

        Args:
            providers: The names that its provider goes by.
        """
        fits = self.models is None or any(each.fullmatch(model) for each in self.models)
        return fits and (self.providers is None or not self.providers.isdisjoint(providers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy, compiled.

    Attributes:
        covered: Its resource as JSON text: with the actor it names a budget.
        kind: ``block``, ``no-limit`` or ``limit``.
        excepted: A block of everything but the resource.
        amount: US dollars for each ``period``; only of a limit.
    """

    name: str
    actor: Actor
    resource: Resource
    covered: str
    condition: Expression
    kind: str
    excepted: bool = False
    amount: float = 0.0
    period: str = ""

    @classmethod
    def from_json(cls, row: Mapping[str, Json]) -> Self:
        """Read a policy; members besides ``MEMBERS`` mean nothing here.

        Raises:
            BadPolicy: a member is missing or isn't what it must be.
        """
        texts = {name: row.get(name) for name in ("name", "actor", "condition")}
        for name, text in texts.items():
            if not isinstance(text, str) or not text:
                raise BadPolicy(name, "must be text")
        if not isinstance(row.get("action"), dict):
            raise BadPolicy("action", "must be an object")
        return cls(
            name=row["name"],
            actor=_compiled(Actor, "actor", row),
            resource=Resource.from_json(row.get("resource")),
            covered=orjson.dumps(row["resource"], option=orjson.OPT_SORT_KEYS).decode(),
            condition=_compiled(Expression, "condition", row),
            **_action(row["action"]),
        )


def _compiled(compiler: Callable[[str], T], member: str, row: Mapping[str, Json]) -> T:
    try:
        return compiler(row[member])
    except BadExpression as error:
        raise BadPolicy(member, str(error)) from error


def _action(action: Mapping[str, Json]) -> dict[str, Json]:
    match action:
        case {"type": "no-limit"} if len(action) == 1:
            return {"kind": "no-limit"}
        case {"type": "block"} if not action.keys() - {"type", "except"}:
            excepted = action.get("except", False)
            if not isinstance(excepted, bool):
                raise BadPolicy("action", "except must be true or false")
            return {"kind": "block", "excepted": excepted}
        case {"type": "limit", "amount": amount, "period": period, "technique": technique}:
            number = isinstance(amount, int | float) and not isinstance(amount, bool)
            if not number or not amount > 0:
                raise BadPolicy("action", "amount must be above zero")
            if period not in PERIODS:
                raise BadPolicy("action", f"period must be one of {', '.join(PERIODS)}")
            if technique != TECHNIQUE or len(action) > 4:
                raise BadPolicy("action", f"technique must be {TECHNIQUE}")
            return {"kind": "limit", "amount": amount, "period": period}
    raise BadPolicy("action", "must be no-limit, block, or limit with amount, period and technique")


def _texts(given: Json) -> list[str]:
    texts = given if isinstance(given, list) else [given]
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise BadPolicy("resource", "model and provider must be text, or lists of it")
    return texts


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("[^/]*".join(map(re.escape, text.split(ANY))))
