"""Draws of a plan: arrivals, keys and faults, each from a stream of its own of one seed.

Every variant is given the same draws (common random numbers), so that a difference between two
is the policy's, not the dice's. Poisson times are never stretched to end at a round moment: that
would change their variance.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.errors import BadRequest
from gateway.experiments.theory.cache import Arrivals, zipf

Floats = NDArray[np.float64]
Stream = Literal["arrivals", "keys", "prompts", "faults", "order", "latency", "shards"]
STREAMS: tuple[Stream, ...] = (
    "arrivals",
    "keys",
    "prompts",
    "faults",
    "order",
    "latency",
    "shards",
)


def stream(seed: int, name: Stream) -> np.random.Generator:
    """Return the generator of one kind of draw; the others don't move it."""
    children = np.random.SeedSequence(seed).spawn(len(STREAMS))
    return np.random.default_rng(children[STREAMS.index(name)])


def arrivals(
    rng: np.random.Generator,
    rate: float,
    *,
    count: int | None = None,
    until_s: float | None = None,
    kind: Arrivals = "poisson",
    burstiness: float = 1.0,
) -> Floats:
    """Return start times in seconds, from a first gap after 0 on.

    Args:
        rate: Mean requests a second.
        count: How many; or
        until_s: all up to this moment.
        burstiness: Shape of gamma gaps; 1 is Poisson, below 1 comes in bursts.

    Raises:
        BadRequest: the rate or the burstiness isn't above 0.
    """
    if rate <= 0:
        raise BadRequest(f"The rate must be above 0 requests a second, not {rate:g}.")
    if burstiness <= 0:
        raise BadRequest(f"Burstiness must be above 0, not {burstiness:g}.")
    wanted = count if count is not None else int((until_s or 0) * rate * 1.5 + 50)
    while True:
        if kind == "paced":
            gaps = np.full(wanted, 1 / rate)
        elif kind == "poisson":
            gaps = rng.exponential(1 / rate, wanted)
        else:
            gaps = rng.gamma(burstiness, 1 / (rate * burstiness), wanted)
        times = np.cumsum(gaps)
        if count is not None or until_s is None:
            return times
        if times[-1] >= until_s:
            return times[times < until_s]
        wanted *= 2


def popular(rng: np.random.Generator, count: int, keys: int, exponent: float) -> NDArray[np.int64]:
    """Return the key number of each request, 0 the most popular, by Zipf's law."""
    return rng.choice(keys, size=count, p=zipf(keys, exponent))


def failures(rng: np.random.Generator, count: int, tries: int, p: float) -> NDArray[np.bool_]:
    """Return, for each request, which of its attempts would succeed; shape (count, tries)."""
    return rng.random((count, tries)) < p


def script(
    succeeds: Sequence[bool] | NDArray[np.bool_], *, good_ms: int, failed_ms: int, status: int = 500
) -> str:
    """Spell attempts as a fault script: each takes a stated time and ends as drawn."""
    good = f"slow={good_ms}" if good_ms else "ok"
    bad = f"status={status};wait={failed_ms}" if failed_ms else f"status={status}"
    return ", ".join(good if one else bad for one in succeeds)


def abba(items: int, rounds: int, arms: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return (round, item, arm) so that each pair of arms is met in both orders (ABBA)."""
    order = []
    for turn in range(rounds):
        for item in range(items):
            both = arms if (turn + item) % 2 == 0 else tuple(reversed(arms))
            order += [(turn, item, arm) for arm in both]
    return order
