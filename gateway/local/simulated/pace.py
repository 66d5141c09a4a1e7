"""How fast a simulated provider is: profiles (``data/profiles.json``), draws, and the schedule.

due      first   first+gap   first+gap+gap ...      absolute, so that lateness doesn't add up
sent     |       |           |
"""

import json
import math
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import resources
from random import Random

from gateway.local.clock import Clock

QUICK_S = 0.03
"""What an answer takes for which no model has to think, such as an error: emulated seconds."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How fast the models of one pattern are. Illustrative, not measured.

    Attributes:
        provider: Pattern of the slug; ``*`` stands for any text.
        model: Pattern of the model id.
        ttft_ms: Median time to the first token; its logarithm spreads by ``ttft_sigma``.
        tokens_per_s: Median speed after it; its logarithm spreads by ``tokens_per_s_sigma``.
        gap_sigma: Spread of the logarithm of single gaps within one answer.
        tokens_per_chunk: Tokens that arrive together.
    """

    provider: str
    model: str
    ttft_ms: float
    ttft_sigma: float
    tokens_per_s: float
    tokens_per_s_sigma: float
    gap_sigma: float
    tokens_per_chunk: int


def _read() -> tuple[Profile, ...]:
    text = resources.files("gateway").joinpath("data/profiles.json").read_text("utf-8")
    return tuple(Profile(*row) for row in json.loads(text)["profiles"])


PROFILES: tuple[Profile, ...] = _read()
"""The first one that fits is used; the last one fits all."""


@lru_cache(maxsize=4096)
def profile_of(provider: str, model: str) -> Profile:
    """Return how fast a model is."""
    return next(
        row
        for row in PROFILES
        if fnmatchcase(provider, row.provider) and fnmatchcase(model.lower(), row.model)
    )


class Pace:
    """The speed of one answer, drawn once."""

    def __init__(self, profile: Profile, random: Random) -> None:
        self.first_s = profile.ttft_ms / 1000 * math.exp(random.gauss(0, profile.ttft_sigma))
        self._token_s = 1 / (
            profile.tokens_per_s * math.exp(random.gauss(0, profile.tokens_per_s_sigma))
        )
        self._sigma = profile.gap_sigma
        self._random = random

    def gap_s(self, tokens: int) -> float:
        """Return the next gap, before so many tokens; its mean is what the speed says."""
        spread = math.exp(self._random.gauss(-(self._sigma**2) / 2, self._sigma))
        return tokens * self._token_s * spread

    def whole_s(self, tokens: int) -> float:
        """Return how long so many tokens take from the request to the last one."""
        return self.first_s + max(0, tokens - 1) * self._token_s


def steady(first_s: float, gap_s: float) -> Pace:
    """Return a pace without any chance in it.

    Args:
        gap_s: Emulated seconds from one token to the next, above 0.
    """
    still = Profile("", "", first_s * 1000, 0.0, 1 / gap_s, 0.0, 0.0, 1)
    return Pace(still, Random())


async def paced(
    pieces: Iterator[tuple[int, bytes]], pace: Pace | None, clock: Clock, due_s: float
) -> AsyncGenerator[bytes, None]:
    """Yield pieces when they are due; close the generator and nothing more is made.

    Args:
        pieces: Tokens and bytes of each; those without tokens come along at once.
        pace: ``None`` means without any waiting.
        due_s: When the first piece is due, on the clock's steady time.
    """
    first, owed = True, 0
    for tokens, chunk in pieces:
        if pace is not None:
            if first:
                # It comes with its first token; the time of its others passes after it.
                owed = max(tokens - 1, 0)
            elif tokens:
                due_s += pace.gap_s(tokens + owed)
                owed = 0
            await clock.sleep(due_s - clock.steady())
        first = False
        yield chunk
