"""The figures under an answer, as words: pure functions, no drawing."""

from dataclasses import dataclass

from gateway.chat import Exchange, Reply
from gateway.evidence import Gaps, Marks, Timeline

UNKNOWN = "\N{EN DASH}"
"""Stands where a value isn't known, which is never 0."""

GLUE = "\N{NO-BREAK SPACE}"
"""Keeps a number and its unit, or its label, on one line."""

ARRIVALS = {
    "streamed": "streamed",
    "buffered": "buffered",
    "replayed": "replayed from cache",
    "whole": "whole",
    "unclear": "too short to tell",
}
NOTHING = Timeline((), "")
UNMARKED = Marks()


@dataclass(frozen=True, slots=True)
class Figure:
    """One value. ``why`` says what it is; where it isn't known, why not.

    Attributes:
        mark: What stands beside the value: the difference to the first column, or a distinction.
    """

    label: str
    value: str
    why: str
    mark: str = ""


def ms(value: float | None) -> str:
    """Return a time for the eye: milliseconds below a second, then seconds."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}{GLUE}ms" if value < 1_000 else f"{value / 1_000:,.2f}{GLUE}s"


def difference(value_ms: float) -> str:
    """Return a difference between two times, with its sign."""
    sign = "\N{MINUS SIGN}" if value_ms < 0 else "+"
    return f"{sign}{ms(abs(value_ms))}"


def age(value_s: float) -> str:
    """Return how old something is, in the unit that fits."""
    for unit, length_s in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if value_s >= length_s:
            return f"{value_s / length_s:,.0f}{GLUE}{unit}"
    return f"{value_s:,.0f}{GLUE}s"


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


def figures(
    exchange: Exchange,
    *,
    marks: Marks = UNMARKED,
    timeline: Timeline = NOTHING,
    gaps: Gaps | None = None,
    age_s: float | None = None,
) -> list[Figure]:
    """Return the figures of an answer in order; none where no answer came.

    Args:
        marks: How it stands among the answers of its turn.
        timeline: The attempts behind it.
        gaps: What the arrival of its pieces shows.
        age_s: On a hit, how old the stored answer was.
    """
    reply = exchange.reply
    if reply is None:
        return []
    times, amounts = _times(exchange, reply, marks), _amounts(exchange, reply, marks)
    arrival = [] if gaps is None else [Figure("Arrival", ARRIVALS[gaps.verdict], gaps.why)]
    return [*times, *arrival, *amounts, *_gateway(exchange, reply, timeline, age_s)]


def _figure(label: str, value: str | None, why: str, unknown: str, mark: str = "") -> Figure:
    if value is None:
        return Figure(label, UNKNOWN, unknown)
    return Figure(label, value, why, mark)


def _times(exchange: Exchange, reply: Reply, marks: Marks) -> list[Figure]:
    total = "Time to the end of the answer."
    if exchange.original_ms is not None:
        total = f"Time of the look-up. The same answer took {ms(exchange.original_ms)} afresh."
    no_first = "Not streamed: the answer came whole, so there was no first token to wait for."
    if not reply.text:
        no_first = "No text came."
    ttft = None if reply.ttft_ms is None else ms(reply.ttft_ms)
    first_mark = "" if marks.ttft_ms is None else f":gray[{difference(marks.ttft_ms)}]"
    return [
        _figure("TTFT", ttft, "Time to the first token.", no_first, first_mark),
        Figure("Total", ms(reply.total_ms), total, _total_mark(marks)),
    ]


def _total_mark(marks: Marks) -> str:
    words = [] if marks.total_ms is None else [f":gray[{difference(marks.total_ms)}]"]
    return " ".join([*words, *([":green[fastest]"] if marks.fastest else [])])


def _amounts(exchange: Exchange, reply: Reply, marks: Marks) -> list[Figure]:
    usage = reply.completion.usage
    counted = usage.tokens_in is not None or usage.tokens_out is not None
    both = (usage.tokens_in, usage.tokens_out)
    tokens = "/".join(UNKNOWN if count is None else f"{count:,}" for count in both)
    parts = [
        f"{count:,} {word}"
        for count, word in ((usage.cached_in, "cached"), (usage.reasoning, "reasoning"))
        if count
    ]
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
    why = "Tokens, as the provider counts."
    if parts:
        why += " Of these, cached ones were read from the provider's own prompt cache."
    mark = f":gray[({', '.join(parts)})]" if parts else ""
    return [
        _figure("In/out", tokens if counted else None, why, no_tokens, mark),
        _figure("Tokens/s", speed, "Output tokens per second, after the first.", no_speed),
        _figure(
            "Cost",
            cost,
            f"US dollars. Price: {source}.",
            no_cost,
            ":green[cheapest]" if marks.cheapest else "",
        ),
    ]


def _gateway(
    exchange: Exchange, reply: Reply, timeline: Timeline, age_s: float | None
) -> list[Figure]:
    step = None if reply.step is None else str(reply.step)
    told = any(bar.source == "journal" for bar in timeline.bars)
    aged = [] if age_s is None else [f"{age(age_s)} old"]
    took = [] if exchange.original_ms is None else [f"took {ms(exchange.original_ms)}"]
    origin = ", ".join([*aged, *took]) if reply.cache == "HIT" else ""
    tries = f"{timeline.attempts}{GLUE}{'try' if timeline.attempts == 1 else 'tries'}"
    direct = exchange.target == "direct"
    no_gateway = "Asked without a gateway."
    no_tries = "Only the local gateway tells its tries."
    if reply.cache == "HIT":
        no_tries = "From the cache: no provider was asked."
    return [
        _figure(
            "Cache",
            reply.cache,
            "HIT came from the gateway's cache, MISS from the provider.",
            no_gateway
            if direct
            else "The gateway names no cache status: this answer doesn't pass its cache.",
            f":gray[{origin}]" if origin else "",
        ),
        _figure(
            "Step",
            step,
            "Step of the request that answered, from 0, and how often providers were asked for "
            f"this answer. {'' if told else no_tries}".rstrip(),
            no_gateway if direct else "The gateway names no step.",
            f":gray[{tries}]" if told else "",
        ),
        _figure(
            "HTTP", str(reply.status or "") or None, "Status of the answer.", "Stopped before one."
        ),
    ]
