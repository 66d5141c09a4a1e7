"""fal: a payload is answered with start, answer and end."""

import base64

import pytest

from gateway.local.simulated.realtime.fal import fal

pytestmark = pytest.mark.anyio


async def test_prompt_becomes_a_picture(guest):
    """The picture is really there, and all three belong together."""
    talk = guest(fal, provider="fal")

    await talk.send({"prompt": "a cat"})

    start, answer, end = await talk.until(lambda message: message.get("type") == "end")
    picture = answer["images"][0]["url"].partition(",")[2]
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    assert (start["type"], start["status"]) == ("start", 200)
    assert start["request_id"] == end["request_id"]


@pytest.mark.parametrize("payload", ["x", {}, {"prompt": ""}, {"prompt": 5}], ids=str)
async def test_bad_payload_is_answered_and_the_next_one_too(guest, payload):
    """422, and the connection stays."""
    talk = guest(fal, provider="fal")

    await talk.send(payload, {"prompt": "a cat"})

    statuses = [
        (await talk.until(lambda message: message.get("type") == "end"))[0]["status"]
        for _ in range(2)
    ]
    assert statuses == [422, 200]
