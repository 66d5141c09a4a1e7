"""Guardrails: prompts and answers are judged by hazard before they go on (contract: behaviour, 10).

prompt    before the cache is asked; every text of the request
answer    of models that write text, whole: a stream is collected first and goes out in one piece

Judges are the models of ``hazards``, at the simulated Workers AI: nothing understands a text here.
Each judgement is a log row of its own, with the event id of the call that it belongs to.

ASSUMPTIONS: a stream that was collected keeps its form, so that clients can read it; only paths
under ``/ai/run`` have the run API's codes; a streamed answer on the REST host is judged once it is
out. Long texts are judged in one piece.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from gateway.errors import BadRequest, Unreachable
from gateway.local.call import Call, Upstream
from gateway.local.clock import Clock
from gateway.local.credentials import CLOUDFLARE_KEY
from gateway.local.faults import SCANNER_FAULT_HEADER, script_of
from gateway.local.hazards import GUARDS, HAZARDS
from gateway.local.ids import Ids
from gateway.local.logbook import Logbook, Served
from gateway.local.refusals import Refusal
from gateway.local.steps import Step
from gateway.providers import PROVIDERS

Json = Any
Phase = Literal["prompt", "response"]
PROMPT, RESPONSE, NO_CREDITS, UNAVAILABLE = 2016, 2017, 2021, 7013
PATIENCE_S = 10.0
"""Real seconds that a judgement may take (ours: none is documented)."""
WORKERS_AI = PROVIDERS["workers-ai"]
_MODELS = {hazard.code: hazard.model for hazard in HAZARDS}


class Unavailable(Exception):
    """The scanner gave no judgement.

    Attributes:
        unpaid: Because there are no credits.
    """

    def __init__(self, *, unpaid: bool = False) -> None:
        self.unpaid = unpaid
        super().__init__("The scanner gave no judgement.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What judging needs besides the rules.

    Attributes:
        scanner: Who plays Workers AI.
        credits: Whether there are credits for it.
    """

    scanner: Upstream
    logbook: Logbook
    ids: Ids
    clock: Clock
    credits: Callable[[], bool]


class Guardrails:
    """The rules of one gateway: what to do about which hazard, for prompts and for answers."""

    def __init__(
        self, prompt: Mapping[str, str], response: Mapping[str, str], office: Office
    ) -> None:
        self._rules: Mapping[Phase, Mapping[str, str]] = {"prompt": prompt, "response": response}
        self._office = office

    def judges(self, phase: Phase) -> bool:
        """Whether there are rules for a phase."""
        return bool(self._rules[phase])

    async def check(self, phase: Phase, text: str, served: Served) -> None:
        """Judge a text; what is found is noted in the row of its call.

        Raises:
            Refusal: a rule blocks it (2016, 2017), or it can't be judged (2021, 7013).
        """
        rules = self._rules[phase]
        models = [guard for guard in GUARDS if any(_MODELS[code] == guard for code in rules)]
        if not models or not text:
            return
        judging = (self._judged(model, phase, text, served) for model in models)
        verdicts = await asyncio.gather(*judging, return_exceptions=True)
        found: list[str] = []
        missing: list[Unavailable] = []
        for verdict in verdicts:
            if isinstance(verdict, Unavailable):
                missing.append(verdict)
            elif isinstance(verdict, BaseException):
                raise verdict
            else:
                found.extend(code for code in verdict if code in rules)
        blocks = any(rules[code] == "BLOCK" for code in found)
        noted = _noted(found, blocks=blocks, scanned=not missing)
        served.guardrails = {**(served.guardrails or {}), phase: noted}
        if any(each.unpaid for each in missing):
            raise Refusal(NO_CREDITS)
        if missing and "BLOCK" in rules.values():
            raise Refusal(UNAVAILABLE)
        if blocks:
            raise _blocked(phase, served)

    async def _judged(self, model: str, phase: Phase, text: str, served: Served) -> list[str]:
        """Ask one model, and log its judgement.

        Raises:
            Unavailable: it gave none.
        """
        office = self._office
        role = "user" if phase == "prompt" else "assistant"
        body = orjson.dumps({"messages": [{"role": role, "content": text}]})
        row = _row(office, model, body, served)
        found: list[str] | None = None
        unpaid = not office.credits()
        try:
            if unpaid:
                row.status, row.parts = 402, [Refusal(NO_CREDITS).body()]
            else:
                row.status, answer = await self._asked(row, phase)
                row.parts = [answer]
                unpaid = row.status == 402
                found = _codes(answer) if row.status < 300 else None
        except (Unreachable, TimeoutError):
            row.status = 503
        finally:
            row.whole = found is not None
            row.first_ms = row.total_ms = (office.clock.steady() - row.started_s) * 1000
            row.guardrails = {phase: _noted(found or [], scanned=row.whole), "of": served.id}
            office.logbook.add(row)
        if found is None:
            raise Unavailable(unpaid=unpaid)
        return found

    async def _asked(self, row: Served, phase: Phase) -> tuple[int, bytes]:
        name, key = WORKERS_AI.auth(CLOUDFLARE_KEY)
        call = Call(
            provider=WORKERS_AI.slug,
            method="POST",
            path=row.step.path,
            headers={name.lower(): key, "content-type": "application/json"},
            body=row.step.sent,
            attempt=1 if phase == "prompt" else 2,
            log_id=row.id,
            script=script_of(row.request.headers.get(SCANNER_FAULT_HEADER, "")),
        )
        async with asyncio.timeout(PATIENCE_S):
            answer = await self._office.scanner.open(call)
            try:
                return answer.status, b"".join([chunk async for chunk in answer.chunks])
            finally:
                await answer.close()


