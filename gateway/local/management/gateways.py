"""``/gateways``: list, create, fetch, replace, delete."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.local.management.answers import INVALID, errors, listed, result
from gateway.local.management.asking import gateway_of, json_body
from gateway.local.settings import policy_from, to_json
from gateway.local.state import DEFAULT, Gateway, State

Json = Any


class Gateways:
    """``/gateways``: list, create, fetch, replace, delete."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list(self, request: Request) -> Response:
        words = request.query_params.get("search", "")
        found = [each for name, each in sorted(self._state.gateways.items()) if words in name]
        return listed(request, [_spelled(each) for each in found], high=100)

    async def create(self, request: Request) -> Response:
        policy = policy_from(await json_body(request))
        if policy.id in self._state.gateways:
            # No code is public for a duplicate id (contract: management-api, 10).
            return errors(409, INVALID, f"A gateway named {policy.id} exists", "body", "id")
        return result(_spelled(self._state.add(policy)))

    async def get(self, request: Request) -> Response:
        return result(_spelled(gateway_of(self._state, request)))

    async def put(self, request: Request) -> Response:
        known = gateway_of(self._state, request)
        policy = policy_from(await json_body(request), id=known.policy.id)
        return result(_spelled(self._state.add(policy)))

    async def delete(self, request: Request) -> Response:
        known = gateway_of(self._state, request)
        self._state.remove(known.policy.id)
        return result(_spelled(known))


def _spelled(gateway: Gateway) -> dict[str, Json]:
    return {
        **to_json(gateway.policy),
        "is_default": gateway.policy.id == DEFAULT,
        "created_at": gateway.created_at,
        "modified_at": gateway.modified_at,
    }
