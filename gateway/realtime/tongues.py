"""What each realtime API is told, and what its events mean.

OpenAI       session.update, then items and responses; events of both its generations are read
Google Live  one setup, then turns or sound; JSON comes in binary frames
listener     Deepgram's transcription: sound in, JSON with words out
speaker      Deepgram's speech: text in, sound and JSON out
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from gateway.providers import PROVIDERS
from gateway.realtime.offers import Offer

Json = Any
Frame = str | bytes
SOUND_CHUNK = 32 * 1024
"""Bytes of samples in one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one event of the other side says. An event that says none of this is empty.

    Attributes:
        ready: The session can be used.
        text: Words to add to the answer.
        heard: What was understood of our sound.
        sound: Samples to add to the answer.
        ended: The answer is whole, or was cut short.
        error: What is wrong, in the provider's words.
    """

    ready: bool = False
    text: str = ""
    heard: str = ""
    sound: bytes = b""
    ended: bool = False
    tokens_in: int | None = None
    tokens_out: int | None = None
    error: str | None = None


NOTHING = Meaning()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a session shall be.

    Attributes:
        spoken: Answers come as sound; else as text.
    """

    offer: Offer
    model: str
    instructions: str = ""
    spoken: bool = False


class Tongue(Protocol):
    """How one realtime API is spoken with."""

    greets: bool
    """Whether it says that it is ready; else it is ready when it is connected."""

    def address(self, wish: Wish, key: str | None) -> str:
        """Return what follows the gateway's URL, with its query."""
        ...

    def opening(self, wish: Wish) -> Sequence[Frame]:
        """Return what is sent first."""
        ...

    def say(self, text: str, *, answering: bool) -> Sequence[Frame]:
        """Return a message in text.

        Args:
            answering: An answer is on its way, which the message cuts short.
        """
        ...

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        """Return a message in sound."""
        ...

    def stop(self) -> Sequence[Frame]:
        """Return what cuts an answer short; nothing where the API has no such message."""
        ...

    def read(self, frame: Frame) -> Meaning:
        """Return what an event says."""
        ...


class OpenAI:
    """OpenAI's realtime API."""

    greets = True
    idle = "response_cancel_not_active"

    def address(self, wish: Wish, key: str | None) -> str:
        return f"/openai?model={quote(wish.model, safe='')}"

    def opening(self, wish: Wish) -> Sequence[Frame]:
        sound = {"type": "audio/pcm", "rate": wish.offer.rate_in_hz}
        session = {
            "type": "realtime",
            "output_modalities": ["audio" if wish.spoken else "text"],
            # Without its own detection of turns: a recording ends where it ends.
            "audio": {"input": {"format": sound, "turn_detection": None}},
            **({"instructions": wish.instructions} if wish.instructions else {}),
        }
        return [_json({"type": "session.update", "session": session})]

    def say(self, text: str, *, answering: bool) -> Sequence[Frame]:
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        before = self.stop() if answering else ()
        return [
            *before,
            _json({"type": "conversation.item.create", "item": item}),
            _json({"type": "response.create"}),
        ]

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        appended = [
            _json({"type": "input_audio_buffer.append", "audio": _base64(chunk)})
            for chunk in _chunks(samples)
        ]
        rest = ({"type": "input_audio_buffer.commit"}, {"type": "response.create"})
        return [*appended, *map(_json, rest)]

    def stop(self) -> Sequence[Frame]:
        return [_json({"type": "response.cancel"})]

    def read(self, frame: Frame) -> Meaning:
        event = _object(frame)
        match event:
            case {"type": "session.created"}:
                return Meaning(ready=True)
            case {
                "type": "response.output_text.delta"
                | "response.text.delta"
                | "response.output_audio_transcript.delta"
                | "response.audio_transcript.delta",
                "delta": str(text),
            }:
                return Meaning(text=text)
            case {
                "type": "response.output_audio.delta" | "response.audio.delta",
                "delta": str(data),
            }:
                return Meaning(sound=_bytes(data))
            case {
                "type": "conversation.item.added" | "conversation.item.created",
                "item": {"role": "user", "content": [{"transcript": str(heard)}, *_]},
            }:
                return Meaning(heard=heard)
            case {"type": "response.done", "response": {} as response}:
                return _openai_end(response)
            case {"type": "error", "error": {} as error} if error.get("code") != self.idle:
                return Meaning(error=str(error.get("message") or error.get("code") or "error"))
        return NOTHING