def guardrails_of(settings: Json, office: Office) -> Guardrails | None:
    """Return what the setting ``guardrails`` asks for; ``None`` where it asks for nothing."""
    if not settings or not (settings["prompt"] or settings["response"]):
        return None
    return Guardrails(settings["prompt"], settings["response"], office)


def check_script(served: Served) -> None:
    """Refuse a request that asks for faults that there aren't.

    Raises:
        Refusal: a word names no fault.
    """
    try:
        script_of(served.request.headers.get(SCANNER_FAULT_HEADER, ""))
    except BadRequest as error:
        raise Refusal(None, f"{SCANNER_FAULT_HEADER}: {error}") from error


def _row(office: Office, model: str, body: bytes, served: Served) -> Served:
    """Begin the row of a judgement. Its call's own cost and metadata aren't its."""
    settled = replace(served.step.settled, custom_cost=None)
    step = Step(
        index=served.step.index,
        provider=WORKERS_AI,
        slug=WORKERS_AI.slug,
        endpoint=model,
        body=body,
        path=model,
        sent=body,
        headers={},
        model=model,
        streamed=False,
        settled=settled,
    )
    return Served(
        id=office.ids.new(),
        created_s=office.clock.now(),
        started_s=office.clock.steady(),
        policy=served.policy,
        request=served.request,
        step=step,
        event_id=served.event_id,
        authenticated=served.authenticated,
    )


def _codes(answer: bytes) -> list[str] | None:
    """Read a judgement; ``None`` where it isn't one."""
    try:
        verdict = orjson.loads(answer)["result"]["response"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    if not isinstance(verdict, str):
        return None
    word, _, codes = verdict.strip().partition("\n")
    if word == "safe":
        return []
    return codes.split(",") if word == "unsafe" and codes else None


def _noted(found: list[str], *, blocks: bool = False, scanned: bool) -> dict[str, Json]:
    action = ("BLOCK" if blocks else "FLAG") if found else None
    return {"action": action, "hazards": found, "scanner": "ok" if scanned else "unavailable"}


def _blocked(phase: Phase, served: Served) -> Refusal:
    refusal = Refusal(PROMPT if phase == "prompt" else RESPONSE)
    if served.step.endpoint.startswith("ai/run"):
        # The run API has one code for both (contract: behaviour, 10).
        return Refusal(RESPONSE, refusal.message, status=422)
    return refusal
