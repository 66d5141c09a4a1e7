"""client: the two verbs over WebSocket do what they do over HTTP."""

import json
from dataclasses import replace

import pytest

from gateway.chat import Chat, Step, Target, say
from gateway.client import GatewayClient
from gateway.errors import BadRequest
from gateway.headers import Options
from gateway.websocket import GatewaySocket
from gateway.wire.single import HttpxWire
from tests.websocket.conftest import HELLO, KEY, TOKEN, WHOLE, created

pytestmark = pytest.mark.anyio

CHATS = [
    HELLO,
    replace(HELLO, stream=False),
    Chat(provider="anthropic", model="claude-sonnet-4-5", messages=say("Hello")),
    Chat(provider="google-ai-studio", model="gemini-2.5-flash", messages=say("Hello")),
    Chat(provider="workers-ai", model="@cf/meta/llama-3.1-8b-instruct", messages=say("Hello")),
    Chat(provider="mistral", model="mistral-large-latest", messages=say("Hello")),
    Chat(provider="anthropic", model="claude-sonnet-4-5", messages=say("Hello"), route="compat"),
    replace(HELLO, route="universal"),
]


@pytest.mark.parametrize("chat", CHATS, ids=lambda c: f"{c.provider}-{c.route}-{c.stream}")
async def test_answer_is_that_of_http(local, socket, chat):
    """Words, counts and finish are the same on both wires, for every format and route."""
    wire = HttpxWire()
    over_http = await GatewayClient(wire, Target(name="l", base_url=local.gateway_url())).send(chat)
    await wire.aclose()

    reply = await socket.send(chat)

    assert reply.ok
    assert reply.text
    assert reply.completion == replace(over_http.completion, id=reply.completion.id)
    assert (reply.ttft_ms is None) == (over_http.ttft_ms is None)


async def test_metadata_become_headers(socket):
    """So that whoever reads a reply needs not know how it came."""
    chat = replace(HELLO, stream=False, messages=say("Metadata become headers"))

    replies = [await socket.send(chat, Options(event_id="mine")) for _ in range(2)]

    assert [reply.cache for reply in replies] == ["MISS", "HIT"]
    assert [reply.status for reply in replies] == [200, 200]
    assert {reply.header("cf-aig-event-id") for reply in replies} == {"mine"}
    assert replies[0].log_id != replies[1].log_id
    assert replies[0].step == 0


async def test_pieces_arrive_one_by_one(socket):
    """With a time each, as over HTTP."""
    stream = socket.stream(replace(HELLO, messages=say("Tell me a story")))

    pieces = [delta.text async for delta in stream]

    assert "".join(pieces) == stream.reply.text == stream.gathered.text
    assert len(stream.chunks_s) == len(pieces) > 1


async def test_fallback_list_says_which_step_answered(socket):
    """And the answer is read in that step's format."""
    steps = (
        Step(provider="openai", model="does-not-exist"),
        Step(provider="anthropic", model="claude-sonnet-4-5", options=Options(max_attempts=2)),
    )

    reply = await socket.send(replace(HELLO, route="universal", steps=steps))

    assert (reply.step, reply.ok) == (1, True)


async def test_request_level_options_go_into_each_step(odd):
    """A message has no headers of its own; the step's own word wins."""
    gateway, socket = await odd(lambda request: [created(request[0], **WHOLE)])
    steps = (
        Step(provider="openai", model="m"),
        Step(provider="openai", model="m", options=Options(collect_log=True)),
    )

    chat = replace(HELLO, route="universal", steps=steps, stream=False)
    await socket.send(chat, Options(collect_log=False, cache_ttl=60))

    [[first, second]] = gateway.seen
    assert first["headers"]["cf-aig-cache-ttl"] == "60"
    assert first["headers"]["cf-aig-collect-log"] == "false"
    assert second["headers"]["cf-aig-collect-log"] == "true"
    assert "cf-aig-authorization" not in {name.lower() for name in first["headers"]}


async def test_gateway_s_error_is_a_reply_with_its_status(socket):
    """Read out of its envelope."""
    asked = replace(HELLO, provider="custom-nobody", model="m", route="compat")

    reply = await socket.send(asked)

    assert (reply.status, reply.ok, reply.text) == (400, False, "")
    assert json.loads(reply.body)["success"] is False


async def test_provider_s_error_is_a_reply_too(local):
    """The protocol shows no status: its body does."""
    target = Target(name="l", base_url=local.gateway_url(), keys={"openai": "invalid-key-123"})
    socket = GatewaySocket(target)

    reply = await socket.send(HELLO)
    await socket.aclose()

    assert (reply.status, reply.ok) == (401, False)
    assert "API key" in reply.body


async def test_what_is_shown_is_the_message_without_secrets():
    """Token and keys are masked, wherever they stand; the same question shows the same."""
    target = Target(name="l", base_url="https://g/v1/a/g", token=TOKEN, keys={"openai": KEY})

    sent = [GatewaySocket(target).stream(HELLO).sent for _ in range(2)]

    assert sent[0] == sent[1]
    assert sent[0].url == "wss://g/v1/a/g"
    assert json.loads(sent[0].body)["request"]["provider"] == "openai"
    assert TOKEN not in repr(sent)
    assert KEY not in repr(sent)


async def test_rest_has_no_websocket():
    """Nothing is sent."""
    socket = GatewaySocket(Target(name="l", base_url="http://g/v1/a/g"))

    with pytest.raises(BadRequest):
        socket.stream(replace(HELLO, route="rest"))


async def test_provider_itself_has_no_websocket_for_chats():
    """It is the gateway's own protocol."""
    socket = GatewaySocket(Target(name="direct", base_url="", bases={}))

    with pytest.raises(BadRequest, match="Without a gateway"):
        socket.stream(HELLO)
