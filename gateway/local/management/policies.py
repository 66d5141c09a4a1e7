"""``/gateways/{id}/policies``: policies, their drafts, and how they would treat a request.

A change without ``commit=true`` is a draft: it is kept and simulated, and not in force. Our
choices: a new policy whose draft wasn't committed is found with ``includeStaging=true`` only;
deleting answers with what was deleted.
"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.local.documents import Document
from gateway.local.management.answers import missing, plain, result
from gateway.local.management.asking import MESSAGE, flag, gateway_of, json_body
from gateway.local.policies import BadPolicy, Policy
from gateway.local.policies.policy import MEMBERS
from gateway.local.policies.simulation import simulated
from gateway.local.settings import Invalid
from gateway.local.state import State

Json = Any


class PolicyRows:
    """One document holds a policy: what is in force, and what is a draft."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self, base: str) -> list[Route]:
        """Return the paths under a gateway's."""
        one = f"{base}/policies/{{id}}"
        return [
            Route(f"{base}/policies", self.list, methods=["GET"]),
            Route(f"{base}/policies", self.create, methods=["POST"]),
            Route(f"{base}/policies/commit", self.commit, methods=["POST"]),
            Route(f"{base}/policies/simulate", self.simulate, methods=["POST"]),
            Route(one, self.get, methods=["GET"]),
            Route(one, self.put, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def list(self, request: Request) -> Response:
        staging = flag(request, "includeStaging")
        rows = []
        for row in self._rows(request):
            if row["live"] is not None:
                rows.append(_spelled(row, "live"))
            if staging and row["draft"] is not None:
                rows.append({**_spelled(row, "draft"), "staging": True})
        return result(rows)

    async def create(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        given = _members(await json_body(request))
        now = int(self._state.clock.now())
        given = {"condition": "true", **given, "updated_at": now}
        _check(given)
        row = {
            "id": self._state.ids.new(),
            "gateway_id": gateway,
            "created_at": now,
            "live": None,
            "draft": given,
        }
        committed = self._keep(row, commit=flag(request, "commit"))
        spelled = _spelled(row, "live" if committed else "draft")
        return _answer(result=spelled, committed=committed)

    async def get(self, request: Request) -> Response:
        row = self._row(request)
        if flag(request, "includeStaging") and row["draft"] is not None:
            found = _spelled(row, "draft")
            return _answer(result=found, uncommitted=True)
        if row["live"] is None:
            raise missing()
        return result(_spelled(row, "live"))

    async def put(self, request: Request) -> Response:
        row = self._row(request)
        given = _members(await json_body(request))
        if row["live"] is None:
            raise Invalid("Only a policy that was committed can be updated", "path", "id")
        changed = {**(row["draft"] or row["live"]), **given}
        changed["updated_at"] = int(self._state.clock.now())
        _check(changed)
        row["draft"] = changed
        committed = self._keep(row, commit=flag(request, "commit"))
        return _answer(committed=committed)

    async def delete(self, request: Request) -> Response:
        row = self._row(request)
        self._state.documents.delete("policy", row["id"], row["gateway_id"])
        self._state.recheck(row["gateway_id"])
        return result(_spelled(row, "draft" if row["live"] is None else "live"))

    async def commit(self, request: Request) -> Response:
        drafts = [row for row in self._rows(request) if row["draft"] is not None]
        for row in drafts:
            self._keep(row, commit=True)
        policies = [_spelled(row, "live") for row in drafts]
        return result({"committed": len(drafts), "failed": 0, "policies": policies})

    async def simulate(self, request: Request) -> Response:
        rows = self._rows(request)
        return result(
            simulated([row["draft"] or row["live"] for row in rows], await json_body(request))
        )

    def _rows(self, request: Request) -> Sequence[Document]:
        gateway = gateway_of(self._state, request).policy.id
        return self._state.documents.all("policy", gateway)

    def _row(self, request: Request) -> Document:
        gateway = gateway_of(self._state, request).policy.id
        row = self._state.documents.get("policy", request.path_params["id"], gateway)
        if row is None:
            raise missing()
        return row

    def _keep(self, row: Document, *, commit: bool | None) -> bool:
        """Keep a policy with its draft, which comes into force where it is committed."""
        if commit:
            row["live"], row["draft"] = row["draft"], None
        self._state.documents.put("policy", row, row["gateway_id"])
        if commit:
            self._state.recheck(row["gateway_id"])
        return bool(commit)


def _answer(**members: Json) -> Response:
    """Return the success envelope with members besides its usual ones."""
    return plain({"success": True, "errors": [], "messages": [], **members})


def _members(body: Json) -> dict[str, Json]:
    if not isinstance(body, dict):
        raise Invalid(MESSAGE, "body")
    return {name: body[name] for name in MEMBERS if name in body}


def _check(given: dict[str, Json]) -> None:
    try:
        Policy.from_json(given)
    except BadPolicy as error:
        raise Invalid(f"{MESSAGE}: {error.member} {error}", "body", error.member) from error


def _spelled(row: Document, which: str) -> dict[str, Json]:
    stated = row[which]
    return {
        "id": row["id"],
        **{name: stated[name] for name in MEMBERS},
        "created_at": row["created_at"],
        "updated_at": stated["updated_at"],
    }
