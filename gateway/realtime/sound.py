"""Recordings as bare samples, and back. Samples are 16 bits, signed, little-endian, mono."""

import io
import wave

from gateway.errors import BadDocument

SAMPLE_BYTES = 2


def pcm_of(recording: bytes, rate_hz: int) -> bytes:
    """Return the samples of a WAV file.

    Args:
        rate_hz: What the listener expects, in samples a second.

    Raises:
        BadDocument: it isn't such a file, or is recorded otherwise.
    """
    try:
        with wave.open(io.BytesIO(recording)) as file:
            form = file.getframerate(), file.getsampwidth(), file.getnchannels()
            samples: bytes = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise BadDocument("The recording can't be read: it must be a WAV file.") from error
    if form != (rate_hz, SAMPLE_BYTES, 1):
        raise BadDocument(
            f"The recording must have {rate_hz:,} samples a second, 16 bits and one channel; it "
            f"has {form[0]:,}, {8 * form[1]} bits and {form[2]}."
        )
    if not samples:
        raise BadDocument("The recording is empty: hold the button while you speak.")
    return samples


def wav_of(samples: bytes, rate_hz: int) -> bytes:
    """Return samples as a WAV file, which every browser plays."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setframerate(rate_hz)
        writer.setsampwidth(SAMPLE_BYTES)
        writer.setnchannels(1)
        writer.writeframes(samples)
    return file.getvalue()
