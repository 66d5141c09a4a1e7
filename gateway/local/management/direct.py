"""Simulated providers asked without a gateway: what goes out is what a provider would get.

/_local/direct/{provider}/{path}      no cache, no retry, no log row, no cf-aig-* headers

So "direct" beside "through the gateway" can be measured without a key. A provider that is real here
isn't served: it has an address of its own. Faults strike as they do behind the gateway.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.errors import Unreachable
from gateway.local.call import Answer, Call
from gateway.local.faults import FAULT_HEADER, script_of
from gateway.local.journal import Attempt
from gateway.local.state import SIMULATED_KEY, State
from gateway.local.steps import forwarded
from gateway.providers import provider_of

PREFIX = "/_local/direct/"
LEFT = "the client went away"


class Direct:
    """The simulated providers, without a gateway in between."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def serve(self, request: Request) -> "Relay":
        slug = request.path_params["provider"]
        provider = provider_of(slug)
        if provider is None or not self._state.upstreams.is_simulated(slug):
            raise HTTPException(404)
        raw = request.scope["raw_path"].decode("latin-1").removeprefix(f"{PREFIX}{slug}/")
        query = f"?{request.url.query}" if request.url.query else ""
        given = {name.lower(): value for name, value in request.headers.items()}
        headers = forwarded(given)
        if provider.credential(headers) is None:
            name, value = provider.auth(SIMULATED_KEY)
            headers[name.lower()] = value
        call = Call(
            provider=slug,
            method=request.method,
            path=raw + query,
            headers=headers,
            body=await request.body(),
            script=script_of(given.get(FAULT_HEADER, "")),
        )
        return Relay(self._state, call)


class Relay:
    """An ASGI answer that hands a provider's answer on, piece by piece."""

    def __init__(self, state: State, call: Call) -> None:
        self._state = state
        self._call = call
        self._attempt = Attempt(
            request_id="",
            log_id="",
            provider=call.provider,
            model="",
            path=call.path,
            step=0,
            attempt=1,
            simulated=True,
            wait_before_s=0.0,
            started_s=state.clock.now(),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._state.journal.add(self._attempt)
        working = asyncio.ensure_future(self._work(send))
        watching = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            working.cancel()
            watching.cancel()
            await asyncio.wait((working, watching))
            self._attempt.end(self._state.clock.now(), "aborted", LEFT)

    async def _work(self, send: Send) -> None:
        attempt, clock = self._attempt, self._state.clock
        try:
            answer = await self._state.upstream.open(self._call)
            attempt.first_s, attempt.status = clock.now(), answer.status
            attempt.fault = answer.fault
            await self._hand_on(answer, send)
        except Unreachable as error:
            # Without an end the server drops the connection, as a provider that breaks would.
            attempt.end(clock.now(), "failed", str(error))
        else:
            attempt.end(clock.now(), "done")

    async def _hand_on(self, answer: Answer, send: Send) -> None:
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in answer.headers
        ]
        try:
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            async for chunk in answer.chunks:
                self._attempt.chunks += 1
                self._attempt.bytes += len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await answer.close()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
