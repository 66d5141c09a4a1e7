"""The figures under an answer, as words: pure functions, no drawing."""

from dataclasses import dataclass

from gateway.chat import Exchange, Reply

UNKNOWN = "\N{EN DASH}"
"""Stands where a value isn't known, which is never 0."""

GLUE = "\N{NO-BREAK SPACE}"
"""Keeps a number and its unit, or its label, on one line."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One value. ``why`` says what it is; where it isn't known, why not."""

    label: str
    value: str
    why: str


def ms(value: float | None) -> str:
    """Return a time for the eye: milliseconds below a second, then seconds."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}{GLUE}ms" if value < 1_000 else f"{value / 1_000:,.2f}{GLUE}s"


def usd(value: float) -> str:
    """Return an amount with six decimals; the dollar sign is escaped for Markdown."""
    return f"\\${value:.6f}"


def saving(exchange: Exchange) -> str | None:
    """Return what a cache hit saved, as far as it is known; ``None`` for any other answer."""
    reply, cost = exchange.reply, exchange.cost
    if reply is None or reply.cache != "HIT":
        return None
    saved = [] if cost is None else [usd(cost.list_usd - cost.usd)]
    if exchange.original_ms is not None:
        saved.append(ms(max(0.0, exchange.original_ms - reply.total_ms)))
    return f"Saved {' and '.join(saved)}" if saved else "From the cache"


def figures(exchange: Exchange) -> list[Figure]:
    """Return the figures of an answer in order; none where no answer came."""
    reply = exchange.reply
    return (
        []
        if reply is None
        else [*_times(exchange, reply), *_amounts(exchange, reply), *_gateway(reply)]
    )


def _figure(label: str, value: str | None, why: str, unknown: str) -> Figure:
    return Figure(label, UNKNOWN, unknown) if value is None else Figure(label, value, why)


def _times(exchange: Exchange, reply: Reply) -> list[Figure]:
    total = "Time to the end of the answer."
    if exchange.original_ms is not None:
        total = f"Time of the look-up. The same answer took {ms(exchange.original_ms)} afresh."
    no_first = "Not streamed: the answer came whole, so there was no first token to wait for."
    if not reply.text:
        no_first = "No text came."
    ttft = None if reply.ttft_ms is None else ms(reply.ttft_ms)
    return [
        _figure("TTFT", ttft, "Time to the first token.", no_first),
        Figure("Total", ms(reply.total_ms), total),
    ]


def _amounts(exchange: Exchange, reply: Reply) -> list[Figure]:
    usage = reply.completion.usage
    counted = usage.tokens_in is not None or usage.tokens_out is not None
    both = (usage.tokens_in, usage.tokens_out)
    tokens = "/".join(UNKNOWN if count is None else f"{count:,}" for count in both)
    hit = reply.cache == "HIT"
    # A hit's time is that of a look-up, not the model's: a speed made of it would be a lie.
    speed = None if reply.tok_s is None or hit else f"{reply.tok_s:,.0f}"
    cost = None if exchange.cost is None else usd(exchange.cost.usd)
    source = "" if exchange.cost is None else exchange.cost.source
    no_tokens = "The provider reported no token counts."
    if reply.stopped or reply.broken:
        no_tokens = "The stream ended before the provider reported token counts."
    no_speed = "Too few tokens to tell." if counted else no_tokens
    if hit:
        no_speed = "From the cache: no token was generated."
    no_cost = "No price is known for this model." if counted else no_tokens
    return [
        _figure(
            "In/out", tokens if counted else None, "Tokens, as the provider counts.", no_tokens
        ),
        _figure("Tokens/s", speed, "Output tokens per second, after the first.", no_speed),
        _figure("Cost", cost, f"US dollars. Price: {source}.", no_cost),
    ]


def _gateway(reply: Reply) -> list[Figure]:
    step = None if reply.step is None else str(reply.step)
    return [
        _figure(
            "Cache",
            reply.cache,
            "HIT came from the gateway's cache, MISS from the provider.",
            "The gateway names no cache status: this answer doesn't pass its cache.",
        ),
        _figure(
            "Step", step, "Step of the request that answered, from 0.", "The gateway names no step."
        ),
        _figure(
            "HTTP", str(reply.status or "") or None, "Status of the answer.", "Stopped before one."
        ),
    ]
