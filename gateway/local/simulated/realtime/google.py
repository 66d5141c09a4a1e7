"""Google's Live API, as far as text goes: one setup, then turns that are answered piece by piece.

Messages may come in camelCase or snake_case. Answers are JSON in binary frames, as Google sends
them. Sound and video are accepted; what is heard in them is a sentence that says so.
"""

import asyncio
from typing import Any

import orjson

from gateway.chat import Message
from gateway.local.lines import Ended
from gateway.local.simulated.media import TRANSCRIPT
from gateway.local.simulated.realtime.stage import INVALID, Stage, object_of

Json = Any


async def google(stage: Stage) -> None:
    """Play one session."""
    await Session(stage).run()


class Session:
    """One live session: its model, the turns so far, and the answer that is being made."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._model = ""
        self._turns: list[Message] = []
        self._answering: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Answer messages until the client leaves.

        Raises:
            Ended: a message can't be read, or the first one isn't the setup.
        """
        setup = _member(await self._next(), "setup")
        model = _member(setup, "model")
        if not isinstance(setup, dict) or not isinstance(model, str) or not model:
            raise Ended(INVALID, "The first message must be a setup that names a model.")
        self._model = model.removeprefix("models/")
        told = _text(_member(setup, "systemInstruction"))
        if told:
            self._turns.append(Message(role="system", text=told))
        await self._tell({"setupComplete": {}})
        try:
            while True:
                await self._take(await self._next())
        finally:
            await self._stop()

    async def _next(self) -> dict[str, Json]:
        message = object_of(await self._stage.hear())
        if message is None:
            raise Ended(INVALID, "Request contains an invalid argument.")
        return message

    async def _take(self, message: dict[str, Json]) -> None:
        content = _member(message, "clientContent")
        heard = _member(message, "realtimeInput")
        if isinstance(content, dict):
            await self._interrupt()
            turns = content.get("turns")
            self._turns += _turns(turns if isinstance(turns, list) else [turns])
            if _member(content, "turnComplete") is True:
                self._answer()
        elif isinstance(heard, dict):
            text = heard.get("text")
            if isinstance(text, str) or _member(heard, "audioStreamEnd") is True:
                await self._interrupt()
                said = text if isinstance(text, str) else TRANSCRIPT
                self._turns.append(Message(role="user", text=said))
                self._answer()
        elif _member(message, "toolResponse") is None:
            raise Ended(INVALID, "The message is none of those that a client may send.")

    def _answer(self) -> None:
        self._answering = self._stage.begin(self._speak())

    async def _speak(self) -> None:
        if not any(turn.role == "user" for turn in self._turns):
            self._turns.append(Message(role="user", text="Hello"))
        completion = self._stage.completion(self._model, tuple(self._turns))
        async for piece in self._stage.spoken(self._model, completion.text):
            turn = {"role": "model", "parts": [{"text": piece}]}
            await self._tell({"serverContent": {"modelTurn": turn}})
        self._turns.append(Message(role="assistant", text=completion.text))
        await self._tell({"serverContent": {"generationComplete": True}})
        given, made = completion.usage.tokens_in or 0, completion.usage.tokens_out or 0
        usage = {
            "promptTokenCount": given,
            "responseTokenCount": made,
            "totalTokenCount": given + made,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": given}],
            "responseTokensDetails": [{"modality": "TEXT", "tokenCount": made}],
        }
        await self._tell({"serverContent": {"turnComplete": True}, "usageMetadata": usage})

    async def _interrupt(self) -> None:
        if await self._stop():
            await self._tell({"serverContent": {"interrupted": True}})
            await self._tell({"serverContent": {"turnComplete": True}})

    async def _stop(self) -> bool:
        if self._answering is None or self._answering.done():
            return False
        self._answering.cancel()
        await asyncio.wait((self._answering,))
        return True

    async def _tell(self, message: dict[str, Json]) -> None:
        await self._stage.play(orjson.dumps(message))


def _member(value: Json, name: str) -> Json:
    """Return a member by its camelCase name, however the client spells it."""
    if not isinstance(value, dict):
        return None
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return value.get(name, value.get(snake))


def _turns(turns: list[Json]) -> list[Message]:
    said = []
    for turn in turns:
        text = _text(turn)
        if text:
            role = turn.get("role") if isinstance(turn, dict) else None
            said.append(Message(role="assistant" if role == "model" else "user", text=text))
    return said


def _text(content: Json) -> str:
    parts = content.get("parts") if isinstance(content, dict) else None
    rows = parts if isinstance(parts, list) else []
    texts = [part.get("text") for part in rows if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))
