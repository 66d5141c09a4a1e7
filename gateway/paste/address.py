"""Where a pasted URL leads: which route, provider and path, and whose gateway."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from gateway.chat import Route
from gateway.local import rest, routing
from gateway.paste.raw import Unread
from gateway.providers import PROVIDERS, Provider, provider_of

QUERY_KEYS = frozenset({"key", "api_key", "access_token", "token"})
"""Members of a query that carry a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a URL leads."""

    route: Route
    provider: str = ""
    endpoint: str = ""
    account: str | None = None
    gateway: str | None = None


def place_of(url: str | None, headers: Mapping[str, str], unread: list[Unread]) -> Place | None:
    """Return where a URL leads; ``None`` where it is no gateway's and no provider's.

    Args:
        headers: Names in lower case; one of them names the gateway on REST.
        unread: Gets what can't be read.
    """
    if url is None:
        return None
    parts = urlsplit(url)
    query = urlencode(
        [pair for pair in parse_qsl(parts.query) if pair[0].lower() not in QUERY_KEYS], safe="/:,"
    )
    api = rest.route_of(parts.path, headers)
    if api is not None:
        named = headers.get(rest.GATEWAY_ID, "").strip() or None
        return Place(route="rest", endpoint=api.endpoint, account=api.account, gateway=named)
    foreign = _by_host(parts.hostname or "")
    if foreign is not None:
        return Place(
            route="native", provider=foreign.slug, endpoint=_foreign_path(parts.path, query)
        )
    found = routing.route_of(parts.path, query)
    if found is None or (found.kind == "native" and provider_of(found.provider) is None):
        own = _custom_domain(parts.path, query)
        if own is None:
            unread.append(
                Unread("The address", "it is no gateway's, and no provider's that we know")
            )
        return own
    return Place(
        route=found.kind,
        provider=found.provider if found.kind == "native" else "",
        endpoint=found.endpoint,
        account=found.account,
        gateway=found.gateway,
    )


def _custom_domain(path: str, query: str) -> Place | None:
    """Read a path below a gateway's own host name: it begins with the provider."""
    slug, _, endpoint = path.lstrip("/").partition("/")
    if routing.is_compat(slug, endpoint):
        return Place(route="compat", endpoint=endpoint)
    if provider_of(slug) is None or slug == routing.COMPAT:
        return None
    return Place(
        route="native", provider=slug, endpoint=f"{endpoint}?{query}" if query else endpoint
    )


def _by_host(host: str) -> Provider | None:
    """Return the provider to whom a host belongs."""
    for row in PROVIDERS.values():
        base = urlsplit(row.upstream_base_url or "").hostname or ""
        if base and base == host and row.slug != "workers-ai":
            return row
        if "{" in base and host.endswith(base.rpartition("}")[2]) and row.slug != "workers-ai":
            return row
    return None


def _foreign_path(path: str, query: str) -> str:
    return f"{path.lstrip('/')}?{query}" if query else path.lstrip("/")
