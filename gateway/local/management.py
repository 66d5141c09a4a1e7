"""What isn't the data plane: the management API, and ``/_local/`` for tests and pages.

/client/v4/accounts/{account}/ai-gateway/gateways[/{id}]              settings
/client/v4/accounts/{account}/ai-gateway/gateways/{id}/logs[/...]     the log
/_local/health | journal | faults | credits                           from this machine only
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.errors import BadRequest, LocalGatewayError
from gateway.local.credentials import bare, same
from gateway.local.guard import is_foreign, is_loopback
from gateway.local.settings import Invalid, policy_from, to_json
from gateway.local.state import Gateway, State
from gateway.logs import HEAD_LIMIT, LogEntry

Json = Any
Handler = Callable[[Request], Awaitable[Response]]
BASE = "/client/v4/accounts/{account}/ai-gateway"
INVALID, NOT_FOUND, NO_ACCESS, NO_ROUTE = 7001, 7002, 10000, 7000
PER_PAGE = 20


def management(state: State, *, public: bool = False) -> Starlette:
    """Return the application that serves everything but the data plane."""
    gateways, logs, local = Gateways(state), Logs(state), Local(state)
    one = f"{BASE}/gateways/{{gateway}}"
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
            Route("/_local/health", local.health, methods=["GET"]),
            Route("/_local/journal", local.journal, methods=["GET"]),
            Route("/_local/journal", local.forget, methods=["DELETE"]),
            Route("/_local/faults", local.faults, methods=["GET"]),
            Route("/_local/faults", local.add_fault, methods=["POST"]),
            Route("/_local/faults", local.clear_faults, methods=["DELETE"]),
            Route("/_local/credits", local.credits, methods=["PUT"]),
        ],
        exception_handlers={
            HTTPException: _http_error,
            Invalid: _invalid,
            BadRequest: _bad_request,
            LocalGatewayError: _store_error,
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
        given = bare(request.headers.get("authorization", ""))
        given = request.headers.get("x-auth-key", given)
        if request.url.path.startswith("/client/v4/") and not same(given, self._token):
            return errors(401, NO_ACCESS, "Authentication error")
        return None


def _is_from_here(request: Request) -> bool:
    client = request.client.host if request.client else ""
    return is_loopback(client) and not is_foreign(request.headers, public=False)


class Gateways:
    """``/gateways``: list, create, fetch, replace, delete."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list(self, request: Request) -> Response:
        page, per_page = _paging(request, low=1, high=100)
        search = request.query_params.get("search", "")
        found = [each for name, each in sorted(self._state.gateways.items()) if search in name]
        start = (page - 1) * per_page
        rows = [_spelled(each) for each in found[start : start + per_page]]
        return listing(rows, page=page, per_page=per_page, total=len(found))

    async def create(self, request: Request) -> Response:
        policy = policy_from(await _json(request))
        if policy.id in self._state.gateways:
            # No code is public for a duplicate id (contract: management-api, 10).
            return errors(409, INVALID, f"A gateway named {policy.id} exists", "body", "id")
        return result(_spelled(self._state.add(policy)))

    async def get(self, request: Request) -> Response:
        return result(_spelled(_gateway(self._state, request)))

    async def put(self, request: Request) -> Response:
        known = _gateway(self._state, request)
        policy = policy_from(await _json(request), id=known.policy.id)
        return result(_spelled(self._state.add(policy)))

    async def delete(self, request: Request) -> Response:
        known = _gateway(self._state, request)
        self._state.remove(known.policy.id)
        return result(_spelled(known))


class Logs:
    """``/gateways/{id}/logs``: list, one, its bodies, feedback, delete."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._store = state.store

    async def list(self, request: Request) -> Response:
        gateway = _gateway(self._state, request).policy.id
        page, per_page = _paging(request, low=1, high=50)
        query = request.query_params
        direction = query.get("order_by_direction", query.get("direction", "desc"))
        rows, total = await asyncio.to_thread(
            self._store.logs,
            gateway,
            limit=per_page,
            offset=(page - 1) * per_page,
            newest_first=direction != "asc",
        )
        entries = [{**_entry(row).to_json(), "request": "", "response": ""} for row in rows]
        return listing(entries, page=page, per_page=per_page, total=total)

    async def get(self, request: Request) -> Response:
        row = await self._row(request)
        heads: dict[str, Json] = {}
        for part in ("request", "response"):
            text = (row[part] or b"").decode("utf-8", "replace")
            heads[f"{part}_head"] = text[:HEAD_LIMIT]
            heads[f"{part}_head_complete"] = len(text) <= HEAD_LIMIT
        return result({**_entry(row).to_json(), **heads})

    async def body(self, request: Request) -> Response:
        part = request.path_params["part"]
        if part not in ("request", "response"):
            raise HTTPException(404)
        row = await self._row(request)
        if row[part] is None:
            raise HTTPException(404)
        kind = row["request_content_type"] if part == "request" else row["response_content_type"]
        return Response(row[part], media_type=kind)

    async def patch(self, request: Request) -> Response:
        gateway = _gateway(self._state, request).policy.id
        values = _feedback(await _json(request))
        log = request.path_params["log"]
        if not await asyncio.to_thread(self._store.patch_log, gateway, log, values):
            raise HTTPException(404)
        return result({})

    async def delete(self, request: Request) -> Response:
        gateway = _gateway(self._state, request).policy.id
        await asyncio.to_thread(self._store.delete_logs, gateway)
        return _response({"success": True})

    async def _row(self, request: Request) -> dict[str, Json]:
        gateway = _gateway(self._state, request).policy.id
        row = await asyncio.to_thread(self._store.log, gateway, request.path_params["log"])
        if row is None:
            raise HTTPException(404)
        return row


class Local:
    """``/_local/``: what no Cloudflare gateway shows. Ours, not part of the contract."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def health(self, request: Request) -> Response:
        state = self._state
        return _response(
            {
                "ok": True,
                "now": state.timestamp(),
                "now_s": state.clock.now(),
                "scale": state.clock.scale,
                "simulated": state.upstreams.simulated,
                "gateways": sorted(state.gateways),
            }
        )

    async def journal(self, request: Request) -> Response:
        query = request.query_params
        found = self._state.journal.find(request_id=query.get("log_id"), state=query.get("state"))
        return _response({"attempts": [attempt.to_json() for attempt in found]})

    async def forget(self, request: Request) -> Response:
        self._state.journal.clear()
        return _response({"ok": True})

    async def faults(self, request: Request) -> Response:
        return _response({"faults": self._state.faults.rules()})

    async def add_fault(self, request: Request) -> Response:
        self._state.faults.add(await _json(request))
        return await self.faults(request)

    async def clear_faults(self, request: Request) -> Response:
        self._state.faults.clear()
        return await self.faults(request)

    async def credits(self, request: Request) -> Response:
        body = await _json(request)
        if not isinstance(body, dict) or not isinstance(body.get("available"), bool):
            raise Invalid('must be {"available": true or false}', "body", "available")
        self._state.credits = body["available"]
        return _response({"available": self._state.credits})


