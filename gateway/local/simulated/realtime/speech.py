"""Text to sound: Deepgram's, Cartesia's and ElevenLabs' streams. The sound is one tone a word."""

import base64
from typing import Any

from gateway.chat import say
from gateway.local.simulated.pictures import pcm
from gateway.local.simulated.realtime.stage import Stage, object_of

Json = Any
CHUNK = 16 * 1024
"""Bytes of sound in one message."""
LONGEST = 10_000
"""Characters that are spoken at a time."""
DEFAULT_RATE, HIGHEST_RATE = 24_000, 48_000


async def deepgram_speaks(stage: Stage) -> None:
    """Play Deepgram's speech: texts gather until they are flushed."""
    rate = _rate(stage.query.get("sample_rate"))
    about = {"request_id": stage.id, "model_name": stage.model, "model_version": "simulated"}
    await stage.tell({"type": "Metadata", **about})
    words, flushed, cleared = "", 0, 0
    while True:
        message = object_of(await stage.hear()) or {}
        match message.get("type"):
            case "Speak" if isinstance(message.get("text"), str):
                words = f"{words} {message['text']}"[:LONGEST]
            case "Flush" | "Close" as kind:
                if words.strip():
                    for chunk in _chunks(pcm(words, rate)):
                        await stage.play(chunk)
                if kind == "Close":
                    return
                words = ""
                await stage.tell({"type": "Flushed", "sequence_id": flushed})
                flushed += 1
            case "Clear":
                words = ""
                await stage.tell({"type": "Cleared", "sequence_id": cleared})
                cleared += 1
            case _:
                wrong = {"description": "The message can't be read.", "code": "INVALID_MESSAGE"}
                await stage.tell({"type": "Warning", **wrong})


async def cartesia(stage: Stage) -> None:
    """Play Cartesia's speech: each message is spoken, under its own context."""
    while True:
        message = object_of(await stage.hear()) or {}
        context = message.get("context_id")
        about = {"status_code": 206, **({} if context is None else {"context_id": context})}
        if message.get("cancel") is True:
            await stage.tell({"type": "done", "done": True, **about})
            continue
        text, model = message.get("transcript"), message.get("model_id")
        if not isinstance(text, str) or not isinstance(model, str):
            wrong = {"error": "model_id and transcript must be text", "status_code": 400}
            await stage.tell({"type": "error", "done": True, **about, **wrong})
            continue
        form = message.get("output_format")
        rate = _rate(form.get("sample_rate") if isinstance(form, dict) else None)
        sound = pcm(text[:LONGEST], rate) if text.strip() else b""
        for chunk in _chunks(sound):
            data = base64.b64encode(chunk).decode()
            step = {"data": data, "done": False, "step_time": 0.0}
            await stage.tell({"type": "chunk", **step, **about})
        if message.get("add_timestamps") is True and sound:
            times = _times(text, len(sound) / 2 / rate)
            await stage.tell(
                {"type": "timestamps", "done": False, "word_timestamps": times, **about}
            )
        if message.get("continue") is not True:
            await stage.tell({"type": "done", "done": True, **about})


async def elevenlabs(stage: Stage) -> None:
    """Play ElevenLabs: text to sound, or an agent to whoever speaks the agents' messages."""
    events = 0
    while True:
        message = object_of(await stage.hear()) or {}
        events += 1
        match message:
            case {"type": "conversation_initiation_client_data"}:
                about = {
                    "conversation_id": stage.id,
                    "agent_output_audio_format": "pcm_16000",
                    "user_input_audio_format": "pcm_16000",
                }
                kind = "conversation_initiation_metadata"
                await stage.tell({"type": kind, f"{kind}_event": about})
            case {"type": "user_message", "text": str() as text}:
                await _converse(stage, text, events)
            case {"type": "pong"} | {"user_audio_chunk": _}:
                continue
            case {"text": ""}:
                await stage.tell({"audio": None, "isFinal": True})
                return
            case {"text": str() as text}:
                if text.strip():
                    await stage.tell(_aligned(text[:LONGEST]))
            case _:
                words = "The message can't be read."
                await stage.tell({"message": words, "error": "invalid_message", "code": 1008})


async def _converse(stage: Stage, text: str, event: int) -> None:
    answer = stage.completion("agent", say(text)).text
    said = {"agent_response": answer}
    await stage.tell({"type": "agent_response", "agent_response_event": said})
    sound = base64.b64encode(pcm(answer[:LONGEST], 16_000)).decode()
    await stage.tell({"type": "audio", "audio_event": {"audio_base_64": sound, "event_id": event}})


def _aligned(text: str) -> dict[str, Json]:
    """Return a text as sound, with the time of each character."""
    rate = 16_000
    sound = pcm(text, rate)
    each_ms = len(sound) / 2 / rate * 1000 / len(text)
    alignment = {
        "chars": list(text),
        "charStartTimesMs": [round(number * each_ms) for number in range(len(text))],
        "charDurationsMs": [round(each_ms)] * len(text),
    }
    audio = base64.b64encode(sound).decode()
    return {
        "audio": audio,
        "isFinal": None,
        "normalizedAlignment": alignment,
        "alignment": alignment,
    }


def _times(text: str, seconds: float) -> dict[str, Json]:
    words = text.split()
    each = seconds / len(words)
    return {
        "words": words,
        "start": [round(number * each, 3) for number in range(len(words))],
        "end": [round((number + 1) * each, 3) for number in range(len(words))],
    }


def _chunks(sound: bytes) -> list[bytes]:
    return [sound[begin : begin + CHUNK] for begin in range(0, len(sound), CHUNK)]


def _rate(given: Json) -> int:
    """Return a sample rate; anything else than a usable number is the usual one."""
    text = str(given)
    usable = text.isdecimal() and len(text) < 7 and int(text) >= 1000
    return min(int(text), HIGHEST_RATE) if usable else DEFAULT_RATE
