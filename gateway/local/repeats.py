"""Hits that are asked for again, byte for byte: judged once, and answered from what was judged.

What a request means follows from its bytes and its gateway's settings. So the second hit of the
same bytes leaves here what is the same for all that follow: the answer, the log row and the account
of the cache's decision, each ready but for ids and times. What can change meanwhile is looked at
each time: the settings, whether anything checks calls or exports them, whether the cache has the
very same entry still, the rate limit. Wherever anything differs, the request goes the whole way.

Clients that send head and body in two pieces are served too: ``is_head`` says that the rest of a
known request is worth waiting for.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from gateway.local.accounts import Account, account_of
from gateway.local.cache import Entry
from gateway.local.logbook import HitRow, Served
from gateway.local.relay import RawHeaders
from gateway.local.state import State
from gateway.policy import GatewayPolicy
from gateway.providers import CUSTOM

LIMIT = 8 * 1024 * 1024
"""Bytes of requests, answers and rows that are kept ready."""
LARGEST = LIMIT // 32
"""One that is larger takes so long to be sent that judging it doesn't matter."""
ONCE = 1024
"""Requests that were a hit once, of which it is known."""
HEAD_END = b"\r\n\r\n"


class Ready(NamedTuple):
    """An answer to send. ``head`` is what follows status line and the server's own headers."""

    status: int
    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A hit without its id and times.

    Attributes:
        head: The pieces of the answer's head; the id goes between them.
        event_id: The one that the request states.
        row: ``None`` where no log is wanted.
    """

    policy: GatewayPolicy
    entry: Entry
    head: tuple[bytes, ...]
    event_id: str | None
    row: HitRow | None
    account: Account
    size: int


class Repeats:
    """The requests that may be repeated, the least recently used dropped first.

    Args:
        limit: Bytes of requests, answers and rows that are kept ready.
    """

    def __init__(self, state: State, *, limit: int = LIMIT) -> None:
        self._state = state
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[bytes, Repeat] = OrderedDict()
        self._heads: dict[bytes, int] = {}
        self._once: OrderedDict[int, None] = OrderedDict()

    def answer(self, raw: bytes) -> Ready | None:
        """Answer a request, its log row included; ``None`` where it must go the whole way.

        Args:
            raw: The whole request as it came.
        """
        repeat = self._kept.get(raw)
        if repeat is None:
            return None
        state, policy, entry = self._state, repeat.policy, repeat.entry
        gateway = state.gateways.get(policy.id)
        if gateway is None or gateway.policy is not policy:
            return None
        if policy.id in state.checks or policy.id in state.exporters:
            return None
        started_s, created_s = state.clock.steady(), state.clock.now()
        if state.cache.get(entry.scope, entry.key, created_s) is not entry:
            return None
        if not state.admits(policy):
            return None
        self._kept.move_to_end(raw)
        id = state.ids.new()
        if repeat.row is not None:
            total_ms = (state.clock.steady() - started_s) * 1000
            line = repeat.row.line(id, created_s, total_ms, repeat.event_id or id)
            state.store.logs.add_line(line)
        state.accounts.add_again(repeat.account, id, created_s, state.clock.now())
        return Ready(entry.status, id.encode().join(repeat.head), entry.body)

    def is_head(self, data: bytes) -> bool:
        """Whether this is all of a known request but its body."""
        return data in self._heads

    def remember(self, served: Served, headers: RawHeaders) -> None:
        """Keep a hit, if it is the second one of its bytes and depends on nothing else.

        Args:
            headers: Those of its answer.
        """
        raw, step, entry = served.request.raw, served.step, served.entry
        # Auto Router chooses anew each time, and a custom provider may be gone.
        if not raw or step.routed or step.slug.startswith(CUSTOM) or entry is None:
            return
        if not self._came_before(raw):
            return
        head = b"".join([b"%s: %s\r\n" % header for header in headers]) + b"\r\n"
        row = HitRow.of(served)
        size = 2 * len(raw) + len(entry.body) + (0 if row is None else len(row))
        if size > LARGEST:
            return
        self._drop(raw)
        self._kept[raw] = Repeat(
            policy=served.policy,
            entry=entry,
            head=tuple(head.split(served.id.encode())),
            event_id=step.settled.event_id,
            row=row,
            account=account_of(served, ended_s=served.created_s),
            size=size,
        )
        self._size += size
        start = _head_of(raw)
        self._heads[start] = self._heads.get(start, 0) + 1
        while self._size > self._limit:
            self._drop(next(iter(self._kept)))

    def _came_before(self, raw: bytes) -> bool:
        """Whether these bytes were a hit before: most never are again."""
        mark = hash(raw)
        if raw in self._kept or mark in self._once:
            self._once.pop(mark, None)
            return True
        self._once[mark] = None
        if len(self._once) > ONCE:
            self._once.popitem(last=False)
        return False

    def _drop(self, raw: bytes) -> None:
        repeat = self._kept.pop(raw, None)
        if repeat is None:
            return
        self._size -= repeat.size
        start = _head_of(raw)
        self._heads[start] -= 1
        if not self._heads[start]:
            del self._heads[start]


def _head_of(raw: bytes) -> bytes:
    return raw[: raw.index(HEAD_END) + len(HEAD_END)]
