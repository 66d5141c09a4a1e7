"""fast: over TLS, and by the other wire through a proxy. The rest is in test_wires."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.errors import Unreachable
from gateway.wire.fast import FastWire
from gateway.wire.network import trust
from tests.raw_server import RawServer, whole

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody vouches for, with its key: the file's path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "nobody.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
async def secure(certificate):
    """A server that speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def answer(request, peer):
        await peer.send(whole(request.body))

    async with RawServer(answer, tls=context) as server:
        yield server


async def test_stranger_gets_no_request(secure):
    """A certificate that nobody vouches for ends the call before a key is sent."""
    wire = FastWire()

    with pytest.raises(Unreachable, match="its certificate can't be verified"):
        await wire.open("POST", f"https://127.0.0.1:{secure.port}/", headers=[], body=b"{}")

    assert secure.requests == []
    await wire.aclose()


async def test_calls_over_tls_share_a_connection(secure, certificate):
    """As soon as somebody vouches for it; a large body goes and comes back whole."""
    trust().load_verify_locations(certificate)
    wire, url, body = FastWire(), f"https://127.0.0.1:{secure.port}/", bytes(range(256)) * 8000

    for _ in range(2):
        assert await (await wire.open("POST", url, headers=[], body=body)).read() == body

    assert secure.connections == 1
    await wire.aclose()


async def test_one_call_by_proxy_and_one_without(monkeypatch):
    """The environment says which; both wires are closed together."""

    async def answer(request, peer):
        await peer.send(whole(request.target))

    async with RawServer(answer) as server:
        monkeypatch.setenv("http_proxy", server.url)
        wire = FastWire()
        outside = await wire.open("GET", "http://outside.test/a", headers=[])
        inside = await wire.open("GET", f"{server.url}/b", headers=[])

        assert [await outside.read(), await inside.read()] == [b"http://outside.test/a", b"/b"]
        await wire.aclose()
