"""Attempts that a gateway doesn't tell, read off its latencies.

An answer of attempt k comes after k - 1 failed attempts and the waits between them:

    s + (k - 1) f + w_1 + ... + w_(k-1)         formula R4; a last failure: n f + all waits

The waits are known, they were asked for; how long a good (s) and a failed attempt (f) take is read
off the latencies themselves. Where the stairs aren't far apart against the noise nothing is said.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gateway.experiments.theory.retries import waits_s

Floats = NDArray[np.float64]
RETRIED = frozenset({408, 429, 500, 502, 503, 504, 524})
"""Statuses that a gateway tries again."""
CLEAR = 5.0
"""How many times the noise the lowest stair must be high."""
GRID = 241
"""Durations of a failed attempt that are tried."""
NEAR = 1.1
"""How much worse a duration may fit and still count as one that fits as well as the best."""
SAMPLE = 4000


class Stairs(NamedTuple):
    """The staircase of one variant, in ms.

    Attributes:
        at: Latency of a success at attempt 1, 2, ...
        noise: Median distance to the nearest stair, as a standard deviation.
        waits: Total wait before attempt 1, 2, ...
    """

    at: Floats
    noise: float
    waits: Floats

    @property
    def clear(self) -> bool:
        """Whether the stairs are far enough apart to be told from each other."""
        return bool(self.at[1] - self.at[0] > CLEAR * self.noise)


def infer(requests: pd.DataFrame) -> pd.DataFrame:
    """Return what can be told of attempts: columns ``attempts`` and ``backoff_ms``.

    Args:
        requests: The requests table; headers sent say how often and how late is tried again.

    Returns:
        One row for each request that can be told; its index is that of the request. A hit and what
        the gateway itself refused had no attempt.
    """
    found = pd.DataFrame(
        {
            "attempts": pd.Series(pd.NA, index=requests.index, dtype="Int8"),
            "backoff_ms": pd.Series(np.nan, index=requests.index, dtype="float64"),
        }
    )
    refused = requests["error_class"].astype("string") == "rate_limited_gateway"
    unasked = (requests["cache_status"].astype("string") == "HIT") | refused
    found.loc[unasked.fillna(False), ["attempts", "backoff_ms"]] = [0, 0.0]
    # A list of steps has a staircase for each: there nothing is told.
    single = requests["steps_total"].isna() | (requests["steps_total"] <= 1)
    answered = requests[~unasked.fillna(False) & single & (requests["status"].fillna(0) > 0)]
    once = answered.index[(answered["h_max_attempts"] == 1).fillna(False)]
    found.loc[once, ["attempts", "backoff_ms"]] = [1, 0.0]
    asked = answered[
        (answered["h_max_attempts"] > 1).fillna(False)
        & (answered["h_retry_delay_ms"] > 0).fillna(False)
        & answered["h_backoff"].notna()
    ]
    policy = ["variant_id", "h_max_attempts", "h_retry_delay_ms", "h_backoff"]
    for _, rows in asked.groupby(policy, observed=True):
        tries, delay_ms = int(rows["h_max_attempts"].iloc[0]), int(rows["h_retry_delay_ms"].iloc[0])
        _tell(found, rows, waits_s(rows["h_backoff"].iloc[0], delay_ms / 1000, tries) * 1000)
    return found.dropna(subset=["attempts"])


def _tell(found: pd.DataFrame, rows: pd.DataFrame, waits: Floats) -> None:
    """Write down the attempts of the requests of one policy, where its stairs are clear."""
    tries = len(waits) + 1
    latency = rows["ttfb_ms"].fillna(rows["e2e_ms"])
    rows, latency = rows[latency.notna()], latency.dropna()
    ok = rows["ok"].fillna(False).astype(bool)
    retried = rows["status"].isin(list(RETRIED))
    stairs = stairs_of(
        latency[ok].to_numpy(dtype=float), latency[~ok & retried].to_numpy(dtype=float), waits
    )
    before = np.concatenate([[0.0], np.cumsum(waits)])
    given_up = rows.index[~ok & retried]
    found.loc[given_up, "attempts"], found.loc[given_up, "backoff_ms"] = tries, before[-1]
    refused = rows.index[~ok & ~retried]
    found.loc[refused, ["attempts", "backoff_ms"]] = [1, 0.0]
    if stairs is None or not stairs.clear:
        return
    nearest = np.abs(latency[ok].to_numpy(dtype=float)[:, None] - stairs.at[None, :]).argmin(axis=1)
    found.loc[latency.index[ok], "attempts"] = nearest + 1
    found.loc[latency.index[ok], "backoff_ms"] = before[nearest]


def stairs_of(good_ms: Floats, failed_ms: Floats, waits_ms: Floats) -> Stairs | None:
    """Return the staircase that explains latencies best; ``None`` where nothing succeeded.

    Args:
        good_ms: Latencies of successes.
        failed_ms: Latencies of what failed at every attempt: they tell how long a failure takes.
        waits_ms: Waits between the attempts.
    """
    if not good_ms.size:
        return None
    before = np.concatenate([[0.0], np.cumsum(waits_ms)])
    steps = np.arange(before.size)
    sample = good_ms[:: max(1, good_ms.size // SAMPLE)]
    low = float(np.quantile(sample, 0.02))
    first = float(np.median(sample[sample <= low + 0.75 * waits_ms[0]]))
    if failed_ms.size:
        told = float(np.median(failed_ms) - before[-1]) / before.size
        failures = np.array([max(told, 0.0)])
    else:
        failures = np.linspace(0.0, max(float(sample.max()) - first - waits_ms[0], 0.0), GRID)
    at = first + failures[:, None] * steps[None, :] + before[None, :]
    # Who came later than the first wait made more than one attempt: only they tell of failures.
    later = sample[sample > first + 0.75 * waits_ms[0]]
    off = np.array([_off(later, one, waits_ms[0] / 2) for one in at])
    # A shorter duration that lets every other stair be empty fits as well: the longer one counts.
    longest = failures[np.flatnonzero(off <= off.min() * NEAR + 1e-9)[-1]]
    best = int(np.where(failures >= 0.7 * longest, off, np.inf).argmin())
    chosen = at[best] if later.size else at[0]
    noise = 1.4826 * float(np.median(np.abs(sample[:, None] - chosen[None, :]).min(axis=1)))
    return Stairs(at=chosen, noise=noise, waits=before)


def _off(latency_ms: Floats, stairs: Floats, most: float) -> float:
    """Return how far latencies are from their stairs; a stall counts no more than ``most``."""
    if not latency_ms.size:
        return 0.0
    away = np.abs(latency_ms[:, None] - stairs[None, :]).min(axis=1)
    return float(np.minimum(away, most).mean())
