"""The logbook: what one step's answer becomes in the gateway's own log."""

import re
import time
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from gateway.chat import Usage
from gateway.local.cache import Entry
from gateway.local.counting import HIT_USAGE, Counting, counted
from gateway.local.credentials import Source
from gateway.local.logline import Form
from gateway.local.logqueue import form
from gateway.local.routing import Route
from gateway.local.steps import Request, Step
from gateway.local.store import Store
from gateway.policy import GatewayPolicy
from gateway.providers import Provider

Json = Any
PAYLOAD_LIMIT = 10 * 1024 * 1024
"""Larger rows keep no bodies (contract: limits, Legacy Logs)."""
ANSWER_KEPT = 25 * 1024 * 1024
"""Bytes of an answer that are held for the log and the cache; the rest passes through."""
_EMBEDS = re.compile(r"embed|/bge-", re.IGNORECASE)
VARYING = ("id", "created_s", "duration", "event_id", "timings")
"""Columns in which two rows of the same hit differ."""
GONE = 499
"""Status of a row whose caller went away before an answer began."""


@dataclass(slots=True, kw_only=True)
class Served:
    """What became of one step: filled in on the way, logged at the end. Times in ms.

    Attributes:
        whole: The answer was read to its end.
        logged: Its row is written.
        parts: The answer's bytes as the caller got them; empty once there are too many of them.
        size: How many bytes there are, kept or not.
        first_ms: When the first part was there.
        original_ms: On a cache hit, what the answer took when it was fresh.
        looked_up: It got as far as the cache.
        key: Under what the cache was asked; ``None`` where it wasn't.
        entry: What the cache had, or what this answer left there.
        added: Headers that the answer gets besides the usual ones.
        dlp_action: What data loss prevention did: FLAG or BLOCK.
        guardrails: What guardrails found, by phase.
        drawn: Bucket and period of the policies' budgets that it draws on.
        usage: Token counts of an answer that its caller doesn't get; else they are read from it.
    """

    id: str
    created_s: float
    started_s: float
    policy: GatewayPolicy
    request: Request
    step: Step
    event_id: str
    authenticated: bool
    status: int = GONE
    content_type: str = "application/json"
    cached: bool = False
    whole: bool = False
    logged: bool = False
    credential: Source = "none"
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    first_ms: float = 0.0
    total_ms: float = 0.0
    original_ms: float | None = None
    looked_up: bool = False
    key: str | None = None
    entry: Entry | None = None
    added: list[tuple[bytes, bytes]] = field(default_factory=list)
    dlp_action: str | None = None
    dlp_profiles: list[Json] | None = None
    guardrails: dict[str, Json] | None = None
    drawn: tuple[tuple[str, str], ...] = ()
    usage: Usage | None = None

    def keep(self, chunk: bytes) -> None:
        """Keep a piece of the answer. One that never ends doesn't fill the memory."""
        self.size += len(chunk)
        if self.size <= ANSWER_KEPT:
            self.parts.append(chunk)
        else:
            self.parts.clear()

    @property
    def complete(self) -> bool:
        """Whether every byte of the answer is kept."""
        return self.whole and (self.size == 0 or bool(self.parts))


