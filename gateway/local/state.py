"""The state of one gateway process: its gateways, cache, journal, logbook and upstreams."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from gateway.local.accounts import Accounts
from gateway.local.autorouter import AutoRouter
from gateway.local.cache import Cache
from gateway.local.call import Call, Upstream
from gateway.local.checks import Checks
from gateway.local.clock import Clock
from gateway.local.credentials import caller
from gateway.local.customs import Customs
from gateway.local.dlp import dlp_of
from gateway.local.documents import Documents
from gateway.local.exports import Exports
from gateway.local.faults import Fault, Faults, Faulty
from gateway.local.guardrails import Office, guardrails_of
from gateway.local.ids import Ids
from gateway.local.journal import Journal
from gateway.local.ledger import Ledger
from gateway.local.logbook import Logbook
from gateway.local.policies import Policies, Policy
from gateway.local.ratelimit import RateLimit
from gateway.local.refusals import Refusal
from gateway.local.spend_limits import spend_limits_of
from gateway.local.steps import Request
from gateway.local.store import Store
from gateway.local.stored_keys import StoredKeys
from gateway.local.upstreams import Upstreams
from gateway.local.vault import Vault
from gateway.policy import GatewayPolicy

Json = Any
DEFAULT = "default"
DEMO = "demo"
SIMULATED_KEY = "simulated"
"""What a stored key of a simulated provider reads: no secret, and good for nothing else."""

PLAIN = GatewayPolicy(id="", cache_ttl=0, collect_logs=False)
"""Stands for no gateway at all: Workers AI asked directly. No URL of a gateway can name it."""

UNIFIED = GatewayPolicy(
    id="",
    rate_limiting_limit=200,
    rate_limiting_interval=60,
    rate_limiting_technique="sliding",
)
"""Unified Billing's own cap for each gateway (contract: limits)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One gateway: its settings, and when it was made and changed (RFC 3339)."""

    policy: GatewayPolicy
    created_at: str
    modified_at: str


