"""studios: Cartesia, ElevenLabs and fal, as the contract addresses them; nonsense means nothing."""

import base64
import json

import pytest

from gateway.realtime.meaning import NOTHING, Meaning, Wish
from gateway.realtime.offers import OFFERS
from gateway.realtime.tongues import TONGUES, key_headers

SOUND = base64.b64encode(b"\1\2").decode()
MEANT = [
    ("cartesia", {"type": "chunk", "data": SOUND}, Meaning(sound=b"\1\2")),
    ("cartesia", {"type": "done", "done": True}, Meaning(ended=True)),
    ("cartesia", {"type": "error", "error": "No voice"}, Meaning(error="No voice")),
    ("cartesia", {"type": "timestamps", "word_timestamps": {}}, NOTHING),
    ("elevenlabs", {"type": "conversation_initiation_metadata"}, Meaning(ready=True)),
    (
        "elevenlabs",
        {"type": "agent_response", "agent_response_event": {"agent_response": "Hi"}},
        Meaning(text="Hi", ended=True, trailing=True),
    ),
    (
        "elevenlabs",
        {"type": "audio", "audio_event": {"audio_base_64": SOUND}},
        Meaning(sound=b"\1\2", ended=True, trailing=True),
    ),
    ("elevenlabs", {"message": "Bad", "error": "invalid_message"}, Meaning(error="Bad")),
    ("fal", {"images": [{"url": f"data:image/png;base64,{SOUND}"}]}, Meaning(picture=b"\1\2")),
    (
        "fal",
        {"images": [{"url": "https://fal.media/a.png"}]},
        Meaning(text="The picture is at <https://fal.media/a.png>"),
    ),
    ("fal", {"images": [{"url": "javascript:alert(1)"}]}, NOTHING),
    ("fal", {"type": "end", "status": 200}, Meaning(ended=True)),
    ("fal", {"detail": [{"msg": "prompt must be text"}]}, Meaning(error="prompt must be text")),
]
ADDRESSES = [
    ("cartesia", None, "/cartesia?cartesia_version=2024-06-10"),
    ("cartesia", "k 1", "/cartesia?cartesia_version=2024-06-10&api_key=k+1"),
    ("elevenlabs", "k", "/elevenlabs?agent_id=your-agent-id"),
    ("fal", "k", "/fal/fal-ai/fast-lcm-diffusion"),
]


def wish(id, **how):
    return Wish(offer=OFFERS[id], model=OFFERS[id].models[0], **how)


@pytest.mark.parametrize(("name", "event", "meaning"), MEANT)
def test_event_means(name, event, meaning):
    """In the words of the provider's own reference."""
    assert TONGUES[name].read(json.dumps(event)) == meaning


@pytest.mark.parametrize(("id", "key", "address"), ADDRESSES)
def test_address_is_the_contract_s(id, key, address):
    """What follows the gateway's URL."""
    assert TONGUES[id].address(wish(id), key) == address


def test_key_stands_where_the_contract_has_it():
    """Cartesia's in the address, the others' in a header of the handshake."""
    assert key_headers(OFFERS["cartesia"], "k") == ()
    assert key_headers(OFFERS["elevenlabs"], "k") == (("xi-api-key", "k"),)
    assert key_headers(OFFERS["fal"], "k") == (("Authorization", "Key k"),)


def test_voice_is_the_visitor_s_choice():
    """Each message is a context of its own; without a choice the first voice speaks."""
    (first,) = TONGUES["cartesia"].say("Hi", wish("cartesia"), answering=False)
    (second,) = TONGUES["cartesia"].say("Hi", wish("cartesia", voice="mine"), answering=False)

    one, other = json.loads(first), json.loads(second)
    assert one["voice"] == {"mode": "id", "id": OFFERS["cartesia"].voice}
    assert other["voice"] == {"mode": "id", "id": "mine"}
    assert one["context_id"] != other["context_id"]
    assert one["output_format"]["sample_rate"] == OFFERS["cartesia"].rate_out_hz
