"""OpenAI's realtime API, as far as text goes: a conversation, and answers to it piece by piece.

The events have two generations of names: a client that asks for the beta gets the older ones.
Sound is accepted and answered with text: the session says that text is its only modality.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from gateway.chat import Completion, Message, Role
from gateway.local.simulated.media import TRANSCRIPT
from gateway.local.simulated.realtime.stage import Stage, object_of

Json = Any
EXPIRES_S = 3600
ROLES: Mapping[str, Role] = {"system": "system", "assistant": "assistant"}
SOUND = f"(sound; {TRANSCRIPT})"


async def openai(stage: Stage) -> None:
    """Play one session."""
    await Session(stage).run()


class Session:
    """One realtime session: what was said so far, and the answer that is being made."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._model = stage.model or "gpt-realtime"
        self._beta = "realtime=v1" in stage.headers.get("openai-beta", "")
        self._items: dict[str, Json] = {}
        self._answering: asyncio.Task[None] | None = None
        self._sound = 0
        self._modalities = "modalities" if self._beta else "output_modalities"
        self._session: dict[str, Json] = {
            "id": stage.new_id("sess_"),
            "object": "realtime.session",
            **({} if self._beta else {"type": "realtime"}),
            "model": self._model,
            "expires_at": int(stage.clock.now()) + EXPIRES_S,
            self._modalities: ["text"],
            "instructions": "",
            "tools": [],
            "tool_choice": "auto",
        }

    async def run(self) -> None:
        """Answer events until the client leaves."""
        await self._tell("session.created", session=self._session)
        try:
            while True:
                event = object_of(await self._stage.hear())
                if event is None:
                    await self._wrong({}, "The message must be a JSON object.", code="invalid_json")
                else:
                    await self._take(event)
        finally:
            await self._stop()

    async def _take(self, event: dict[str, Json]) -> None:
        match event.get("type"):
            case "session.update":
                await self._update(event)
            case "conversation.item.create":
                await self._create(event)
            case "conversation.item.delete" | "conversation.item.retrieve":
                await self._find(event)
            case "response.create":
                await self._respond(event)
            case "response.cancel":
                await self._cancel(event)
            case "input_audio_buffer.append":
                if isinstance(event.get("audio"), str):
                    self._sound += len(event["audio"])
                else:
                    await self._wrong(event, "audio must be Base64 text.", param="audio")
            case "input_audio_buffer.clear":
                self._sound = 0
                await self._tell("input_audio_buffer.cleared")
            case "input_audio_buffer.commit":
                await self._commit(event)
            case str() as kind:
                await self._wrong(event, f"There is no event of type '{kind}'.", param="type")
            case _:
                await self._wrong(event, "type must be given.", param="type")

    async def _update(self, event: dict[str, Json]) -> None:
        given = event.get("session")
        if not isinstance(given, dict):
            await self._wrong(event, "session must be an object.", param="session")
            return
        fixed = ("id", "object", "model", "expires_at", self._modalities)
        self._session |= {name: value for name, value in given.items() if name not in fixed}
        await self._tell("session.updated", session=self._session)

    async def _create(self, event: dict[str, Json]) -> None:
        given = event.get("item")
        kinds = ("message", "function_call", "function_call_output")
        if not isinstance(given, dict) or given.get("type") not in kinds:
            await self._wrong(event, "item must be a message or a function call.", param="item")
            return
        name = given.get("id")
        own = name if isinstance(name, str) and name else self._stage.new_id("item_")
        await self._add({**given, "id": own, "object": "realtime.item", "status": "completed"})

    async def _add(self, item: dict[str, Json]) -> None:
        before = next(reversed(self._items), None)
        self._items[item["id"]] = item
        kinds = ("created",) if self._beta else ("added", "done")
        for kind in kinds:
            await self._tell(f"conversation.item.{kind}", previous_item_id=before, item=item)

    async def _find(self, event: dict[str, Json]) -> None:
        name = event.get("item_id")
        item = self._items.get(name) if isinstance(name, str) else None
        if item is None:
            await self._wrong(event, f"There is no item '{name}'.", param="item_id")
        elif event["type"].endswith("delete"):
            del self._items[item["id"]]
            await self._tell("conversation.item.deleted", item_id=item["id"])
        else:
            await self._tell("conversation.item.retrieved", item=item)

    async def _commit(self, event: dict[str, Json]) -> None:
        if not self._sound:
            code = "input_audio_buffer_commit_empty"
            await self._wrong(event, "The buffer of sound is empty.", code=code)
            return
        self._sound = 0
        before = next(reversed(self._items), None)
        item = self._stage.new_id("item_")
        await self._tell("input_audio_buffer.committed", previous_item_id=before, item_id=item)
        content = [{"type": "input_audio", "transcript": SOUND}]
        row = {"id": item, "object": "realtime.item", "type": "message", "status": "completed"}
        await self._add({**row, "role": "user", "content": content})

    async def _respond(self, event: dict[str, Json]) -> None:
        given = event.get("response")
        settings = given if isinstance(given, dict) else {}
        if self._answering is not None and not self._answering.done():
            code = "conversation_already_has_active_response"
            await self._wrong(event, "A response is being made already.", code=code)
            return
        self._answering = self._stage.begin(self._answer(settings))

    async def _cancel(self, event: dict[str, Json]) -> None:
        if self._answering is None or self._answering.done():
            code = "response_cancel_not_active"
            await self._wrong(event, "No response is being made.", code=code)
        else:
            self._answering.cancel()
            await asyncio.wait((self._answering,))

    async def _stop(self) -> None:
        if self._answering is not None and not self._answering.done():
            self._answering.cancel("the client left")
            await asyncio.wait((self._answering,))

    async def _answer(self, settings: dict[str, Json]) -> None:
        stage, said = self._stage, ""
        response = {
            "object": "realtime.response",
            "id": stage.new_id("resp_"),
            "status_details": None,
            self._modalities: ["text"],
            "metadata": settings.get("metadata"),
        }
        running = {**response, "status": "in_progress", "output": [], "usage": None}
        await self._tell("response.created", response=running)
        row = {"id": stage.new_id("item_"), "object": "realtime.item", "type": "message"}
        item = {**row, "role": "assistant"}
        at = {"response_id": response["id"], "output_index": 0}
        begun = {**item, "status": "in_progress", "content": []}
        await self._tell("response.output_item.added", **at, item=begun)
        inside = {**at, "item_id": item["id"], "content_index": 0}
        kind = "text" if self._beta else "output_text"
        empty = {"type": "text", "text": ""}
        await self._tell("response.content_part.added", **inside, part=empty)
        completion = stage.completion(self._model, self._messages(settings))
        status = "completed"
        try:
            async for piece in stage.spoken(self._model, completion.text):
                said += piece
                await self._tell(f"response.{kind}.delta", **inside, delta=piece)
        except asyncio.CancelledError as cancelled:
            if cancelled.args:
                raise
            status = "cancelled"
        await self._tell(f"response.{kind}.done", **inside, text=said)
        await self._tell("response.content_part.done", **inside, part={**empty, "text": said})
        whole = {"completed": "completed", "cancelled": "incomplete"}[status]
        done = {**item, "status": whole, "content": [{"type": kind, "text": said}]}
        await self._tell("response.output_item.done", **at, item=done)
        self._items[item["id"]] = done
        reason = {"type": "cancelled", "reason": "client_cancelled"}
        details = reason if status == "cancelled" else None
        ended = {**response, "status": status, "status_details": details, "output": [done]}
        usage = _usage(completion, len(said))
        await self._tell("response.done", response={**ended, "usage": usage})

    def _messages(self, settings: dict[str, Json]) -> tuple[Message, ...]:
        """Return the conversation, the instructions first."""
        told = settings.get("instructions") or self._session.get("instructions") or ""
        given = settings.get("input")
        items = given if isinstance(given, list) else list(self._items.values())
        said = [_message(item) for item in items if isinstance(item, dict)]
        turns = tuple(message for message in said if message.text)
        if not turns:
            # Without a conversation the instructions are what is asked.
            return (Message(role="user", text=str(told) or "Hello"),)
        return (*((Message(role="system", text=str(told)),) if told else ()), *turns)

    async def _wrong(
        self, event: dict[str, Json], words: str, *, code: str = "invalid_value", param: str = ""
    ) -> None:
        error = {
            "type": "invalid_request_error",
            "code": code,
            "message": words,
            "param": param or None,
            "event_id": event.get("event_id"),
        }
        await self._tell("error", error=error)

    async def _tell(self, kind: str, **members: Json) -> None:
        event_id = self._stage.new_id("event_")
        await self._stage.tell({"type": kind, "event_id": event_id, **members})


def _message(item: dict[str, Json]) -> Message:
    if item.get("type") == "function_call_output":
        return Message(role="user", text=str(item.get("output") or ""))
    parts = item.get("content")
    texts = [
        str(part.get("text") or part.get("transcript") or "")
        for part in (parts if isinstance(parts, list) else [])
        if isinstance(part, dict)
    ]
    role: Role = ROLES.get(str(item.get("role")), "user")
    return Message(role=role, text="\n".join(text for text in texts if text))


def _usage(completion: Completion, said: int) -> dict[str, Json]:
    """Return the counts of a response; one that was cancelled counts what was said."""
    given = completion.usage.tokens_in or 0
    whole = completion.usage.tokens_out or 0
    made = whole if said >= len(completion.text) else min(whole, (said + 3) // 4)
    return {
        "total_tokens": given + made,
        "input_tokens": given,
        "output_tokens": made,
        "input_token_details": {"text_tokens": given, "audio_tokens": 0, "cached_tokens": 0},
        "output_token_details": {"text_tokens": made, "audio_tokens": 0},
    }
