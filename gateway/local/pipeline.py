"""One call's way through the stages, readable from top to bottom.

gateway exists (2001) -> provider exists (2008) -> authentication (2009) -> rate limit (2003)
-> for each step: checks of the prompt -> cache (a hit answers) -> checks of the request
   -> credentials (400, 2021, 2040, 429) -> attempts and waits -> checks of the answer
-> the answer goes out -> cache, journal, log

The order is the contract's (behaviour, 1); stages that it names and that aren't here come with
their own issues.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import NoReturn

from gateway.errors import BadRequest
from gateway.local import attempts, cache, credentials, relay, rest, retry
from gateway.local.accounts import account_of
from gateway.local.faults import FAULT_HEADER, script_of
from gateway.local.logbook import Served
from gateway.local.refusals import Refusal
from gateway.local.repeats import Repeats
from gateway.local.routing import known_provider
from gateway.local.state import State
from gateway.local.steps import Request, Step, steps_of

UNIFIED_RATE = "Unified Billing allows 200 requests per 60 s for each gateway"


class Pipeline:
    """The stages, over one gateway process's state.

    Args:
        repeats: Is told of hits, so that their repetitions needn't come here.
    """

    def __init__(self, state: State, repeats: Repeats) -> None:
        self._state = state
        self._repeats = repeats

    async def serve(self, request: Request, client: relay.Client) -> None:
        """Answer one call.

        Raises:
            Refusal: the gateway answers itself, and nothing has been sent yet.
            Unreachable: the upstream broke off after the answer had begun.
        """
        state, route = self._state, request.route
        policy = state.gateway_for(request)
        if route.kind == "native":
            known_provider(route.provider)
            state.customs.check(route.provider)
        caller = credentials.caller(request.headers, policy, state.token)
        if route.kind == "rest":
            steps = [rest.step_of(request, policy, caller.headers)]
        else:
            found = steps_of(request, policy, caller.headers)
            if found[0].routed:
                checks = state.checks.get(policy.id)
                found = state.router.ranked(policy.id, request.headers, found, checks)
            steps = [state.customs.placed(step) for step in found]
        own_id = state.ids.new()
        way = relay.Way(
            request=request,
            policy=policy,
            authenticated=caller.authenticated,
            client=client,
            request_id=own_id,
            event_id=steps[0].settled.event_id or own_id,
            script=_script(request),
        )
        try:
            if not state.admits(policy):
                self._refuse(self._served(way, steps[0]), Refusal(2003))
            for step in steps:
                if await self._step(way, step, last=step is steps[-1]):
                    return
        except Refusal as refusal:
            refusal.headers = (*refusal.headers, *relay.marks(way))
            raise
        finally:
            exporters = state.exporters.get(policy.id)
            if exporters is not None and way.tried:
                state.exports.send(exporters, way.tried)

    async def _step(self, way: relay.Way, step: Step, *, last: bool) -> bool:
        """Try one step; ``True`` once the caller has an answer."""
        state = self._state
        served = self._served(way, step)
        checks = state.checks.get(way.policy.id)
        if checks is not None:
            await self._allowed(served, checks.prompt(served))
        entry = self._look_up(way, served)
        if entry is not None:
            await self._hit(way, served, entry)
            return True
        if checks is not None:
            await self._allowed(served, checks.request(served))
        try:
            headers = self._credentials(way, served)
        except Refusal as refusal:
            if not last:
                self._log(served, refusal)
                return False
            self._refuse(served, refusal)
        attempt = None
        try:
            answer, attempt = await attempts.ask(state, way, served, headers)
            if way.request.route.kind == "rest" and answer is not None:
                await rest.check(state, served, answer, attempt)
            if answer is not None and (last or not retry.falls_back(answer.status)):
                served.first_ms = self._elapsed_ms(served)
                if checks is not None:
                    answer = await checks.answer(served, answer, attempt)
                await relay.hand_on(way, served, answer, attempt, state.clock, self._finish)
            elif answer is not None:
                served.status = answer.status
                await attempts.drain(state, answer, attempt)
                return False
            else:
                served.status = 400
                if not last:
                    return False
                raise Refusal(2005)
        except asyncio.CancelledError:
            if attempt is not None:
                attempt.end(state.clock.now(), "aborted", attempts.LEFT)
            raise
        finally:
            self._finish(served)
        return True

    async def _allowed(self, served: Served, check: Awaitable[None]) -> None:
        """Wait for a check. Where it refuses, the call ends: no further step is tried."""
        try:
            await check
        except Refusal as refusal:
            self._refuse(served, refusal)
        except asyncio.CancelledError:
            self._finish(served)
            raise

    def _look_up(self, way: relay.Way, served: Served) -> cache.Entry | None:
        """Ask the cache, where this request may be answered from it."""
        step = served.step
        served.looked_up = True
        if cache.is_cacheable(
            way.policy,
            step.settled,
            method=way.request.method,
            streamed=step.streamed,
            size=len(step.body),
        ):
            served.key = step.key
            clock = self._state.clock
            served.entry = self._state.cache.get(way.policy.id, served.key, clock.now())
        return served.entry

    def _credentials(self, way: relay.Way, served: Served) -> Mapping[str, str]:
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
        if found.source == "unified" and not state.admits_unified(gateway):
            raise Refusal(None, UNIFIED_RATE, status=429)
        return found.headers

    async def _hit(self, way: relay.Way, served: Served, entry: cache.Entry) -> None:
        served.cached = served.whole = True
        served.status, served.content_type = entry.status, entry.content_type
        served.original_ms, served.parts = entry.original_ms, [entry.body]
        headers = [
            (b"content-type", entry.content_type.encode("latin-1")),
            (b"content-length", str(len(entry.body)).encode()),
        ]
        sent = await relay.begin(way, served, headers)
        served.first_ms = self._elapsed_ms(served)
        self._finish(served)
        if len(way.tried) == 1:
            self._repeats.remember(served, sent)
        await way.client.end(entry.body)

    def _served(self, way: relay.Way, step: Step) -> Served:
        """Begin the account of a step: the first row has the request's id, later ones their own."""
        clock, ids = self._state.clock, self._state.ids
        served = Served(
            id=ids.new() if way.tried else way.request_id,
            created_s=clock.now(),
            started_s=clock.steady(),
            policy=way.policy,
            request=way.request,
            step=step,
            event_id=way.event_id,
            authenticated=way.authenticated,
            added=list(step.told),
        )
        way.tried.append(served)
        return served

    def _store(self, served: Served) -> None:
        """Leave a fresh answer in the cache, where its request asked the cache: only 2xx are."""
        if (
            served.key is None
            or served.cached
            or not served.whole
            or not 200 <= served.status < 300
        ):
            return
        state, now = self._state, self._state.clock.now()
        served.entry = entry = cache.Entry(
            scope=served.policy.id,
            key=served.key,
            provider=served.step.slug,
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
        served.first_ms = self._elapsed_ms(served)
        self._finish(served)

    def _finish(self, served: Served) -> None:
        """Keep what a step left, once: its cached answer, its log row, its account.

        A whole answer is kept before its last byte goes out, so that no caller knows of a row that
        a crash could take.
        """
        if not served.logged:
            state = self._state
            served.logged = True
            served.total_ms = self._elapsed_ms(served)
            self._store(served)
            checks = state.checks.get(served.policy.id)
            if checks is not None:
                checks.charge(served)
            state.logbook.add(served)
            if served.looked_up:
                state.accounts.add(account_of(served, ended_s=state.clock.now()))

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
