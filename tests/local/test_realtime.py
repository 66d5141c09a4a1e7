"""realtime: sessions relayed to a provider's server, and played where there is none."""

import contextlib
import json
import queue
import socket
import threading
import time
from collections import defaultdict

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.server import serve

from tests.local.conftest import calling

HEADERS = {"Authorization": "Bearer key", "OpenAI-Beta": "realtime=v1"}


@contextlib.contextmanager
def opened(caller, path, gateway="demo", **how):
    """Open a realtime session."""
    url = caller.server.url.replace("http", "ws")
    with connect(f"{url}/v1/someone/{gateway}{path}", **how) as client:
        yield client


class Provider:
    """A provider's server that echoes; words make it do something else."""

    def __init__(self):
        self.handshakes = queue.Queue()
        self.ends = defaultdict(queue.Queue)

    def serve(self, connection):
        """Echo, or close as told."""
        self.handshakes.put(connection.request)
        with contextlib.suppress(ConnectionClosed):
            for message in connection:
                if message == "close":
                    connection.close(4321, "as told")
                elif message == "break":
                    connection.socket.shutdown(socket.SHUT_RDWR)
                else:
                    connection.send(message)
        self.ends[connection.request.path].put(connection.protocol.close_rcvd)

    def answer(self, connection, request):
        """Refuse one key before the upgrade."""
        if "refused" in request.headers.get("authorization", ""):
            return connection.respond(418, "I am a teapot")
        return None


@pytest.fixture(scope="module")
def running_provider():
    provider = Provider()
    with serve(
        provider.serve,
        "127.0.0.1",
        0,
        process_request=provider.answer,
        select_subprotocol=lambda _, offered: "realtime" if "realtime" in offered else None,
        max_size=None,
    ) as server:
        provider.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()


@pytest.fixture
def provider(running_provider):
    """A provider's server, and the handshakes that it saw in this test."""
    running_provider.handshakes = queue.Queue()
    return running_provider


@pytest.fixture(scope="module")
def relayed(running_provider):
    """A gateway whose OpenAI, Google and fal are that server, and whose Deepgram is nobody."""
    names = ("openai", "google-ai-studio", "fal")
    upstreams = {**dict.fromkeys(names, running_provider.url), "deepgram": "ws://127.0.0.1:9"}
    with calling(instant=True, upstreams=upstreams) as caller:
        yield caller


def ended(caller, patience_s=1.0):
    """Return the newest attempt once it is over."""
    end = time.perf_counter() + patience_s
    while time.perf_counter() < end:
        attempt = caller.attempts()[-1]
        if attempt["state"] != "open":
            return attempt
        time.sleep(0.01)
    raise AssertionError("the session is still open")


FRAMES = ["text", "", "Grüße 🌍", b"", bytes(range(256)), b"x" * 3_000_000, "y" * 3_000_000]


@pytest.mark.rule("realtime.relay")
@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: f"{type(frame).__name__}-{len(frame)}")
def test_frames_go_both_ways_unchanged(relayed, frame):
    """Text stays text, binary stays binary, of any size."""
    with opened(relayed, "/openai?model=m", additional_headers=HEADERS, max_size=None) as client:
        client.send(frame)
        back = client.recv(timeout=5)

    assert back == frame


def test_fragments_arrive_as_one_message(relayed):
    """What a client sends in pieces is one message for the provider."""
    with opened(relayed, "/openai?model=m", additional_headers=HEADERS) as client:
        client.send(["a", "b", "c"])

        assert client.recv(timeout=5) == "abc"


def test_handshake_of_the_provider(relayed, provider):
    """It gets its own key and path, the client's other headers, and nothing of the gateway's."""
    token = {"cf-aig-authorization": "Bearer t", "X-Other": "o", "cf-aig-metadata": '{"a":1}'}

    with opened(relayed, "/openai?model=gpt-rt", additional_headers={**HEADERS, **token}):
        request = provider.handshakes.get(timeout=5)

    assert request.path == "/v1/realtime?model=gpt-rt"
    assert request.headers["authorization"] == "Bearer key"
    assert (request.headers["openai-beta"], request.headers["x-other"]) == ("realtime=v1", "o")
    assert not [name for name in request.headers if name.lower().startswith("cf-")]


@pytest.mark.rule("realtime.google_segment")
def test_key_of_the_query_is_google_s(relayed, provider):
    """Google's key comes as ``api_key`` and goes as ``key``."""
    with opened(relayed, "/google?api_key=G", subprotocols=["cf-aig-authorization.t"]) as client:
        request = provider.handshakes.get(timeout=5)
        chosen = client.subprotocol

    assert request.path.endswith(".GenerativeService.BidiGenerateContent?key=G")
    assert chosen == "cf-aig-authorization.t"


@pytest.mark.rule("realtime.fal_key")
def test_key_of_a_sub_protocol_is_fal_s(relayed, provider):
    """Sub-protocols that hold secrets don't reach the provider as such; others do."""
    offered = ["fal-api-key.F", "cf-aig-authorization.t", "realtime"]

    with opened(relayed, "/fal/fal-ai/fast-lcm-diffusion", subprotocols=offered):
        request = provider.handshakes.get(timeout=5)

    assert request.path == "/fal-ai/fast-lcm-diffusion"
    assert request.headers["authorization"] == "Key F"
    assert request.headers.get_all("sec-websocket-protocol") == ["realtime"]


def test_sub_protocol_that_the_provider_chose_is_answered(relayed, provider):
    """Unless the token came as one: then that is the one answered."""
    with opened(
        relayed, "/openai", additional_headers=HEADERS, subprotocols=["other", "realtime"]
    ) as client:
        chosen = client.subprotocol
    provider.handshakes.get(timeout=5)

    assert chosen == "realtime"


