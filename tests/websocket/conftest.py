"""A real gateway, odd ones whose messages a test writes, and clients of both."""

import asyncio
import contextlib
import json

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from gateway.chat import Chat, Target, say
from gateway.local.server import LocalServer
from gateway.websocket import GatewaySocket

TOKEN, KEY = "cf-marker-Ee55ff66", "sk-marker-Aa11bb22"
HELLO = Chat(provider="openai", model="gpt-4o-mini", messages=say("Hello"))
METADATA = {"cacheStatus": "MISS", "logId": "log", "step": "0", "contentType": "application/json"}
WHOLE = {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}


@pytest.fixture(scope="session")
def local():
    """A local gateway whose simulated providers never wait."""
    with LocalServer.start(instant=True) as server:
        yield server


@pytest.fixture
async def socket(local):
    """A client of its gateway ``demo``."""
    socket = GatewaySocket(Target(name="local", base_url=local.gateway_url()))
    yield socket
    await socket.aclose()


class OddGateway:
    """A gateway whose messages a test chooses: a function of the request, one list a request."""

    def __init__(self, answer):
        self.answer = answer
        self.seen = []
        self.closed = asyncio.Event()

    async def serve(self, connection):
        """Answer each request with the messages that the test gives; ``None`` hangs up."""
        with contextlib.suppress(ConnectionClosed):
            async for text in connection:
                request = json.loads(text)["request"]
                self.seen.append(request)
                for message in self.answer(request):
                    if message is None:
                        connection.transport.close()
                    else:
                        await connection.send(json.dumps(message))
        self.closed.set()


@pytest.fixture
async def odd():
    """Start an odd gateway; returns it and a client."""
    stack = []

    async def odd(answer, silence_s=5):
        gateway = OddGateway(answer)
        server = await serve(gateway.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        target = Target(name="odd", base_url=f"http://127.0.0.1:{port}/v1/a/g", token=TOKEN)
        socket = GatewaySocket(target, silence_s=silence_s)
        stack.append((socket, server))
        return gateway, socket

    yield odd
    for socket, server in stack:
        await socket.aclose()
        server.close()
        await server.wait_closed()


def about(request):
    """The metadata of an answer."""
    return {**METADATA, "eventId": request["eventId"]}


def created(request, **response):
    """An answer in one message."""
    return {"type": "universal.created", "metadata": about(request), "response": response}
