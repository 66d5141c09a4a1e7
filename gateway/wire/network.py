"""What both wires know of the network around them: proxies, and whom to trust.

The environment's proxies are used (HTTPS_PROXY, NO_PROXY), because some companies have no other
way out, but never for this machine: a proxy would hold streams back and see keys. netrc files are
not read.
"""

import ipaddress
import ssl
import urllib.request
from functools import cache
from urllib.parse import urlsplit


class Proxies:
    """The proxies that the environment names, read once."""

    def __init__(self) -> None:
        self._by_scheme = {
            scheme: url
            for scheme, url in urllib.request.getproxies().items()
            if url.startswith(("http://", "https://"))
        }

    def find(self, url: str) -> str | None:
        """Return the proxy for a URL; ``None`` goes straight."""
        if not self._by_scheme:
            return None
        address = urlsplit(url)
        host = address.hostname or ""
        if _is_this_machine(host) or urllib.request.proxy_bypass(host):
            return None
        return self._by_scheme.get(address.scheme) or self._by_scheme.get("all")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@cache
def trust() -> ssl.SSLContext:
    """The authorities that both wires trust; reading them takes 50 ms, so it is done once."""
    # Late: the local gateway needs it at its first call to a real provider, not to start.
    import httpx

    return httpx.create_ssl_context()
