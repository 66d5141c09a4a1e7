"""hearing: Deepgram's transcripts of sound that nobody listens to."""

import pytest

from gateway.local.simulated.media import TRANSCRIPT
from gateway.local.simulated.realtime.hearing import deepgram_hears

pytestmark = pytest.mark.anyio

SECOND = bytes(32_000)
QUERY = {"encoding": "linear16", "sample_rate": "16000"}


def is_metadata(message):
    return message["type"] == "Metadata"


def words(message):
    return message["channel"]["alternatives"][0]["transcript"]


async def test_sound_becomes_words_until_it_ends(guest):
    """Four words a second; the finals together are all of them."""
    talk = guest(deepgram_hears, query=QUERY)
    await talk.send(*[SECOND] * 3, {"type": "CloseStream"})

    *results, metadata = await talk.until(is_metadata)

    assert all(result["is_final"] for result in results)
    assert " ".join(words(result) for result in results).split() == TRANSCRIPT.split()[:12]
    assert metadata["duration"] == 3.0
    assert (await talk.ended()).code == 1000


async def test_interim_results_come_when_asked_for(guest):
    """They grow until one is final."""
    talk = guest(deepgram_hears, query={**QUERY, "interim_results": "true"})
    await talk.send(*[SECOND] * 2, b"")

    first, second, *_ = await talk.until(is_metadata)

    assert (first["is_final"], second["is_final"]) == (False, True)
    assert words(second).startswith(words(first))


async def test_finalize_says_all_that_was_heard(guest):
    """Also less than a usual piece; other messages change nothing."""
    talk = guest(deepgram_hears, query=QUERY)
    await talk.send({"type": "KeepAlive"}, "no JSON", SECOND, {"type": "Finalize"})

    result = await talk.receive()

    assert (result["from_finalize"], words(result)) == (True, "this is a transcript")


@pytest.mark.parametrize("rate", ["0", "-1", "x", "", "99999999", "1e5", "²"])
async def test_odd_rate_is_survived(guest, rate):
    """The usual one counts then."""
    talk = guest(deepgram_hears, query={"sample_rate": rate})
    await talk.send(SECOND, b"")

    assert (await talk.until(is_metadata))[-1]["duration"] == 1.0
