"""``/gateways/{id}/datasets``: filters of the log under a name, for evaluations."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.local.documents import Document
from gateway.local.management.answers import listed, missing, result
from gateway.local.management.asking import (
    Field,
    flag,
    gateway_of,
    is_flag,
    is_text,
    members,
    search,
)
from gateway.local.management.filters import dataset_filters
from gateway.local.state import State

Json = Any
FIELDS = {
    "name": Field(is_text, required=True),
    "enable": Field(is_flag, required=True),
    "filters": Field(lambda value: isinstance(value, list), required=True),
}


class Datasets:
    """List, create, fetch, replace, delete. A dataset follows its filters: it holds no rows."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self, base: str) -> list[Route]:
        """Return the paths under a gateway's."""
        return [
            Route(f"{base}/datasets", self.list, methods=["GET"]),
            Route(f"{base}/datasets", self.create, methods=["POST"]),
            Route(f"{base}/datasets/{{id}}", self.get, methods=["GET"]),
            Route(f"{base}/datasets/{{id}}", self.put, methods=["PUT"]),
            Route(f"{base}/datasets/{{id}}", self.delete, methods=["DELETE"]),
        ]

    async def list(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        rows = self._state.documents.all("dataset", gateway)[::-1]
        name, enable = request.query_params.get("name"), flag(request, "enable")
        if name is not None:
            rows = [row for row in rows if row["name"] == name]
        if enable is not None:
            rows = [row for row in rows if row["enable"] == enable]
        return listed(request, search(request, rows, "id", "name", "filters"))

    async def create(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        given = await _given(request)
        now = self._state.timestamp()
        row = {
            "id": self._state.ids.new(),
            "gateway_id": gateway,
            **given,
            "created_at": now,
            "modified_at": now,
        }
        self._state.documents.put("dataset", row, gateway)
        return result(row)

    async def get(self, request: Request) -> Response:
        return result(self._row(request))

    async def put(self, request: Request) -> Response:
        known = self._row(request)
        row = {**known, **await _given(request), "modified_at": self._state.timestamp()}
        self._state.documents.put("dataset", row, row["gateway_id"])
        return result(row)

    async def delete(self, request: Request) -> Response:
        row = self._row(request)
        self._state.documents.delete("dataset", row["id"], row["gateway_id"])
        return result(row)

    def _row(self, request: Request) -> Document:
        gateway = gateway_of(self._state, request).policy.id
        row = self._state.documents.get("dataset", request.path_params["id"], gateway)
        if row is None:
            raise missing()
        return row


async def _given(request: Request) -> dict[str, Json]:
    given = await members(request, FIELDS)
    dataset_filters(given["filters"])
    return given
