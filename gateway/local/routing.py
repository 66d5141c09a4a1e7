"""Which endpoint a URL means. Works on the raw path: models hold slashes, ``@`` and ``:verb``.

/v1/{account}/{gateway}[/]                         universal
/v1/{account}/{gateway}/compat/chat/completions    compat
/v1/{account}/{gateway}/{provider}/{path}          native
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

from gateway.local.refusals import Refusal
from gateway.providers import Provider, provider_of

Kind = Literal["native", "compat", "universal", "rest"]
COMPAT = "compat"
CHAT = "chat/completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a data-plane URL asks for.

    Attributes:
        provider: First segment after the gateway, as given; empty for universal and REST.
        endpoint: What follows it, percent-encoding and query as given.
    """

    account: str
    gateway: str
    kind: Kind
    provider: str = ""
    endpoint: str = ""


@lru_cache(maxsize=1024)
def route_of(path: str, query: str) -> Route | None:
    """Read the raw path and query of a URL; ``None`` where it isn't a gateway's."""
    parts = path.split("/", 5)
    if len(parts) < 4 or parts[1] != "v1" or not parts[2] or not parts[3]:
        return None
    account, gateway = unquote(parts[2]), unquote(parts[3])
    # A base URL that ends with a slash, as the universal one does, gives two of them.
    provider, _, endpoint = "/".join(parts[4:]).lstrip("/").partition("/")
    if not provider:
        return Route(account=account, gateway=gateway, kind="universal")
    if query:
        endpoint = f"{endpoint}?{query}"
    return Route(
        account=account,
        gateway=gateway,
        kind="compat" if is_compat(provider, endpoint) else "native",
        provider=provider,
        endpoint=endpoint,
    )


def is_compat(provider: str, endpoint: str) -> bool:
    """Whether this is the unified API: only its chat path exists."""
    return provider == COMPAT and endpoint.partition("?")[0].strip("/") == CHAT


def known_provider(slug: str) -> Provider:
    """Return the provider's row.

    Raises:
        Refusal: there is none (2008); ``compat`` is one only with its chat path.
    """
    provider = provider_of(slug)
    if provider is None or provider.slug == COMPAT:
        raise Refusal(2008)
    return provider
