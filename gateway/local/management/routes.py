"""``/gateways/{id}/routes``: dynamic routes, their versions and deployments.

A new route is deployed at once; a new version counts once it is deployed. The envelopes differ from
call to call, since Cloudflare's clients unwrap some of them and some not (contract: 6).
"""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.local.documents import Document
from gateway.local.management.answers import INVALID, errors, missing, plain, result
from gateway.local.management.asking import Field, choice, gateway_of, is_text, members, paging
from gateway.local.management.elements import check_elements
from gateway.local.settings import Invalid
from gateway.local.state import State

Json = Any
NAME = {"name": Field(is_text, required=True)}
ELEMENTS = {"elements": Field(lambda value: isinstance(value, list), required=True)}
VERSION = {"version_id": Field(is_text, required=True)}


class Routes:
    """One document holds a route with all its versions and deployments, oldest first."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self, base: str) -> list[Route]:
        """Return the paths under a gateway's."""
        one = f"{base}/routes/{{id}}"
        return [
            Route(f"{base}/routes", self.list, methods=["GET"]),
            Route(f"{base}/routes", self.create, methods=["POST"]),
            Route(one, self.get, methods=["GET"]),
            Route(one, self.rename, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/versions", self.versions, methods=["GET"]),
            Route(f"{one}/versions", self.add_version, methods=["POST"]),
            Route(f"{one}/versions/{{version}}", self.version, methods=["GET"]),
            Route(f"{one}/deployments", self.deployments, methods=["GET"]),
            Route(f"{one}/deployments", self.deploy, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        account = request.path_params["account"]
        rows = self._state.documents.all("route", gateway)
        return _data(request, "routes", [{**_whole(row), "account_tag": account} for row in rows])

    async def create(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        given = await members(request, NAME | ELEMENTS)
        check_elements(given["elements"])
        if self._named(gateway, given["name"]):
            return _taken(given["name"])
        now = self._state.timestamp()
        row = {
            "id": self._state.ids.new(),
            "gateway_id": gateway,
            "name": given["name"],
            "created_at": now,
            "modified_at": now,
            "versions": [],
            "deployments": [],
        }
        self._deploy(row, self._version(row, given["elements"]))
        self._keep(row)
        return result(_whole(row))

    async def get(self, request: Request) -> Response:
        return result(_whole(self._row(request)))

    async def rename(self, request: Request) -> Response:
        row = self._row(request)
        name = (await members(request, NAME))["name"]
        if name != row["name"] and self._named(row["gateway_id"], name):
            return _taken(name)
        row["name"] = name
        self._keep(row)
        tag = {"account_tag": request.path_params["account"]}
        return plain({"success": True, "route": {**_whole(row), **tag}})

    async def delete(self, request: Request) -> Response:
        row = self._row(request)
        self._state.documents.delete("route", row["id"], row["gateway_id"])
        return result(_brief(row, _active(row)["elements"]))

    async def versions(self, request: Request) -> Response:
        row = self._row(request)
        return _data(request, "versions", [_spelled(row, each) for each in row["versions"]])

    async def add_version(self, request: Request) -> Response:
        row = self._row(request)
        elements = (await members(request, ELEMENTS))["elements"]
        check_elements(elements)
        self._version(row, elements)
        self._keep(row)
        return result(_brief(row, elements))

    async def version(self, request: Request) -> Response:
        row = self._row(request)
        found = _find(row, request.path_params["version"])
        if found is None:
            raise missing()
        return result({**_brief(row, found["elements"]), **_spelled(row, found)})

    async def deployments(self, request: Request) -> Response:
        return _data(request, "deployments", self._row(request)["deployments"])

    async def deploy(self, request: Request) -> Response:
        row = self._row(request)
        found = _find(row, (await members(request, VERSION))["version_id"])
        if found is None:
            raise Invalid("No version has this id", "body", "version_id")
        self._deploy(row, found)
        self._keep(row)
        return result(_brief(row, found["elements"]))

    def _row(self, request: Request) -> Document:
        gateway = gateway_of(self._state, request).policy.id
        row = self._state.documents.get("route", request.path_params["id"], gateway)
        if row is None:
            raise missing()
        return row

    def _named(self, gateway: str, name: str) -> bool:
        return any(row["name"] == name for row in self._state.documents.all("route", gateway))

    def _version(self, row: Document, elements: Json) -> Document:
        made = {
            "version_id": self._state.ids.new(),
            "created_at": self._state.timestamp(),
            "elements": elements,
        }
        row["versions"].append(made)
        return made

    def _deploy(self, row: Document, version: Document) -> None:
        row["deployments"].append(
            {
                "deployment_id": self._state.ids.new(),
                "version_id": version["version_id"],
                "created_at": self._state.timestamp(),
            }
        )

    def _keep(self, row: Document) -> None:
        row["modified_at"] = self._state.timestamp()
        self._state.documents.put("route", row, row["gateway_id"])


def _taken(name: str) -> Response:
    # A name is what the data plane calls a route by, so there is one of each (our choice).
    return errors(409, INVALID, f"A route named {name} exists", "body", "name")


def _find(row: Document, version: str) -> Document | None:
    return next((each for each in row["versions"] if each["version_id"] == version), None)


def _active(row: Document) -> Document:
    found = _find(row, row["deployments"][-1]["version_id"])
    assert found is not None, "a deployment names a version of its route"
    return found


def _brief(row: Document, elements: Json) -> dict[str, Json]:
    plain_members = ("id", "gateway_id", "name", "created_at", "modified_at")
    return {**{name: row[name] for name in plain_members}, "elements": elements}


def _whole(row: Document) -> dict[str, Json]:
    active = _active(row)
    return {
        **_brief(row, active["elements"]),
        "deployment": row["deployments"][-1],
        "version": _spelled(row, active),
    }


def _spelled(row: Document, version: Document) -> dict[str, Json]:
    """Spell a version: ``active`` and ``data`` are text."""
    return {
        "version_id": version["version_id"],
        "active": "true" if version is _active(row) else "false",
        "created_at": version["created_at"],
        "data": orjson.dumps(version["elements"]).decode(),
        "is_valid": True,
    }


def _data(request: Request, name: str, rows: list[Json]) -> Response:
    """Return a page of rows, newest first, in ``data``: no ``result`` there."""
    page, per_page = paging(request, low=1, high=50)
    order = choice(request, "order_by", ("created_at",), "created_at")
    direction = choice(request, "order_by_direction", ("asc", "desc"), "desc")
    rows = rows[::-1] if direction == "desc" else rows
    start = (page - 1) * per_page
    data = {
        name: rows[start : start + per_page],
        "page": page,
        "per_page": per_page,
        "order_by": order,
        "order_by_direction": direction,
    }
    return plain({"success": True, "data": data})
