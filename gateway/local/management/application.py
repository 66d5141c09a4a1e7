"""What isn't the data plane: the management API, and ``/_local/`` for tests and pages.

/client/v4/accounts/{account}/ai-gateway/gateways[/{id}]              settings
/client/v4/accounts/{account}/ai-gateway/gateways/{id}/logs[/...]     the log; and so on
/client/v4/graphql                                                    analytics
/_local/health | requests/{log id} | journal | faults | scanners | credits  from this machine only
/_local/direct/{provider}/...         simulated providers without a gateway in between, likewise
"""

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.errors import BadRequest, LocalGatewayError
from gateway.local.credentials import bearer, same
from gateway.local.guard import is_foreign, is_loopback
from gateway.local.management.addresses import Addresses
from gateway.local.management.answers import (
    NO_ACCESS,
    bad_request,
    broken,
    errors,
    http_error,
    invalid,
    unwritable,
)
from gateway.local.management.billing import Billing
from gateway.local.management.custom_providers import CustomProviders
from gateway.local.management.datasets import Datasets
from gateway.local.management.direct import Direct
from gateway.local.management.evaluations import Evaluations
from gateway.local.management.gateways import Gateways
from gateway.local.management.local import Local
from gateway.local.management.logs import Logs
from gateway.local.management.policies import PolicyRows
from gateway.local.management.provider_configs import ProviderConfigs
from gateway.local.management.routes import Routes
from gateway.local.settings import Invalid
from gateway.local.state import State

BASE = "/client/v4/accounts/{account}/ai-gateway"


def management(state: State, *, public: bool = False) -> Starlette:
    """Return the application that serves everything but the data plane."""
    gateways, logs, local = Gateways(state), Logs(state), Local(state)
    evaluations, direct = Evaluations(state), Direct(state)
    one = f"{BASE}/gateways/{{gateway}}"

    async def analytics(request: Request) -> Response:
        # Its parser takes 0.2 s to import, which no start should wait for.
        from gateway.local.management.analytics import answer

        return await answer(state.store, request)

    app = Starlette(
        routes=[
            Route(f"{BASE}/gateways", gateways.list, methods=["GET"]),
            Route(f"{BASE}/gateways", gateways.create, methods=["POST"]),
            Route(one, gateways.get, methods=["GET"]),
            Route(one, gateways.put, methods=["PUT"]),
            Route(one, gateways.delete, methods=["DELETE"]),
            Route(f"{one}/logs", logs.list, methods=["GET"]),
            Route(f"{one}/logs", logs.delete, methods=["DELETE"]),
            Route(f"{one}/logs/{{log}}", logs.get, methods=["GET"]),
            Route(f"{one}/logs/{{log}}", logs.patch, methods=["PATCH"]),
            Route(f"{one}/logs/{{log}}/{{part:str}}", logs.body, methods=["GET"]),
            *Datasets(state).routes(one),
            *evaluations.routes(one),
            Route(f"{BASE}/evaluation-types", evaluations.types, methods=["GET"]),
            *Routes(state).routes(one),
            *PolicyRows(state).routes(one),
            *ProviderConfigs(state).routes(one),
            *Addresses(state).routes(one),
            *CustomProviders(state).routes(BASE),
            *Billing(state).routes(BASE),
            Route("/client/v4/graphql", analytics, methods=["POST"]),
            Route("/_local/health", local.health, methods=["GET"]),
            Route("/_local/requests/{log}", local.explain, methods=["GET"]),
            Route("/_local/journal", local.journal, methods=["GET"]),
            Route("/_local/journal", local.forget, methods=["DELETE"]),
            Route("/_local/faults", local.faults, methods=["GET"]),
            Route("/_local/faults", local.add_fault, methods=["POST"]),
            Route("/_local/faults", local.clear_faults, methods=["DELETE"]),
            Route("/_local/scanners", local.scanners, methods=["GET"]),
            Route("/_local/credits", local.credits, methods=["PUT"]),
            Route("/_local/direct/{provider}/{path:path}", direct.serve, methods=["GET", "POST"]),
        ],
        exception_handlers={
            HTTPException: http_error,
            Invalid: invalid,
            BadRequest: bad_request,
            LocalGatewayError: unwritable,
            Exception: broken,
        },
    )
    app.add_middleware(Guard, state=state, public=public)
    return app


class Guard:
    """Who may use what: the token for the management API, this machine alone for ``/_local/``."""

    def __init__(self, app: Any, state: State, public: bool) -> None:
        self._app = app
        self._token = state.token
        self._public = public

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            refused = self._refusal(Request(scope))
            if refused is not None:
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.url.path.startswith("/_local/"):
            return None if _is_from_here(request) else errors(403, NO_ACCESS, "Loopback only")
        if is_foreign(request.headers, public=self._public):
            return errors(403, NO_ACCESS, "Pages of other sites can't use this gateway")
        given = bearer(request.headers.get("authorization", ""))
        if request.headers.get("x-auth-email"):
            given = request.headers.get("x-auth-key", given)
        if request.url.path.startswith("/client/v4/") and not same(given, self._token):
            return errors(401, NO_ACCESS, "Authentication error")
        return None


def _is_from_here(request: Request) -> bool:
    client = request.client.host if request.client else ""
    return is_loopback(client) and not is_foreign(request.headers, public=False)
