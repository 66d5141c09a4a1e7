"""What every simulated realtime provider has: frames in and out, and words at a model's pace."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.chat import Chat, Completion, Message
from gateway.local.clock import Clock, chance
from gateway.local.lines import BROKEN, Ended, Frame
from gateway.local.simulated.chats import complete, pieces_of
from gateway.local.simulated.pace import Pace, paced, profile_of
from gateway.local.simulated.said import tokens_of

log = logging.getLogger(__name__)
Json = Any
WAITING = 64
"""Frames that may lie between the two sides; then the faster one waits."""
INVALID = 1007
"""Close code for what can't be read (RFC 6455)."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """One connection, as the provider's side sees it.

    Attributes:
        id: Hex digits that are this connection's own; players make their ids of it.
        query: The first value of each name.
        headers: Names in lower case.
    """

    provider: str
    model: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    id: str
    clock: Clock
    seed: int = 0
    instant: bool = False
    heard: "asyncio.Queue[Frame]" = field(default_factory=lambda: asyncio.Queue(WAITING))
    told: "asyncio.Queue[Frame | Ended]" = field(default_factory=lambda: asyncio.Queue(WAITING))
    made: int = 0
    group: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)

    def begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Do something beside hearing; an error in it ends the play."""
        return self.group.create_task(work)

    async def hear(self) -> Frame:
        """Return the client's next message."""
        return await self.heard.get()

    async def tell(self, event: Json) -> None:
        """Send JSON as text."""
        await self.told.put(orjson.dumps(event).decode())

    async def play(self, data: bytes) -> None:
        """Send binary data."""
        await self.told.put(data)

    def new_id(self, prefix: str) -> str:
        """Return an id that this connection hasn't had."""
        self.made += 1
        return f"{prefix}{self.id[:16]}{self.made:06x}"

    def completion(self, model: str, messages: tuple[Message, ...]) -> Completion:
        """Return what the model answers to a conversation."""
        chat = Chat(provider=self.provider, model=model, messages=messages)
        return complete(
            chat, "google" if self.provider.startswith("google") else "openai", self.seed
        )

    async def spoken(self, model: str, text: str) -> AsyncGenerator[str, None]:
        """Yield a text in pieces, each when a model of this pace has it."""
        profile = profile_of(self.provider, model)
        pieces = (
            (tokens_of(piece), piece.encode())
            for piece in pieces_of(text, 4 * profile.tokens_per_chunk)
        )
        pace, due_s = None, self.clock.steady()
        if not self.instant:
            pace = Pace(profile, chance(self.seed, self.id, self.made))
            due_s += pace.first_s
        async for chunk in paced(pieces, pace, self.clock, due_s):
            yield chunk.decode()


Player = Callable[[Stage], Awaitable[None]]
"""Plays a provider on a stage: returns, or raises ``Ended``, when it closes the connection."""


def object_of(frame: Frame) -> dict[str, Json] | None:
    """Return a message as a JSON object; ``None`` where it isn't one."""
    try:
        data = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return None
    return data if isinstance(data, dict) else None


class PlayedLine:
    """The caller's side of a stage: a ``Line``."""

    subprotocol: str | None = None

    def __init__(self, stage: Stage, player: Player) -> None:
        self._stage = stage
        self._ended: Ended | None = None
        self._playing = asyncio.create_task(self._play(player))

    async def send(self, frame: Frame) -> None:
        """Hand one message to the player; errors as in ``Line.send``."""
        if self._ended is not None:
            raise self._ended
        await self._stage.heard.put(frame)

    async def receive(self) -> Frame:
        """Return the player's next message; errors as in ``Line.receive``."""
        frame = await self._stage.told.get()
        if isinstance(frame, Ended):
            raise frame
        return frame

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the play."""
        self._playing.cancel()
        await asyncio.wait((self._playing,))

    async def _play(self, player: Player) -> None:
        try:
            async with self._stage.group:
                ended = await _end_of(player, self._stage)
        except Exception:
            log.exception("A simulated realtime provider ended in an error of its own.")
            ended = Ended(BROKEN, "Internal error of the simulated provider")
        self._ended = ended
        while not self._stage.heard.empty():
            # Whoever waits for room is let go: nobody hears any more.
            self._stage.heard.get_nowait()
        await self._stage.told.put(ended)


async def _end_of(player: Player, stage: Stage) -> Ended:
    try:
        await player(stage)
    except Ended as ended:
        return ended
    return Ended()
