"""players: who plays which provider, and who isn't let in."""

import pytest

from gateway.local.call import Call
from gateway.local.clock import Clock
from gateway.local.dialing import PLACES
from gateway.local.lines import Rejected
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
