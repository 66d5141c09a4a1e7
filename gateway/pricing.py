"""What tokens cost: list prices from genai-prices, offline, or the caller's own rates.

A price that isn't known is ``None``, never 0.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from types import ModuleType
from typing import Any

from gateway.chat import Cost, Exchange, Usage
from gateway.headers import TOTAL_COST
from gateway.providers import Provider, provider_of

Json = Any
PACKAGE = "genai-prices"
MILLION = 1_000_000

COLUMNS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "requests_kcount")
"""The package's names of the rates that we use, in the order of ``Price``."""

_CHECKED = re.compile(r"(?:verified|checked) on (\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens, at one moment.

    Attributes:
        cache_read: For input tokens read from the provider's prompt cache.
        cache_write: For input tokens written to it.
        request: Per thousand requests, where a provider charges for those too.
        above: Dearer prices for long prompts: (input tokens, price of *all* tokens above them).
    """

    input: float
    output: float
    cache_read: float
    cache_write: float
    request: float = 0.0
    above: tuple[tuple[int, "Price"], ...] = ()

    def usd(self, usage: Usage) -> float:
        """Return what these tokens cost, in US dollars; counts that aren't reported count as 0."""
        tokens_in = usage.tokens_in or 0
        for start, price in reversed(self.above):
            if tokens_in > start:
                return price.usd(usage)
        read, write = usage.cached_in or 0, usage.cache_write or 0
        fresh = max(0, tokens_in - read - write)
        return (
            fresh * self.input
            + read * self.cache_read
            + write * self.cache_write
            + (usage.tokens_out or 0) * self.output
        ) / MILLION + self.request / 1000


def price(provider_slug: str, model: str, *, at: datetime | None = None) -> Price | None:
    """Return the list price of a model; ``None`` where it isn't known.

    Args:
        at: When; ``None`` is now. Some prices change with the hour.
    """
    moment_s = time.time() if at is None else at.timestamp()
    return _price(provider_slug, model, int(moment_s // 60))


def cost(
    provider_slug: str,
    model: str,
    usage: Usage,
    *,
    cached: bool,
    custom: Mapping[str, Json] | None = None,
    at: datetime | None = None,
) -> Cost | None:
    """Return what an answer cost; ``None`` where its price or its token counts aren't known.

    Args:
        cached: Whether the gateway's cache answered. That costs nothing, even with a custom cost
            (contract: cost).
        custom: Rates of the ``cf-aig-custom-cost`` header, in US dollars per token.
        at: When; ``None`` is now.
    """
    if custom is not None and TOTAL_COST in custom:
        usd: float = custom[TOTAL_COST]
        source = "custom"
    elif usage.tokens_in is None:
        return None
    elif custom is not None:
        usd, source = _custom_usd(provider_of(provider_slug), usage, custom), "custom"
    else:
        listed = price(provider_slug, model, at=at)
        if listed is None:
            return None
        usd, source = listed.usd(usage), f"{PACKAGE} {snapshot_date()}"
    return Cost(usd=0.0 if cached else usd, list_usd=usd, source=source)


def _custom_usd(provider: Provider | None, usage: Usage, custom: Mapping[str, Json]) -> float:
    """Apply the formula of the contract (logs and analytics, cost)."""
    rate_in, rate_out = custom.get("per_token_in", 0), custom.get("per_token_out", 0)
    read, write = usage.cached_in or 0, usage.cache_write or 0
    fresh = max(0, (usage.tokens_in or 0) - read - write)
    out = (usage.tokens_out or 0) * rate_out
    if "per_cache_read_token" not in custom and "per_cache_write_token" not in custom:
        # Without a cache rate the provider's own input count is charged. Anthropic leaves cache
        # tokens out of it (ASSUMPTION of the contract), the others have them in.
        separate = provider is not None and provider.dialect == "anthropic"
        return float((fresh if separate else fresh + read + write) * rate_in + out)
    rate_read = custom.get("per_cache_read_token", rate_in)
    rate_write = custom.get("per_cache_write_token", rate_in)
    return float(fresh * rate_in + read * rate_read + write * rate_write + out)


def cost_of(exchange: Exchange) -> Cost | None:
    """Return what an exchange cost; ``None`` where there is no answer or no price."""
    reply = exchange.reply
    if reply is None or not 200 <= reply.status < 300:
        return None
    step = exchange.chat.answering(reply.step)
    return cost(
        # A dynamic route says which provider and model it chose.
        reply.header("cf-aig-provider") or step.provider,
        reply.header("cf-aig-model") or step.model,
        reply.completion.usage,
        cached=reply.cache == "HIT",
        custom=step.options.custom_cost or exchange.options.custom_cost,
        at=exchange.at,
    )


@lru_cache(maxsize=4096)
def _price(provider_slug: str, model: str, minute: int) -> Price | None:
    provider = provider_of(provider_slug)
    if provider is None or provider.price_provider is None:
        return None
    package = _package()
    if provider.slug == "google-vertex-ai":
        model = model.removeprefix("google/")
    try:
        found = package.calc_price(
            package.Usage(input_tokens=1, output_tokens=1),
            model,
            provider_id=provider.price_provider,
            genai_request_timestamp=datetime.fromtimestamp(minute * 60, UTC),
        )
    except LookupError:
        return None
    return _read(found.model_price)


def _read(rates: Any) -> Price | None:
    """Read a price of the package; ``None`` where tokens aren't what it charges."""
    if getattr(rates, "input_mtok", None) is None:
        return None
    columns = [getattr(rates, name, None) for name in COLUMNS]
    starts = {tier.start for column in columns for tier in getattr(column, "tiers", ())}
    above = tuple((start, _at(columns, start)) for start in sorted(starts))
    return replace(_at(columns, None), above=above)


def _at(columns: list[Any], start: int | None) -> Price:
    """Return the price for prompts above so many tokens, or the base price."""
    rates: list[float | None] = []
    for column in columns:
        value = getattr(column, "base", column)
        for tier in getattr(column, "tiers", ()):
            if start is not None and tier.start <= start:
                value = tier.price
        rates.append(None if value is None else float(value))
    input_rate, output_rate, read_rate, write_rate, request_rate = rates
    return Price(
        input=input_rate or 0.0,
        output=output_rate or 0.0,
        cache_read=(input_rate or 0.0) if read_rate is None else read_rate,
        cache_write=(input_rate or 0.0) if write_rate is None else write_rate,
        request=request_rate or 0.0,
    )


@lru_cache(maxsize=1)
def snapshot_date() -> str:
    """Return the newest day on which the package says that it checked a price.

    The package carries no date of its own; its notes on single prices do.
    """
    from genai_prices.data_snapshot import get_snapshot

    notes = (model.price_comments or "" for row in get_snapshot().providers for model in row.models)
    return max((day for note in notes for day in _CHECKED.findall(note)), default="")


def snapshot() -> str:
    """Return package, version and date of the prices, for people to read."""
    return f"{PACKAGE} {_package().__version__}, prices checked up to {snapshot_date()}"


def _package() -> ModuleType:
    """Import the prices, late: it takes half a second, and only who asks for one needs it."""
    import genai_prices

    return genai_prices
