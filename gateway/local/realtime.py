"""Realtime sessions: a provider's own frames, relayed both ways unchanged.

client  <->  websocket.receive / send  <->  Line  <->  provider, real or simulated

Nothing is cached and nothing is put into the frames; nobody looks through them either. Policies
and budgets are asked before a session is opened (our choice). ASSUMPTION (contract: websocket, 4):
one log row for each connection, written when it ends, with ``request_type`` "websocket".
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from gateway.errors import Unreachable
from gateway.local import credentials
from gateway.local.asgi import Receive, Send
from gateway.local.attempts import LEFT
from gateway.local.call import Call
from gateway.local.credentials import Caller
from gateway.local.dialing import SLUGS, Dialer, Wanted, wanted
from gateway.local.handshake import Handshake
from gateway.local.journal import Attempt
from gateway.local.lines import ABNORMAL, BROKEN, NO_CODE, NORMAL, Ended, Line, Rejected, sendable
from gateway.local.logbook import Served
from gateway.local.refusals import Refusal
from gateway.local.routing import known_provider
from gateway.local.state import State
from gateway.local.steps import Request, steps_of
from gateway.policy import GatewayPolicy
from gateway.providers import Provider

SWITCHED = 101


class Realtime:
    """Relays realtime sessions.

    Args:
        dialer: Opens the provider's side.
    """

    def __init__(self, state: State, dialer: Dialer) -> None:
        self._state = state
        self._dialer = dialer

    async def serve(
        self,
        handshake: Handshake,
        policy: GatewayPolicy,
        known: Caller,
        receive: Receive,
        send: Send,
    ) -> None:
        """Open the provider's side, then the caller's, and relay until one of them closes.

        Raises:
            Refusal: the gateway refuses, and the caller's side isn't open yet.
            Rejected: so does the provider.
        """
        state = self._state
        slug = SLUGS.get(handshake.route.provider, handshake.route.provider)
        provider = known_provider(slug)
        asked = wanted(provider, handshake.route.endpoint)
        if asked is None:
            raise Refusal(None, f"{provider.name} has no realtime API here", status=400)
        served = self._served(handshake, policy, known, provider, asked)
        try:
            if not state.admits(policy):
                raise Refusal(2003)
            checks = state.checks.get(policy.id)
            if checks is not None:
                await checks.request(served)
            headers = self._credentials(served)
            line, attempt = await self._open(handshake, served, headers)
        except (Refusal, Rejected) as error:
            served.status = error.status
            self._log(served)
            raise
        served.status, served.whole = SWITCHED, True
        served.first_ms = self._elapsed_ms(served)
        try:
            chosen = line.subprotocol or handshake.echoed
            await send({"type": "websocket.accept", "subprotocol": handshake.token or chosen})
            served.whole = await _relay(receive, send, line, attempt, state)
        finally:
            attempt.end(state.clock.now(), "aborted", LEFT)
            await line.close()
            self._log(served)

    def _served(
        self,
        handshake: Handshake,
        policy: GatewayPolicy,
        known: Caller,
        provider: Provider,
        asked: Wanted,
    ) -> Served:
        headers = dict(known.headers)
        if asked.key is not None and provider.credential(headers) is None:
            name, value = provider.auth(asked.key)
            headers[name.lower()] = value
        request = Request(
            route=replace(handshake.route, provider=provider.slug, endpoint=asked.path),
            method="GET",
            headers=headers,
            body=b"",
            request_type="websocket",
        )
        [step] = steps_of(request, policy, headers)
        row = self._state.ids.new()
        return Served(
            id=row,
            created_s=self._state.clock.now(),
            started_s=self._state.clock.steady(),
            policy=policy,
            request=request,
            step=replace(step, model=asked.model),
            event_id=step.settled.event_id or row,
            authenticated=known.authenticated,
        )

    def _credentials(self, served: Served) -> Mapping[str, str]:
        state, gateway, step = self._state, served.policy.id, served.step
        found = credentials.credential(
            step.provider,
            step.headers,
            step.settled,
            native=True,
            stored=lambda provider, alias: state.stored_key(gateway, provider, alias),
            aliases=lambda provider: state.aliases(gateway, provider),
            credits=state.credits,
        )
        served.credential = found.source
        return found.headers

    async def _open(
        self, handshake: Handshake, served: Served, headers: Mapping[str, str]
    ) -> tuple[Line, Attempt]:
        state, step = self._state, served.step
        attempt = Attempt(
            request_id=served.id,
            log_id=served.id,
            provider=step.slug,
            model=step.model,
            path=step.path,
            step=0,
            attempt=1,
            simulated=state.upstreams.is_simulated(step.slug),
            wait_before_s=0.0,
            started_s=state.clock.now(),
        )
        state.journal.add(attempt)
        call = Call(
            provider=step.slug,
            method="GET",
            path=step.path,
            headers=headers,
            body=b"",
            account=handshake.route.account,
            log_id=served.id,
        )
        try:
            line = await self._dialer.dial(call, handshake.offered)
        except Rejected as rejected:
            attempt.status = rejected.status
            attempt.end(state.clock.now(), "done")
            raise
        except Unreachable as error:
            attempt.end(state.clock.now(), "failed", str(error))
            raise Refusal(2005) from error
        attempt.first_s, attempt.status = state.clock.now(), SWITCHED
        return line, attempt

    def _log(self, served: Served) -> None:
        served.total_ms = self._elapsed_ms(served)
        self._state.logbook.add(served)

    def _elapsed_ms(self, served: Served) -> float:
        return (self._state.clock.steady() - served.started_s) * 1000


async def _relay(receive: Receive, send: Send, line: Line, attempt: Attempt, state: State) -> bool:
    """Relay until one side closes, and close the other with the same code.

    Returns whether it was the end of a session, not a break.
    """
    there = asyncio.ensure_future(_forward(receive, line))
    back = asyncio.ensure_future(_back(line, send, attempt))
    both = (there, back)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        ended = back.result() if back.done() else None
        if ended is not None:
            whole = ended.code in (NORMAL, NO_CODE)
            attempt.end(state.clock.now(), "done" if whole else "failed", str(ended))
            code = sendable(ended.code, NORMAL if whole else BROKEN)
            await send({"type": "websocket.close", "code": code, "reason": ended.reason})
            return whole
        code = await there
        whole = code != ABNORMAL
        attempt.end(state.clock.now(), "done" if whole else "aborted", None if whole else LEFT)
        await line.close(sendable(code, NORMAL))
        return whole
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)


async def _forward(receive: Receive, line: Line) -> int:
    """Hand the client's messages on until it leaves; return the code it closed with."""
    while (event := await receive())["type"] == "websocket.receive":
        text = event.get("text")
        try:
            await line.send(event["bytes"] if text is None else text)
        except Ended:
            # The other direction tells the client; what it still says reaches nobody.
            continue
    # The server gives a broken connection the code of a close without one, but no reason.
    return int(event["code"]) if "reason" in event else ABNORMAL


async def _back(line: Line, send: Send, attempt: Attempt) -> Ended | None:
    """Hand the provider's messages on until it closes; ``None`` where the client left first."""
    try:
        while True:
            frame = await line.receive()
            attempt.chunks += 1
            attempt.bytes += len(frame)
            kind = "text" if isinstance(frame, str) else "bytes"
            await send({"type": "websocket.send", kind: frame})
    except Ended as ended:
        return ended
    except (OSError, RuntimeError):
        # What the server raises once the client's side is closed.
        return None
