"""One call's way through the stages, readable from top to bottom.

gateway exists (2001) -> provider exists (2008) -> authentication (2009) -> rate limit (2003)
-> for each step: cache (a hit answers) -> credentials (400, 2021, 2040) -> attempts and waits
-> the answer goes out -> cache, journal, log

The order is the contract's (behaviour, 1); stages that it names and that aren't here come with
their own issues.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from gateway.errors import BadAnswer, BadRequest, Unreachable
from gateway.local import cache, credentials, retry
from gateway.local.call import Answer, Call
from gateway.local.faults import FAULT_HEADER, script_of
from gateway.local.journal import Attempt
from gateway.local.logbook import Served
from gateway.local.refusals import Refusal
from gateway.local.routing import known_provider
from gateway.local.state import State
from gateway.local.steps import OWN_HEADERS, Request, Step, steps_of
from gateway.policy import GatewayPolicy

RawHeaders = list[tuple[bytes, bytes]]
BUFFERED = 8 * 1024 * 1024
"""Bytes of an answer that isn't a stream which are collected before the caller gets any, so that
a connection that breaks in the middle can still be answered with an error."""
LEFT = "the client went away"


class Client(Protocol):
    """The caller's side of the connection."""

    async def start(self, status: int, headers: RawHeaders) -> None: ...
    async def send(self, chunk: bytes) -> None: ...
    async def end(self) -> None: ...


@dataclass(slots=True, kw_only=True)
class Way:
    """One call on its way: what was asked, by whom, and what has happened so far.

    Attributes:
        script: The faults that the request asked for, one for each try, whatever the step.
        tries: Tries so far, over all steps.
        began: The caller has got a status.
        rows: Ids of the log rows so far, one for each step tried.
    """

    request: Request
    policy: GatewayPolicy
    authenticated: bool
    client: Client
    request_id: str
    event_id: str
    script: tuple[str, ...]
    tries: int = 0
    began: bool = False
    rows: list[str] = field(default_factory=list)


