"""Rate limits, closed and open loops, streams and sockets: formulas Q1 to Q6.

Rates are per second; ``limit`` requests are allowed per ``window_s`` seconds.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats


def accepted_fixed(rate: float, limit: int, window_s: float) -> float:
    """Q1: share of Poisson requests that pass a limiter with fixed windows."""
    mean = rate * window_s
    arrivals = stats.poisson(mean)
    # E[min(K, N)]; the first term uses k P(K = k) = mean P(K = k - 1).
    passed = mean * arrivals.cdf(limit - 2) + limit * arrivals.sf(limit - 1)
    return float(passed / mean)


def accepted_sliding(rate: float, limit: int, window_s: float) -> float:
    """Q2: share that pass a sliding log which forgets rejected requests: 1 - Erlang B."""
    return 1 - erlang_b(rate * window_s, limit)


def accepted_sliding_counting_all(rate: float, limit: int, window_s: float) -> float:
    """Q3: share that pass a sliding log in which rejected requests count as well."""
    return float(stats.poisson(rate * window_s).cdf(limit - 1))


def erlang_b(offered: float, servers: int) -> float:
    """Return the share that finds all servers busy and leaves (Erlang B), by its recursion."""
    inverse = 1.0
    for k in range(1, servers + 1):
        inverse = 1 + inverse * k / offered
    return 1 / inverse


def erlang_c(offered: float, servers: int) -> float:
    """Return the share that has to wait (Erlang C); ``offered`` must be below ``servers``."""
    if offered >= servers:
        raise ValueError(f"{offered} Erlang never fit on {servers} servers")
    blocked = erlang_b(offered, servers)
    return servers * blocked / (servers - offered * (1 - blocked))


class Loop(NamedTuple):
    """Throughput and latency of a closed loop."""

    throughput_s: float
    latency_s: float


def closed_loop(clients: int, slots: int, service_s: float, *, think_s: float = 0.0) -> Loop:
    """Q4: upper bound of throughput and lower bound of latency; exact for constant times.

    Args:
        slots: Requests that the other side serves at once.
        think_s: Time between an answer and the next request, the network's included.
    """
    throughput = min(slots / service_s, clients / (service_s + think_s))
    return Loop(throughput, clients / throughput - think_s)


def knee(slots: int, service_s: float, *, think_s: float = 0.0) -> float:
    """Q4: clients from which on more of them only wait."""
    return slots * (service_s + think_s) / service_s


def closed_loop_exponential(clients: int, slots: int, service_s: float, think_s: float) -> Loop:
    """Q4: the exact machine-repair model for exponential service and think times.

    Raises:
        ValueError: ``think_s`` is 0: see ``closed_loop``.
    """
    if think_s <= 0:
        raise ValueError("think_s must be above 0")
    ratio = service_s / think_s
    weights = [1.0]
    for k in range(1, clients + 1):
        weights.append(weights[-1] * (clients - k + 1) * ratio / min(k, slots))
    states = np.array(weights) / sum(weights)
    throughput = float((states * np.minimum(np.arange(clients + 1), slots)).sum() / service_s)
    return Loop(throughput, clients / throughput - think_s)


def open_loop_wait_s(rate: float, slots: int, service_s: float) -> float:
    """Q4: mean wait before service for Poisson arrivals and exponential service (M/M/c).

    Raises:
        ValueError: More arrives than can be served.
    """
    return erlang_c(rate * service_s, slots) / (slots / service_s - rate)


def stream_s(ttft_s: float, tpot_s: float, tokens: int) -> float:
    """Q5: end-to-end latency of a stream of ``tokens`` tokens."""
    return ttft_s + (tokens - 1) * tpot_s


def socket_saving_s(rtt_s: float, messages: int, *, tls_rtts: int = 1) -> float:
    """Q6: time saved a message by one WebSocket, beside a new HTTPS connection for each.

    Beside a kept-alive connection the saving is 0 once it's warm.

    Args:
        tls_rtts: Round trips of the TLS handshake: 1 for TLS 1.3, 0 without TLS.
    """
    fresh = (1 + tls_rtts) * rtt_s
    return fresh - ((1 + tls_rtts) + 1) * rtt_s / messages
