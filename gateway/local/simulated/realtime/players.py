"""Who plays which provider on a realtime connection."""

from collections.abc import Mapping
from hashlib import blake2b
from urllib.parse import parse_qsl

from gateway.local.call import Call
from gateway.local.clock import Clock
from gateway.local.lines import Rejected
from gateway.local.simulated.denials import denial
from gateway.local.simulated.player import key_refused
from gateway.local.simulated.realtime.fal import fal
from gateway.local.simulated.realtime.google import google
from gateway.local.simulated.realtime.hearing import deepgram_hears
from gateway.local.simulated.realtime.openai import openai
from gateway.local.simulated.realtime.speech import cartesia, deepgram_speaks, elevenlabs
from gateway.local.simulated.realtime.stage import PlayedLine, Player, Stage
from gateway.local.simulated.said import Said
from gateway.providers import provider_of

PLAYERS: Mapping[str, Player] = {
    "openai": openai,
    "google-ai-studio": google,
    "cartesia": cartesia,
    "elevenlabs": elevenlabs,
    "fal": fal,
}
SPEAKING = ("aura", "speak", "tts")
"""Words of Deepgram's models and paths that speak; all others listen."""


class Players:
    """All realtime providers of the contract, played in process.

    Args:
        seed: What is said depends on it and on what was asked.
        instant: Speak without any waiting.
    """

    def __init__(self, clock: Clock, *, seed: int = 0, instant: bool = False) -> None:
        self._clock = clock
        self._seed = seed
        self._instant = instant
        self._dialled = 0

    async def dial(self, call: Call) -> PlayedLine:
        """Open a connection to whom a call names.

        Raises:
            Rejected: its key is missing or wrong, or the provider has no such API.
        """
        self._dialled += 1
        path, _, text = call.path.partition("?")
        query = dict(parse_qsl(text, keep_blank_values=True))
        provider = provider_of(call.provider)
        player = player_of(call.provider, path, query)
        if provider is None or player is None:
            raise _rejected(denial(call.provider, path, 404, "There is no realtime API here."))
        refused = key_refused(provider, call)
        if refused is not None:
            raise _rejected(refused)
        digest = blake2b(f"line {self._seed} {self._dialled}".encode(), digest_size=16)
        stage = Stage(
            provider=call.provider,
            model=query.get("model") or path.strip("/"),
            query=query,
            headers=call.headers,
            id=digest.hexdigest(),
            clock=self._clock,
            seed=self._seed,
            instant=self._instant,
        )
        return PlayedLine(stage, player)


def player_of(provider: str, path: str, query: Mapping[str, str]) -> Player | None:
    """Return who plays a provider; Deepgram's models speak or listen, by model or path."""
    if provider in ("deepgram", "workers-ai"):
        names = f"{path} {query.get('model', '')}".lower()
        if provider == "workers-ai" and "deepgram" not in names:
            return None
        return deepgram_speaks if any(word in names for word in SPEAKING) else deepgram_hears
    return PLAYERS.get(provider)


def _rejected(said: Said) -> Rejected:
    kind = dict(said.headers).get("content-type", "application/json")
    return Rejected(said.status, kind, said.body)
