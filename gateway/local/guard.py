"""Who is this machine, and which requests come from a web page that it shows.

A page of any site can make its browser send requests to 127.0.0.1, and by DNS rebinding even under
a name of its own; with real keys in the gateway that would spend the user's money. It can choose
neither ``Host`` nor ``Origin``, so these two tell.
"""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_foreign(headers: Mapping[str, str], *, public: bool) -> bool:
    """Whether a request comes from another site's page.

    Args:
        headers: Names in lower case.
        public: The gateway listens on more than the loopback: then any ``Host`` may be right.
    """
    origin = headers.get("origin")
    if origin is not None and not is_loopback(_name(origin)):
        return True
    return not public and not is_loopback(_name(f"//{headers.get('host', '')}"))


@lru_cache(maxsize=256)
def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
