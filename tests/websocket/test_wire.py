"""wire: one connection for many requests, and all that can happen to it."""

import asyncio
import json
from dataclasses import replace

import pytest

from gateway.chat import Target, say
from gateway.errors import BadAnswer, TimedOut, Unreachable
from gateway.websocket import GatewaySocket
from gateway.websocket.wire import SocketWire
from tests.websocket.conftest import HELLO, WHOLE, about, created

pytestmark = pytest.mark.anyio


async def test_many_requests_share_one_connection(odd):
    """Answered in any order, each gets its own."""
    waiting = []

    def answer(request):
        waiting.append(request)
        if len(waiting) < 20:
            return []
        return [
            created(one, choices=[{"message": {"content": one["query"]["messages"][0]["content"]}}])
            for one in reversed(waiting)
        ]

    _, socket = await odd(answer)
    chats = [replace(HELLO, stream=False, messages=say(f"number {n}")) for n in range(20)]

    replies = await asyncio.gather(*map(socket.send, chats))

    assert [reply.text for reply in replies] == [f"number {n}" for n in range(20)]


async def test_lost_connection_is_opened_again(odd):
    """What was under way fails; the next call works."""
    answers = [[None], []]
    _, socket = await odd(lambda request: answers.pop(0) or [created(request, **WHOLE)])
    chat = replace(HELLO, stream=False)

    with pytest.raises(Unreachable):
        await socket.send(chat)

    assert (await socket.send(chat)).text == "Hi"


async def test_stream_that_loses_its_connection_is_broken(odd):
    """What arrived is kept."""
    piece = {"choices": [{"delta": {"content": "Half"}}]}

    def answer(request):
        stream = {**about(request), "contentType": "text/event-stream"}
        yield {"type": "universal.created", "metadata": stream}
        yield {
            "type": "universal.later",
            "metadata": stream,
            "response": "unknown types are skipped",
        }
        yield {"type": "universal.stream", "metadata": stream, "response": piece}
        yield None

    _, socket = await odd(answer)

    reply = await socket.send(HELLO)

    assert (reply.text, reply.ok) == ("Half", False)
    assert "broke off" in reply.broken


async def test_error_amid_a_stream_is_told(odd):
    """In the gateway's words."""

    def answer(request):
        stream = {**about(request), "contentType": "text/event-stream"}
        yield {"type": "universal.created", "metadata": stream}
        yield {"type": "universal.error", "metadata": stream, "response": {"message": "No luck"}}

    _, socket = await odd(answer)

    assert "No luck" in (await socket.send(HELLO)).broken


async def test_silence_is_an_error(odd):
    """No answer in time."""
    _, socket = await odd(lambda request: [], silence_s=0.02)

    with pytest.raises(TimedOut):
        await socket.send(HELLO)


@pytest.mark.rule("ws.unknown_types")
@pytest.mark.parametrize("message", [{"metadata": 5}, [], {"type": 5}, {"type": "x"}], ids=str)
async def test_odd_messages_are_skipped(odd, message):
    """The client ignores what it doesn't know."""
    _, socket = await odd(lambda request: [message, created(request, **WHOLE)])

    assert (await socket.send(replace(HELLO, stream=False))).text == "Hi"


async def test_nonsense_is_a_bad_answer(odd):
    """As over HTTP."""
    _, socket = await odd(lambda request: [created(request, what="?")])

    with pytest.raises(BadAnswer):
        await socket.send(replace(HELLO, stream=False))


async def test_stopping_the_only_answer_closes_the_connection(odd):
    """The protocol has no other way to stop what is under way upstream."""

    def answer(request):
        yield {
            "type": "universal.created",
            "metadata": {**about(request), "contentType": "text/event-stream"},
        }
        yield {
            "type": "universal.stream",
            "metadata": about(request),
            "response": {"choices": [{"delta": {"content": "Half"}}]},
        }

    gateway, socket = await odd(answer)
    stream = socket.stream(HELLO)
    await anext(stream)

    await stream.aclose()

    assert (stream.reply.stopped, stream.reply.text) == (True, "Half")
    async with asyncio.timeout(2):
        await gateway.closed.wait()


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_refused_handshake_is_a_reply(local, token):
    """With the status and envelope of HTTP."""
    socket = GatewaySocket(Target(name="l", base_url=local.gateway_url("default"), token=token))

    reply = await socket.send(HELLO)

    assert reply.status == 401
    assert json.loads(reply.body)["error"][0]["code"] == 2009


async def test_token_opens_a_guarded_gateway(local):
    """It travels in the handshake."""
    target = Target(name="l", base_url=local.gateway_url("default"), token=local.token)
    socket = GatewaySocket(target)

    reply = await socket.send(HELLO)
    await socket.aclose()

    assert reply.ok


async def test_nobody_there():
    """The sentence names the place."""
    socket = GatewaySocket(Target(name="l", base_url="http://127.0.0.1:9/v1/a/g"))

    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"):
        await socket.send(HELLO)


async def test_wire_that_was_never_used_closes():
    """Nothing was opened."""
    await SocketWire(Target(name="l", base_url="http://127.0.0.1:9/v1/a/g")).aclose()
