"""Opening a WebSocket: which gateway is meant, and which token and keys came along.

A browser can set no headers, so that both may also come as sub-protocols (contract: websocket, 2):

    Sec-WebSocket-Protocol: xi-api-key.KEY, cf-aig-authorization.TOKEN

Sub-protocols are names, not secrets, for HTTP: one of those offered must be answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.local.asgi import Scope, headers_of
from gateway.local.credentials import AUTHORIZATION
from gateway.local.guard import is_foreign
from gateway.local.refusals import Refusal
from gateway.local.routing import Route, route_of

TOKEN = f"{AUTHORIZATION}."
KEYS = {"xi-api-key.": ("xi-api-key", ""), "fal-api-key.": ("authorization", "Key ")}
"""Prefix of a sub-protocol -> the header that stands for it, and what precedes the key there."""

OF_THE_HANDSHAKE = ("connection", "origin", "upgrade")
"""Headers of the handshake itself, besides every ``sec-websocket-*``: nobody else gets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """A WebSocket that somebody wants to open.

    Attributes:
        headers: Names in lower case; token and keys of sub-protocols stand among them.
        offered: Sub-protocols that are neither token nor key.
        token: The sub-protocol that the token came in.
        echoed: Which one is answered, unless a provider chooses: the token's, or the first one.
    """

    route: Route
    headers: Mapping[str, str]
    offered: tuple[str, ...]
    token: str | None
    echoed: str | None


def handshake_of(scope: Scope, *, public: bool) -> Handshake:
    """Read a handshake.

    Args:
        public: The gateway listens on more than the loopback.

    Raises:
        Refusal: the path is no gateway's (2001), or a page of another site asks (403).
    """
    headers = headers_of(scope["headers"])
    if is_foreign(headers, public=public):
        raise Refusal(None, "Pages of other sites can't use this gateway", status=403)
    route = route_of(scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1"))
    if route is None:
        raise Refusal(2001)
    protocols: list[str] = scope.get("subprotocols", [])
    kept = {
        name: value
        for name, value in headers.items()
        if name not in OF_THE_HANDSHAKE and not name.startswith("sec-websocket-")
    }
    offered = []
    for protocol in protocols:
        found = _credential(protocol)
        if found is None:
            offered.append(protocol)
        else:
            kept.setdefault(*found)
    token = next((protocol for protocol in protocols if protocol.startswith(TOKEN)), None)
    return Handshake(
        route=route,
        headers=kept,
        offered=tuple(offered),
        token=token,
        echoed=token or (protocols[0] if protocols else None),
    )


def _credential(protocol: str) -> tuple[str, str] | None:
    """Return a sub-protocol that holds a token or key as a header; ``None`` for any other."""
    if protocol.startswith(TOKEN):
        return AUTHORIZATION, protocol.removeprefix(TOKEN)
    for prefix, (name, scheme) in KEYS.items():
        if protocol.startswith(prefix):
            return name, f"{scheme}{protocol.removeprefix(prefix)}"
    return None
