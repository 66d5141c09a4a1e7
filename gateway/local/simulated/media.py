"""Endpoints for pictures, speech and transcripts: fal, Ideogram, Cartesia, ElevenLabs, Deepgram."""

import base64
import re
from datetime import UTC, datetime
from typing import Any

from gateway.errors import BadRequest
from gateway.local.simulated.models import missing_model
from gateway.local.simulated.pictures import SIDE, data_url, png, seconds_of, wav
from gateway.local.simulated.said import Asked, Said, said

Json = Any
WAV_TYPE = (("content-type", "audio/wav"),)
"""What is sent is always a WAV, whatever format was asked for, and says so."""
TRANSCRIPT = "this is a transcript from a simulated model it has not listened to the recording"
_FORM_FIELD = re.compile(rb'name="prompt"(?:\r\n[^\r\n]+)*\r\n\r\n(.*?)\r\n--', re.DOTALL)


def fal(asked: Asked, model: str) -> Said:
    """Answer any fal model: one picture. The model may also stand in a header, as an address."""
    model = model or asked.headers.get("x-fal-target-url") or asked.provider.example_model
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    prompt = asked.text("prompt")
    picture = {
        "url": data_url(prompt),
        "width": SIDE,
        "height": SIDE,
        "content_type": "image/png",
    }
    return said(
        {
            "images": [picture],
            "timings": {"inference": 0.5},
            "seed": int(asked.id[:6], 16),
            "has_nsfw_concepts": [False],
            "prompt": prompt,
        },
        model=model,
    )


def ideogram(asked: Asked, version: str) -> Said:
    """Answer Ideogram: version 3 takes a form, the older one JSON."""
    if asked.headers.get("content-type", "").startswith("multipart/form-data"):
        found = _FORM_FIELD.search(asked.raw)
        prompt = found[1].decode("utf-8", "replace") if found else ""
        if not prompt:
            raise BadRequest("prompt must be a field of the form")
    else:
        request = asked.body().get("image_request")
        prompt = str(request.get("prompt") or "") if isinstance(request, dict) else ""
        prompt = prompt or asked.text("prompt")
    picture = {
        "prompt": prompt,
        "resolution": f"{SIDE}x{SIDE}",
        "is_image_safe": True,
        "seed": int(asked.id[:6], 16),
        "url": data_url(prompt),
        "style_type": "GENERAL",
    }
    return said({"created": _iso(asked), "data": [picture]}, model=version or "V_3")


def openai_image(asked: Asked) -> Said:
    """Answer ``POST images/generations``."""
    prompt, model = asked.text("prompt"), str(asked.body().get("model") or "gpt-image-1")
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    picture = base64.b64encode(png(prompt)).decode()
    return said({"created": asked.created, "data": [{"b64_json": picture}]}, model=model)


def workers_image(asked: Asked, model: str) -> Said:
    """Answer a picture model of Workers AI."""
    picture = base64.b64encode(png(asked.text("prompt"))).decode()
    result = {"image": picture}
    return said({"result": result, "success": True, "errors": [], "messages": []}, model=model)


def speech(asked: Asked, *_: str) -> Said:
    """Answer with a sound: ElevenLabs, Cartesia, Deepgram's and OpenAI's speech."""
    words = asked.text("text", "transcript", "input")
    model = str(asked.body().get("model_id") or asked.body().get("model") or "")
    if model and (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    return Said(headers=WAV_TYPE, body=wav(words), model=model or "speech")


def deepgram(asked: Asked) -> Said:
    """Answer ``POST v1/listen``: a sound, or a JSON object with its address."""
    model = asked.query.get("model", "nova-3")
    if (refused := missing_model(asked.provider, asked.path, model)) is not None:
        return refused
    if asked.headers.get("content-type", "").startswith("application/json"):
        asked.text("url")
    elif not asked.raw:
        raise BadRequest("The body must be a recording, or a JSON object with its url")
    seconds = seconds_of(asked.raw)
    words = TRANSCRIPT.split()
    each = seconds / len(words)
    timed = [
        {
            "word": word,
            "start": round(n * each, 3),
            "end": round((n + 1) * each, 3),
            "confidence": 0.99,
        }
        for n, word in enumerate(words)
    ]
    best = {"transcript": TRANSCRIPT, "confidence": 0.99, "words": timed}
    return said(
        {
            "metadata": {
                "request_id": asked.id,
                "created": _iso(asked),
                "duration": round(seconds, 3),
                "channels": 1,
                "models": [model],
            },
            "results": {"channels": [{"alternatives": [best]}]},
        },
        model=model,
    )


def workers_transcript(asked: Asked, model: str) -> Said:
    """Answer a transcription model of Workers AI."""
    result = {"text": TRANSCRIPT, "word_count": len(TRANSCRIPT.split())}
    return said({"result": result, "success": True, "errors": [], "messages": []}, model=model)


def _iso(asked: Asked) -> str:
    return datetime.fromtimestamp(asked.created, UTC).isoformat().replace("+00:00", "Z")