def result(value: Json) -> Response:
    """Return the success envelope of the v4 API."""
    return _response({"success": True, "errors": [], "messages": [], "result": value})


def listing(rows: list[Json], *, page: int, per_page: int, total: int) -> Response:
    """Return one page; clients stop at an empty one."""
    return _response(
        {
            "success": True,
            "errors": [],
            "messages": [],
            "result": rows,
            "result_info": {
                "page": page,
                "per_page": per_page,
                "count": len(rows),
                "total_count": total,
            },
        }
    )


def errors(status: int, code: int, message: str, *path: str) -> Response:
    """Return the error envelope of the v4 API: ``errors``, plural."""
    error: dict[str, Json] = {"code": code, "message": message}
    if path:
        error["path"] = list(path)
    return _response(
        {"success": False, "errors": [error], "messages": [], "result": None}, status=status
    )


def _response(value: Json, *, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        return errors(405, INVALID, "Method not allowed")
    known = request.url.path.startswith(("/client/v4/accounts/", "/_local/"))
    if request.scope.get("endpoint") is None and not known:
        return errors(404, NO_ROUTE, "No route for that URI")
    return errors(status, NOT_FOUND, "Not Found")


def _invalid(request: Request, error: Exception) -> Response:
    path = error.path if isinstance(error, Invalid) else []
    return errors(400, INVALID, str(error), *path)


def _bad_request(request: Request, error: Exception) -> Response:
    return errors(400, INVALID, str(error), "body")


def _store_error(request: Request, error: Exception) -> Response:
    return errors(503, INVALID, str(error))


def _gateway(state: State, request: Request) -> Gateway:
    found = state.gateways.get(request.path_params["gateway"])
    if found is None:
        raise HTTPException(404)
    return found


def _spelled(gateway: Gateway) -> dict[str, Json]:
    return {
        **to_json(gateway.policy),
        "created_at": gateway.created_at,
        "modified_at": gateway.modified_at,
    }


def _entry(row: dict[str, Json]) -> LogEntry:
    moment = datetime.fromtimestamp(row["created_s"], UTC)
    return LogEntry.from_json({**row, "created_at": moment.isoformat()})


def _feedback(body: Json) -> dict[str, Json]:
    """Read feedback for a log row; out of range is refused (our choice: contract, 10)."""
    if not isinstance(body, dict):
        raise Invalid("Input Validation Error", "body")
    bounds = {"feedback": (-1, 1), "score": (0, 100)}
    values: dict[str, Json] = {}
    for name, (low, high) in bounds.items():
        if name in body:
            value = body[name]
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is not None and not (number and low <= value <= high):
                raise Invalid("Input Validation Error", "body", name)
            values[name] = value
    if "metadata" in body:
        entries = body["metadata"] if body["metadata"] is not None else {}
        if not isinstance(entries, dict) or any(
            not isinstance(value, str | int | float) for value in entries.values()
        ):
            raise Invalid("Input Validation Error", "body", "metadata")
        values["metadata"] = entries
    return values


def _paging(request: Request, *, low: int, high: int) -> tuple[int, int]:
    def number(name: str, standard: int, top: int | None) -> int:
        text = request.query_params.get(name, str(standard))
        if not text.isdecimal() or int(text) < low or (top is not None and int(text) > top):
            raise Invalid("Input Validation Error", "query", name)
        return int(text)

    return number("page", 1, None), number("per_page", PER_PAGE, high)


async def _json(request: Request) -> Json:
    """Read a JSON body. Anything else is refused, also so that web pages can't post forms here."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Invalid("The body must be application/json", "header", "content-type")
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body isn't JSON: {error}", "body") from error
