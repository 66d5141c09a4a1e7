"""``/_local/``: what no Cloudflare gateway shows. Ours, not part of the contract."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.local import hazards, profiles
from gateway.local.management.answers import plain
from gateway.local.management.asking import json_body
from gateway.local.settings import Invalid
from gateway.local.state import State


class Local:
    """``/_local/``: what no Cloudflare gateway shows. Ours, not part of the contract."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def health(self, request: Request) -> Response:
        state = self._state
        return plain(
            {
                "ok": True,
                "problem": state.store.problem,
                "now": state.timestamp(),
                "now_s": state.clock.now(),
                "scale": state.clock.scale,
                "simulated": state.upstreams.simulated,
                "gateways": sorted(state.gateways),
            }
        )

    async def explain(self, request: Request) -> Response:
        """Say why a request was a hit or a miss."""
        state = self._state
        found = state.accounts.explain(request.path_params["log"], state.clock.now())
        if found is None:
            raise HTTPException(404)
        return plain(found)

    async def journal(self, request: Request) -> Response:
        query = request.query_params
        found = self._state.journal.find(
            request_id=query.get("log_id"),
            state=query.get("state"),
            since_s=_number(query.get("since_s", "0"), "since_s"),
            limit=int(_number(query.get("limit", "1000"), "limit")),
        )
        return plain({"attempts": [attempt.to_json() for attempt in found]})

    async def forget(self, request: Request) -> Response:
        self._state.journal.clear()
        return plain({"ok": True})

    async def faults(self, request: Request) -> Response:
        return plain({"faults": self._state.faults.rules()})

    async def add_fault(self, request: Request) -> Response:
        self._state.faults.add(await json_body(request))
        return await self.faults(request)

    async def clear_faults(self, request: Request) -> Response:
        self._state.faults.clear()
        return await self.faults(request)

    async def scanners(self, request: Request) -> Response:
        """Say what the simulated scanners look for, for those who want to try them."""
        return plain(
            {
                "simulated": True,
                "hazards": hazards.described(),
                "profiles": profiles.described(),
            }
        )

    async def credits(self, request: Request) -> Response:
        body = await json_body(request)
        if not isinstance(body, dict) or not isinstance(body.get("available"), bool):
            raise Invalid('must be {"available": true or false}', "body", "available")
        self._state.credits = body["available"]
        return plain({"available": self._state.credits})


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Invalid("must be a number", name) from None
