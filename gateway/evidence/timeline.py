"""The attempt timeline: tries, waits and fallback steps behind one answer, as bars.

The local gateway's journal says all of it. Another gateway says only which step answered; what
follows from that is marked as inferred, and its times aren't known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from gateway.chat import Exchange, Reply
from gateway.providers import provider_of

Json = Any
Kind = Literal["attempt", "wait"]
Source = Literal["journal", "header", "inferred"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar. Times are milliseconds since the first try began.

    Attributes:
        label: Who was asked, or what was waited for.
        step: Index of the fallback step, from 0.
        start_ms, end_ms: ``None`` where nobody knows.
        status: HTTP status of the provider; ``None`` where it gave none.
        note: What happened, in a few words.
        won: Its answer is the one that came back.
        source: Where we know it from.
    """

    kind: Kind
    label: str
    step: int
    start_ms: float | None = None
    end_ms: float | None = None
    status: int | None = None
    note: str = ""
    won: bool = False
    source: Source = "journal"


@dataclass(frozen=True, slots=True)
class Timeline:
    """All bars in order, and one sentence that says how it went."""

    bars: tuple[Bar, ...]
    sentence: str

    @property
    def attempts(self) -> int:
        """Tries that are known."""
        return sum(1 for bar in self.bars if bar.kind == "attempt")

    @property
    def end_ms(self) -> float:
        """When the last known bar ends; 0 without any."""
        return max((bar.end_ms for bar in self.bars if bar.end_ms is not None), default=0.0)


def timeline_of(exchange: Exchange, journal: Sequence[Mapping[str, Json]]) -> Timeline:
    """Return the timeline behind an exchange.

    Args:
        journal: Attempts as the local gateway tells them; empty for every other.
    """
    reply = exchange.reply
    if journal:
        return _told(reply, journal)
    if reply is not None and reply.cache == "HIT":
        return Timeline((), "No provider was asked: the answer came from the cache.")
    if reply is None:
        return Timeline((), "No answer came, so nothing is known about attempts.")
    return _inferred(exchange, reply)


def _told(reply: Reply | None, journal: Sequence[Mapping[str, Json]]) -> Timeline:
    rows = sorted(journal, key=lambda row: row["started_s"])
    origin_s = rows[0]["started_s"] - rows[0]["wait_before_s"]
    now_s = max(row["ended_s"] or row["started_s"] for row in rows)
    bars: list[Bar] = []
    for row in rows:
        start_ms = (row["started_s"] - origin_s) * 1000
        waited_ms = row["wait_before_s"] * 1000
        if waited_ms > 0:
            wait = Bar(
                kind="wait",
                label="Wait",
                step=row["step"],
                start_ms=start_ms - waited_ms,
                end_ms=start_ms,
                note=f"{waited_ms:,.0f} ms before the next try",
            )
            bars.append(wait)
        bars.append(_attempt(row, start_ms, ((row["ended_s"] or now_s) - origin_s) * 1000))
    tries = len(rows)
    bars[-1] = _crowned(bars[-1], reply)
    steps = len({row["step"] for row in rows})
    sentence = f"{tries} {'try' if tries == 1 else 'tries'}"
    sentence += f" at {steps} fallback steps" if steps > 1 else ""
    ended = "the last one answered" if bars[-1].won else "none gave an answer that counts"
    return Timeline(tuple(bars), f"{sentence}; {ended}." if tries > 1 else f"{sentence}.")


def _attempt(row: Mapping[str, Json], start_ms: float, end_ms: float) -> Bar:
    words = [row["state"] if row["status"] is None else f"HTTP {row['status']}"]
    words += [row[name] for name in ("cause", "fault") if row.get(name)]
    return Bar(
        kind="attempt",
        label=f"{_name(row['provider'])}, try {row['attempt']}",
        step=row["step"],
        start_ms=start_ms,
        end_ms=end_ms,
        status=row["status"],
        note=" · ".join(words),
    )


def _crowned(bar: Bar, reply: Reply | None) -> Bar:
    if reply is None or not 200 <= reply.status < 300 or bar.status is None or bar.status >= 300:
        return bar
    return replace(bar, won=True)


def _inferred(exchange: Exchange, reply: Reply) -> Timeline:
    steps = exchange.chat.all_steps
    answered = reply.step
    won = 200 <= reply.status < 300
    if answered is None or answered >= len(steps):
        bar = Bar(
            kind="attempt",
            label=_name(steps[0].provider),
            step=0,
            start_ms=0.0,
            end_ms=reply.total_ms,
            status=reply.status,
            note=f"HTTP {reply.status}",
            won=won,
            source="inferred",
        )
        return Timeline((bar,), "This gateway doesn't tell its attempts: what is seen from here.")
    failed = [
        Bar(
            kind="attempt",
            label=_name(step.provider),
            step=index,
            note="failed, or a later step would not have been asked",
            source="inferred",
        )
        for index, step in enumerate(steps[:answered])
    ]
    last = Bar(
        kind="attempt",
        label=_name(steps[answered].provider),
        step=answered,
        start_ms=None if failed else 0.0,
        end_ms=reply.total_ms,
        status=reply.status,
        note=f"HTTP {reply.status}",
        won=won,
        source="header",
    )
    sentence = f"Step {answered} answered, says cf-aig-step. Retries can't be seen from here."
    return Timeline((*failed, last), sentence)


def _name(slug: str) -> str:
    row = provider_of(slug)
    return row.name if row is not None else slug
