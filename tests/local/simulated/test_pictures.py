"""pictures: the bytes are what their content type says."""

import base64
import io
import struct
import wave
import zlib

import pytest

from gateway.local.simulated.pictures import SIDE, data_url, png, seconds_of, wav


def test_png_is_a_png():
    """Its size is the one that answers state, and its pixels unpack."""
    picture = png("a cat")
    width, height = struct.unpack(">II", picture[16:24])
    start = picture.index(b"IDAT")
    (length,) = struct.unpack(">I", picture[start - 4 : start])
    pixels = zlib.decompress(picture[start + 4 : start + 4 + length])

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert (width, height) == (SIDE, SIDE)
    assert len(pixels) == SIDE * (1 + 3 * SIDE)


def test_other_words_give_another_picture():
    """And the same words the same one."""
    assert png("a cat") != png("a dog")
    assert base64.b64decode(data_url("a cat").partition(",")[2]) == png("a cat")


@pytest.mark.parametrize("words", ["hello", "", "one two three " * 50])
def test_wav_is_a_wav(words):
    """It can be played, and isn't longer than two seconds."""
    with wave.open(io.BytesIO(wav(words))) as sound:
        seconds = sound.getnframes() / sound.getframerate()

    assert 0.1 < seconds <= 2
    assert seconds_of(wav(words)) == pytest.approx(seconds)


def test_length_of_an_unknown_sound_is_estimated():
    """A transcript needs some length."""
    assert seconds_of(b"x" * 16_000) == 1
