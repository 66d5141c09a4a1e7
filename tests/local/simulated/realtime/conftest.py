"""A stage without waiting, and a guest who talks to whoever plays on it."""

import asyncio
import contextlib
import json

import pytest

from gateway.local.clock import Clock
from gateway.local.lines import Ended
from gateway.local.simulated.realtime.stage import PlayedLine, Stage


class Guest:
    """Somebody on the other side of a played connection."""

    def __init__(self, player, **stage):
        given = {"provider": "openai", "model": "m", "query": {}, "headers": {}, "id": "0" * 32}
        given |= {"clock": Clock(), "instant": True}
        self.line = PlayedLine(Stage(**{**given, **stage}), player)

    async def send(self, *messages):
        """Send messages: bytes as they are, anything else as JSON unless it is text."""
        for message in messages:
            text = message if isinstance(message, str | bytes) else json.dumps(message)
            await self.line.send(text)

    async def receive(self):
        """Return the next message, read as JSON where it is text."""
        async with asyncio.timeout(5):
            frame = await self.line.receive()
        return json.loads(frame) if isinstance(frame, str) else frame

    async def until(self, ends):
        """Return the messages up to the first one that fits."""
        found = [await self.receive()]
        while not ends(found[-1]):
            found.append(await self.receive())
        return found

    async def ended(self):
        """Return the end of the connection; whatever else comes before is dropped."""
        while True:
            try:
                await self.receive()
            except Ended as ended:
                return ended


@pytest.fixture
async def guest():
    """Put a player on a stage."""
    async with contextlib.AsyncExitStack() as stack:

        def guest(player, **stage):
            guest = Guest(player, **stage)
            stack.push_async_callback(guest.line.close)
            return guest

        yield guest
