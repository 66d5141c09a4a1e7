"""``/custom-providers``: the account's own providers, called as ``custom-{slug}``.

A base URL must be https; http is taken on this machine's loopback, so that a provider under
development can be tried (ours: Cloudflare takes https only).
"""

import re
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.local.customs import extra_headers
from gateway.local.documents import Document
from gateway.local.guard import is_loopback
from gateway.local.management.answers import errors, listed, missing, result
from gateway.local.management.asking import (
    Field,
    flag,
    is_flag,
    is_number,
    is_text,
    maybe,
    members,
    search,
)
from gateway.local.state import State
from gateway.providers import CUSTOM

Json = Any
BAD_URL, TAKEN, NO_PROVIDER = 1002, 1003, 1004
LOGO = ""
"""Cloudflare draws one for each; we have none."""


def _slug(value: Json) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9-]{1,64}", value) is not None


def _headers(value: Json) -> bool:
    if value is not None and not isinstance(value, str):
        return False
    try:
        extra_headers(value)
    except ValueError:
        return False
    return True


def _any_text(value: Json) -> bool:
    return value is None or isinstance(value, str)


FIELDS = {
    "name": Field(is_text, required=True),
    "slug": Field(_slug, required=True),
    "base_url": Field(lambda value: isinstance(value, str), required=True),
    "description": Field(_any_text),
    "link": Field(_any_text),
    "curl_example": Field(_any_text),
    "js_example": Field(_any_text),
    "beta": Field(is_flag, default=False),
    "enable": Field(is_flag, default=False),
    "headers": Field(_headers),
    "position": Field(maybe(is_number())),
}


class CustomProviders:
    """List, create, fetch, change, delete. A change drops what was cached of the provider."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self, base: str) -> list[Route]:
        """Return the paths under the account's."""
        one = f"{base}/custom-providers/{{id}}"
        return [
            Route(f"{base}/custom-providers", self.list, methods=["GET"]),
            Route(f"{base}/custom-providers", self.create, methods=["POST"]),
            Route(f"{base}/custom-providers/costs", self.costs, methods=["GET"]),
            Route(f"{base}/custom-providers/costs/{{id}}", self.cost, methods=["GET"]),
            Route(one, self.get, methods=["GET"]),
            Route(one, self.patch, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def list(self, request: Request) -> Response:
        rows = sorted(self._state.customs.all(), key=lambda row: str(row["name"]))
        for name in ("beta", "enable"):
            wanted = flag(request, name)
            if wanted is not None:
                rows = [row for row in rows if row[name] == wanted]
        found = search(request, rows, "id", "name", "slug")
        shown = [_spelled(request, row) for row in found]
        return listed(request, shown, high=100, pages=True)

    async def create(self, request: Request) -> Response:
        given = await members(request, FIELDS)
        refused = self._refusal(given)
        if refused is not None:
            return refused
        now = self._state.timestamp()
        row = {"id": self._state.ids.new(), **given, "created_at": now, "modified_at": now}
        self._state.customs.put(row)
        return result(_spelled(request, row))

    async def get(self, request: Request) -> Response:
        row = self._row(request)
        return _unknown() if row is None else result(_spelled(request, row))

    async def patch(self, request: Request) -> Response:
        known = self._row(request)
        if known is None:
            return _unknown()
        given = await members(request, FIELDS, partial=True)
        refused = self._refusal(given, known["id"])
        if refused is not None:
            return refused
        row = {**known, **given, "modified_at": self._state.timestamp()}
        self._state.customs.put(row)
        self._state.forget_provider(CUSTOM + known["slug"])
        return result(_spelled(request, row))

    async def delete(self, request: Request) -> Response:
        row = self._row(request)
        if row is None:
            return _unknown()
        self._state.customs.remove(row)
        self._state.forget_provider(CUSTOM + row["slug"])
        return result(_spelled(request, row))

    async def costs(self, request: Request) -> Response:
        """List the costs of custom providers: none, and their body isn't public."""
        return listed(request, [])

    async def cost(self, request: Request) -> Response:
        """Show one cost: there is none."""
        raise missing()

    def _row(self, request: Request) -> Document | None:
        return self._state.customs.get(request.path_params["id"])

    def _refusal(self, given: Document, own: str = "") -> Response | None:
        """Return the contract's own errors: a bad base URL, a slug that is taken."""
        if "base_url" in given and not is_base_url(given["base_url"]):
            return errors(400, BAD_URL, "base_url must be an https URL", "body", "base_url")
        taken = {row["slug"] for row in self._state.customs.all() if row["id"] != own}
        if given.get("slug") in taken:
            words = f"A custom provider with slug {given['slug']} exists"
            return errors(409, TAKEN, words, "body", "slug")
        return None


def is_base_url(text: str) -> bool:
    """Whether a custom provider can live there."""
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError:
        return False
    plain = not (url.username or url.password or url.query or url.fragment) and port != 0
    safe = url.scheme == "https" or (url.scheme == "http" and is_loopback(host))
    written = all(33 <= ord(letter) < 127 for letter in text)
    return plain and safe and written and bool(host)


def _unknown() -> Response:
    return errors(404, NO_PROVIDER, "Custom provider not found")


def _spelled(request: Request, row: Document) -> Document:
    account = request.path_params["account"]
    return {**row, "logo": LOGO, "account_id": account, "account_tag": account}
