"""tongues: what each API is told, and what its events mean; nonsense means nothing."""

import base64
import json

import pytest

from gateway.providers import PROVIDERS
from gateway.realtime.meaning import NOTHING, SOUND_CHUNK, Meaning, Wish, kind_of
from gateway.realtime.offers import OFFERS
from gateway.realtime.tongues import TONGUES, key_headers

SOUND = base64.b64encode(b"\1\2").decode()
DONE = {"usage": {"input_tokens": 3, "output_tokens": 4}}
MEANT = [
    ("openai", {"type": "session.created"}, Meaning(ready=True)),
    ("openai", {"type": "response.output_text.delta", "delta": "a"}, Meaning(text="a")),
    ("openai", {"type": "response.text.delta", "delta": "a"}, Meaning(text="a")),
    ("openai", {"type": "response.output_audio_transcript.delta", "delta": "a"}, Meaning(text="a")),
    ("openai", {"type": "response.output_audio.delta", "delta": SOUND}, Meaning(sound=b"\1\2")),
    (
        "openai",
        {"type": "response.done", "response": {"status": "completed", **DONE}},
        Meaning(ended=True, tokens_in=3, tokens_out=4),
    ),
    (
        "openai",
        {
            "type": "response.done",
            "response": {"status": "failed", "status_details": {"error": {"message": "No"}}},
        },
        Meaning(ended=True, error="No"),
    ),
    (
        "openai",
        {
            "type": "conversation.item.added",
            "item": {"role": "user", "content": [{"transcript": "hi"}]},
        },
        Meaning(heard="hi"),
    ),
    ("openai", {"type": "error", "error": {"message": "Bad"}}, Meaning(error="Bad")),
    ("openai", {"type": "error", "error": {"code": "response_cancel_not_active"}}, NOTHING),
    ("openai", {"type": "rate_limits.updated"}, NOTHING),
    ("google", {"setupComplete": {}}, Meaning(ready=True)),
    (
        "google",
        {"serverContent": {"modelTurn": {"parts": [{"text": "a"}, {"text": "b"}]}}},
        Meaning(text="ab"),
    ),
    (
        "google",
        {"serverContent": {"modelTurn": {"parts": [{"inlineData": {"data": SOUND}}]}}},
        Meaning(sound=b"\1\2"),
    ),
    ("google", {"serverContent": {"outputTranscription": {"text": "a"}}}, Meaning(text="a")),
    ("google", {"serverContent": {"inputTranscription": {"text": "a"}}}, Meaning(heard="a")),
    (
        "google",
        {
            "serverContent": {"turnComplete": True},
            "usageMetadata": {"promptTokenCount": 3, "responseTokenCount": 4},
        },
        Meaning(ended=True, tokens_in=3, tokens_out=4),
    ),
    ("google", {"serverContent": {"modelTurn": {"parts": 7}}}, NOTHING),
    ("google", {"goAway": {}}, NOTHING),
    (
        "listener",
        {"type": "Results", "is_final": True, "channel": {"alternatives": [{"transcript": "hi"}]}},
        Meaning(text="hi "),
    ),
    (
        "listener",
        {"type": "Results", "is_final": False, "channel": {"alternatives": [{"transcript": "h"}]}},
        NOTHING,
    ),
    ("listener", {"type": "Error", "description": "No"}, Meaning(error="No")),
    ("speaker", {"type": "Flushed"}, Meaning(ended=True)),
    ("speaker", {"type": "Warning", "description": "No"}, Meaning(error="No")),
    ("speaker", {"type": "Metadata"}, NOTHING),
]
NAMED = [
    ('{"type":"response.done"}', "response.done"),
    (b'{"serverContent":{"modelTurn":{}}}', "serverContent.modelTurn"),
    ('{"setupComplete":{}}', "setupComplete"),
    (b"\x00\x01", "sound"),
    ("hello", "text"),
]


def wish(id, **more):
    return Wish(offer=OFFERS[id], model=OFFERS[id].models[0], **more)


@pytest.mark.parametrize(("name", "event", "meaning"), MEANT)
def test_event_means(name, event, meaning):
    """Both generations of OpenAI's names, and whatever Google and Deepgram send."""
    assert TONGUES[name].read(json.dumps(event)) == meaning


def test_binary_frame_is_read_like_text():
    """Google sends JSON in binary frames; Deepgram sends sound in them."""
    assert TONGUES["google"].read(b'{"setupComplete":{}}') == Meaning(ready=True)
    assert TONGUES["speaker"].read(b"\1\2") == Meaning(sound=b"\1\2")


@pytest.mark.parametrize("name", TONGUES)
@pytest.mark.parametrize(
    "frame", ["", "[1]", "{", b"\xff\xfe", '{"type":{}}', '{"serverContent":1}', "[" * 5000]
)
def test_nonsense_ends_no_session(name, frame):
    """A provider may send what nobody has described."""
    meaning = TONGUES[name].read(frame)

    assert meaning == NOTHING or meaning.sound


@pytest.mark.parametrize(("frame", "name"), NAMED)
def test_event_has_a_name(frame, name):
    """The list of events shows it."""
    assert kind_of(frame) == name


def test_wishes_are_spelled():
    """Instructions and the kind of answer go with the first message."""
    (openai,) = TONGUES["openai"].opening(wish("openai", instructions="Be brief", spoken=True))
    (google,) = TONGUES["google"].opening(wish("google", instructions="Be brief", spoken=True))

    session, setup = json.loads(openai)["session"], json.loads(google)["setup"]
    assert (session["output_modalities"], session["instructions"]) == (["audio"], "Be brief")
    assert setup["generationConfig"] == {"responseModalities": ["AUDIO"]}
    assert setup["systemInstruction"] == {"parts": [{"text": "Be brief"}]}


def test_new_question_cancels_what_runs():
    """OpenAI refuses a second response; Google stops by itself."""
    kinds = [
        kind_of(frame) for frame in TONGUES["openai"].say("Hi", wish("openai"), answering=True)
    ]

    assert kinds == ["response.cancel", "conversation.item.create", "response.create"]


@pytest.mark.parametrize("id", ["openai", "google"])
def test_long_recording_goes_in_pieces(id):
    """A message has a limit; the last one says that the recording is over."""
    frames = TONGUES[id].hear(bytes(2 * SOUND_CHUNK + 2), wish(id))

    assert len([frame for frame in frames if "AAAA" in frame or "AAA=" in frame]) == 3
    assert "response.create" in frames[-1] or "audioStreamEnd" in frames[-1]


def test_key_travels_where_the_provider_looks():
    """Google takes it in the address, all others in a header."""
    name, value = PROVIDERS["openai"].auth("sk-1")

    assert key_headers(OFFERS["openai"], "sk-1") == ((name, value),)
    assert key_headers(OFFERS["google"], "sk-1") == ()
    assert TONGUES["google"].address(wish("google"), "sk 1") == "/google?api_key=sk+1"
    assert (
        TONGUES["listener"]
        .address(wish("nova"), None)
        .startswith("/workers-ai?model=@cf/deepgram/nova-3&encoding=linear16")
    )
