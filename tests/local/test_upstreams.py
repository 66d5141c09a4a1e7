"""upstreams: real where a key or an address is given, simulated otherwise."""

import asyncio

import pytest

from gateway.errors import Unreachable
from gateway.local.call import Answer, Call
from gateway.local.upstreams import Real, Upstreams, keys_of
from gateway.wire import Incoming

pytestmark = pytest.mark.anyio


def call(provider="openai", path="chat/completions"):
    return Call(
        provider=provider, method="POST", path=path, headers={"authorization": "k"}, body=b"{}"
    )


class Named:
    """An upstream that answers with its name."""

    def __init__(self, name):
        self.name = name

    async def open(self, call):
        return Answer(status=200, headers=[("x-name", self.name)], chunks=_pieces(b""))


async def _pieces(*chunks):
    for chunk in chunks:
        yield chunk


async def test_key_or_address_makes_a_provider_real():
    """Nothing else does: a key that a caller sends along isn't tried on the internet."""
    upstreams = Upstreams(
        real=Named("real"),
        simulated=Named("simulated"),
        keys={"openai": "sk"},
        bases={"groq": "http://127.0.0.1:9"},
    )

    names = [
        (await upstreams.open(call(slug))).header("x-name")
        for slug in ("openai", "groq", "anthropic")
    ]

    assert names == ["real", "real", "simulated"]
    assert upstreams.key("openai") == "sk"
    assert upstreams.key("groq") is None
    assert {"openai", "groq"}.isdisjoint(upstreams.simulated)


class Recording:
    """A wire that keeps what it was asked to send."""

    def __init__(self):
        self.sent = []

    async def open(self, method, url, *, headers, body=None, timeout_s=None):
        self.sent.append((method, url, dict(headers), body))

        async def close():
            await asyncio.sleep(0)

        return Incoming(200, (("Content-Type", "application/json"),), _pieces(b"{}"), close)

    async def aclose(self):
        """Nothing is open."""


@pytest.mark.rule("clients.no_gzip")
async def test_real_call_asks_for_no_compression_at_the_providers_address():
    """Bytes are handed on as they are, so they must be readable."""
    wire = Recording()
    real = Real(wire, {"groq": "http://127.0.0.1:9/base"})

    answer = await real.open(call())
    await real.open(call("groq", "openai/v1/chat/completions"))

    method, url, headers, body = wire.sent[0]
    assert (method, url, body) == ("POST", "https://api.openai.com/v1/chat/completions", b"{}")
    assert headers == {"authorization": "k", "accept-encoding": "identity"}
    assert wire.sent[1][1].startswith("http://127.0.0.1:9/base/")
    assert (answer.status, answer.header("content-type")) == (200, "application/json")


async def test_provider_without_an_address_is_unreachable():
    """It becomes code 2005 on the wire."""
    with pytest.raises(Unreachable):
        await Real(Recording(), {}).open(call("parallel", "v1/tasks/runs"))


def test_keys_come_from_the_providers_variables():
    """Blank ones are as good as none."""
    environ = {"OPENAI_API_KEY": "sk-1", "GOOGLE_AI_API_KEY": " ", "HOME": "/"}

    assert keys_of(environ) == {"openai": "sk-1"}


async def test_custom_provider_is_real_and_gets_its_headers():
    """The request's own headers win over the provider's; once forgotten it has no address."""
    wire, bases = Recording(), {}
    upstreams = Upstreams(
        real=Real(wire, bases), simulated=Named("simulated"), keys={}, bases=bases
    )
    upstreams.place("custom-x", "https://x.example/api", {"x-team": "a", "authorization": "b"})

    await upstreams.open(call("custom-x", "v1/models?a=b"))
    upstreams.displace("custom-x")

    _, url, headers, _ = wire.sent[0]
    assert url == "https://x.example/api/v1/models?a=b"
    assert (headers["x-team"], headers["authorization"]) == ("a", "k")
    with pytest.raises(Unreachable):
        await upstreams.open(call("custom-x"))
