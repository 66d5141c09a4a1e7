"""What a level says about the headers, and which level wins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from gateway.errors import HeaderError
from gateway.headers.rules import Json
from gateway.headers.table import BY_NAME, HEADERS, Header

Level = Literal["gateway", "request", "step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one level says. Whoever holds one knows that it is valid.

    Raises:
        HeaderError: a value is outside what the header accepts.
    """

    gateway_id: str | None = None
    byok_alias: str | None = None
    no_wholesale: bool | None = None
    zdr: bool | None = None
    skip_cache: bool | None = None
    cache_ttl: int | None = None
    cache_key: str | None = None
    collect_log: bool | None = None
    collect_log_payload: bool | None = None
    metadata: dict[str, Json] | None = field(default=None, hash=False)
    custom_cost: dict[str, Json] | None = field(default=None, hash=False)
    event_id: str | None = None
    request_timeout: int | None = None
    max_attempts: int | None = None
    retry_delay: int | None = None
    backoff: str | None = None
    session_id: str | None = None
    turn_id: str | None = None
    no_session_affinity: bool | None = None
    allowed_models: tuple[str, ...] | None = None
    allowed_providers: tuple[str, ...] | None = None
    otel_trace_id: str | None = None
    otel_parent_span_id: str | None = None

    def __post_init__(self) -> None:
        for name, value in self.stated():
            try:
                HEADERS[name].rule.check(value)
            except ValueError as reason:
                raise HeaderError(name, value, str(reason)) from None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self:
        """Read request headers strictly; names in any case, deprecated names too.

        Raises:
            HeaderError: a value can't be read or is outside what the header accepts.
        """
        found: dict[str, Any] = {}
        for name, row in rows_of(headers):
            try:
                found[row.field or ""] = row.rule.parse(headers[name])
            except ValueError as reason:
                raise HeaderError(row.field or "", headers[name], str(reason)) from None
        return cls(**found)

    @classmethod
    def from_config(cls, config: Mapping[str, Json]) -> Self:
        """Read the ``config`` object of a universal step strictly; unknown names are skipped.

        Raises:
            HeaderError: a value is outside what the setting accepts.
        """
        return cls(**{field: config[name] for field, name in CONFIG.items() if name in config})

    def stated(self) -> Iterator[tuple[str, Any]]:
        """Yield (field, value) for everything this level speaks about."""
        return ((name, value) for name in HEADERS if (value := getattr(self, name)) is not None)

    def to_headers(self) -> dict[str, str]:
        """Spell this level as request headers."""
        return {
            HEADERS[name].name: HEADERS[name].rule.spell(value) for name, value in self.stated()
        }

    def to_config(self) -> dict[str, Json]:
        """Spell what a universal step's ``config`` can carry; see ``step_headers`` for the rest."""
        return {CONFIG[name]: value for name, value in self.stated() if name in CONFIG}

    def step_headers(self) -> dict[str, str]:
        """Spell what a universal step's ``config`` can't carry as headers of the step."""
        return {
            HEADERS[name].name: HEADERS[name].rule.spell(value)
            for name, value in self.stated()
            if name not in CONFIG
        }


CONFIG: dict[str, str] = {name: row.config for name, row in HEADERS.items() if row.config}
"""Field name -> its name in a universal step's ``config``, where it has one."""


def rows_of(headers: Mapping[str, str]) -> Iterator[tuple[str, Header]]:
    """Yield (name as given, row) for each option among headers.

    A deprecated name gives the row of its successor, and only where that isn't given too.
    """
    given = {name.lower() for name in headers}
    for name in headers:
        row = BY_NAME.get(name.lower())
        if row is not None and row.replaced_by is not None and row.replaced_by not in given:
            row = BY_NAME[row.replaced_by]
        if row is not None and row.field is not None and row.direction != "response":
            yield name, row


@dataclass(frozen=True, slots=True)
class Effective:
    """The value in force, the level that stated it, and the levels it overrode.

    Attributes:
        overrode: (level, value) of the weaker statements, strongest first.
    """

    value: Any
    level: Level
    overrode: tuple[tuple[Level, Any], ...] = ()


def effective(
    *, step: Options = Options(), request: Options = Options(), gateway: Options = Options()
) -> dict[str, Effective]:
    """Settle three levels into one. What no level states is absent.

    One setting can't be relaxed: a gateway with ``no_wholesale`` on stays that way
    (contract: headers, precedence).
    """
    settled: dict[str, Effective] = {}
    weakest_first: dict[Level, Options] = {"gateway": gateway, "request": request, "step": step}
    for level, options in weakest_first.items():
        for name, value in options.stated():
            weaker = settled.get(name)
            if name == "no_wholesale" and gateway.no_wholesale and level != "gateway":
                continue
            overrode = ((weaker.level, weaker.value), *weaker.overrode) if weaker else ()
            settled[name] = Effective(value, level, overrode)
    return settled
