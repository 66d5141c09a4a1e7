"""``/gateways/{id}/logs``: list, one, its bodies, feedback, delete."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.local.logsearch import ORDERS, LogSearch
from gateway.local.management.answers import listing, plain, result
from gateway.local.management.asking import choice, flag, gateway_of, json_body, paging, whole
from gateway.local.management.filters import conditions_of
from gateway.local.settings import Invalid
from gateway.local.state import State
from gateway.logs import HEAD_LIMIT, LogEntry

Json = Any
UNKNOWN: dict[str, Json] = {
    "prompts": None,
    "location": None,
}
"""Members of Cloudflare's rows (contract: LIVE) of which a local gateway knows nothing."""
DIRECTIONS = ("asc", "desc")


class Logs:
    """``/gateways/{id}/logs``: list, one, its bodies, feedback, delete."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._store = state.store
        self._search = LogSearch(state.store)

    async def list(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        page, per_page = paging(request, low=1, high=50)
        query = request.query_params
        conditions = conditions_of(query)
        older = choice(request, "direction", DIRECTIONS, "desc")
        rows, total = await asyncio.to_thread(
            self._search.page,
            gateway,
            conditions,
            limit=per_page,
            offset=(page - 1) * per_page,
            order=choice(request, "order_by", ORDERS, "created_at"),
            descending=choice(request, "order_by_direction", DIRECTIONS, older) == "desc",
        )
        entries = [{**_shown(row), "request": "", "response": ""} for row in rows]
        ranges = {}
        if flag(request, "meta_info"):
            ranges = await asyncio.to_thread(self._search.ranges, gateway, conditions)
        return listing(entries, page=page, per_page=per_page, total=total, more=ranges)

    async def get(self, request: Request) -> Response:
        row = await self._row(request)
        heads: dict[str, Json] = {}
        for part in ("request", "response"):
            text = (row[part] or b"").decode("utf-8", "replace")
            heads[f"{part}_head"] = text[:HEAD_LIMIT]
            heads[f"{part}_head_complete"] = len(text) <= HEAD_LIMIT
        return result({**_shown(row), **heads})

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
        gateway = gateway_of(self._state, request).policy.id
        values = _feedback(await json_body(request))
        log = request.path_params["log"]
        if not await asyncio.to_thread(self._store.patch_log, gateway, log, values):
            raise HTTPException(404)
        return result({})

    async def delete(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        await asyncio.to_thread(
            self._search.delete,
            gateway,
            conditions_of(request.query_params),
            limit=whole(request, "limit"),
            order=choice(request, "order_by", ORDERS, "created_at"),
            descending=choice(request, "order_by_direction", DIRECTIONS, "desc") == "desc",
        )
        return plain({"success": True})

    async def _row(self, request: Request) -> dict[str, Json]:
        gateway = gateway_of(self._state, request).policy.id
        row = await asyncio.to_thread(self._store.log, gateway, request.path_params["log"])
        if row is None:
            raise HTTPException(404)
        return row


def _shown(row: dict[str, Json]) -> dict[str, Json]:
    moment = datetime.fromtimestamp(row["created_s"], UTC)
    return {
        **LogEntry.from_json({**row, "created_at": moment.isoformat()}).to_json(),
        **UNKNOWN,
    }


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
