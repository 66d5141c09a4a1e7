"""``/gateways/{id}/provider_configs``: stored keys (BYOK). A secret goes in and never comes out.

There is no Secrets Store here: a config with ``secret_id`` alone has no key to use. ``DELETE`` is
ours: Cloudflare's clients have no way to take a key back.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.local.management.answers import INVALID, errors, listed, missing, result
from gateway.local.management.asking import (
    MESSAGE,
    Field,
    gateway_of,
    is_flag,
    is_number,
    is_text,
    maybe,
    members,
)
from gateway.local.settings import Invalid
from gateway.local.state import State
from gateway.providers import CUSTOM, provider_of

Json = Any
SECRET_LIMIT = 65_536
"""Characters of a key: a Google service account is a few thousand."""


def _provider(slug: Json) -> bool:
    known = provider_of(slug) if isinstance(slug, str) else None
    return known is not None and known.slug not in ("compat", f"{CUSTOM}{{slug}}")


FIELDS = {
    "provider_slug": Field(_provider, required=True),
    "alias": Field(is_text, required=True),
    "default_config": Field(is_flag, required=True),
    "secret": Field(lambda value: is_text(value) and len(value) <= SECRET_LIMIT),
    "secret_id": Field(maybe(is_text)),
    "rate_limit": Field(maybe(is_number(0))),
    "rate_limit_period": Field(maybe(is_number(0))),
}


class ProviderConfigs:
    """List, create, delete. One config for each provider and alias of a gateway."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self, base: str) -> list[Route]:
        """Return the paths under a gateway's."""
        return [
            Route(f"{base}/provider_configs", self.list, methods=["GET"]),
            Route(f"{base}/provider_configs", self.create, methods=["POST"]),
            Route(f"{base}/provider_configs/{{id}}", self.delete, methods=["DELETE"]),
        ]

    async def list(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        return listed(request, self._state.stored_keys.list(gateway)[::-1])

    async def create(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        given = await members(request, FIELDS)
        secret = given.pop("secret")
        if secret is None and given["secret_id"] is None:
            raise Invalid(MESSAGE, "body", "secret")
        provider, alias = given["provider_slug"], given["alias"]
        if alias in self._state.stored_keys.aliases(gateway, provider):
            return errors(409, INVALID, f"{provider} has a key '{alias}'", "body", "alias")
        id = self._state.ids.new()
        row = {
            "id": id,
            "gateway_id": gateway,
            **given,
            "secret_id": given["secret_id"] or id,
            "modified_at": self._state.timestamp(),
        }
        return result(self._state.stored_keys.put(row, secret))

    async def delete(self, request: Request) -> Response:
        gateway = gateway_of(self._state, request).policy.id
        row = self._state.stored_keys.get(gateway, request.path_params["id"])
        if row is None:
            raise missing()
        self._state.stored_keys.remove(row)
        return result(row)
