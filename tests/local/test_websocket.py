"""websocket: the non-realtime protocol over a real port, with an unchanged client library."""

import contextlib
import json
import socket
import time
from collections import defaultdict

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from gateway.local.lines import MESSAGE_LIMIT
from gateway.local.websocket import IN_FLIGHT
from gateway.loop import Loop
from tests.local.conftest import HELLO, asking
from tests.raw_server import RawServer, chunk, stream_head

ENDS = ("universal.done", "universal.error")


@contextlib.contextmanager
def opened(caller, gateway="demo", path="", *, token=None, **how):
    """Open a WebSocket of one gateway."""
    url = caller.server.url.replace("http", "ws")
    headers = {**how.pop("headers", {}), **({"cf-aig-authorization": token} if token else {})}
    how = {"additional_headers": headers, "max_size": None, **how}
    with connect(f"{url}/v1/someone/{gateway}{path}", **how) as client:
        yield Talker(client)


class Talker:
    """Somebody with an open WebSocket who asks and sorts the answers by event id."""

    def __init__(self, client):
        self.client = client

    def send(self, event_id, query=HELLO, **step):
        """Ask for one step, by OpenAI unless it says something else."""
        openai = {"provider": "openai", "endpoint": "chat/completions"}
        self.send_request({"eventId": event_id, **openai, "query": query, **step})

    def send_request(self, request):
        """Ask for a step or a list of them."""
        self.client.send(json.dumps({"type": "universal.create", "request": request}))

    def receive(self):
        """Return the next message."""
        return json.loads(self.client.recv(timeout=10))

    def answer(self, event_id, **how):
        """Ask, and return all messages up to the end of the answer."""
        self.send(event_id, **how)
        return self.answers(1)[event_id]

    def answers(self, count):
        """Return the messages of so many answers, by event id."""
        found, ended = defaultdict(list), 0
        while ended < count:
            message = self.receive()
            found[message["metadata"]["eventId"]].append(message)
            whole = message["type"] == "universal.created" and "response" in message
            ended += whole or message["type"] in ENDS
        return found


@pytest.fixture
def talker(gateway):
    """A WebSocket of the gateway ``demo``."""
    with opened(gateway) as talker:
        yield talker


def log(caller, metadata, gateway="demo"):
    """Return the log row that a message names."""
    return caller.manage("GET", f"/gateways/{gateway}/logs/{metadata['logId']}").json()["result"]


def refused(caller, *where, **how):
    """Return status and code of a handshake that is answered with an HTTP error."""
    with pytest.raises(InvalidStatus) as caught, opened(caller, *where, **how):
        pass
    answer = caught.value.response
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, json.loads(answer.body)["error"][0].get("code")


@pytest.mark.rule("ws.create", "ws.whole", "ws.metadata", "logs.request_type")
def test_whole_answer_is_one_message(gateway, talker):
    """Created with its response: nothing follows. Step is text, the log id is a log row's."""
    [message] = talker.answer("mine")

    metadata = message["metadata"]
    assert message["type"] == "universal.created"
    assert set(metadata) == {"cacheStatus", "eventId", "logId", "step", "contentType"}
    assert (metadata["eventId"], metadata["step"]) == ("mine", "0")
    assert metadata["contentType"] == "application/json"
    assert message["response"]["object"] == "chat.completion"
    row = log(gateway, metadata)
    assert (row["request_type"], row["event_id"]) == ("WebSockets", "mine")


@pytest.mark.rule("ws.stream")
def test_streamed_answer_has_three_kinds(talker):
    """Created without a response, a message for each event, done with the whole metadata."""
    first, *events, last = talker.answer("mine", query={**asking("Tell me"), "stream": True})

    assert (first["type"], last["type"]) == ("universal.created", "universal.done")
    assert "response" not in first
    assert first["metadata"] == last["metadata"]
    assert first["metadata"]["contentType"] == "text/event-stream"
    assert {event["type"] for event in events} == {"universal.stream"}
    assert all(event["metadata"] == {"eventId": "mine"} for event in events)
    texts = [event["response"]["choices"] for event in events]
    assert "".join(c[0]["delta"].get("content") or "" for c in texts if c)