def test_provider_s_close_reaches_the_client(relayed):
    """With its code and reason."""
    with opened(relayed, "/openai", additional_headers=HEADERS) as client:
        client.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=5)

    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4321, "as told")
    assert ended(relayed)["state"] == "failed"


def test_broken_provider_closes_the_client(relayed):
    """1011: it wasn't the client's fault."""
    with opened(relayed, "/openai", additional_headers=HEADERS) as client:
        client.send("break")
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=5)

    assert closed.value.rcvd.code == 1011


@pytest.mark.parametrize("code", [1000, 4000])
def test_client_s_close_reaches_the_provider(relayed, running_provider, code):
    """With its code: the session is over."""
    with opened(relayed, f"/openai?code={code}", additional_headers=HEADERS) as client:
        client.close(code)

    close = running_provider.ends[f"/v1/realtime?code={code}"].get(timeout=5)
    assert close.code == code
    assert ended(relayed)["state"] == "done"


def test_client_that_breaks_off_ends_the_session(relayed, running_provider):
    """The provider's side is closed properly, and the journal tells it from an ended one."""
    with opened(relayed, "/openai?code=none", additional_headers=HEADERS) as client:
        client.send("x")
        client.recv(timeout=5)
        client.socket.shutdown(socket.SHUT_RDWR)

    close = running_provider.ends["/v1/realtime?code=none"].get(timeout=5)
    assert close.code == 1000
    assert ended(relayed)["state"] == "aborted"


def test_provider_s_refusal_comes_before_the_upgrade(relayed):
    """With its own status and body."""
    refused = {"Authorization": "Bearer refused"}
    with (
        pytest.raises(InvalidStatus) as caught,
        opened(relayed, "/openai", additional_headers=refused),
    ):
        pass

    answer = caught.value.response
    assert (answer.status_code, answer.body) == (418, b"I am a teapot")


def test_unreachable_provider_is_the_gateway_s_error(relayed):
    """2005, as over HTTP."""
    with pytest.raises(InvalidStatus) as caught, opened(relayed, "/deepgram/v1/listen"):
        pass

    assert json.loads(caught.value.response.body)["error"][0]["code"] == 2005
    assert ended(relayed)["state"] == "failed"


@pytest.mark.rule("realtime.one_row")
def test_one_log_row_for_a_session(gateway):
    """ASSUMPTION of the contract: with ``websocket`` as its type, not cached."""
    with opened(gateway, "/openai?model=gpt-realtime", additional_headers=HEADERS) as client:
        client.recv(timeout=5)
    attempt = ended(gateway)

    row = gateway.manage("GET", f"/gateways/demo/logs/{attempt['log_id']}").json()["result"]
    assert (row["request_type"], row["provider"]) == ("websocket", "openai")
    assert (row["model"], row["status_code"]) == ("openai/gpt-realtime", 101)
    assert (row["success"], row["cached"]) == (True, False)


@pytest.mark.rule("rate.scope")
def test_rate_limit_counts_sessions(gateway):
    """Refused before the upgrade, and logged."""
    limited = gateway.new_gateway(rate_limiting_limit=1, rate_limiting_interval=3600)
    with opened(gateway, "/openai", limited, additional_headers=HEADERS):
        pass

    with (
        pytest.raises(InvalidStatus) as caught,
        opened(gateway, "/openai", limited, additional_headers=HEADERS),
    ):
        pass

    assert caught.value.response.status_code == 429
    assert gateway.newest_log(limited)["status_code"] == 429


def test_session_needs_a_policy_s_leave(gateway):
    """Refused before the upgrade, in the policies' own envelope, and logged."""
    name = gateway.new_gateway()
    policy = {
        "name": "Small models only",
        "actor": "all",
        "resource": {"model": "openai/*-mini"},
        "action": {"type": "no-limit"},
    }
    gateway.manage("POST", f"/gateways/{name}/policies?commit=true", json=policy)

    with (
        pytest.raises(InvalidStatus) as caught,
        opened(gateway, "/openai?model=gpt-realtime", name, additional_headers=HEADERS),
    ):
        pass
    with opened(gateway, "/openai?model=gpt-realtime-mini", name, additional_headers=HEADERS) as ok:
        first = json.loads(ok.recv(timeout=5))

    assert caught.value.response.status_code == 403
    assert json.loads(caught.value.response.body)["error"] == {"message": "Access denied by policy"}
    assert first["type"] == "session.created"


@pytest.mark.rule("realtime.stored_keys")
def test_stored_key_needs_no_key_of_the_client(gateway):
    """The token stays, the provider's key is omitted."""
    offered = [f"cf-aig-authorization.{gateway.token}"]

    with opened(gateway, "/openai?model=gpt-realtime", "default", subprotocols=offered) as client:
        first = json.loads(client.recv(timeout=5))

    assert first["type"] == "session.created"


@pytest.mark.parametrize(
    ("path", "how", "status"),
    [
        ("/openai?model=m", {"additional_headers": {"Authorization": "Bearer wrong"}}, 401),
        ("/google?api_key=invalid", {}, 401),
        ("/workers-ai?model=@cf/meta/llama", {}, 404),
    ],
)
def test_simulated_providers_refuse_as_real_ones_do(gateway, path, how, status):
    """Before the upgrade, in their own words."""
    with pytest.raises(InvalidStatus) as caught, opened(gateway, path, **how):
        pass

    assert caught.value.response.status_code == status
