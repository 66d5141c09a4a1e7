"""What a run says of its own generator: was it fast and punctual enough to be believed?

Rule: latencies of an open loop are refused where the generator was late by more than the larger
of 5 ms and 1 % of the median latency at the 99th percentile, or sent below 99 % of the planned
rate. A slow generator would otherwise be read as a slow gateway.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

LATE_MS, LATE_SHARE = 5.0, 0.01
LEAST_RATE = 0.99
LITTLE = 0.02
"""How far Little's law may be off in a loop that was in balance."""
ROOM = 5.0
"""How many times more the generator must be able to send than it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Honesty:
    """How well the generator kept to the plan; times are real ones, not emulated.

    Attributes:
        dispatch_p99_ms: Delay from the intended start to the real one, of open loops.
        achieved_rate: Requests a real second while the run was sending.
        rate_share: Worst share of the planned rate that a variant's open loop reached.
        little_error: |L - X R| / L of the whole run; a check of our own clocks.
        ceiling_rps: Requests a second that the generator sends to an endpoint that does nothing.
        workers: Processes that sent, each with a clock of its own.
        clock_error_ms: How far their clocks may be off; the delay above has it added already.
        refused: Why latencies of this run mustn't be used; empty where they may.
    """

    dispatch_p99_ms: float | None
    achieved_rate: float | None
    rate_share: float | None
    little_error: float | None
    ceiling_rps: float | None
    refused: tuple[str, ...]
    workers: int = 1
    clock_error_ms: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Spell it for the records."""
        return asdict(self)


def honesty(
    requests: pd.DataFrame,
    *,
    scale: float,
    mean_in_flight: float | None = None,
    elapsed_s: float | None = None,
    ceiling_rps: float | None = None,
    open_loop: bool = True,
    workers: int = 1,
    clock_error_ms: float | None = None,
) -> Honesty:
    """Judge the generator by a run's requests table.

    Args:
        scale: Emulated seconds per real one.
        mean_in_flight: Requests under way, averaged over ``elapsed_s`` real seconds.
        open_loop: Whether requests had moments at which they were due.
        clock_error_ms: How far the clocks of several workers may be off from the plan's: a request
            may have been so much later than its worker knows.
    """
    sent = requests.dropna(subset=["t_send_s"])
    span_s = float(np.ptp(sent["t_send_s"])) / scale if len(sent) > 1 else 0.0
    late = share = None
    if open_loop and len(sent) > 1:
        late = float(np.quantile(sent["dispatch_delay_ms"].to_numpy(dtype=float), 0.99)) / scale
        late += clock_error_ms or 0.0
        share = _rate_share(sent)
    median = sent["e2e_ms"].median() / scale if sent["e2e_ms"].notna().any() else 0.0
    return Honesty(
        dispatch_p99_ms=late,
        achieved_rate=(len(sent) - 1) / span_s if span_s > 0 else None,
        rate_share=share,
        little_error=_little(sent, scale, mean_in_flight, elapsed_s),
        ceiling_rps=ceiling_rps,
        refused=tuple(_refused(late, share, float(median), open_loop)),
        workers=workers,
        clock_error_ms=clock_error_ms,
    )


def _rate_share(sent: pd.DataFrame) -> float | None:
    shares = []
    for _, rows in sent.groupby("variant_id", observed=True):
        planned, needed = float(np.ptp(rows["t_plan_s"])), float(np.ptp(rows["t_send_s"]))
        if planned > 0 and needed > 0:
            shares.append(min(planned / needed, 1.0))
    return min(shares, default=None)


def _little(
    sent: pd.DataFrame, scale: float, mean_in_flight: float | None, elapsed_s: float | None
) -> float | None:
    """Return how far L = X R is off: X R is the sum of all latencies over the run's length."""
    whole = sent["e2e_ms"].notna().all() and len(sent)
    if not mean_in_flight or not elapsed_s or not whole:
        return None
    busy_s = float(sent["e2e_ms"].sum()) / 1000 / scale
    return abs(mean_in_flight - busy_s / elapsed_s) / mean_in_flight


def _refused(
    late: float | None, share: float | None, median_ms: float, open_loop: bool
) -> list[str]:
    found = []
    bound = max(LATE_MS, LATE_SHARE * median_ms)
    if open_loop and late is not None and late > bound:
        found.append(
            f"Our own generator was late: one request in a hundred started {late:.1f} ms or more "
            f"after its moment, {bound:.1f} ms are allowed: latencies of this run don't count."
        )
    if open_loop and share is not None and share < LEAST_RATE:
        found.append(
            f"Our own generator reached {100 * share:.1f} % of the planned rate, 99 % are needed: "
            "what this run says of times doesn't count."
        )
    return found