@pytest.mark.parametrize(
    ("provider", "endpoint", "query"),
    [
        (
            "anthropic",
            "v1/messages",
            {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": HELLO["messages"]},
        ),
        (
            "google-ai-studio",
            "v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
            {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
        ),
        ("workers-ai", "@cf/meta/llama-3.1-8b-instruct", {"prompt": "tell me a joke"}),
        ("workers-ai", "@cf/meta/llama-3.1-8b-instruct", {"prompt": "Hi", "stream": True}),
        ("compat", "chat/completions", {**HELLO, "model": "anthropic/claude-sonnet-4-5"}),
        ("deepgram", "v1/speak", {"text": "Hello"}),
    ],
)
def test_every_provider_answers(talker, provider, endpoint, query):
    """As on the universal endpoint, the binary ones too."""
    *_, last = talker.answer("mine", query=query, provider=provider, endpoint=endpoint)

    assert last["type"] in ("universal.created", "universal.done")


@pytest.mark.rule("ws.in_flight")
def test_many_requests_share_one_connection(talker):
    """They interleave, and each answer is told apart by its event id."""
    for number in range(40):
        talker.send(f"e{number}", {**asking(f"Question {number}"), "stream": number % 2 == 0})

    answers = talker.answers(40)

    assert set(answers) == {f"e{number}" for number in range(40)}
    assert all(len(answers[f"e{number}"]) == 1 for number in range(1, 40, 2))
    assert all(answers[f"e{number}"][-1]["type"] == "universal.done" for number in range(0, 40, 2))


@pytest.mark.rule("ws.in_flight")
def test_slow_answer_holds_no_other_up(talker):
    """The later question is answered first."""
    talker.send("slow", asking("slow"), headers={"x-local-fault": "slow=60000"})
    talker.send("quick", asking("quick"))

    first = talker.receive()

    assert first["metadata"]["eventId"] == "quick"
    assert talker.receive()["metadata"]["eventId"] == "slow"


@pytest.mark.rule("ws.no_event_id")
def test_missing_event_id_is_made(talker):
    """ASSUMPTION of the contract."""
    talker.send(None)

    assert talker.receive()["metadata"]["eventId"]


@pytest.mark.rule("ws.array")
def test_list_of_steps_falls_back_and_says_which_answered(gateway, talker):
    """ASSUMPTION of the contract: as on the universal endpoint."""
    openai = {"provider": "openai", "endpoint": "chat/completions"}
    bad = {**openai, "query": asking("x"), "headers": {"authorization": "Bearer wrong"}}
    good = {**openai, "query": asking("y"), "config": {"maxAttempts": 2}}

    talker.send_request([{"eventId": "list", **bad}, good])

    message = talker.receive()
    assert message["metadata"]["step"] == "1"
    assert log(gateway, message["metadata"])["step"] == 1


@pytest.mark.rule("ws.cache")
def test_cache_is_the_gateway_s(gateway, talker):
    """An answer over HTTP is a hit over WebSocket: the same question has the same key."""
    body = asking("What is in the cache?")
    step = {"provider": "openai", "endpoint": "chat/completions", "query": body, "headers": {}}
    over_http = gateway.ask("", [step])

    [message] = talker.answer("mine", query=body)

    assert over_http.headers["cf-aig-cache-status"] == "MISS"
    assert message["metadata"]["cacheStatus"] == "HIT"
    assert message["response"] == over_http.json()
    assert message["metadata"]["logId"] != over_http.headers["cf-aig-log-id"]


@pytest.mark.rule("ws.config")
def test_retries_and_options_count_for_each_request(gateway, talker):
    """They stand in the step, as on the universal endpoint."""
    headers = {"x-local-fault": "status=503, ok", "cf-aig-metadata": '{"who": "me"}'}

    [message] = talker.answer(
        "mine",
        query=asking("retry each"),
        headers=headers,
        config={"maxAttempts": 2, "retryDelay": 10},
    )

    row = log(gateway, message["metadata"])
    attempts = gateway.journal(message["metadata"]["logId"])
    assert [attempt["status"] for attempt in attempts] == [503, 200]
    assert row["metadata"] == {"who": "me"}


def test_options_of_the_handshake_count_for_every_request(gateway):
    """ASSUMPTION: they are the request level; a step's own word wins."""
    with opened(gateway, headers={"cf-aig-metadata": '{"who": "all"}'}) as talker:
        [first] = talker.answer("a", query=asking("handshake"))
        own = {"cf-aig-metadata": '{"who": "one"}'}
        [second] = talker.answer("b", query=asking("handshake"), headers=own)

    assert log(gateway, first["metadata"])["metadata"] == {"who": "all"}
    assert log(gateway, second["metadata"])["metadata"] == {"who": "one"}


@pytest.mark.rule("ws.provider_errors")
def test_provider_s_error_is_an_ordinary_answer(talker):
    """Its status is not visible: the body is the provider's own."""
    [message] = talker.answer("mine", headers={"authorization": "Bearer invalid"})

    assert message["type"] == "universal.created"
    assert message["response"]["error"]["code"] == "invalid_api_key"


@pytest.mark.rule("ws.errors")
@pytest.mark.parametrize(
    ("step", "status", "code"),
    [
        ({"provider": "nobody"}, 400, 2008),
        ({"provider": None}, 400, 2019),
        ({"endpoint": None}, 400, 2019),
        ({"headers": {"x-local-fault": "reset"}}, 400, 2005),
    ],
)
def test_gateway_s_error_has_a_message_of_its_own(talker, step, status, code):
    """With the envelope that HTTP has, and the connection goes on."""
    [message] = talker.answer("mine", query=asking("error"), **step)

    assert message["type"] == "universal.error"
    assert message["metadata"] == {"eventId": "mine"}
    assert (message["response"]["httpCode"], message["response"]["error"][0]["code"]) == (
        status,
        code,
    )
    assert talker.answer("next")[0]["type"] == "universal.created"


def test_stream_that_breaks_off_ends_in_an_error(talker):
    """Over HTTP the connection would break; here others share it."""
    *_, last = talker.answer(
        "mine",
        query={**asking("Tell me a long story"), "stream": True},
        headers={"x-local-fault": "reset;after=2"},
    )

    assert last["type"] == "universal.error"
    assert last["response"]["error"][0]["code"] == 2005


@pytest.mark.rule("ws.errors")
@pytest.mark.parametrize("message", ["", "{", "[]", '{"type":"x"}', b"\xff", "[" * 9000])
def test_unreadable_message_is_answered(talker, message):
    """The connection stays: the client may have others open."""
    talker.client.send(message)

    assert talker.receive()["type"] == "universal.error"
    assert talker.answer("next")[0]["type"] == "universal.created"


@pytest.mark.rule("rate.scope", "ws.cache")
def test_rate_limit_counts_each_request(gateway):
    """Not each connection."""
    limited = gateway.new_gateway(rate_limiting_limit=2, rate_limiting_interval=3600)

    with opened(gateway, limited) as talker:
        kinds = [
            talker.answer(f"e{number}", query=asking(str(number)), headers={"authorization": "k"})
            for number in range(3)
        ]

    assert [kind[0]["type"] for kind in kinds] == ["universal.created"] * 2 + ["universal.error"]
    assert kinds[2][0]["response"]["error"][0]["code"] == 2003


@pytest.mark.rule("ws.header")
@pytest.mark.parametrize("spelled", ["Bearer {}", "{}"])
def test_token_of_the_handshake_opens_a_guarded_gateway(gateway, spelled):
    """With and without ``Bearer``."""
    with opened(gateway, "default", token=spelled.format(gateway.token)) as talker:
        [message] = talker.answer("mine")

    assert message["type"] == "universal.created"
    assert log(gateway, message["metadata"], "default")["authentication"] is True


@pytest.mark.rule("ws.sub_protocol_everywhere")
def test_token_of_a_sub_protocol_opens_a_guarded_gateway(gateway):
    """And exactly this one is answered, with and without a slash at the end."""
    offered = [f"cf-aig-authorization.{gateway.token}"]

    for path in ("", "/"):
        with opened(gateway, "default", path, subprotocols=offered) as talker:
            assert talker.client.subprotocol == offered[0]
            assert talker.answer("mine")[0]["type"] == "universal.created"


@pytest.mark.rule("ws.refused_before_upgrade")
@pytest.mark.parametrize(
    ("where", "how", "told"),
    [
        (["default"], {}, (401, 2009)),
        (["default"], {"token": "Bearer undefined"}, (401, 2009)),
        (["default"], {"subprotocols": ["cf-aig-authorization.wrong"]}, (401, 2009)),
        (["default", "/openai?model=m"], {}, (401, 2009)),
        (["nowhere"], {}, (400, 2001)),
        (["demo"], {"origin": "https://elsewhere.example"}, (403, None)),
        (["demo", "/nobody"], {}, (400, 2008)),
        (["demo", "/anthropic/v1"], {}, (400, None)),
    ],
)
def test_refused_before_the_upgrade(gateway, where, how, told):
    """With HTTP status and the envelope: a browser's program sees only a failed handshake."""
    assert refused(gateway, *where, **how) == told


def test_more_than_a_connection_may_have_open_is_refused(gateway, talker):
    """At once, and not left waiting."""
    for number in range(IN_FLIGHT + 1):
        talker.send(f"e{number}", asking("wait"), headers={"x-local-fault": "slow=120000"})

    first = talker.receive()

    assert first["type"] == "universal.error"
    assert first["metadata"]["eventId"] == f"e{IN_FLIGHT}"
    assert first["response"]["httpCode"] == 429


def test_too_large_a_message_closes_the_connection(talker):
    """1009, as the standard says, before it is all there."""
    head = b"\x81\xff" + (MESSAGE_LIMIT + 1).to_bytes(8, "big")
    talker.client.socket.sendall(head + bytes(4))

    with pytest.raises(ConnectionClosed) as closed:
        talker.receive()

    assert closed.value.rcvd.code == 1009


@pytest.mark.rule("ws.ping")
def test_ping_is_answered(talker):
    """Also while an answer is under way."""
    talker.send("mine", headers={"x-local-fault": "slow=60000"})

    assert talker.client.ping().wait(5)


@pytest.mark.rule("ws.ping")
def test_close_is_answered_with_its_code(talker):
    """The client's 1000 comes back."""
    talker.client.close(1000)

    assert talker.client.protocol.close_rcvd.code == 1000


def test_gateway_that_stops_says_so(own_gateway):
    """1012, service restart: clients may come back."""
    with own_gateway() as caller, opened(caller) as talker:
        caller.server.stop()
        with pytest.raises(ConnectionClosed) as closed:
            talker.receive()

    assert closed.value.rcvd.code == 1012


@pytest.mark.parametrize("politely", [True, False])
def test_leaving_closes_all_upstreams(gateway, politely):
    """Within a second; the journal says who left, with and without a close frame."""
    story = {**asking("Tell me a long story"), "stream": True}
    with opened(gateway) as talker:
        for number in range(3):
            talker.send(f"e{number}", story, headers={"x-local-fault": "stall"})
        ids = {talker.receive()["metadata"].get("logId") for _ in range(12)} - {None}
        if not politely:
            talker.client.socket.shutdown(socket.SHUT_RDWR)

    ends = [_settled(gateway, log_id) for log_id in ids]

    assert len(ids) == 3
    assert {(end["state"], end["cause"]) for end in ends} == {("aborted", "the client went away")}


def test_client_that_does_not_read_holds_its_upstreams_back(own_gateway):
    """An answer without an end waits at the provider, not in the gateway's memory."""
    megabyte = chunk(f'data: {{"text":"{"x" * 2**20}"}}\n\n')
    sent = 0

    async def endless(request, peer):
        nonlocal sent
        await peer.send(stream_head())
        while not peer.gone.is_set():
            await peer.send(megabyte)
            sent += 1

    with (
        Loop() as loop,
        served(loop, endless) as url,
        own_gateway(upstreams={"openai": url}) as caller,
        opened(caller, max_queue=1, close_timeout=0.1) as talker,
    ):
        talker.send("mine", {**HELLO, "stream": True}, headers={"authorization": "Bearer k"})
        counts = steady(lambda: sent)

    assert 0 < counts < 32


@contextlib.contextmanager
def served(loop, answer):
    """Run a server whose answers are written by a function; gives its address."""
    server = RawServer(answer)
    loop.run(server.__aenter__())
    yield server.url
    loop.run(server.__aexit__())


def steady(value, patience_s=5.0):
    """Return a value once it has stayed the same, above 0, for a while."""
    end, seen, since = time.perf_counter() + patience_s, value(), time.perf_counter()
    while time.perf_counter() < end and (time.perf_counter() - since < 0.3 or not seen):
        if value() != seen:
            seen, since = value(), time.perf_counter()
        time.sleep(0.01)
    return seen


def _settled(caller, log_id, patience_s=1.0):
    """Return the attempt behind a log row once it has ended, within a second."""
    end = time.perf_counter() + patience_s
    while time.perf_counter() < end:
        [attempt] = caller.journal(log_id)
        if attempt["state"] != "open":
            return attempt
        time.sleep(0.01)
    raise AssertionError(f"still open after {patience_s} s")