class State:
    """Everything that calls share. Lives on the event loop; only the store has a thread."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        upstreams: Upstreams,
        faults: Faults,
        exports: Exports,
    ) -> None:
        self.store = store
        self.clock = clock
        self.upstreams = upstreams
        self.faults = faults
        self.journal = Journal()
        self.accounts = Accounts()
        self.upstream: Upstream = Faulty(upstreams, faults, clock, told=self._strike)
        self.ids = Ids(clock)
        self.cache = Cache(store.entries(clock.now()))
        self.logbook = Logbook(store)
        self.token = store.token
        self.credits = True
        self.documents = Documents(store.engine)
        vault = Vault(store.directory)
        self.stored_keys = StoredKeys(self.documents, vault)
        self.customs = Customs(self.documents, vault, upstreams)
        self.router = AutoRouter(self.ids)
        self._office = Office(
            scanner=Faulty(upstreams.player, faults, clock),
            logbook=self.logbook,
            ids=self.ids,
            clock=clock,
            credits=lambda: self.credits,
        )
        self._later: set[asyncio.Task[None]] = set()
        self.ledger = Ledger(store, clock.now())
        self.checks: dict[str, Checks] = {}
        self.exports = exports
        self.exporters: dict[str, list[Mapping[str, Json]]] = {}
        self._limits: dict[str, RateLimit] = {}
        self._unified: dict[str, RateLimit] = {}
        self._keys = store.keys()
        self.gateways = {
            gateway: _gateway(settings) for gateway, settings in store.gateways().items()
        }
        for gateway in self.gateways:
            self.recheck(gateway)
        if not self.gateways:
            self._furnish()

    def gateway_for(self, request: Request) -> GatewayPolicy:
        """Return the settings of the gateway that a request names.

        The one named ``default`` is made on first authenticated use (contract: endpoints, 8).

        Raises:
            Refusal: there is none (2001), or it would have to be made for a stranger (2009).
        """
        name = request.route.gateway
        found = self.gateways.get(name)
        if found is not None:
            return found.policy
        if name == PLAIN.id:
            return PLAIN
        made = default_policy()
        if name == DEFAULT and caller(request.headers, made, self.token).authenticated:
            return self.add(made).policy
        raise Refusal(2001)

    def add(self, policy: GatewayPolicy) -> Gateway:
        """Make a gateway, or change the settings of the one with this id."""
        now = self.timestamp()
        known = self.gateways.get(policy.id)
        made = Gateway(
            policy=policy, created_at=known.created_at if known else now, modified_at=now
        )
        self.gateways[policy.id] = made
        self.store.put_gateway(
            {**asdict(policy), "created_at": made.created_at, "modified_at": made.modified_at}
        )
        self.recheck(policy.id)
        if known and policy.cache_invalidate_on_update:
            self.clear_cache(policy.id)
        return made

    def remove(self, gateway: str) -> Gateway | None:
        """Delete a gateway with all it holds, and return what it was."""
        found = self.gateways.pop(gateway, None)
        if found is not None:
            self.cache.clear(gateway)
            self.store.delete_gateway(gateway)
            self.documents.forget_gateway(gateway)
            self.stored_keys.forget_gateway(gateway)
            self._limits.pop(gateway, None)
            self.checks.pop(gateway, None)
            self.exporters.pop(gateway, None)
            self.ledger.forget_gateway(gateway)
            self._unified.pop(gateway, None)
            self._keys = {key for key in self._keys if key[0] != gateway}
        return found

    def recheck(self, gateway: str) -> None:
        """Make a gateway's checks and exporters anew: its settings may ask for others now."""
        settings = self.gateways[gateway].policy.other
        made = Checks(
            clock=self.clock,
            later=self._later,
            dlp=dlp_of(settings.get("dlp")),
            guardrails=guardrails_of(settings.get("guardrails"), self._office),
            policies=self._policies_of(gateway),
            spend_limits=spend_limits_of(
                gateway, settings.get("spend_limits"), ledger=self.ledger, clock=self.clock
            ),
        )
        self.exporters.pop(gateway, None)
        if settings.get("otel"):
            self.exporters[gateway] = settings["otel"]
        if made.any:
            self.checks[gateway] = made
        else:
            self.checks.pop(gateway, None)

    def _policies_of(self, gateway: str) -> Policies | None:
        rows = [row["live"] for row in self.documents.all("policy", gateway)]
        policies = [Policy.from_json(row) for row in rows if row is not None]
        return Policies(gateway, policies, self.ledger, self.clock) if policies else None

    def clear_cache(self, gateway: str) -> None:
        """Forget all cached answers of a gateway."""
        self.cache.clear(gateway)
        self.store.clear_cache(gateway)

    def forget_provider(self, provider: str) -> None:
        """Forget all cached answers of a provider, in every gateway."""
        self.cache.forget_provider(provider)
        self.store.forget_provider(provider)

    def admits(self, policy: GatewayPolicy) -> bool:
        """Count one request against the gateway's rate limit and say whether it may pass."""
        limit = self._limits.get(policy.id)
        if limit is None:
            limit = self._limits[policy.id] = RateLimit()
        return limit.admits(policy, self.clock.now())

    def admits_unified(self, gateway: str) -> bool:
        """Count one request that Unified Billing pays, and say whether its cap lets it pass.

        The window slides (ASSUMPTION: 200 requests per 60 s are documented, the technique isn't).
        """
        return self._unified.setdefault(gateway, RateLimit()).admits(UNIFIED, self.clock.now())

    def stored_key(self, gateway: str, provider: str, alias: str) -> str | None:
        """Return the stored key of a provider under an alias."""
        own = self.stored_keys.secret(gateway, provider, alias)
        if own is not None:
            return own
        real = self.upstreams.key(provider)
        if real is not None and alias == "default":
            return real
        if (gateway, provider, alias) in self._keys and self.upstreams.is_simulated(provider):
            return SIMULATED_KEY
        return None

    def aliases(self, gateway: str, provider: str) -> list[str]:
        """Return the aliases of the keys that are stored for a provider."""
        stored = {
            alias for place, slug, alias in self._keys if (place, slug) == (gateway, provider)
        }
        if self.upstreams.key(provider) is not None:
            stored.add("default")
        return sorted(stored | self.stored_keys.aliases(gateway, provider))

    def timestamp(self) -> str:
        """Return the emulated time as RFC 3339, UTC."""
        return rfc3339(self.clock.now())

    def _strike(self, call: Call, fault: Fault) -> None:
        """Note in the journal what went wrong on purpose."""
        self.journal.strike(call.log_id, call.attempt, fault.word)

    def _furnish(self) -> None:
        """Fill a fresh data directory: one open gateway for trying, one as Cloudflare makes it."""
        self.add(GatewayPolicy(id=DEMO, cache_ttl=300))
        self.add(default_policy())
        for gateway in (DEMO, DEFAULT):
            self.store.add_keys(gateway, self.upstreams.simulated)
        self._keys = self.store.keys()


def default_policy() -> GatewayPolicy:
    """Return the settings of the gateway that makes itself (contract: endpoints, 8)."""
    return GatewayPolicy(
        id=DEFAULT,
        cache_ttl=0,
        authentication=True,
        collect_logs=True,
    )


def rfc3339(seconds: float) -> str:
    """Spell seconds since the epoch, to the millisecond."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _gateway(settings: dict[str, Json]) -> Gateway:
    known = {column.name for column in fields(GatewayPolicy)}
    policy = {name: value for name, value in settings.items() if name in known}
    return Gateway(
        policy=GatewayPolicy(**policy),
        created_at=settings["created_at"],
        modified_at=settings["modified_at"],
    )
