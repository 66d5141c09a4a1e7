"""What tests of the simulated providers share: time that passes at once, and somebody who calls."""

from dataclasses import dataclass

import orjson
import pytest

from gateway.local.call import Call
from gateway.local.clock import Clock
from gateway.local.simulated import Simulated


class PassingTime:
    """Time that passes as fast as somebody sleeps."""

    def __init__(self):
        self.now_s = 0.0
        self.sleeps = []

    def read(self):
        return self.now_s

    async def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.now_s += seconds


@dataclass
class Played:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes
    chunks: list[bytes]

    @property
    def json(self):
        return orjson.loads(self.body)


class Caller:
    """Somebody who calls a simulated provider with a key that works."""

    def __init__(self, upstream):
        self.upstream = upstream

    async def open(self, provider, path, body=None, *, method="POST", headers=None, **how):
        """Open a call; its answer isn't read yet."""
        raw = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        usual = {"authorization": "Bearer key", "content-type": "application/json"}
        return await self.upstream.open(
            Call(
                provider=provider,
                method=method,
                path=path,
                headers=usual if headers is None else headers,
                body=raw,
                **how,
            )
        )

    async def ask(self, provider, path, body=None, **how):
        """Call and read the answer to its end."""
        answer = await self.open(provider, path, body, **how)
        chunks = [chunk async for chunk in answer.chunks]
        return Played(answer.status, dict(answer.headers), b"".join(chunks), chunks)


@pytest.fixture
def time():
    """Time that nobody has to wait for."""
    return PassingTime()


@pytest.fixture
def clock(time):
    """A clock on that time."""
    return Clock(wall=lambda: 1_760_000_000.0, steady=time.read, sleep=time.sleep)


@pytest.fixture
def caller(clock):
    """A caller of providers that never wait."""
    return Caller(Simulated(clock, instant=True))


@pytest.fixture
def paced_caller(clock):
    """A caller of providers at their own pace."""
    return Caller(Simulated(clock))


@pytest.fixture
def calling():
    """How to make a caller of another upstream."""
    return Caller
