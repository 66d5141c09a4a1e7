"""What each realtime API is told, and what its events mean.

OpenAI       session.update, then items and responses; events of both its generations are read
Google Live  one setup, then turns or sound; JSON comes in binary frames
listener     Deepgram's transcription: sound in, JSON with words out
speaker      Deepgram's speech: text in, sound and JSON out

Those of Cartesia, ElevenLabs and fal are in ``studios``.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from gateway.providers import PROVIDERS
from gateway.realtime.meaning import (
    NOTHING,
    Frame,
    Meaning,
    Tongue,
    Wish,
    base64_of,
    bytes_of,
    chunks,
    object_of,
    spelled,
)
from gateway.realtime.offers import Offer
from gateway.realtime.studios import Cartesia, ElevenLabs, Fal

Json = Any


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
        return [spelled({"type": "session.update", "session": session})]

    def say(self, text: str, wish: Wish, *, answering: bool) -> Sequence[Frame]:
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        before = self.stop() if answering else ()
        return [
            *before,
            spelled({"type": "conversation.item.create", "item": item}),
            spelled({"type": "response.create"}),
        ]

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        appended = [
            spelled({"type": "input_audio_buffer.append", "audio": base64_of(chunk)})
            for chunk in chunks(samples)
        ]
        rest = ({"type": "input_audio_buffer.commit"}, {"type": "response.create"})
        return [*appended, *map(spelled, rest)]

    def stop(self) -> Sequence[Frame]:
        return [spelled({"type": "response.cancel"})]

    def read(self, frame: Frame) -> Meaning:
        event = object_of(frame)
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
                return Meaning(sound=bytes_of(data))
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
        return [spelled({"setup": setup})]

    def say(self, text: str, wish: Wish, *, answering: bool) -> Sequence[Frame]:
        turns = [{"role": "user", "parts": [{"text": text}]}]
        return [spelled({"clientContent": {"turns": turns, "turnComplete": True}})]

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        kind = f"audio/pcm;rate={wish.offer.rate_in_hz}"
        spoken = [
            spelled({"realtimeInput": {"audio": {"data": base64_of(chunk), "mimeType": kind}}})
            for chunk in chunks(samples)
        ]
        return [*spoken, spelled({"realtimeInput": {"audioStreamEnd": True}})]

    def stop(self) -> Sequence[Frame]:
        return ()

    def read(self, frame: Frame) -> Meaning:
        event = object_of(frame)
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

    def say(self, text: str, wish: Wish, *, answering: bool) -> Sequence[Frame]:
        return ()

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        return [*chunks(samples), spelled({"type": "Finalize"})]

    def stop(self) -> Sequence[Frame]:
        return ()

    def read(self, frame: Frame) -> Meaning:
        match object_of(frame):
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

    def say(self, text: str, wish: Wish, *, answering: bool) -> Sequence[Frame]:
        return [spelled({"type": "Speak", "text": text}), spelled({"type": "Flush"})]

    def hear(self, samples: bytes, wish: Wish) -> Sequence[Frame]:
        return ()

    def stop(self) -> Sequence[Frame]:
        return ()

    def read(self, frame: Frame) -> Meaning:
        if isinstance(frame, bytes):
            return Meaning(sound=frame)
        match object_of(frame):
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
    "cartesia": Cartesia(),
    "elevenlabs": ElevenLabs(),
    "fal": Fal(),
}


def key_headers(offer: Offer, key: str | None) -> tuple[tuple[str, str], ...]:
    """Return what carries a provider's key in the handshake, where the address doesn't."""
    if key is None or offer.dialect in ("google", "cartesia"):
        return ()
    return (PROVIDERS[offer.provider].auth(key),)


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
                sound += bytes_of(data)
    return text, sound


def _inside(content: Mapping[str, Json], name: str) -> str:
    part = content.get(name)
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""


def _count(usage: Json, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) else None
