"""dialing: where each provider's realtime API is, and who is asked there."""

import pytest

from gateway.errors import Unreachable
from gateway.local.call import Call
from gateway.local.dialing import PLACES, RealLine, url_of, wanted
from gateway.providers import PROVIDERS, provider_of

pytestmark = pytest.mark.anyio

ADDRESSES = [
    (
        "openai",
        "?model=gpt-realtime",
        {"authorization": "Bearer secret"},
        "wss://api.openai.com/v1/realtime?model=gpt-realtime",
    ),
    (
        "google-ai-studio",
        "?api_key=secret",
        {"x-goog-api-key": "secret"},
        "wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta."
        "GenerativeService.BidiGenerateContent?key=secret",
    ),
    (
        "cartesia",
        "?cartesia_version=2024-06-10&api_key=secret",
        {"x-api-key": "secret"},
        "wss://api.cartesia.ai/tts/websocket?cartesia_version=2024-06-10",
    ),
    (
        "elevenlabs",
        "?agent_id=a",
        {"xi-api-key": "secret"},
        "wss://api.elevenlabs.io/v1/convai/conversation?agent_id=a",
    ),
    (
        "fal",
        "fal-ai/fast-lcm-diffusion",
        {"authorization": "Key secret"},
        "wss://ws.fal.run/fal-ai/fast-lcm-diffusion",
    ),
    (
        "workers-ai",
        "?model=@cf/deepgram/nova-3&encoding=linear16&sample_rate=16000",
        {"authorization": "Bearer secret"},
        "wss://api.cloudflare.com/client/v4/accounts/acc/ai/run/@cf/deepgram/nova-3"
        "?encoding=linear16&sample_rate=16000",
    ),
    (
        "deepgram",
        "v1/listen?model=nova-3",
        {"authorization": "Token secret"},
        "wss://api.deepgram.com/v1/listen?model=nova-3",
    ),
    ("deepgram", "", {}, "wss://api.deepgram.com/v1/listen"),
]


def called(slug, endpoint, headers):
    """Return the call of a realtime path."""
    path = wanted(provider_of(slug), endpoint).path
    return Call(provider=slug, method="GET", path=path, headers=headers, body=b"", account="acc")


@pytest.mark.rule("realtime.rows")
@pytest.mark.parametrize(("slug", "endpoint", "headers", "url"), ADDRESSES)
async def test_address_is_the_provider_s(slug, endpoint, headers, url):
    """Google has its key in the query; all others in headers."""
    assert url_of(called(slug, endpoint, headers), None) == url


async def test_base_of_the_option_stands_in():
    """``--upstream openai=ws://...`` asks there instead."""
    call = called("openai", "?model=m", {})

    assert url_of(call, "http://127.0.0.1:9/v1") == "ws://127.0.0.1:9/v1/realtime?model=m"


@pytest.mark.rule("realtime.rows")
async def test_every_provider_of_the_table_with_realtime_has_a_place():
    """A row that says so can be asked."""
    assert {slug for slug, row in PROVIDERS.items() if row.websocket_realtime} == set(PLACES)


async def test_model_is_known_from_the_query_or_the_path():
    """For the log."""
    assert wanted(PROVIDERS["openai"], "?model=gpt-realtime").model == "gpt-realtime"
    assert wanted(PROVIDERS["fal"], "fal-ai/x").model == "fal-ai/x"
    assert wanted(PROVIDERS["google-ai-studio"], "?api_key=k").model == ""


@pytest.mark.rule("realtime.google_segment")
async def test_key_of_the_query_is_taken_out():
    """Journal and log show the path."""
    found = wanted(PROVIDERS["cartesia"], "?api_key=secret&cartesia_version=1")

    assert (found.key, found.path) == ("secret", "tts/websocket?cartesia_version=1")


async def test_others_have_no_realtime_api():
    """The gateway says so."""
    assert wanted(PROVIDERS["anthropic"], "v1/messages") is None


async def test_nobody_at_the_address():
    """The error names neither address nor key."""
    with pytest.raises(Unreachable) as unreachable:
        await RealLine.open("ws://127.0.0.1:9/?key=SECRET", {"authorization": "SECRET"}, ())

    assert "SECRET" not in str(unreachable.value)
