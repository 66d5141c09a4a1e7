"""Live sessions of the google-genai package, unchanged.

It speaks TLS only, which a local gateway doesn't: a relay in between takes the TLS off, as a
reverse proxy would.
"""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google import genai

pytestmark = pytest.mark.anyio

MODEL, HOST = "gemini-2.5-flash", "localhost"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A file with a key and its certificate for this machine, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now, day = datetime.now(UTC), timedelta(days=1)
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - day,
        not_valid_after=now + day,
    )
    names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return path


async def pour(source, sink):
    """Hand on bytes until one end closes."""
    with contextlib.suppress(OSError):
        while chunk := await source.read(65_536):
            sink.write(chunk)
            await sink.drain()
    sink.close()


@pytest.fixture
async def connect(gateway, certificate):
    """Start a relay, and make clients whose base URL is a gateway behind it."""
    port = urlsplit(gateway.url).port

    async def relay(reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pour(reader, inner_writer), pour(inner_reader, writer))

    terms = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    terms.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=certificate)
    async with await asyncio.start_server(relay, HOST, 0, ssl=terms) as server:
        outer = server.sockets[0].getsockname()[1]

        def connected(path, *, key="anything", headers=None):
            how = {
                "base_url": f"https://{HOST}:{outer}/v1/local/{path}",
                "async_client_args": {"ssl": trusting},
                "headers": headers,
            }
            client = genai.Client(api_key=key, http_options=how)
            return client.aio.live.connect(model=MODEL, config={"response_modalities": ["TEXT"]})

        yield connected


async def ask(session, text):
    """Say something, and gather the words of one turn with what they cost."""
    turn = {"role": "user", "parts": [{"text": text}]}
    await session.send_client_content(turns=turn, turn_complete=True)
    messages = [message async for message in session.receive()]
    return "".join(message.text or "" for message in messages), messages[-1].usage_metadata


@pytest.mark.parametrize("place", ["google", "google-ai-studio"])
async def test_session(connect, place):
    """The package adds a path of its own to the base URL, and sends its key in a header."""
    async with connect(f"demo/{place}") as session:
        first, _ = await ask(session, "What is the capital of France?")
        second, usage = await ask(session, "What is the capital of Spain?")

    assert "Paris" in first
    assert "Madrid" in second
    assert usage.total_token_count > 0


async def test_token_of_the_gateway(gateway, connect):
    """In the gateway's own header, which the package passes on."""
    headers = {"cf-aig-authorization": f"Bearer {gateway.token}"}

    async with connect("default/google", headers=headers) as session:
        words, _ = await ask(session, "What is the capital of France?")

    assert "Paris" in words


async def test_without_token_it_never_opens(connect):
    """The handshake is refused with the gateway's 401."""
    with pytest.raises(Exception, match="401"):
        async with connect("default/google"):
            pytest.fail("the session opened")
