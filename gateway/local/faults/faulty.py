"""The playing of faults: an upstream around another, in which things go wrong."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace

from gateway.errors import TimedOut, Unreachable
from gateway.local.call import Answer, Call, Upstream
from gateway.local.clock import Clock
from gateway.local.faults.fault import Fault
from gateway.local.faults.rules import Faults
from gateway.local.simulated.denials import denial
from gateway.local.simulated.said import one_chunk
from gateway.local.simulated.workers import numbered_error

AFTER = 3
"""Chunks of a stream that come through before it stalls or is cut, where nothing else is said."""
BROKEN_EVENT = b'data: {"choices": [{"delta": {"content": \n\n'


def _told_nobody(call: Call, fault: Fault) -> None:
    """Take note of a fault, where nobody wants to know."""


class Faulty:
    """An upstream around another, in which things go wrong as ``faults`` says.

    Args:
        told: Hears of every fault as it strikes, also of those that leave no answer.
    """

    def __init__(
        self,
        upstream: Upstream,
        faults: Faults,
        clock: Clock,
        *,
        told: Callable[[Call, Fault], None] = _told_nobody,
    ) -> None:
        self._upstream = upstream
        self._faults = faults
        self._clock = clock
        self._told = told
        self._slots: dict[tuple[str, int], asyncio.Semaphore] = {}

    async def open(self, call: Call) -> Answer:
        """Open the call, with its fault if it has one.

        Raises:
            Unreachable: no answer, or by a fault of the kind ``reset``.
            TimedOut: by a fault of the kind ``timeout`` that has an end.
            BadRequest: a word of the call's script names no fault.
        """
        fault = self._faults.draw(call)
        if fault is None:
            return await self._upstream.open(call)
        self._told(call, fault)
        match fault.kind:
            case "status" | "rate_limited":
                await self._silence(fault.ms or 0)
                return _refused(call, fault)
            case "timeout":
                await self._silence(fault.ms)
                raise TimedOut(f"{call.provider} gave no answer ({fault.word}).")
            case "reset" if not fault.after:
                raise Unreachable(f"The connection to {call.provider} was reset ({fault.word}).")
            case "slow":
                await self._silence(fault.ms)
                return _named(await self._upstream.open(call), fault)
            case "pace":
                pace = (fault.ms or 0) / 1000, (fault.gap or 0) / 1000
                return _named(await self._upstream.open(replace(call, pace_s=pace)), fault)
            case "queue":
                async with self._served(call.provider, fault.slots or 1):
                    await self._silence(fault.ms)
                return _named(await self._upstream.open(call), fault)
        return self._spoilt(await self._upstream.open(call), fault)

    def _served(self, provider: str, slots: int) -> asyncio.Semaphore:
        """Return the places of a provider that serves so many calls at a time, first come first."""
        return self._slots.setdefault((provider, slots), asyncio.Semaphore(slots))

    async def _silence(self, ms: int | None) -> None:
        """Wait so many emulated milliseconds, or until whoever waits gives up."""
        if ms is None:
            await asyncio.Event().wait()
        else:
            await self._clock.sleep(ms / 1000)

    def _spoilt(self, answer: Answer, fault: Fault) -> Answer:
        streams = (answer.header("content-type") or "").startswith("text/event-stream")
        chunks = self._stream(answer.chunks, fault) if streams else self._body(answer.chunks, fault)

        async def close() -> None:
            await chunks.aclose()
            await answer.close()

        return replace(answer, chunks=chunks, close=close, fault=fault.word)

    async def _stream(
        self, chunks: AsyncIterator[bytes], fault: Fault
    ) -> AsyncGenerator[bytes, None]:
        """Let some chunks through, then do what the fault says.

        One chunk is always held back, so that a short stream loses its end marker too.
        """
        left = AFTER if fault.after is None else fault.after
        held = b""
        async for chunk in chunks:
            if held:
                yield held
                left -= 1
            held = chunk
            if left <= 0:
                break
        match fault.kind:
            case "cut":
                return
            case "truncate":
                yield held[: len(held) // 2]
                return
            case "reset":
                raise Unreachable(f"The connection broke in the middle ({fault.word}).")
            case "stall":
                await self._silence(fault.ms)
            case "malformed":
                yield BROKEN_EVENT
        yield held
        async for chunk in chunks:
            yield chunk

    async def _body(
        self, chunks: AsyncIterator[bytes], fault: Fault
    ) -> AsyncGenerator[bytes, None]:
        """Do the same to an answer that comes in one piece: half of it comes through."""
        body = b"".join([chunk async for chunk in chunks])
        half = len(body) // 2
        yield body[:half]
        match fault.kind:
            case "reset":
                raise Unreachable(f"The connection broke in the middle ({fault.word}).")
            case "stall":
                await self._silence(fault.ms)
                yield body[half:]
            case "malformed":
                yield b', "'


def _named(answer: Answer, fault: Fault) -> Answer:
    """Return an answer that names its fault, for the journal."""
    answer.fault = fault.word
    return answer


def _refused(call: Call, fault: Fault) -> Answer:
    """Return the provider's error, in its own words unless others were given."""
    if fault.code is not None and call.provider == "workers-ai":
        answer = numbered_error(fault.code)
    else:
        answer = denial(call.provider, call.path, fault.status or 500)
    if fault.body is not None:
        answer = replace(answer, body=fault.body.encode())
    headers = list(answer.headers)
    if fault.retry_after_s is not None:
        headers.append(("retry-after", str(fault.retry_after_s)))
    return Answer(
        status=answer.status, headers=headers, chunks=one_chunk(answer.body), fault=fault.word
    )
