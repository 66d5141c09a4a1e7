"""Where calls go: the real provider over HTTPS when its key is present, else the simulated one."""

from collections.abc import Mapping, MutableMapping
from dataclasses import replace

from gateway.errors import Unreachable
from gateway.local.call import Answer, Call, Upstream
from gateway.providers import CUSTOM, PROVIDERS, provider_of
from gateway.wire import Wire

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that speak of one connection only (RFC 9110, 7.6.1)."""


class Real:
    """Providers over HTTP.

    Args:
        bases: Provider slug -> base URL that replaces the provider's own. Read at each call, since
            custom providers come and go.
    """

    def __init__(self, wire: Wire, bases: Mapping[str, str]) -> None:
        self._wire = wire
        self._bases = bases

    async def open(self, call: Call) -> Answer:
        """Send the call; errors as in ``Upstream.open``."""
        headers = [(name, value) for name, value in call.headers.items()]
        headers.append(("accept-encoding", "identity"))
        incoming = await self._wire.open(
            call.method, self._url(call), headers=headers, body=call.body or None
        )
        return Answer(
            status=incoming.status,
            headers=[(name, value) for name, value in incoming.headers],
            chunks=incoming.chunks(),
            close=incoming.aclose,
        )

    def _url(self, call: Call) -> str:
        provider = provider_of(call.provider)
        if provider is None:
            raise Unreachable(f"Nobody knows the provider {call.provider}.")
        base = self._bases.get(call.provider)
        return provider.upstream_url(call.path, account=call.account, base=base)


class Upstreams:
    """Real and simulated providers as one, and the keys of the real ones.

    Args:
        keys: Provider slug -> key, from the process's environment.
        bases: Provider slug -> base URL; such a provider is asked for real, with or without a key.
            The same object as that of ``real``: custom providers are added to it.
    """

    def __init__(
        self,
        *,
        real: Upstream,
        simulated: Upstream,
        keys: Mapping[str, str],
        bases: MutableMapping[str, str],
    ) -> None:
        self._real = real
        self._simulated = simulated
        self._keys = keys
        self._bases = bases
        self._live = frozenset(keys) | frozenset(bases)
        self._bases = bases
        self._extra: dict[str, Mapping[str, str]] = {}

    def is_simulated(self, provider: str) -> bool:
        """Whether this provider is played by us. A custom one never is."""
        return provider not in self._live and not provider.startswith(CUSTOM)

    @property
    def player(self) -> Upstream:
        """Who plays the simulated providers; plays any provider, also one that is real."""
        return self._simulated

    @property
    def simulated(self) -> list[str]:
        """Slugs of the providers that are played by us."""
        return [slug for slug in PROVIDERS if self.is_simulated(slug)]

    def key(self, provider: str) -> str | None:
        """Return the key of a real provider, from the environment."""
        return self._keys.get(provider)

    def place(self, provider: str, base: str, headers: Mapping[str, str]) -> None:
        """Make a custom provider known.

        Args:
            headers: Sent with each call that doesn't have them; names in lower case.
        """
        self._bases[provider] = base
        self._extra[provider] = headers

    def displace(self, provider: str) -> None:
        """Forget a custom provider."""
        self._bases.pop(provider, None)
        self._extra.pop(provider, None)

    def base(self, provider: str) -> str | None:
        """Return the base URL that stands in for a provider's own."""
        return self._bases.get(provider)

    async def open(self, call: Call) -> Answer:
        """Ask whoever plays this provider; errors as in ``Upstream.open``."""
        if self.is_simulated(call.provider):
            return await self._simulated.open(call)
        extra = self._extra.get(call.provider)
        if extra:
            call = replace(call, headers={**extra, **call.headers})
        return await self._real.open(call)


def keys_of(environ: Mapping[str, str]) -> dict[str, str]:
    """Return provider slug -> key for every provider whose variable is set."""
    found: dict[str, str] = {}
    for provider in PROVIDERS.values():
        key = environ.get(provider.env_key, "").strip() if provider.env_key else ""
        if key:
            found[provider.slug] = key
    return found
