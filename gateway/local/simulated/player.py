"""All providers of the table, played in process. Nothing is ever sent anywhere."""

import re
from collections.abc import Mapping
from hashlib import blake2b
from urllib.parse import parse_qsl

from gateway.errors import BadRequest
from gateway.local.call import Answer, Call
from gateway.local.clock import Clock, chance
from gateway.local.simulated.denials import denial
from gateway.local.simulated.pace import QUICK_S, Pace, paced, profile_of, steady
from gateway.local.simulated.routes import answered
from gateway.local.simulated.said import Asked, Said, one_chunk
from gateway.local.simulated.workers import unfit
from gateway.providers import CUSTOM, PROVIDERS, Provider, provider_of

_WRONG_KEY = re.compile(r"invalid|wrong|^undefined$", re.IGNORECASE)


class Simulated:
    """An upstream that plays every provider.

    A key that contains "invalid" or "wrong", or is "undefined", is refused; any other one works.

    Args:
        seed: Content depends on it and on the call; pace and ids also on the calls before.
        instant: Answer without any waiting.
    """

    def __init__(self, clock: Clock, *, seed: int = 0, instant: bool = False) -> None:
        self._clock = clock
        self._seed = seed
        self._instant = instant
        self._opened = 0

    async def open(self, call: Call) -> Answer:
        """Answer a call in its provider's format, when a provider of its pace would."""
        started = self._clock.steady()
        self._opened += 1
        id = blake2b(f"{self._seed} {self._opened}".encode(), digest_size=16).hexdigest()
        said = self._said(call, id)
        pace = self._pace(call, said)
        headers = [*said.headers, *_headers(call.provider, id)]
        if said.pieces is None:
            if pace is not None:
                whole_s = pace.whole_s(said.tokens) if said.model else QUICK_S
                await self._clock.sleep(started + whole_s - self._clock.steady())
            return Answer(status=said.status, headers=headers, chunks=one_chunk(said.body))
        due_s = started
        if pace is not None:
            due_s += pace.first_s
            await self._clock.sleep(due_s - self._clock.steady())
        chunks = paced(said.pieces, pace, self._clock, due_s)
        return Answer(status=said.status, headers=headers, chunks=chunks, close=chunks.aclose)

    def _pace(self, call: Call, said: Said) -> Pace | None:
        if call.pace_s is not None:
            return steady(*call.pace_s)
        if self._instant:
            return None
        random = chance(self._seed, call.provider, said.model, self._opened)
        return Pace(profile_of(call.provider, said.model), random)

    def _said(self, call: Call, id: str) -> Said:
        provider = provider_of(call.provider) or PROVIDERS["custom-{slug}"]
        path, _, query = call.path.partition("?")
        refused = key_refused(provider, call)
        if refused is not None:
            return refused
        asked = Asked(
            provider=provider,
            path=path.strip("/"),
            query=dict(parse_qsl(query)),
            headers=call.headers,
            raw=call.body,
            id=id,
            created=int(self._clock.now()),
            seed=self._seed,
        )
        try:
            return unfit(asked, call.method) or answered(asked, call.method)
        except BadRequest as error:
            return denial(call.provider, path, 400, str(error))


def key_refused(provider: Provider, call: Call) -> Said | None:
    """Return the provider's error for a missing or wrong key; ``None`` for any other."""
    key = provider.credential(call.headers)
    if key is None and provider.dialect == "google":
        key = dict(parse_qsl(call.path.partition("?")[2])).get("key")
    if key is None and (provider.slug.startswith(CUSTOM) or provider.slug == "compat"):
        # Nobody knows whether a custom provider wants a key.
        return None
    if key is not None and _WRONG_KEY.search(key) is None:
        return None
    # Clients tell a wrong key from other bad requests by these words of OpenAI's.
    words = "No API key was given." if key is None else "Incorrect API key provided."
    return denial(call.provider, call.path, 401, f"{words} Check the {provider.name} key.")


_LIMITS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "openai": (
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("x-ratelimit-reset-requests", "6ms"),
        ("x-ratelimit-limit-tokens", "2000000"),
        ("x-ratelimit-remaining-tokens", "1999000"),
        ("x-ratelimit-reset-tokens", "30ms"),
    ),
    "anthropic": (
        ("anthropic-ratelimit-requests-limit", "4000"),
        ("anthropic-ratelimit-requests-remaining", "3999"),
        ("anthropic-ratelimit-tokens-limit", "400000"),
        ("anthropic-ratelimit-tokens-remaining", "399000"),
    ),
}
"""Rate-limit headers as these providers send them. The figures never change: nobody is limited."""
_ID_HEADERS = {"anthropic": "request-id", "aws-bedrock": "x-amzn-requestid"}


def _headers(provider: str, id: str) -> list[tuple[str, str]]:
    name = _ID_HEADERS.get(provider, "x-request-id")
    family = "openai" if provider in ("azure-openai", "groq") else provider
    return [(name, f"req_{id[:24]}"), *_LIMITS.get(family, ())]
