"""Deepgram's live transcription: sound in, words out. Nobody listens, and the words say so."""

from typing import Any

from gateway.local.simulated.media import TRANSCRIPT
from gateway.local.simulated.realtime.stage import Stage, object_of

Json = Any
WORDS = tuple(TRANSCRIPT.split())
WORD_S = 0.25
"""Length of sound that each word stands for."""
FINAL_S = 2.0
"""Length of sound after which a transcript doesn't change any more."""
SAMPLE_BYTES = {"linear16": 2, "linear32": 4}
"""Bytes of a sample, by encoding; one byte for all others."""
LONGEST_RATE = 192_000


async def deepgram_hears(stage: Stage) -> None:
    """Transcribe until the client closes the stream."""
    await Listener(stage).run()


class Listener:
    """One stream of sound: how much has come, and how much of it is transcribed for good."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        sample = SAMPLE_BYTES.get(stage.query.get("encoding", "linear16"), 1)
        self._per_s = sample * _whole(stage.query.get("sample_rate"), 16_000)
        self._interim = stage.query.get("interim_results") == "true"
        self._heard_s = 0.0
        self._final_s = 0.0

    async def run(self) -> None:
        """Take sound and control messages."""
        while True:
            frame = await self._stage.hear()
            if isinstance(frame, bytes):
                if not frame:
                    break
                await self._listen(len(frame) / self._per_s)
                continue
            match (object_of(frame) or {}).get("type"):
                case "Finalize":
                    await self._transcribe(final=True, finalize=True)
                case "CloseStream":
                    break
        await self._transcribe(final=True)
        await self._stage.tell(
            {
                "type": "Metadata",
                "request_id": self._stage.id,
                "duration": round(self._heard_s, 3),
                "channels": 1,
            }
        )

    async def _listen(self, seconds: float) -> None:
        self._heard_s += seconds
        if self._heard_s - self._final_s >= FINAL_S:
            await self._transcribe(final=True)
        elif self._interim:
            await self._transcribe(final=False)

    async def _transcribe(self, *, final: bool, finalize: bool = False) -> None:
        start, length = self._final_s, self._heard_s - self._final_s
        words = _words(start, self._heard_s)
        best = {
            "transcript": " ".join(word["word"] for word in words),
            "confidence": 0.99 if words else 0.0,
            "words": words,
        }
        if final:
            self._final_s = self._heard_s
        await self._stage.tell(
            {
                "type": "Results",
                "channel_index": [0, 1],
                "duration": round(length, 3),
                "start": round(start, 3),
                "is_final": final,
                "speech_final": final,
                "channel": {"alternatives": [best]},
                "metadata": {
                    "request_id": self._stage.id,
                    "model_info": {"name": self._stage.model, "version": "simulated"},
                },
                "from_finalize": finalize,
            }
        )


def _words(start_s: float, end_s: float) -> list[dict[str, Json]]:
    """Return the words that stand for a piece of sound, at most a minute of them."""
    first, last = int(start_s / WORD_S), int(end_s / WORD_S)
    return [
        {
            "word": WORDS[number % len(WORDS)],
            "start": number * WORD_S,
            "end": (number + 1) * WORD_S,
            "confidence": 0.99,
        }
        for number in range(first, min(last, first + int(60 / WORD_S)))
    ]


def _whole(text: str | None, otherwise: int) -> int:
    """Return a rate of the query; anything else than a usable number is the usual rate."""
    usable = text is not None and text.isdecimal() and 0 < len(text) < 7
    return min(int(text), LONGEST_RATE) or otherwise if usable and text else otherwise
