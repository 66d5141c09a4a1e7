"""Auto Router: one call, several models that may answer it, the best one first (contract: 9).

Nothing is classified here: the first model that is allowed is the best one (ASSUMPTION: choice).
Those whose spend limit is used up are left out, and a provider that can't serve the call is
followed by the next. With ``cf-aig-session-id`` a model is kept for a turn: a user's message and
what follows it until the next one.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import orjson

from gateway.local.checks import Checks
from gateway.local.ids import Ids
from gateway.local.refusals import Refusal
from gateway.local.steps import Step

Json = Any
SESSION, TURN, NO_AFFINITY = "cf-aig-session-id", "cf-aig-turn-id", "cf-aig-no-session-affinity"
BEST, ONLY = "cost_optimal_within_pool", "forced_by_candidate_pool"
PINNED, NEXT = "pinned_by_turn", "fallback_candidate_unavailable"
SESSIONS = 10_000
"""Sessions whose turns are remembered."""


class AutoRouter:
    """What the router remembers: which model each session's turn has."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._turns: OrderedDict[tuple[str, str], tuple[str, str]] = OrderedDict()

    def ranked(
        self,
        gateway: str,
        headers: Mapping[str, str],
        steps: Sequence[Step],
        checks: Checks | None,
    ) -> list[Step]:
        """Return the steps to try, the best one first, each with what its answer says of it.

        Args:
            headers: Of the call, names in lower case.
            steps: One for each model that is allowed.
        """
        left = [step for step in steps if _affordable(step, checks)] or list(steps[:1])
        reason = BEST if len(left) > 1 else ONLY
        session = headers.get(SESSION, "").strip()
        if session and headers.get(NO_AFFINITY, "").strip().lower() != "true":
            turn = headers.get(TURN, "").strip() or _turn_of(steps[0].body)
            known = self._turns.get((gateway, session))
            pinned = known[1] if known is not None and known[0] == turn else None
            if any(step.routed == pinned for step in left):
                left.sort(key=lambda step: step.routed != pinned)
                reason = PINNED
            self._remember((gateway, session), (turn, left[0].routed))
        decision = self._ids.new()
        return [
            replace(step, told=_told(step.routed, NEXT if number else reason, decision))
            for number, step in enumerate(left)
        ]

    def _remember(self, session: tuple[str, str], choice: tuple[str, str]) -> None:
        self._turns[session] = choice
        self._turns.move_to_end(session)
        if len(self._turns) > SESSIONS:
            self._turns.popitem(last=False)


def _affordable(step: Step, checks: Checks | None) -> bool:
    if checks is None or checks.spend_limits is None:
        return True
    try:
        checks.spend_limits.check(step)
    except Refusal:
        return False
    return True


def _turn_of(body: bytes) -> str:
    """Return what is the same for all requests of a turn: the messages up to the user's newest."""
    data = orjson.loads(body)
    messages: Json = data["messages"] if "messages" in data else data["input"]
    if not isinstance(messages, list):
        return sha256(orjson.dumps(messages)).hexdigest()
    users = [
        number
        for number, message in enumerate(messages)
        if isinstance(message, dict) and message.get("role") == "user"
    ]
    return sha256(orjson.dumps(messages[: users[-1] + 1] if users else [])).hexdigest()


def _told(model: str, reason: str, decision: str) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"cf-aig-routed-model", model.encode()),
        (b"cf-aig-routing-reason", reason.encode()),
        (b"cf-aig-routing-decision-id", decision.encode()),
    )
