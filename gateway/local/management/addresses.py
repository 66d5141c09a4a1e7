"""Where a gateway is reached: ``/url/{provider}``, and custom domains.

A custom domain is kept and given back; it stays ``pending_dcv``, since nobody here could prove who
owns it. Its contract isn't final (contract: endpoints, 11).
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.local.documents import Document
from gateway.local.management.answers import INVALID, errors, listed, missing, result
from gateway.local.management.asking import Field, gateway_of, is_text, members
from gateway.local.state import State

Json = Any
UNIVERSAL = "universal"
TARGET = "gateway.ai.cloudflare.com"
_HOSTNAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")

DOMAIN = {
    "domain": Field(
        lambda value: isinstance(value, str) and _HOSTNAME.fullmatch(value) is not None,
        required=True,
    ),
    "zone_id": Field(is_text, required=True),
}


class Addresses:
    """The base URLs of one gateway: of this process, and of domains it would answer under."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self, base: str) -> list[Route]:
        """Return the paths under a gateway's."""
        return [
            Route(f"{base}/url/{{provider}}", self.url, methods=["GET"]),
            Route(f"{base}/custom-domains", self.list, methods=["GET"]),
            Route(f"{base}/custom-domains", self.create, methods=["POST"]),
            Route(f"{base}/custom-domains/{{hostname}}", self.get, methods=["GET"]),
            Route(f"{base}/custom-domains/{{hostname}}", self.delete, methods=["DELETE"]),
        ]

    async def url(self, request: Request) -> Response:
        """Return a provider's base URL at this gateway; ``universal`` is the base itself."""
        gateway = gateway_of(self._state, request).policy.id
        account, provider = request.path_params["account"], request.path_params["provider"]
        base = f"{request.url.scheme}://{request.url.netloc}/v1/{account}/{gateway}/"
        return result(base if provider == UNIVERSAL else base + provider)

    async def list(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        rows = self._state.documents.all("custom-domain", gateway)
        return listed(request, [_spelled(row) for row in rows])

    async def create(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        given = await members(request, DOMAIN)
        known = self._state.documents.all("custom-domain", None)
        if any(row["hostname"] == given["domain"] for row in known):
            words = f"{given['domain']} belongs to a gateway"
            return errors(409, INVALID, words, "body", "domain")
        now_ms = round(self._state.clock.now() * 1000)
        row = {
            "id": given["domain"],
            "hostname": given["domain"],
            "gateway_id": gateway,
            "status": "pending_dcv",
            "cname_target": TARGET,
            "created_at": now_ms,
            "modified_at": now_ms,
        }
        self._state.documents.put("custom-domain", row, gateway)
        return result(_spelled(row))

    async def get(self, request: Request) -> Response:
        return result(_spelled(self._row(request)))

    async def delete(self, request: Request) -> Response:
        row = self._row(request)
        self._state.documents.delete("custom-domain", row["id"], row["gateway_id"])
        return result(_spelled(row))

    def _row(self, request: Request) -> Document:
        gateway = gateway_of(self._state, request).policy.id
        row = self._state.documents.get("custom-domain", request.path_params["hostname"], gateway)
        if row is None:
            raise missing()
        return row


def _spelled(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != "id"}
