"""media: pictures, speech and transcripts are truthful about what they are."""

import pytest

from gateway.local.simulated.pictures import SIDE, wav

pytestmark = pytest.mark.anyio


async def test_fal_states_the_picture_it_sends(caller):
    """Size and type are those of the picture."""
    answer = await caller.ask("fal", "fal-ai/fast-sdxl", {"prompt": "a cat"})
    (picture,) = answer.json["images"]

    assert picture["url"].startswith("data:image/png;base64,")
    assert (picture["width"], picture["height"]) == (SIDE, SIDE)


@pytest.mark.rule("headers.fal_target")
async def test_fal_model_may_stand_in_a_header(caller):
    """With an empty path, as documented."""
    headers = {"authorization": "Key k", "x-fal-target-url": "https://fal.run/does-not-exist"}
    answer = await caller.ask("fal", "", {"prompt": "a cat"}, headers=headers)

    assert answer.status == 404


@pytest.mark.parametrize(
    ("provider", "path", "body"),
    [
        ("elevenlabs", "v1/text-to-speech/v?output_format=mp3_44100_128", {"text": "Hello"}),
        (
            "cartesia",
            "v1/tts/bytes",
            {"transcript": "Hello", "output_format": {"container": "mp3"}},
        ),
        ("deepgram", "v1/speak", {"text": "Hello"}),
        ("openai", "v1/audio/speech", {"input": "Hello", "model": "gpt-4o-mini-tts"}),
    ],
)
async def test_speech_is_a_wav_and_says_so(caller, provider, path, body):
    """Whatever format was asked for: a WAV that is called MP3 would be a lie."""
    answer = await caller.ask(provider, path, body)

    assert answer.headers["content-type"] == "audio/wav"
    assert answer.body == wav("Hello")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "audio/wav"}, wav("one two"), 200),
        ({"content-type": "application/json"}, {"url": "https://example.com/a.wav"}, 200),
        ({"content-type": "application/json"}, {}, 400),
        ({}, b"", 400),
    ],
)
async def test_deepgram_takes_a_recording_or_its_address(caller, headers, body, status):
    """The words have times within the recording."""
    headers = {"authorization": "Token k", **headers}
    answer = await caller.ask("deepgram", "v1/listen?model=nova-3", body, headers=headers)

    assert answer.status == status
    if status == 200:
        (best,) = answer.json["results"]["channels"][0]["alternatives"]
        assert best["words"][-1]["end"] == pytest.approx(
            answer.json["metadata"]["duration"], abs=0.01
        )
        assert "simulated" in best["transcript"]


async def test_ideogram_form_needs_a_prompt(caller):
    """Version 3 takes a form."""
    headers = {"api-key": "k", "content-type": "multipart/form-data; boundary=x"}
    answer = await caller.ask("ideogram", "v1/ideogram-v3/generate", b"--x--", headers=headers)

    assert answer.status == 400
    assert "prompt" in answer.json["error"]
