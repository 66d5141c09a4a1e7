"""One fault, and the word that names it.

A word stands in the header ``x-local-fault`` (one word for each attempt), in a rule's
script, and in the journal:

    ok                           nothing goes wrong
    503, status=503              an error of the provider, with its own error body
    error=3040                   a documented error of Workers AI, by its number
    429;retry-after=2            rate limited, with a Retry-After header in seconds
    503;wait=300                 the same error, but 300 ms later
    slow=800                     the first byte comes 800 ms later
    pace=400;gap=20              an answer of a simulated provider at a steady pace: its first
                                 token after 400 ms, each later one after 20 more, streamed or not
    queue=500;slots=8            so many calls of the provider at a time, 500 ms each; others wait
    stall, stall=5000;after=3    silence after three chunks: for ever, or for so many ms
    cut, truncate                the stream ends early: between two chunks, or inside one
    reset, reset;after=3         the connection breaks: at once, or after so many chunks
    malformed                    broken JSON where an object should be
    timeout, timeout=5000        no answer: ever, or the connection breaks after so many ms

All milliseconds are emulated ones, as everywhere in the local gateway.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast, get_args

from gateway.codes import CODES
from gateway.errors import BadRequest

Kind = Literal[
    "ok",
    "status",
    "rate_limited",
    "slow",
    "pace",
    "queue",
    "stall",
    "cut",
    "truncate",
    "reset",
    "malformed",
    "timeout",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
ERRORS: tuple[Kind, ...] = ("status", "rate_limited")
FAULT_HEADER = "x-local-fault"
"""Request header whose value is the script: ``status=503, status=503, ok``."""

SCANNER_FAULT_HEADER = "x-local-scanner-fault"
"""The same for the scanner of guardrails: its first word for the prompt, its second for the answer.
Rules for the provider ``workers-ai``, where the scanner's models run, strike it too."""

LONGEST_MS = 600_000
SCRIPT_LIMIT = 100
"""Words of a script."""
NUMBERED = {row.code: row.status for row in CODES if row.code and row.origin == "workers-ai"}
"""Statuses of Workers AI's errors, by number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        status: From 400 to 599; only for ``status`` and ``rate_limited``.
        retry_after_s: Seconds in the Retry-After header; ``None`` sends none.
        ms: How long, in emulated milliseconds; ``None`` means for ever.
        after: Chunks that come through before; ``None`` means what is usual for the kind.
        gap: Emulated milliseconds between two tokens; only for ``pace``.
        slots: Calls that are served at a time; only for ``queue``.
        code: Number of an error of Workers AI; other providers have none.
        body: The error body as text; ``None`` means the provider's own.
    """

    kind: Kind
    status: int | None = None
    retry_after_s: int | None = None
    ms: int | None = None
    after: int | None = None
    body: str | None = None
    code: int | None = None
    gap: int | None = None
    slots: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadRequest(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.code is not None and (self.code, self.status) not in list(NUMBERED.items()):
            known = ", ".join(str(code) for code in sorted(NUMBERED))
            raise BadRequest(f"code must be a number of Workers AI: {known}")
        if self.kind == "status" and self.status is None:
            raise BadRequest("status must be from 400 to 599")
        if self.kind == "slow" and self.ms is None:
            raise BadRequest("slow needs milliseconds, for example slow=800")
        for kind, wanted, example in (
            ("pace", self.gap, "pace=400;gap=20"),
            ("queue", self.slots, "queue=500;slots=8"),
        ):
            if (self.kind == kind) != (wanted is not None) or (wanted and self.ms is None):
                raise BadRequest(f"{kind} needs both its numbers, for example {example}")
        for name, low, high in (
            ("status", 400, 599),
            ("retry_after_s", 0, 86_400),
            ("ms", 0, LONGEST_MS),
            ("after", 0, 10_000),
            ("gap", 1, LONGEST_MS),
            ("slots", 1, 10_000),
        ):
            check_whole(name, getattr(self, name), low, high)

    @property
    def word(self) -> str:
        """Spell the fault as one word; ``fault_of`` reads it back, but for a body."""
        if self.code is not None:
            return f"error={self.code}"
        late = self.kind in ERRORS
        amount = self.status if self.kind == "status" else None if late else self.ms
        parts = (
            self.kind if amount is None else f"{self.kind}={amount}",
            None if self.retry_after_s is None else f"retry-after={self.retry_after_s}",
            None if self.after is None else f"after={self.after}",
            f"wait={self.ms}" if late and self.ms is not None else None,
            None if self.gap is None else f"gap={self.gap}",
            None if self.slots is None else f"slots={self.slots}",
        )
        return ";".join(part for part in parts if part is not None)


def check_whole(name: str, value: object, low: int, high: int) -> None:
    """Refuse what isn't a whole number within the bounds; ``None`` is fine."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadRequest(f"{name} must be a whole number from {low} to {high}, not {value!r}")


OK = Fault(kind="ok")


@lru_cache(maxsize=1024)
def fault_of(word: str) -> Fault:
    """Read one word.

    Raises:
        BadRequest: it names no fault, or a value that can't be used.
    """
    head, *more = (part.strip().lower() for part in word.split(";"))
    name, _, value = (part.strip() for part in head.partition("="))
    if name.isdecimal():
        name, value = "status", name
    settings = dict(cast(tuple[str, str], tuple(part.partition("=")[::2])) for part in more if part)
    retry_after = settings.pop("retry-after", None)
    after = settings.pop("after", None)
    wait = settings.pop("wait", None)
    gap, slots = settings.pop("gap", None), settings.pop("slots", None)
    name = name.replace("-", "_")
    if name == "error" and not settings and after is wait is retry_after is gap is slots is None:
        return numbered(_whole(word, value))
    if settings or name not in KINDS or (wait is not None and name not in ERRORS):
        raise BadRequest(
            f"{word!r} names no fault: use ok, a status such as 503, 429;retry-after=2, "
            "error=3040, slow=800, pace=400;gap=20, queue=500;slots=8, stall, cut, truncate, "
            "reset, malformed or timeout"
        )
    amount = _whole(word, value) if value else None
    if name == "status" and amount == 429 and retry_after is not None:
        name = "rate_limited"
    ms = amount if name not in ERRORS else None if wait is None else _whole(word, wait)
    if name == "rate_limited":
        amount = 429
        retry_after = retry_after or "1"
    return Fault(
        kind=cast(Kind, name),
        status=amount if name in ERRORS else None,
        retry_after_s=_whole(word, retry_after) if retry_after and name == "rate_limited" else None,
        ms=None if ms is None else min(ms, LONGEST_MS),
        after=None if after is None else _whole(word, after),
        gap=None if gap is None else _whole(word, gap),
        slots=None if slots is None else _whole(word, slots),
    )


def numbered(code: int) -> Fault:
    """Return the fault that is one of Workers AI's documented errors.

    Raises:
        BadRequest: there is no error with this number.
    """
    return Fault(kind="status", status=NUMBERED.get(code), code=code)


def _whole(word: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadRequest(f"{word!r} holds {text!r} where a whole number should be")
    return int(text)


@lru_cache(maxsize=1024)
def script_of(value: str) -> tuple[str, ...]:
    """Read the header's value: words separated by commas, one for each attempt.

    Raises:
        BadRequest: a word names no fault, or there are too many.
    """
    words = tuple(fault_of(word).word for word in value.split(",")) if value.strip() else ()
    if len(words) > SCRIPT_LIMIT:
        raise BadRequest(f"{FAULT_HEADER} must have at most {SCRIPT_LIMIT} words")
    return words
