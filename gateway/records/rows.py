"""One exchange as one row: figures by name for whoever counts, and the whole as JSON.

Names and units are those of the requests table in the experiments' definitions. Times are seconds
since the request was handed to the socket.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

from gateway.chat import Chat, Cost, Exchange, Failure, Reply, Sent
from gateway.codes import explain
from gateway.headers import Options
from gateway.plain import plain, revived

Json = Any
Kind = Literal["text", "word", "count", "number", "flag", "moment"]
"""What a figure is: free text, one of few words, whole number, number, yes or no, UTC time."""

MESSAGE_LIMIT = 200
BLOCKED = frozenset(
    {
        "prompt_blocked",
        "response_blocked",
        "run_blocked",
        "dlp_request_blocked",
        "dlp_response_blocked",
        "policy_blocked",
    }
)
FAILURES = {
    "TimedOut": "timeout_client",
    "Unreachable": "connect",
    "BadAnswer": "bad_body",
    "BadRequest": "not_sent",
}
ENDPOINTS = {"native": "provider"}
"""Routes whose name in the table differs from ours."""


def error_class(exchange: Exchange) -> str:
    """Return what went wrong, as one word; ``"none"`` for a whole answer."""
    reply, failure = exchange.reply, exchange.failure
    if failure is not None:
        return FAILURES.get(failure.name, "not_sent")
    if reply is None or reply.stopped:
        return "aborted"
    if reply.broken is not None:
        return "truncated_stream"
    if reply.ok:
        return "none"
    row = explain(reply.status, reply.body or "")
    if row is not None and row.name in BLOCKED:
        return "content_blocked"
    by_gateway = row is None or row.origin == "gateway"
    match reply.status:
        case 401:
            return "auth"
        case 429:
            return "rate_limited_gateway" if by_gateway else "rate_limited_provider"
        case 400 if row is not None and row.name == "no_answer":
            return "timeout_gateway"
        case status if status >= 500:
            return "provider_5xx"
        case _:
            return "provider_4xx"


def fingerprint(sent: Sent, target: str) -> str:
    """Return what two requests share that a cache would answer alike: target, address, body."""
    text = "\n".join((target, sent.method, sent.url, sent.body))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _message(exchange: Exchange) -> str | None:
    reply, failure = exchange.reply, exchange.failure
    said = failure.sentence if failure is not None else None
    if said is None and reply is not None and not reply.ok:
        said = reply.broken or reply.body
    return said[:MESSAGE_LIMIT] if said else None


def _cache_status(exchange: Exchange) -> str:
    said = exchange.reply.cache if exchange.reply is not None else None
    if said != "HIT" and exchange.options.skip_cache:
        return "BYPASS"
    return said if said in ("HIT", "MISS") else "UNKNOWN"


def _seconds(name: str) -> Callable[[Exchange], float | None]:
    def read(exchange: Exchange) -> float | None:
        value: float | None = getattr(exchange.reply.times, name) if exchange.reply else None
        return value

    return read


def _of_reply(name: str) -> Callable[[Exchange], Any]:
    return lambda exchange: getattr(exchange.reply, name) if exchange.reply else None


def _of_usage(name: str) -> Callable[[Exchange], Any]:
    return lambda exchange: (
        getattr(exchange.reply.completion.usage, name) if exchange.reply else None
    )


def _of_options(name: str) -> Callable[[Exchange], Any]:
    return lambda exchange: getattr(exchange.options, name)


def _of_cost(name: str) -> Callable[[Exchange], Any]:
    return lambda exchange: getattr(exchange.cost, name) if exchange.cost else None


def _e2e_ms(exchange: Exchange) -> float | None:
    reply = exchange.reply
    return None if reply is None or reply.stopped else reply.total_ms


def _tpot_ms(exchange: Exchange) -> float | None:
    speed = exchange.reply.tok_s if exchange.reply else None
    streamed = exchange.reply is not None and exchange.reply.times.first_s is not None
    return 1000 / speed if speed and streamed else None


def _ntpot_ms(exchange: Exchange) -> float | None:
    tokens, total_ms = _of_usage("tokens_out")(exchange), _e2e_ms(exchange)
    return total_ms / tokens if tokens and total_ms is not None else None


def _gaps(exchange: Exchange) -> tuple[float, ...]:
    return _gaps_ms(exchange.reply.times.chunks_s) if exchange.reply else ()


@lru_cache(maxsize=8)
def _gaps_ms(arrivals_s: tuple[float, ...]) -> tuple[float, ...]:
    """Return the waits between arrivals in order of length; four figures are made of them."""
    return tuple(sorted((later - earlier) * 1000 for earlier, later in pairwise(arrivals_s)))


def _gap_ms(share: float) -> Callable[[Exchange], float | None]:
    return lambda exchange: _quantile(_gaps(exchange), share)


def _quantile(ordered: tuple[float, ...], share: float) -> float | None:
    """Interpolate linearly, as numpy does by default."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _saved_usd(exchange: Exchange) -> float | None:
    return exchange.cost.list_usd - exchange.cost.usd if exchange.cost else None


def _tokens_source(exchange: Exchange) -> str | None:
    return "usage" if _of_usage("tokens_out")(exchange) is not None else None


