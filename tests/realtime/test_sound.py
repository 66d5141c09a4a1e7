"""sound: recordings become bare samples, and what can't be heard is refused with its reason."""

import io
import wave

import pytest

from gateway.errors import BadDocument
from gateway.realtime.sound import pcm_of, wav_of


def recorded(rate=16_000, width=2, channels=1, samples=b"\0\1" * 8):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setframerate(rate)
        writer.setsampwidth(width)
        writer.setnchannels(channels)
        writer.writeframes(samples)
    return file.getvalue()


def test_samples_come_back():
    """What is written as WAV is read as the same samples."""
    assert pcm_of(wav_of(b"\1\2\3\4", 24_000), 24_000) == b"\1\2\3\4"


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        (b"no sound at all", "must be a WAV file"),
        (b"", "must be a WAV file"),
        (recorded()[:20], "must be a WAV file"),
        (recorded(rate=8000), "must have 16,000 samples a second"),
        (recorded(width=1), "it has 16,000, 8 bits and 1"),
        (recorded(channels=2), "16 bits and 2"),
        (recorded(samples=b""), "is empty: hold the button"),
    ],
)
def test_unusable_recording_says_why(recording, words):
    """A microphone of another kind, or none."""
    with pytest.raises(BadDocument, match=words):
        pcm_of(recording, 16_000)
