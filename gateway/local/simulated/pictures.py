"""Pictures and sounds that are really made: a small PNG, a short WAV. No model has seen either."""

import base64
import io
import math
import struct
import sys
import wave
import zlib
from array import array
from functools import lru_cache

SIDE = 64
"""Width and height of a picture, in pixels."""
RATE = 8000
"""Samples of a sound per second."""
LONGEST_S = 2.0


@lru_cache(maxsize=64)
def png(words: str) -> bytes:
    """Return a picture for some words: two colours that run into each other, always the same."""
    number = zlib.crc32(words.encode("utf-8", "replace"))
    one = [number >> shift & 0xFF for shift in (0, 8, 16)]
    other = [255 - value // 2 for value in one[::-1]]
    rows = bytearray()
    for y in range(SIDE):
        rows.append(0)
        for x in range(SIDE):
            share = (x + y) / (2 * SIDE - 2)
            rows.extend(int(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def data_url(words: str) -> str:
    """Return the picture as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png(words)).decode()}"


@lru_cache(maxsize=64)
def pcm(words: str, rate: int) -> bytes:
    """Return a sound for some words, 16 bits a sample: one tone for each, up to two seconds.

    Args:
        rate: Samples per second.
    """
    tones = words.split()[:16] or ["silence"]
    length = int(rate * min(LONGEST_S, 0.2 * len(tones)) / len(tones))
    samples = array("h")
    for tone in tones:
        pitch = 220 * 2 ** (zlib.crc32(tone.encode("utf-8", "replace")) % 13 / 12)
        for n in range(length):
            fade = min(1.0, n / 80, (length - n) / 80)
            samples.append(int(9000 * fade * math.sin(2 * math.pi * pitch * n / rate)))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


@lru_cache(maxsize=64)
def wav(words: str) -> bytes:
    """Return ``pcm`` as a file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(pcm(words, RATE))
    return file.getvalue()


def seconds_of(sound: bytes) -> float:
    """Return the length of a sound: of a WAV as it says, of anything else by its size."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return len(sound) / 16_000
