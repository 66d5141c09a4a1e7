"""Checks: what a gateway's settings put in a call's way, besides what every call meets.

prompt                        guardrails (2016)
request, after a cache miss   policies (403, 429), spend limits (2045), data loss prevention (2029)
answer, before it goes on     data loss prevention (2030), guardrails (2017)
answer is whole               its cost is charged

A gateway without such settings has none of these, and its calls pay nothing for them. Where a check
refuses, the call ends: no further step is tried (contract: behaviour, 7).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace

from gateway.errors import Unreachable
from gateway.local.call import Answer
from gateway.local.clock import Clock
from gateway.local.dlp import DLP
from gateway.local.guardrails import Guardrails, check_script
from gateway.local.journal import Attempt
from gateway.local.logbook import ANSWER_KEPT, Served, paid, usage_of
from gateway.local.policies import Policies
from gateway.local.refusals import Refusal
from gateway.local.simulated.said import one_chunk
from gateway.local.spend_limits import SpendLimits
from gateway.local.wording import STREAM, answer_of, prompt_of, texts_in

NO_ANSWER = 2005


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The checks of one gateway; made anew when its settings change.

    Attributes:
        later: What goes on when its call is over; held here until it is done.
    """

    clock: Clock
    later: set[asyncio.Task[None]]
    dlp: DLP | None = None
    guardrails: Guardrails | None = None
    policies: Policies | None = None
    spend_limits: SpendLimits | None = None

    @property
    def any(self) -> bool:
        """Whether there is anything to check."""
        return any((self.dlp, self.guardrails, self.policies, self.spend_limits))

    async def prompt(self, served: Served) -> None:
        """Check what is asked, before the cache could answer it.

        Raises:
            Refusal: it mustn't be answered.
        """
        guardrails = self.guardrails
        if guardrails is None:
            return
        check_script(served)
        if guardrails.judges("prompt"):
            await guardrails.check("prompt", prompt_of(served.step), served)

    async def request(self, served: Served) -> None:
        """Check a request that the cache couldn't answer.

        Raises:
            Refusal: it mustn't reach the provider.
        """
        if self.policies is not None:
            self.policies.check(served)
        if self.spend_limits is not None:
            self.spend_limits.check(served.step)
        if self.dlp is not None and self.dlp.checks("REQUEST"):
            step = served.step
            texts = texts_in(step.sent, step.headers.get("content-type", ""))
            self.dlp.check("REQUEST", texts, served)

    async def answer(self, served: Served, answer: Answer, attempt: Attempt) -> Answer:
        """Check an answer, collected whole where that needs it, and return what goes on.

        Raises:
            Refusal: it mustn't reach the caller, or didn't come whole (2005).
        """
        guardrails, dlp = self.guardrails, self.dlp
        judges = guardrails is not None and guardrails.judges("response")
        scans = dlp is not None and dlp.checks("RESPONSE")
        if not (judges or scans) or answer.status >= 300:
            return answer
        kind = answer.header("content-type") or ""
        passing = kind.startswith(STREAM) and served.request.route.kind == "rest"
        if scans or not passing:
            answer = await self._held(served, answer, attempt, judged=judges and not passing)
        if guardrails is not None and judges and passing:
            overheard = self._overheard(guardrails, served, answer, kind)
            answer = replace(answer, chunks=overheard)
        return answer

    async def _held(
        self, served: Served, answer: Answer, attempt: Attempt, *, judged: bool
    ) -> Answer:
        """Collect an answer and let it go once it has passed."""
        body = await self._whole(served, answer, attempt)
        kind = answer.header("content-type") or ""
        try:
            said = answer_of(served.step, kind, body)
            if self.dlp is not None:
                streamed = kind.startswith(STREAM) and said is not None
                texts = [said or ""] if streamed else texts_in(body, kind)
                self.dlp.check("RESPONSE", texts, served)
            if self.guardrails is not None and judged and said is not None:
                await self.guardrails.check("response", said, served)
        except Refusal as refusal:
            # What the provider wrote is paid for, though nobody gets it.
            step = replace(served.step, translation=None)
            wrote = replace(served, step=step, status=answer.status, content_type=kind)
            served.usage = usage_of(wrote, body)
            attempt.end(self.clock.now(), "done")
            served.status, served.parts = refusal.status, [refusal.body()]
            raise
        return Answer(
            status=answer.status,
            headers=answer.headers,
            chunks=one_chunk(body),
            fault=answer.fault,
        )

    async def _whole(self, served: Served, answer: Answer, attempt: Attempt) -> bytes:
        """Collect an answer.

        Raises:
            Refusal: it broke off, or is too large to be looked through (2005).
        """
        parts, size = [], 0
        try:
            async for chunk in answer.chunks:
                size += len(chunk)
                if size > ANSWER_KEPT:
                    raise Unreachable("The answer is too large to be looked through.")
                parts.append(chunk)
        except Unreachable as error:
            attempt.end(self.clock.now(), "failed", str(error))
            served.status = 400
            raise Refusal(NO_ANSWER) from error
        finally:
            await answer.close()
        return b"".join(parts)

    async def _overheard(
        self, guardrails: Guardrails, served: Served, answer: Answer, kind: str
    ) -> AsyncIterator[bytes]:
        """Let a stream pass, and judge it once it is out: on the REST host none is ever blocked."""
        parts, size = [], 0
        async for chunk in answer.chunks:
            size += len(chunk)
            if size <= ANSWER_KEPT:
                parts.append(chunk)
            yield chunk
        said = answer_of(served.step, kind, b"".join(parts)) if size <= ANSWER_KEPT else None
        if said is not None:
            # The caller may be gone as soon as it has the last event.
            task = asyncio.create_task(_judged(guardrails, said, served))
            self.later.add(task)
            task.add_done_callback(self.later.discard)

    def charge(self, served: Served) -> None:
        """Count what an answer cost."""
        usd = paid(served)
        if usd and self.policies is not None:
            self.policies.charge(served, usd)
        if usd and self.spend_limits is not None:
            self.spend_limits.charge(served.step, usd)


async def _judged(guardrails: Guardrails, said: str, served: Served) -> None:
    with suppress(Refusal):
        await guardrails.check("response", said, served)
