"""How Cartesia, ElevenLabs and fal are spoken with: text in; speech, an agent, or a picture out.

The contract (websocket, 4) has their addresses and first messages; what they answer is in their own
references: docs.cartesia.ai, elevenlabs.io/docs, docs.fal.ai.
"""

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from gateway.realtime.meaning import (
    NOTHING,
    Frame,
    Meaning,
    Wish,
    bytes_of,
    object_of,
    spelled,
)

Json = Any
CARTESIA_VERSION = "2024-06-10"


class Cartesia:
    """Cartesia's speech: each message is spoken under a context of its own."""

    greets = False

    def address(self, wish: Wish, key: str | None) -> str:
        query = {"cartesia_version": CARTESIA_VERSION, **({"api_key": key} if key else {})}
        return f"/cartesia?{urlencode(query)}"

    def opening(self, wish: Wish) -> Sequence[Frame]:
        return ()

    def say(self, text: str, wish: Wish, *, answering: bool) -> Sequence[Frame]:
        rate = wish.offer.rate_out_hz
        return [
            spelled(
                {
                    "model_id": wish.model,
                    "transcript": text,
                    "voice": {"mode": "id", "id": wish.voice or wish.offer.voice},
                    "language": "en",
                    "context_id": secrets.token_hex(8),
                    "output_format": {
                        "container": "raw",
                        "encoding": "pcm_s16le",
                        "sample_rate": rate,
                    },
                    "continue": False,
                }
            )
        ]

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        return ()

    def stop(self) -> Sequence[Frame]:
        return ()

    def read(self, frame: Frame) -> Meaning:
        match object_of(frame):
            case {"type": "chunk", "data": str(data)}:
                return Meaning(sound=bytes_of(data))
            case {"type": "done"}:
                return Meaning(ended=True)
            case {"type": "error", "error": str(words)}:
                return Meaning(error=words)
        return NOTHING


class ElevenLabs:
    """ElevenLabs' agents: text in, the agent's words and their sound out.

    No event says that an answer is whole: each part ends it, and the next is added to it.
    """

    greets = True

    def address(self, wish: Wish, key: str | None) -> str:
        return f"/elevenlabs?agent_id={quote(wish.model, safe='')}"

    def opening(self, wish: Wish) -> Sequence[Frame]:
        return [spelled({"type": "conversation_initiation_client_data"})]

    def say(self, text: str, wish: Wish, *, answering: bool) -> Sequence[Frame]:
        return [spelled({"type": "user_message", "text": text})]

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        return ()

    def stop(self) -> Sequence[Frame]:
        return ()

    def read(self, frame: Frame) -> Meaning:
        match object_of(frame):
            case {"type": "conversation_initiation_metadata"}:
                return Meaning(ready=True)
            case {"type": "agent_response", "agent_response_event": {"agent_response": str(text)}}:
                return Meaning(text=text, ended=True, trailing=True)
            case {"type": "audio", "audio_event": {"audio_base_64": str(data)}}:
                return Meaning(sound=bytes_of(data), ended=True, trailing=True)
            case {"type": "ping", "ping_event": {"event_id": int(number)}}:
                return Meaning(reply=spelled({"type": "pong", "event_id": number}))
            case {"message": str(words), "error": str()}:
                return Meaning(error=words)
        return NOTHING


class Fal:
    """fal's models over WebSocket: a prompt in, a picture out."""

    greets = False

    def address(self, wish: Wish, key: str | None) -> str:
        return f"/fal/{quote(wish.model.strip('/'))}"

    def opening(self, wish: Wish) -> Sequence[Frame]:
        return ()

    def say(self, text: str, wish: Wish, *, answering: bool) -> Sequence[Frame]:
        return [spelled({"prompt": text})]

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        return ()

    def stop(self) -> Sequence[Frame]:
        return ()

    def read(self, frame: Frame) -> Meaning:
        match object_of(frame):
            case {"images": [{"url": str(url)}, *_]}:
                return _picture(url)
            case {"type": "end"}:
                return Meaning(ended=True)
            case {"detail": [{"msg": str(words)}, *_]} | {"detail": str(words)}:
                return Meaning(error=words)
        return NOTHING


def _picture(url: str) -> Meaning:
    """Return a picture that came along; one that lies elsewhere is only named, not loaded."""
    kind, _, data = url.partition(";base64,")
    if kind.startswith("data:image/"):
        return Meaning(picture=bytes_of(data))
    return Meaning(text=f"The picture is at <{url}>") if url.startswith("https://") else NOTHING