FIGURES: dict[str, tuple[Kind, Callable[[Exchange], Any]]] = {
    "request_id": ("text", lambda e: e.id),
    "run_id": ("word", lambda e: e.run),
    "log_id": ("text", _of_reply("log_id")),
    "event_id": ("text", lambda e: e.reply.header("cf-aig-event-id") if e.reply else None),
    "wall_start": ("moment", lambda e: e.at),
    "target": ("word", lambda e: e.target),
    "simulated": ("flag", lambda e: e.simulated),
    "endpoint_kind": ("word", lambda e: ENDPOINTS.get(e.chat.route, e.chat.route)),
    "provider": ("word", lambda e: e.chat.provider),
    "model": ("word", lambda e: e.chat.model),
    "stream": ("flag", lambda e: e.chat.stream),
    "t_hdr_s": ("number", _seconds("headers_s")),
    "t_first_chunk_s": ("number", _seconds("first_chunk_s")),
    "t_first_s": ("number", _seconds("first_s")),
    "t_last_s": ("number", _seconds("last_s")),
    "t_end_s": ("number", _seconds("end_s")),
    "in_tokens": ("count", _of_usage("tokens_in")),
    "out_tokens": ("count", _of_usage("tokens_out")),
    "tokens_source": ("word", _tokens_source),
    "prompt_cached_tokens": ("count", _of_usage("cached_in")),
    "h_cache_ttl_s": ("count", _of_options("cache_ttl")),
    "h_skip_cache": ("flag", _of_options("skip_cache")),
    "h_cache_key": ("text", _of_options("cache_key")),
    "h_max_attempts": ("count", _of_options("max_attempts")),
    "h_retry_delay_ms": ("count", _of_options("retry_delay")),
    "h_backoff": ("word", _of_options("backoff")),
    "h_timeout_ms": ("count", _of_options("request_timeout")),
    "cache_status": ("word", _cache_status),
    "status": ("count", lambda e: e.reply.status if e.reply else 0),
    "ok": ("flag", lambda e: e.failure is None and e.reply is not None and e.reply.ok),
    "error_class": ("word", error_class),
    "error_msg": ("text", _message),
    "step": ("count", _of_reply("step")),
    "steps_total": ("count", lambda e: len(e.chat.all_steps)),
    "ttfb_ms": ("number", _of_reply("ttfb_ms")),
    "ttft_ms": ("number", _of_reply("ttft_ms")),
    "e2e_ms": ("number", _e2e_ms),
    "tpot_ms": ("number", _tpot_ms),
    "ntpot_ms": ("number", _ntpot_ms),
    "itl_p50_ms": ("number", _gap_ms(0.5)),
    "itl_p95_ms": ("number", _gap_ms(0.95)),
    "itl_max_ms": ("number", _gap_ms(1)),
    "n_gaps": ("count", lambda e: len(_gaps(e))),
    "tok_s": ("number", _of_reply("tok_s")),
    "cost_usd": ("number", _of_cost("usd")),
    "cost_list_usd": ("number", _of_cost("list_usd")),
    "cost_saved_usd": ("number", _saved_usd),
    "price_source": ("word", _of_cost("source")),
    "original_ms": ("number", lambda e: e.original_ms),
}
"""The columns that one can count with: name -> what it is, and how an exchange has it."""

PARTS: dict[str, type] = {
    "chat": Chat,
    "options": Options,
    "sent": Sent,
    "reply": Reply,
    "failure": Failure,
}
"""The parts of an exchange that are kept whole, each as JSON in a column of this name."""


def figures(exchange: Exchange) -> dict[str, Any]:
    """Return the countable columns of one exchange, by name; ``None`` is not known."""
    return {name: _clean(read(exchange)) for name, (_, read) in FIGURES.items()}


def row_of(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as a row of the requests table."""
    row = figures(exchange)
    row["wall_start"] = naive(exchange.at)
    row["fingerprint"] = fingerprint(exchange.sent, exchange.target) if exchange.sent else None
    for name in PARTS:
        part = getattr(exchange, name)
        row[name] = None if part is None else json.dumps(plain(part), separators=(",", ":"))
    return row


def exchange_of(row: Mapping[str, Any]) -> Exchange:
    """Return the exchange that a row was made of.

    Raises:
        ValueError, TypeError, KeyError: it was made by another version.
    """
    parts: dict[str, Any] = {
        name: None if row[name] is None else revived(kind, json.loads(row[name]))
        for name, kind in PARTS.items()
    }
    cost = row["cost_usd"], row["cost_list_usd"], row["price_source"]
    return Exchange(
        id=row["request_id"],
        at=row["wall_start"].replace(tzinfo=UTC),
        target=row["target"],
        cost=None if None in cost else Cost(usd=cost[0], list_usd=cost[1], source=cost[2]),
        original_ms=row["original_ms"],
        simulated=row["simulated"],
        run=row["run_id"],
        **parts,
    )


def naive(moment: datetime) -> datetime:
    """Return a moment as both databases keep it: UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _clean(value: Any) -> Any:
    """Return text that both databases take: PostgreSQL has no NUL, UTF-8 no lone surrogate."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return value
