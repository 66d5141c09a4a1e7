"""``/gateways/{id}/evaluations``: datasets measured once; ``/evaluation-types``: by what.

Which rows: those that pass a dataset's filters at the moment of the evaluation; a row of two
datasets counts once. The ids of the types, the meaning of ``status`` (1: measured, 0: there was
nothing to measure) and the spelling of ``result`` aren't public, so they are ours.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.local.documents import Document
from gateway.local.logsearch import LogSearch
from gateway.local.management.answers import listed, missing, result
from gateway.local.management.asking import (
    MESSAGE,
    Field,
    choice,
    flag,
    gateway_of,
    is_text,
    members,
    search,
)
from gateway.local.management.filters import dataset_filters
from gateway.local.settings import Invalid
from gateway.local.state import State

Json = Any
Summary = Mapping[str, Json]
SINCE = "2026-11-23T00:00:00.000Z"


def _ids(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_text, value))


FIELDS = {
    "name": Field(is_text, required=True),
    "dataset_ids": Field(_ids, required=True),
    "evaluation_type_ids": Field(_ids, required=True),
}


def _type(id: str, name: str, description: str) -> Document:
    return {
        "id": id,
        "name": name,
        "type": id,
        "description": description,
        "enable": True,
        "mandatory": False,
        "created_at": SINCE,
        "modified_at": SINCE,
    }


TYPES = {
    row["id"]: row
    for row in (
        _type("cost", "Cost", "Average cost of a request, in US dollars."),
        _type("speed", "Speed", "Average duration of a request, in milliseconds."),
        _type("human-feedback", "Human feedback", "Share of thumbs up in rated logs, in percent."),
    )
}
"""The evaluators of the product (contract: DOCS evaluations)."""


def _cost(summary: Summary) -> str | None:
    return None if summary["cost"] is None else f"{summary['cost']:.8f}"


def _speed(summary: Summary) -> str | None:
    return None if summary["duration"] is None else f"{summary['duration']:.2f}"


def _feedback(summary: Summary) -> str | None:
    return f"{100 * summary['liked'] / summary['rated']:.2f}" if summary["rated"] else None


MEASURES: Mapping[str, Callable[[Summary], str | None]] = {
    "cost": _cost,
    "speed": _speed,
    "human-feedback": _feedback,
}
"""What each type makes of the figures; ``None`` where there is nothing to measure."""


class Evaluations:
    """List, create, fetch, delete; there is no update."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._search = LogSearch(state.store)

    def routes(self, base: str) -> list[Route]:
        """Return the paths under a gateway's."""
        return [
            Route(f"{base}/evaluations", self.list, methods=["GET"]),
            Route(f"{base}/evaluations", self.create, methods=["POST"]),
            Route(f"{base}/evaluations/{{id}}", self.get, methods=["GET"]),
            Route(f"{base}/evaluations/{{id}}", self.delete, methods=["DELETE"]),
        ]

    async def types(self, request: Request) -> Response:
        """List the evaluators."""
        order = choice(request, "order_by", TYPES["cost"], "name")
        falling = choice(request, "order_by_direction", ("asc", "desc"), "asc") == "desc"
        rows = sorted(TYPES.values(), key=lambda row: str(row[order]), reverse=falling)
        return listed(request, rows)

    async def list(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        rows = self._state.documents.all("evaluation", gateway)[::-1]
        name, processed = request.query_params.get("name"), flag(request, "processed")
        if name is not None:
            rows = [row for row in rows if row["name"] == name]
        if processed is not None:
            rows = [row for row in rows if row["processed"] == processed]
        return listed(request, search(request, rows, "id", "name"))

    async def create(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        given = await members(request, FIELDS)
        datasets = [self._dataset(gateway, id) for id in dict.fromkeys(given["dataset_ids"])]
        types = list(dict.fromkeys(given["evaluation_type_ids"]))
        if not set(types) <= TYPES.keys():
            raise Invalid(MESSAGE, "body", "evaluation_type_ids")
        summary = await asyncio.to_thread(
            self._search.summary,
            gateway,
            [[row.condition for row in dataset_filters(each["filters"])] for each in datasets],
        )
        id, now = self._state.ids.new(), self._state.timestamp()
        account = request.path_params["account"]
        row = {
            "id": id,
            "gateway_id": gateway,
            "name": given["name"],
            "created_at": now,
            "modified_at": now,
            "processed": True,
            "total_logs": summary["total"],
            "datasets": [
                {**each, "account_id": account, "account_tag": account} for each in datasets
            ],
            "results": [self._result(id, type, summary, now) for type in types],
        }
        self._state.documents.put("evaluation", row, gateway)
        return result(row)

    async def get(self, request: Request) -> Response:
        return result(self._row(request))

    async def delete(self, request: Request) -> Response:
        row = self._row(request)
        self._state.documents.delete("evaluation", row["id"], row["gateway_id"])
        return result(row)

    def _dataset(self, gateway: str, id: str) -> Document:
        """Return a dataset that can be evaluated: it exists and is enabled (our choice)."""
        row = self._state.documents.get("dataset", id, gateway)
        if row is None or not row["enable"]:
            raise Invalid(MESSAGE, "body", "dataset_ids")
        return row

    def _result(self, evaluation: str, type: str, summary: Summary, now: str) -> Document:
        measured = MEASURES[type](summary)
        return {
            "id": self._state.ids.new(),
            "evaluation_id": evaluation,
            "evaluation_type_id": type,
            "result": measured or "",
            "status": 0 if measured is None else 1,
            "status_description": "Nothing to measure" if measured is None else "Measured",
            "total_logs": summary["rated" if type == "human-feedback" else "total"],
            "created_at": now,
            "modified_at": now,
        }

    def _row(self, request: Request) -> Document:
        gateway = gateway_of(self._state, request).policy.id
        row = self._state.documents.get("evaluation", request.path_params["id"], gateway)
        if row is None:
            raise missing()
        return row