class Pipeline:
    """The stages, over one gateway process's state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def serve(self, request: Request, client: Client) -> None:
        """Answer one call.

        Raises:
            Refusal: the gateway answers itself, and nothing has been sent yet.
            Unreachable: the upstream broke off after the answer had begun.
        """
        state, route = self._state, request.route
        policy = state.gateway_for(request)
        if route.kind == "native":
            known_provider(route.provider)
        caller = credentials.caller(request.headers, policy, state.token)
        steps = steps_of(request, policy, caller.headers)
        own_id = state.ids.new()
        way = Way(
            request=request,
            policy=policy,
            authenticated=caller.authenticated,
            client=client,
            request_id=own_id,
            event_id=steps[0].settled.event_id or own_id,
            script=_script(request),
        )
        if not state.admits(policy):
            self._refuse(self._served(way, steps[0]), Refusal(2003))
        for step in steps:
            if await self._step(way, step, last=step is steps[-1]):
                return

    async def _step(self, way: Way, step: Step, *, last: bool) -> bool:
        """Try one step; ``True`` once the caller has an answer."""
        state = self._state
        served = self._served(way, step)
        stores = cache.is_cacheable(
            way.policy,
            step.settled,
            method=way.request.method,
            streamed=step.streamed,
            size=len(step.body),
        )
        key = step.key if stores else ""
        entry = state.cache.get(way.policy.id, key, state.clock.now()) if stores else None
        if entry is not None:
            await self._hit(way, served, entry)
            return True
        try:
            headers = self._credentials(way, served)
        except Refusal as refusal:
            if not last:
                self._log(served, refusal)
                return False
            self._refuse(served, refusal)
        attempt = None
        try:
            answer, attempt = await self._attempts(way, served, headers)
            if answer is not None and (last or not retry.falls_back(answer.status)):
                served.first_ms = self._elapsed_ms(served)
                await self._hand_on(way, served, answer, attempt)
            elif answer is not None:
                served.status = answer.status
                await self._drain(answer, attempt)
                return False
            else:
                served.status = 400
                if not last:
                    return False
                raise Refusal(2005)
        except asyncio.CancelledError:
            if attempt is not None:
                attempt.end(state.clock.now(), "aborted", LEFT)
            raise
        finally:
            served.total_ms = self._elapsed_ms(served)
            state.logbook.add(served)
        if stores and served.whole and 200 <= served.status < 300:
            self._store(served, key)
        return True

    def _credentials(self, way: Way, served: Served) -> Mapping[str, str]:
        """Return the headers that the provider gets, its key among them."""
        state, gateway = self._state, way.policy.id
        step = served.step
        found = credentials.credential(
            step.provider,
            step.headers,
            step.settled,
            native=step.native,
            stored=lambda provider, alias: state.stored_key(gateway, provider, alias),
            aliases=lambda provider: state.aliases(gateway, provider),
            credits=state.credits,
        )
        served.credential = found.source
        return found.headers

    async def _attempts(
        self, way: Way, served: Served, headers: Mapping[str, str]
    ) -> tuple[Answer | None, Attempt]:
        """Ask until an answer needs no retry; ``None`` where the last try gave none."""
        state, step, settled = self._state, served.step, served.step.settled
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
            answer = await self._open(call, attempt, patience_s)
            retried = answer is None or retry.is_retried(answer.status)
            if not retried or number >= settled.attempts:
                return answer, attempt
            if answer is not None:
                await self._drain(answer, attempt)
            waited_s = retry.wait_s(number, base_s=settled.delay_s, backoff=settled.backoff)
            await state.clock.sleep(waited_s)
            number += 1

    async def _open(self, call: Call, attempt: Attempt, patience_s: float | None) -> Answer | None:
        clock = self._state.clock
        try:
            async with asyncio.timeout(None if patience_s is None else clock.real(patience_s)):
                answer = await self._state.upstream.open(call)
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

    async def _drain(self, answer: Answer, attempt: Attempt) -> None:
        """Read an answer that nobody gets, so that its connection can be used again."""
        state, cause = self._state, None
        try:
            async for chunk in answer.chunks:
                attempt.bytes += len(chunk)
        except Unreachable as error:
            cause = str(error)
        finally:
            await answer.close()
        attempt.end(state.clock.now(), "failed" if cause else "done", cause)

    async def _hand_on(self, way: Way, served: Served, answer: Answer, attempt: Attempt) -> None:
        """Give the answer to the caller: a stream piece by piece, anything else in one go."""
        clock = self._state.clock
        served.status = answer.status
        served.content_type = answer.header("content-type") or "application/octet-stream"
        try:
            if served.content_type.startswith("text/event-stream"):
                await self._begin(way, served, _headers(answer))
                async for chunk in self._stream(served, answer, attempt):
                    served.parts.append(chunk)
                    await way.client.send(chunk)
            else:
                await self._whole(way, served, answer, attempt)
            served.whole = True
            attempt.end(clock.now(), "done")
            await way.client.end()
        except (Unreachable, BadAnswer) as error:
            attempt.end(clock.now(), "failed", str(error))
            if not way.began:
                served.status = 400
                raise Refusal(2005) from error
            raise
        finally:
            await answer.close()

    async def _stream(
        self, served: Served, answer: Answer, attempt: Attempt
    ) -> AsyncIterator[bytes]:
        """Yield a stream's bytes in the caller's format, each piece as it comes."""
        source = served.step.translation
        translated = (
            source.stream(created=int(served.created_s), log_id=served.id)
            if source is not None and answer.status < 300
            else None
        )
        async for chunk in answer.chunks:
            attempt.chunks += 1
            attempt.bytes += len(chunk)
            if translated is None:
                yield chunk
            elif out := translated.feed(chunk):
                yield out
        if translated is not None and (rest := translated.close()):
            yield rest

    async def _whole(self, way: Way, served: Served, answer: Answer, attempt: Attempt) -> None:
        """Collect an answer and give it in one go; a very large one goes on as it comes."""
        size = 0
        source = served.step.translation if answer.status < 300 else None
        async for chunk in answer.chunks:
            attempt.chunks += 1
            attempt.bytes += len(chunk)
            size += len(chunk)
            served.parts.append(chunk)
            if way.began:
                await way.client.send(chunk)
            elif size > BUFFERED and source is None:
                await self._begin(way, served, _headers(answer))
                for part in served.parts:
                    await way.client.send(part)
        if way.began:
            return
        body = b"".join(served.parts)
        if source is not None:
            body = source.whole(body, created=int(served.created_s))
            served.content_type = "application/json"
        served.parts = [body]
        headers = [*_headers(answer), (b"content-length", str(len(body)).encode())]
        await self._begin(way, served, headers)
        await way.client.send(body)

    async def _hit(self, way: Way, served: Served, entry: cache.Entry) -> None:
        served.cached = served.whole = True
        served.status, served.content_type = entry.status, entry.content_type
        served.original_ms, served.parts = entry.original_ms, [entry.body]
        headers = [
            (b"content-type", entry.content_type.encode("latin-1")),
            (b"content-length", str(len(entry.body)).encode()),
        ]
        await self._begin(way, served, headers)
        await way.client.send(entry.body)
        await way.client.end()
        served.first_ms = served.total_ms = self._elapsed_ms(served)
        self._state.logbook.add(served)

    async def _begin(self, way: Way, served: Served, headers: RawHeaders) -> None:
        way.began = True
        own = (
            (b"cf-aig-cache-status", b"HIT" if served.cached else b"MISS"),
            (b"cf-aig-log-id", served.id.encode()),
            (b"cf-aig-event-id", way.event_id.encode("latin-1", "replace")),
            (b"cf-aig-request-id", way.request_id.encode()),
            (b"cf-aig-step", str(served.step.index).encode()),
        )
        await way.client.start(served.status, [*headers, *own])

    def _served(self, way: Way, step: Step) -> Served:
        """Begin the account of a step: the first row has the request's id, later ones their own."""
        clock, ids = self._state.clock, self._state.ids
        row = ids.new() if way.rows else way.request_id
        way.rows.append(row)
        return Served(
            id=row,
            created_s=clock.now(),
            started_s=clock.steady(),
            policy=way.policy,
            request=way.request,
            step=step,
            event_id=way.event_id,
            authenticated=way.authenticated,
        )

    def _store(self, served: Served, key: str) -> None:
        state, now = self._state, self._state.clock.now()
        entry = cache.Entry(
            scope=served.policy.id,
            key=key,
            status=served.status,
            content_type=served.content_type,
            body=b"".join(served.parts),
            stored_at=now,
            expires_at=now + cache.ttl_s(served.step.settled),
            original_ms=served.total_ms,
            log_id=served.id,
        )
        state.cache.put(entry)
        state.store.add_entry(entry)

    def _refuse(self, served: Served, refusal: Refusal) -> NoReturn:
        self._log(served, refusal)
        raise refusal

    def _log(self, served: Served, refusal: Refusal) -> None:
        """Log a call that the gateway refused: blocked requests have rows too."""
        served.status, served.parts = refusal.status, [refusal.body()]
        served.first_ms = served.total_ms = self._elapsed_ms(served)
        self._state.logbook.add(served)

    def _elapsed_ms(self, served: Served) -> float:
        return (self._state.clock.steady() - served.started_s) * 1000


def _script(request: Request) -> tuple[str, ...]:
    """Return the faults that a request asked for.

    Raises:
        Refusal: a word names no fault.
    """
    try:
        return script_of(request.headers.get(FAULT_HEADER, ""))
    except BadRequest as error:
        raise Refusal(None, f"{FAULT_HEADER}: {error}") from error


def _headers(answer: Answer) -> RawHeaders:
    """Return an answer's headers without those of its connection and those that we write."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.headers
        if name.lower() not in OWN_HEADERS and not name.lower().startswith("cf-aig-")
    ]
