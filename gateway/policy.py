"""GatewayPolicy: what one gateway is configured to do (contract: endpoints, gateway object)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

from gateway.headers import HEADERS, Options, Rule, Whole

Json = Any
Technique = Literal["fixed", "sliding"]
ID_PATTERN = r"[a-z0-9_]+(?:-[a-z0-9_]+)*"
ID_LIMIT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPolicy:
    """The settings of one gateway that a request can meet. Names are those of the wire.

    Attributes:
        cache_ttl: Seconds; 0 or ``None`` means that caching is off.
        rate_limiting_limit: Requests per ``rate_limiting_interval`` seconds; 0 or ``None`` is off.
        authentication: Whether callers must send ``cf-aig-authorization``.
        retry_delay: Milliseconds.
        byok_only: Never fall back to Unified Billing.
        other: Settings that are objects, as the management API gives them. Guardrails, data loss
            prevention and spend limits are in force at the local gateway; others are only kept.
    """

    id: str
    cache_ttl: int | None = 0
    cache_invalidate_on_update: bool = False
    collect_logs: bool = True
    rate_limiting_interval: int | None = 0
    rate_limiting_limit: int | None = 0
    rate_limiting_technique: Technique | None = "fixed"
    authentication: bool = False
    retry_max_attempts: int | None = None
    retry_delay: int | None = None
    retry_backoff: str | None = None
    byok_only: bool = False
    zdr: bool = False
    log_management: int | None = None
    log_management_strategy: str | None = None
    other: dict[str, Json] = field(default_factory=dict, hash=False)

    @classmethod
    def from_json(cls, settings: Mapping[str, Json]) -> Self:
        """Read the settings as the management API gives them; what we have no name for is kept.

        A setting that may not be ``null`` here and is, as hosted gateways have it, says nothing.

        Raises:
            KeyError: they hold no ``id``.
        """
        known = {column.name: column for column in fields(cls) if column.name != "other"}
        stated = {
            name: value
            for name, value in settings.items()
            if name in known and not (value is None and isinstance(known[name].default, bool))
        }
        other = {name: value for name, value in settings.items() if name not in known}
        return cls(**{**stated, "id": settings["id"], "other": other})

    @property
    def defaults(self) -> Options:
        """What the gateway level says about the headers.

        A setting may lie outside its header's limits (a ``cache_ttl`` of 30 is a valid setting);
        the nearest value that the header accepts is in force.
        """
        stated = {
            name: _mended(row.rule, getattr(self, row.setting))
            for name, row in HEADERS.items()
            if row.setting is not None
        }
        if not self.cache_ttl:
            stated["cache_ttl"] = None
        return Options(**stated)

    @property
    def caches(self) -> bool:
        """Whether every cacheable request of this gateway is cached."""
        return bool(self.cache_ttl)


def _mended(rule: Rule, value: Any) -> Any:
    if not isinstance(rule, Whole) or value is None or value in rule.also:
        return value
    return rule.clamp(value)