class Google:
    """Google's Live API."""

    greets = True

    def address(self, wish: Wish, key: str | None) -> str:
        return f"/google?{urlencode({'api_key': key})}" if key else "/google"

    def opening(self, wish: Wish) -> Sequence[Frame]:
        setup: dict[str, Json] = {
            "model": f"models/{wish.model.removeprefix('models/')}",
            "generationConfig": {"responseModalities": ["AUDIO" if wish.spoken else "TEXT"]},
        }
        if wish.spoken:
            setup["outputAudioTranscription"] = {}
        if wish.instructions:
            setup["systemInstruction"] = {"parts": [{"text": wish.instructions}]}
        return [_json({"setup": setup})]

    def say(self, text: str, *, answering: bool) -> Sequence[Frame]:
        turns = [{"role": "user", "parts": [{"text": text}]}]
        return [_json({"clientContent": {"turns": turns, "turnComplete": True}})]

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        kind = f"audio/pcm;rate={wish.offer.rate_in_hz}"
        spoken = [
            _json({"realtimeInput": {"audio": {"data": _base64(chunk), "mimeType": kind}}})
            for chunk in _chunks(samples)
        ]
        return [*spoken, _json({"realtimeInput": {"audioStreamEnd": True}})]

    def stop(self) -> Sequence[Frame]:
        return ()

    def read(self, frame: Frame) -> Meaning:
        event = _object(frame)
        if "setupComplete" in event:
            return Meaning(ready=True)
        content, usage = event.get("serverContent"), event.get("usageMetadata")
        if not isinstance(content, dict):
            return NOTHING
        text, sound = _google_parts(content)
        return Meaning(
            text=text + _inside(content, "outputTranscription"),
            heard=_inside(content, "inputTranscription"),
            sound=sound,
            ended=content.get("turnComplete") is True,
            tokens_in=_count(usage, "promptTokenCount"),
            tokens_out=_count(usage, "responseTokenCount"),
        )


class Listener:
    """Deepgram's live transcription on Workers AI."""

    greets = False

    def address(self, wish: Wish, key: str | None) -> str:
        rate = wish.offer.rate_in_hz
        query = {"model": wish.model, "encoding": "linear16", "sample_rate": rate}
        return f"/workers-ai?{urlencode(query, safe='@/')}"

    def opening(self, wish: Wish) -> Sequence[Frame]:
        return ()

    def say(self, text: str, *, answering: bool) -> Sequence[Frame]:
        return ()

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        return [*_chunks(samples), _json({"type": "Finalize"})]

    def stop(self) -> Sequence[Frame]:
        return ()

    def read(self, frame: Frame) -> Meaning:
        match _object(frame):
            case {
                "type": "Results",
                "is_final": True,
                "channel": {"alternatives": [{"transcript": str(text)}, *_]},
            } as event:
                return Meaning(
                    text=f"{text} " if text else "", ended=event.get("from_finalize") is True
                )
            case {"type": "Error", "description": str(words)}:
                return Meaning(error=words)
        return NOTHING


class Speaker:
    """Deepgram's speech on Workers AI."""

    greets = False

    def address(self, wish: Wish, key: str | None) -> str:
        return f"/workers-ai?{urlencode({'model': wish.model}, safe='@/')}"

    def opening(self, wish: Wish) -> Sequence[Frame]:
        return ()

    def say(self, text: str, *, answering: bool) -> Sequence[Frame]:
        return [_json({"type": "Speak", "text": text}), _json({"type": "Flush"})]

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        return ()

    def stop(self) -> Sequence[Frame]:
        return ()

    def read(self, frame: Frame) -> Meaning:
        if isinstance(frame, bytes):
            return Meaning(sound=frame)
        match _object(frame):
            case {"type": "Flushed"}:
                return Meaning(ended=True)
            case {"type": "Warning" | "Error", "description": str(words)}:
                return Meaning(error=words)
        return NOTHING


TONGUES: Mapping[str, Tongue] = {
    "openai": OpenAI(),
    "google": Google(),
    "listener": Listener(),
    "speaker": Speaker(),
}


def key_headers(offer: Offer, key: str | None) -> tuple[tuple[str, str], ...]:
    """Return what carries a provider's key in the handshake; Google's stands in the address."""
    if key is None or offer.dialect == "google":
        return ()
    return (PROVIDERS[offer.provider].auth(key),)


def kind_of(frame: Frame) -> str:
    """Return the name of an event, such as "response.done" or "serverContent.modelTurn"."""
    event = _object(frame)
    if isinstance(event.get("type"), str):
        return str(event["type"])
    for name, inside in event.items():
        first = next(iter(inside), "") if isinstance(inside, dict) else ""
        return f"{name}.{first}" if first else name
    return "sound" if isinstance(frame, bytes) else "text"


def _openai_end(response: Mapping[str, Json]) -> Meaning:
    usage = response.get("usage")
    details = response.get("status_details")
    error = details.get("error") if isinstance(details, dict) else None
    failed = response.get("status") == "failed"
    said = error.get("message") if isinstance(error, dict) else None
    return Meaning(
        ended=True,
        tokens_in=_count(usage, "input_tokens"),
        tokens_out=_count(usage, "output_tokens"),
        error=str(said or "The response failed.") if failed else None,
    )


def _google_parts(content: Mapping[str, Json]) -> tuple[str, bytes]:
    turn = content.get("modelTurn")
    parts = turn.get("parts") if isinstance(turn, dict) else None
    text, sound = "", b""
    for part in parts if isinstance(parts, list) else ():
        match part:
            case {"text": str(words)}:
                text += words
            case {"inlineData": {"data": str(data)}}:
                sound += _bytes(data)
    return text, sound


def _inside(content: Mapping[str, Json], name: str) -> str:
    part = content.get(name)
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""


def _count(usage: Json, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) else None


def _json(event: Json) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _object(frame: Frame) -> dict[str, Json]:
    try:
        event = json.loads(frame)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _chunks(samples: bytes) -> list[bytes]:
    return [samples[at : at + SOUND_CHUNK] for at in range(0, len(samples), SOUND_CHUNK)]


def _base64(samples: bytes) -> str:
    return base64.b64encode(samples).decode()


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except ValueError:
        return b""
