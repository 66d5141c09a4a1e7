"""Asking one provider: attempts, waits and timeouts, each written into the journal."""

import asyncio
from collections.abc import Mapping

from gateway.errors import Unreachable
from gateway.local import retry
from gateway.local.call import Answer, Call
from gateway.local.journal import Attempt
from gateway.local.logbook import Served
from gateway.local.relay import Way
from gateway.local.state import State

LEFT = "the client went away"
DRAIN_S = 1.0
"""Real seconds that the rest of a failed answer may take."""
DRAIN_BYTES = 64 * 1024


async def ask(
    state: State, way: Way, served: Served, headers: Mapping[str, str]
) -> tuple[Answer | None, Attempt]:
    """Ask until an answer needs no retry; ``None`` where the last try gave none."""
    step, settled = served.step, served.step.settled
    script = way.script[way.tries :]
    number, waited_s = 1, 0.0
    while True:
        attempt = Attempt(
            request_id=way.request_id,
            log_id=served.id,
            provider=step.slug,
            model=step.model,
            path=step.path,
            step=step.index,
            attempt=number,
            simulated=state.upstreams.is_simulated(step.slug),
            wait_before_s=waited_s,
            started_s=state.clock.now(),
        )
        state.journal.add(attempt)
        way.tries += 1
        call = Call(
            provider=step.slug,
            method=way.request.method,
            path=step.path,
            headers=headers,
            body=step.sent,
            account=way.request.route.account,
            attempt=number,
            step=step.index,
            log_id=served.id,
            script=script,
        )
        patience_s = retry.timeout_s(number, settled.attempts, settled.timeout_s)
        answer = await _open(state, call, attempt, patience_s)
        retried = answer is None or retry.is_retried(answer.status)
        if not retried or number >= settled.attempts:
            return answer, attempt
        if answer is not None:
            await drain(state, answer, attempt)
        waited_s = retry.wait_s(number, base_s=settled.delay_s, backoff=settled.backoff)
        await state.clock.sleep(waited_s)
        number += 1


async def _open(
    state: State, call: Call, attempt: Attempt, patience_s: float | None
) -> Answer | None:
    clock = state.clock
    try:
        if patience_s is None:
            answer = await state.upstream.open(call)
        else:
            async with asyncio.timeout(clock.real(patience_s)):
                answer = await state.upstream.open(call)
    except TimeoutError:
        attempt.end(clock.now(), "failed", f"no first part within {patience_s:g} s")
        return None
    except Unreachable as error:
        attempt.end(clock.now(), "failed", str(error))
        return None
    except asyncio.CancelledError:
        attempt.end(clock.now(), "aborted", LEFT)
        raise
    attempt.first_s = clock.now()
    attempt.status = answer.status
    return answer


async def drain(state: State, answer: Answer, attempt: Attempt) -> None:
    """Read an answer that nobody gets, so that its connection can be used again.

    One that is long or slow isn't worth it: its connection is closed.
    """
    cause = None
    try:
        async with asyncio.timeout(DRAIN_S):
            async for chunk in answer.chunks:
                attempt.bytes += len(chunk)
                if attempt.bytes > DRAIN_BYTES:
                    break
    except TimeoutError:
        cause = "closed before its end"
    except Unreachable as error:
        cause = str(error)
    finally:
        await answer.close()
    attempt.end(state.clock.now(), "failed" if cause else "done", cause)
