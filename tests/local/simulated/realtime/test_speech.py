"""speech: sound of three providers, each in its own frames."""

import base64

import pytest

from gateway.local.simulated.realtime.speech import cartesia, deepgram_speaks, elevenlabs

pytestmark = pytest.mark.anyio

SAY = {"model_id": "sonic", "transcript": "Hello world", "context_id": "c"}
FORM = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000}


def of_type(kind):
    return lambda message: not isinstance(message, bytes) and message.get("type") == kind


async def test_deepgram_speaks_what_is_flushed(guest):
    """Binary sound of 0.2 s for each word, then a message that it is out."""
    talk = guest(deepgram_speaks, model="aura-1", query={"sample_rate": "8000"})
    await talk.send({"type": "Speak", "text": "Hello"}, {"type": "Speak", "text": "world"})
    await talk.send({"type": "Flush"}, {"type": "Close"})

    metadata, *sound, flushed = await talk.until(of_type("Flushed"))

    assert metadata["type"] == "Metadata"
    assert len(b"".join(sound)) == 2 * 8000 * 0.4
    assert flushed["sequence_id"] == 0
    assert (await talk.ended()).code == 1000


async def test_deepgram_forgets_what_is_cleared(guest):
    """And warns of what it can't read."""
    talk = guest(deepgram_speaks)
    await talk.send({"type": "Speak", "text": "Hello"}, {"type": "Clear"}, {"type": "Flush"})
    await talk.send({"type": "Speak"})

    messages = await talk.until(of_type("Warning"))

    assert [m["type"] for m in messages] == ["Metadata", "Cleared", "Flushed", "Warning"]


async def test_cartesia_speaks_in_chunks(guest):
    """With times where asked for, and an end unless more text follows."""
    talk = guest(cartesia)
    await talk.send({**SAY, "output_format": FORM, "add_timestamps": True})

    *chunks, times, done = await talk.until(of_type("done"))

    sound = b"".join(base64.b64decode(chunk["data"]) for chunk in chunks)
    assert len(sound) == 2 * 8000 * 0.4
    assert times["word_timestamps"]["words"] == ["Hello", "world"]
    assert times["word_timestamps"]["end"][-1] == 0.4
    assert {message["context_id"] for message in (*chunks, times, done)} == {"c"}


async def test_cartesia_waits_for_more(guest):
    """A context that continues has no end of its own."""
    talk = guest(cartesia)
    await talk.send({**SAY, "continue": True}, {"context_id": "c", "cancel": True})

    messages = await talk.until(of_type("done"))

    assert {message["type"] for message in messages} == {"chunk", "done"}


@pytest.mark.parametrize("message", ["x", {}, {**SAY, "transcript": 5}, {"model_id": "m"}], ids=str)
async def test_cartesia_says_what_is_wrong(guest, message):
    """And goes on."""
    talk = guest(cartesia)
    await talk.send(message, SAY)

    messages = await talk.until(of_type("done"))

    assert (messages[0]["type"], messages[0]["status_code"]) == ("error", 400)


async def test_elevenlabs_speaks_with_the_time_of_each_character(guest):
    """Until an empty text."""
    talk = guest(elevenlabs)
    await talk.send({"text": " "}, {"text": "Hello"}, {"text": ""})

    spoken, last = await talk.receive(), await talk.receive()

    assert base64.b64decode(spoken["audio"])
    assert "".join(spoken["alignment"]["chars"]) == "Hello"
    assert last == {"audio": None, "isFinal": True}
    assert (await talk.ended()).code == 1000


async def test_elevenlabs_agent_answers(guest):
    """In the agents' messages."""
    talk = guest(elevenlabs)
    await talk.send(
        {"type": "conversation_initiation_client_data"}, {"type": "pong"}, {"user_audio_chunk": ""}
    )
    await talk.send({"type": "user_message", "text": "What is the capital of France?"})

    begun, answer, sound = [await talk.receive() for _ in range(3)]

    assert begun["conversation_initiation_metadata_event"]["conversation_id"]
    assert "Paris" in answer["agent_response_event"]["agent_response"]
    assert base64.b64decode(sound["audio_event"]["audio_base_64"])


async def test_elevenlabs_says_what_it_can_not_read(guest):
    """And goes on."""
    talk = guest(elevenlabs)
    await talk.send("x", {"text": "Hello"})

    assert (await talk.receive())["error"] == "invalid_message"
    assert (await talk.receive())["audio"]