class Logbook:
    """Writes log rows into the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, served: Served) -> None:
        """Log one answer, unless this request or gateway wants no log."""
        if not served.step.settled.collect_log:
            return
        values = _values(served)
        answer = values["response"]
        # Nothing to read at all, or nothing to read it from later.
        if served.cached or served.usage is not None or served.status >= 400 or not answer:
            self._store.logs.add(values | _counted(served))
        else:
            self._store.logs.add(values, counting=_counting(served))


class HitRow:
    """The log row of a hit that is repeated, ready but for its ids and times.

    Args:
        original_ms: What the answer took when it was fresh.
    """

    def __init__(self, form: Form, original_ms: float) -> None:
        self._form = form
        self._original_ms = round(original_ms, 3)

    @classmethod
    def of(cls, served: Served) -> Self | None:
        """Return the row of a hit; ``None`` where no log is wanted of it."""
        if not served.step.settled.collect_log:
            return None
        values = _values(served) | _counted(served)
        return cls(form(values, VARYING), served.original_ms or 0.0)

    def line(self, id: str, created_s: float, total_ms: float, event_id: str) -> bytes:
        """Fill in what is new."""
        timings = _timings(total_ms, total_ms, self._original_ms)
        return self._form.line(id, created_s, round(total_ms), event_id, timings.decode())

    def __len__(self) -> int:
        return len(self._form)


def _timings(total_ms: float, first_ms: float, original_ms: float | None) -> bytes:
    timings = {"total": round(total_ms, 3), "latency": round(first_ms, 3)}
    if original_ms is not None:
        timings["original_total"] = round(original_ms, 3)
    return orjson.dumps(timings)


def _values(served: Served) -> dict[str, Json]:
    """Return a value for every column of the log but those of ``COUNTED``."""
    settled, step = served.step.settled, served.step
    response = b"".join(served.parts)
    size = len(step.body) + max(served.size, len(response))
    keeps = settled.collect_payload and size <= PAYLOAD_LIMIT
    headers = served.request.headers
    return {
        "id": served.id,
        "gateway": served.policy.id,
        "account": served.request.route.account,
        "created_s": served.created_s,
        "provider": step.slug,
        "model": log_model(step.provider, step.model),
        "path": step.endpoint,
        "duration": round(served.total_ms),
        "success": served.whole and served.status < 400,
        "cached": served.cached,
        "status_code": served.status,
        "step": step.index,
        "custom_cost": settled.custom_cost is not None,
        "metadata": orjson.dumps(settled.metadata),
        "model_type": "embeddings" if _EMBEDS.search(step.path) else "chat",
        "request_type": served.request.request_type or _request_type(served.request.route),
        "request_content_type": headers.get("content-type", "application/json"),
        "response_content_type": served.content_type,
        "request_size": len(step.body),
        "response_size": served.size or len(response),
        "event_id": served.event_id,
        "feedback": None,
        "score": None,
        "user_agent": headers.get("user-agent", ""),
        "authentication": served.authenticated,
        "wholesale": served.credential == "unified",
        "byok": served.credential == "stored",
        "timings": _timings(served.total_ms, served.first_ms, served.original_ms),
        "request": step.body if keeps else None,
        "response": response if keeps else None,
        "dlp_action": served.dlp_action,
        "dlp_profiles": _packed(served.dlp_profiles),
        "guardrails": _packed(served.guardrails),
    }


def _counted(served: Served) -> dict[str, Json]:
    if served.cached:
        return counted(HIT_USAGE, None)
    usage = served.usage or usage_of(served, b"".join(served.parts))
    return counted(usage, _counting(served).cost(usage))


def _packed(value: Json) -> bytes | None:
    return None if value is None else orjson.dumps(value)


def paid(served: Served) -> float:
    """Return what an answer cost in US dollars; 0 for a hit, and where that isn't known."""
    if served.cached:
        return 0.0
    usage = served.usage or usage_of(served, b"".join(served.parts))
    price = _counting(served).cost(usage)
    return price.usd if price is not None else 0.0


def _request_type(route: Route) -> str:
    return "Universal" if route.kind == "universal" else ""


def log_model(provider: Provider, model: str) -> str:
    """Return the model's name in logs: ``author/model`` (ASSUMPTION: no rule is documented)."""
    if not model or model.startswith("@"):
        return model
    return f"{provider.rest_author or provider.slug}/{model}"


def usage_of(served: Served, response: bytes) -> Usage:
    """Read token counts out of an answer; what can't be read is not reported."""
    if served.status >= 400:
        return Usage()
    return _counting(served).usage(response)


def _counting(served: Served) -> Counting:
    return Counting.of(served.step, served.content_type, time.time())
