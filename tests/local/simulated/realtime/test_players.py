"""players: who plays which provider, who isn't let in, and what no message may do to them."""

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.local.call import Call
from gateway.local.clock import Clock
from gateway.local.dialing import PLACES
from gateway.local.lines import BROKEN, Ended, Rejected
from gateway.local.simulated.realtime import Players
from gateway.local.simulated.realtime.hearing import deepgram_hears
from gateway.local.simulated.realtime.players import player_of
from gateway.local.simulated.realtime.speech import deepgram_speaks

pytestmark = pytest.mark.anyio

DEEPGRAM = [
    ("workers-ai", "@cf/deepgram/nova-3", {}, deepgram_hears),
    ("workers-ai", "@cf/deepgram/flux", {}, deepgram_hears),
    ("workers-ai", "@cf/deepgram/aura-1", {}, deepgram_speaks),
    ("workers-ai", "@cf/meta/llama", {}, None),
    ("deepgram", "v1/listen", {"model": "nova-3"}, deepgram_hears),
    ("deepgram", "v1/speak", {}, deepgram_speaks),
]


def called(slug, path="", **headers):
    """Return a call with a key in the usual header."""
    return Call(provider=slug, method="GET", path=path, headers=headers, body=b"")


@pytest.mark.parametrize("slug", PLACES)
async def test_every_provider_of_the_contract_is_played(slug):
    """So that all of them can be tried without a key."""
    line = await Players(Clock(), instant=True).dial(
        called(slug, "@cf/deepgram/nova-3", authorization="Bearer any")
    )

    await line.close()


@pytest.mark.parametrize(("slug", "path", "query", "player"), DEEPGRAM)
async def test_deepgram_speaks_or_listens_by_its_model(slug, path, query, player):
    """Both are one provider with two APIs."""
    assert player_of(slug, path, query) is player


@pytest.mark.parametrize(
    ("slug", "headers", "status"),
    [
        ("openai", {}, 401),
        ("openai", {"authorization": "Bearer invalid"}, 401),
        ("elevenlabs", {"xi-api-key": "wrong"}, 401),
        ("workers-ai", {"authorization": "Bearer any"}, 404),
    ],
)
async def test_strangers_are_rejected(slug, headers, status):
    """No key, a wrong key, no such API."""
    with pytest.raises(Rejected) as rejected:
        await Players(Clock()).dial(called(slug, "@cf/meta/llama", **headers))

    assert rejected.value.status == status
    assert rejected.value.body


WORDS = [
    "type",
    "text",
    "model",
    "setup",
    "clientContent",
    "turns",
    "turnComplete",
    "parts",
    "role",
    "realtimeInput",
    "response",
    "session",
    "item",
    "item_id",
    "content",
    "instructions",
    "input",
    "audio",
    "prompt",
    "transcript",
    "model_id",
    "context_id",
    "output_format",
    "sample_rate",
    "add_timestamps",
    "continue",
    "cancel",
    "id",
    "message",
    "user",
    "session.update",
    "conversation.item.create",
    "conversation.item.delete",
    "response.create",
    "response.cancel",
    "Speak",
    "Flush",
    "Clear",
    "Finalize",
    "user_message",
    "function_call_output",
    "output",
    "metadata",
    "event_id",
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS) | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inside, max_size=5)
    ),
    max_leaves=12,
)
turns = anything | st.lists(
    st.fixed_dictionaries({"parts": anything, "role": anything}), max_size=2
)
near = (
    st.fixed_dictionaries(
        {"type": st.sampled_from(WORDS)},
        optional={
            "item": st.fixed_dictionaries(
                {"type": st.just("message")},
                optional={"id": anything, "content": anything, "role": anything},
            ),
            "response": anything,
            "session": anything,
            "text": st.text(max_size=5) | anything,
            "audio": anything,
            "item_id": anything,
        },
    )
    | st.fixed_dictionaries(
        {"clientContent": st.fixed_dictionaries({"turnComplete": st.booleans(), "turns": turns})}
    )
    | st.fixed_dictionaries(
        {"model_id": st.text(max_size=5), "transcript": st.text(max_size=9)},
        optional={"output_format": anything, "add_timestamps": st.booleans()},
    )
)
messages = st.lists((near | anything).map(json.dumps) | st.binary(max_size=9), max_size=4)


@pytest.mark.parametrize("slug", PLACES)
@settings(max_examples=60, deadline=None)
@given(sent=messages)
def test_no_message_breaks_a_player(slug, sent):
    """Nonsense is answered, skipped, or ends the session as the provider would."""

    async def play():
        path = "@cf/deepgram/aura-1" if slug == "workers-ai" else "v1/listen"
        line = await Players(Clock(), instant=True).dial(
            called(slug, path, authorization="Bearer any")
        )
        code = None
        try:
            for message in (json.dumps({"setup": {"model": "m"}}), *sent):
                await line.send(message)
            while True:
                async with asyncio.timeout(0.003):
                    await line.receive()
        except Ended as ended:
            code = ended.code
        except TimeoutError:
            pass
        await line.close()
        return code

    assert asyncio.run(play()) != BROKEN
