"""Retries, timeouts, fallback, outages and storms: formulas R1 to R13.

An attempt succeeds with probability ``p``, independently (real outages aren't: R9). ``tries`` is
the number of attempts in total, the first one included.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Floats = NDArray[np.float64]
Backoff = Literal["constant", "linear", "exponential"]


def success(p: float, tries: int) -> float:
    """R1: probability that one of ``tries`` attempts succeeds."""
    return 1 - (1 - p) ** tries


def attempts(p: float, tries: int) -> float:
    """R1: expected attempts a request: the retry amplification factor."""
    return float(tries) if p == 0 else success(p, tries) / p


def attempts_law(p: float, tries: int) -> Floats:
    """R1: probability of exactly 1, 2, ... ``tries`` attempts."""
    law = p * (1 - p) ** np.arange(tries, dtype=np.float64)
    law[-1] = (1 - p) ** (tries - 1)
    return law


def waits_s(backoff: Backoff, delay_s: float, tries: int) -> Floats:
    """R2: the waits between attempts; one fewer than attempts."""
    k = np.arange(1, tries, dtype=np.float64)
    if backoff == "constant":
        factors = np.ones_like(k)
    else:
        factors = k if backoff == "linear" else 2 ** (k - 1)
    return np.asarray(delay_s * factors, dtype=np.float64)


def expected_wait_s(p: float, backoff: Backoff, delay_s: float, tries: int) -> float:
    """R3: expected time spent waiting between attempts."""
    waits = waits_s(backoff, delay_s, tries)
    return float(((1 - p) ** np.arange(1, tries) * waits).sum())


class Stair(NamedTuple):
    """One step of the latency staircase."""

    attempts: int
    ok: bool
    latency_s: float
    probability: float


def staircase(
    p: float, backoff: Backoff, delay_s: float, tries: int, *, good_s: float, failed_s: float
) -> tuple[Stair, ...]:
    """R4: latencies that a request can have, and how often; the last is the final failure.

    Args:
        good_s: How long a successful attempt takes.
        failed_s: How long a failed attempt takes.
    """
    waited = np.concatenate([[0.0], np.cumsum(waits_s(backoff, delay_s, tries))])
    stairs = [
        Stair(k, True, good_s + (k - 1) * failed_s + float(waited[k - 1]), p * (1 - p) ** (k - 1))
        for k in range(1, tries + 1)
    ]
    failure = Stair(tries, False, tries * failed_s + float(waited[-1]), (1 - p) ** tries)
    return (*stairs, failure)


def latency_s(
    p: float, backoff: Backoff, delay_s: float, tries: int, *, good_s: float, failed_s: float
) -> float:
    """R5: mean end-to-end latency over all requests, final failures included."""
    each = p * good_s + (1 - p) * failed_s
    return attempts(p, tries) * each + expected_wait_s(p, backoff, delay_s, tries)


def success_timed(error: float, in_time: float, tries: int, *, last_untimed: bool = True) -> float:
    """R6: success with a timeout on the first part of the response.

    Args:
        error: Probability that an attempt fails, timeout aside.
        in_time: Probability that an attempt's first part comes before the timeout.
        last_untimed: Whether the last attempt is waited for without a timeout, as documented.
    """
    fails = 1 - (1 - error) * in_time
    return 1 - (fails ** (tries - 1) * error if last_untimed else fails**tries)


def step_shares(successes: Sequence[float]) -> Floats:
    """R7: which share of requests each step of a fallback chain answers."""
    good = np.asarray(successes, dtype=np.float64)
    reached = np.concatenate([[1.0], np.cumprod(1 - good)[:-1]])
    return np.asarray(good * reached, dtype=np.float64)


def availability(successes: Sequence[float]) -> float:
    """R7: share of requests that some step of a fallback chain answers."""
    return float(step_shares(successes).sum())


def timeout_then_fallback_s(mean_s: float, timeout_s: float, fallback_s: float) -> float:
    """R8: mean latency when the first step's exponential time is cut off and a second one asked.

    Args:
        mean_s: Mean of the first step's exponential time to the first part.
        fallback_s: Mean time of the second step.
    """
    late = np.exp(-timeout_s / mean_s)
    return float(mean_s * (1 - late) + late * fallback_s)


def span_s(backoff: Backoff, delay_s: float, tries: int, failed_s: float) -> float:
    """R9's B: time from the first attempt's start to the last one's."""
    return float(waits_s(backoff, delay_s, tries).sum()) + (tries - 1) * failed_s


def rescued(span: float, outage_s: float, *, exponential: bool = False) -> float:
    """R9: share of the requests that begin in an outage and outlive it.

    Args:
        span: R9's B, in seconds.
        exponential: Whether the outage's length is exponential with mean ``outage_s``.
    """
    return float(-np.expm1(-span / outage_s)) if exponential else min(1.0, span / outage_s)


class Overload(NamedTuple):
    """An upstream that admits less than is asked of it (R10)."""

    attempts_s: float
    amplification: float
    goodput_s: float
    success: float


def overload(rate: float, admitted: float, tries: int) -> Overload:
    """R10: what retries do when the upstream admits ``admitted`` of ``rate`` requests a second."""
    if rate <= admitted:
        return Overload(rate, 1.0, rate, 1.0)
    failing = (1 - admitted / rate) ** (1 / tries)
    sent = admitted / (1 - failing)
    return Overload(sent, sent / rate, admitted, admitted / rate)


def layered_attempts(p: float, inner: int, outer: int) -> float:
    """R11: attempts a request when a client retries around a gateway that retries."""
    return attempts(success(p, inner), outer) * attempts(p, inner)


def storm_points(
    rate: float, capacity: float, tries: int, patience_s: float
) -> tuple[tuple[float, bool], ...]:
    """R12: attempts a second at which a retry storm balances, and whether each is stable.

    Late answers are wasted work: an attempt fails with exp(-(capacity - load) patience). The last
    point, ``rate * tries``, is the collapsed state where it exists.

    Args:
        capacity: Attempts a second that the upstream can serve.
        patience_s: How long an attempt is waited for.
    """

    def excess(loads: Floats) -> Floats:
        failing = np.exp(np.minimum(-(capacity - loads) * patience_s, 0.0))
        return np.asarray(rate * (failing[..., None] ** np.arange(tries)).sum(axis=-1) - loads)

    grid = np.linspace(0.0, rate * tries, 4001)
    signs = excess(grid)
    points = []
    for low, high, a, b in zip(grid[:-1], grid[1:], signs[:-1], signs[1:], strict=True):
        if a * b < 0:
            points.append(
                (
                    float(optimize.brentq(lambda load: float(excess(np.asarray(load))), low, high)),
                    bool(a > 0),
                )
            )
    if rate * tries >= capacity:
        points.append((float(rate * tries), True))
    return tuple(points)


def hedged_tail(tail_at_t: float, tail_before: float) -> float:
    """R13: P(slower than t) when a second request is sent after a delay.

    Args:
        tail_at_t: P(one request is slower than t).
        tail_before: P(one request is slower than t minus the delay).
    """
    return tail_at_t * tail_before
