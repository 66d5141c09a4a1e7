"""The replay oracle: which rule explains every hit and miss, and every 429, of a run?

Given when requests were sent and answers written, a cache with a fixed life and a rate limiter are
deterministic. Each candidate rule is replayed over the recorded moments; the rule in force agrees
with every request but those that lie within the clock's uncertainty of a boundary, which are left
out. That is sharper than any confidence interval, and it names the rule.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

UNCERTAIN_S = 0.05
"""Real seconds between our clock and the gateway's view of one request."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well one rule explains a run.

    Attributes:
        judged: Requests that aren't too near to a boundary to tell.
        first_wrong: ``seq`` of the first request that contradicts it; ``None`` where none does.
    """

    rule: str
    judged: int
    agreed: int
    first_wrong: int | None

    @property
    def share(self) -> float | None:
        """Share of the judged requests that it explains; ``None`` where none could be judged."""
        return self.agreed / self.judged if self.judged else None


class _Said(NamedTuple):
    """What a rule says of one request, and whether it is sure."""

    yes: bool
    sure: bool


def cache_rules(
    requests: pd.DataFrame, ttl_s: float, *, uncertain_s: float = UNCERTAIN_S
) -> list[Agreement]:
    """Return how well each rule of a cache explains HIT and MISS, the best first.

    Args:
        requests: Rows of one gateway; bypassed and failed requests are left out.
        ttl_s: The TTL in force, in emulated seconds.
    """
    known = requests[
        requests["cache_status"].isin(["HIT", "MISS"])
        & requests["ok"].fillna(False)
        & requests["t_end_s"].notna()
    ].sort_values("t_send_s")
    rows = list(
        zip(
            known["seq"].tolist(),
            known["key_id"].astype("string").fillna("").tolist(),
            known["t_send_s"].tolist(),
            known["t_end_s"].tolist(),
            (known["cache_status"] == "HIT").tolist(),
            strict=True,
        )
    )
    scale = float(known["time_scale"].iloc[0]) if len(known) else 1.0
    blur = uncertain_s * scale
    rules: dict[str, Callable[[], Sequence[_Said]]] = {
        "fixed life from the write, first write stands": lambda: _lives(
            rows, ttl_s, blur, anchor="write", restart=False, refresh=False
        ),
        "fixed life from the write, each write restarts it": lambda: _lives(
            rows, ttl_s, blur, anchor="write", restart=True, refresh=False
        ),
        "fixed life from the request": lambda: _lives(
            rows, ttl_s, blur, anchor="request", restart=True, refresh=False
        ),
        "life extended by each hit": lambda: _lives(
            rows, ttl_s, blur, anchor="write", restart=True, refresh=True
        ),
        "no cache": lambda: [_Said(False, True) for _ in rows],
    }
    facts = [(row[0], row[4]) for row in rows]
    return _judged(facts, rules)


def _lives(
    rows: Sequence[tuple[int, str, float, float, bool]],
    ttl_s: float,
    blur: float,
    *,
    anchor: str,
    restart: bool,
    refresh: bool,
) -> list[_Said]:
    """Say of each request whether it hits, by what was really written before it.

    Writes are those of the run: an observed miss writes when its answer ends.
    """
    said = []
    writes: dict[str, list[tuple[float, float]]] = {}  # key -> (from when, until when)
    pending: dict[str, list[tuple[float, float]]] = {}  # key -> (written at, anchored at)
    for _, key, sent, ended, hit in rows:
        waiting = pending.setdefault(key, [])
        for written, anchored in sorted(waiting):
            if written <= sent:
                alive = writes.get(key, [])
                if alive and alive[-1][1] > written and not restart:
                    continue
                writes.setdefault(key, []).append((written, anchored + ttl_s))
        pending[key] = [one for one in waiting if one[0] > sent]
        alive = writes.get(key, [])
        until = alive[-1][1] if alive else float("-inf")
        lives = until > sent
        near = abs(until - sent) <= blur or any(abs(w - sent) <= blur for w, _ in waiting)
        said.append(_Said(lives, not near))
        if lives and refresh and alive:
            alive[-1] = (alive[-1][0], sent + ttl_s)
        if not hit:
            pending[key].append((ended, ended if anchor == "write" else sent))
    return said


def limit_rules(
    requests: pd.DataFrame,
    limit: int,
    window_s: float,
    *,
    offset_s: float = 0.0,
    uncertain_s: float = UNCERTAIN_S,
) -> list[Agreement]:
    """Return how well each rule of a limiter explains the 429s of a gateway, the best first.

    Args:
        offset_s: What the gateway's clock showed, in emulated seconds, when the run's was 0: fixed
            windows are aligned to the former.
    """
    known = requests[requests["status"].fillna(0) != 0].sort_values("t_send_s")
    times = [at + offset_s for at in known["t_send_s"].tolist()]
    passed = (known["error_class"] != "rate_limited_gateway").tolist()
    scale = float(known["time_scale"].iloc[0]) if len(known) else 1.0
    blur = uncertain_s * scale
    rules: dict[str, Callable[[], Sequence[_Said]]] = {
        "fixed windows": lambda: _fixed(times, limit, window_s, blur),
        "sliding log": lambda: _sliding(times, limit, window_s, blur, count_all=False),
        "sliding log, refused ones count": lambda: _sliding(
            times, limit, window_s, blur, count_all=True
        ),
        "sliding, two counters": lambda: _two_counters(times, limit, window_s, blur),
        "no limit": lambda: [_Said(True, True) for _ in times],
    }
    return _judged(list(zip(known["seq"].tolist(), passed, strict=True)), rules)


def _fixed(times: Sequence[float], limit: int, window_s: float, blur: float) -> list[_Said]:
    said, window, count = [], None, 0
    for at in times:
        if at // window_s != window:
            window, count = at // window_s, 0
        edge = min(at % window_s, window_s - at % window_s)
        said.append(_Said(count < limit, edge > blur))
        count += count < limit
    return said


def _sliding(
    times: Sequence[float], limit: int, window_s: float, blur: float, *, count_all: bool
) -> list[_Said]:
    said: list[_Said] = []
    kept: deque[float] = deque()
    for at in times:
        near = any(abs(one - (at - window_s)) <= blur for one in kept)
        while kept and kept[0] <= at - window_s:
            kept.popleft()
        passes = len(kept) < limit
        said.append(_Said(passes, not near))
        if passes or count_all:
            kept.append(at)
    return said


def _two_counters(times: Sequence[float], limit: int, window_s: float, blur: float) -> list[_Said]:
    said: list[_Said] = []
    window, before, now = -1.0, 0, 0
    for at in times:
        current = at // window_s
        if current != window:
            before, now = (now if current == window + 1 else 0), 0
            window = current
        weight = before * (1 - (at % window_s) / window_s) + now
        slack = before * blur / window_s
        said.append(_Said(weight < limit, abs(weight - limit) > slack or before == 0))
        now += weight < limit
    return said


def _judged(
    facts: Sequence[tuple[int, bool]], rules: dict[str, Callable[[], Sequence[_Said]]]
) -> list[Agreement]:
    found = []
    for name, replayed in rules.items():
        judged = agreed = 0
        wrong: int | None = None
        for (seq, fact), said in zip(facts, replayed(), strict=True):
            if not said.sure:
                continue
            judged += 1
            if said.yes == fact:
                agreed += 1
            elif wrong is None:
                wrong = seq
        found.append(Agreement(name, judged, agreed, wrong))
    return sorted(found, key=lambda one: -(one.share or 0.0))
