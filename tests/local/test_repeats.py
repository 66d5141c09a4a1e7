"""repeats: a repeated hit is what the pipeline would have made of it, until something changes."""

import asyncio
import json
import socket
from dataclasses import replace

import pytest

from gateway.local.candidates import AUTO
from gateway.local.clock import Clock
from gateway.local.exports import Exports
from gateway.local.faults import Faults
from gateway.local.pipeline import Pipeline
from gateway.local.repeats import Repeats
from gateway.local.routing import route_of
from gateway.local.simulated import Simulated
from gateway.local.state import State
from gateway.local.steps import Request
from gateway.local.store import Store
from gateway.local.upstreams import Upstreams
from gateway.policy import GatewayPolicy
from gateway.wire.fast import FastWire
from tests.local.conftest import HELLO, OPENAI

BODY = json.dumps(HELLO).encode()
RAW = b"POST the-same\r\n\r\n" + BODY
STEP = {"provider": "openai", "endpoint": "chat/completions", "query": HELLO}


class Client:
    """Somebody who keeps what was sent."""

    async def start(self, status, headers):
        self.status, self.headers, self.body = status, headers, b""

    async def send(self, chunk):
        self.body += chunk

    async def end(self, chunk=b""):
        self.body += chunk


class Desk:
    """The data plane in this process, with a clock that stands still."""

    def __init__(self, store, limit):
        self.s = 1000.0
        self.clock = Clock(wall=lambda: 1000.0, steady=lambda: self.s)
        played = Simulated(self.clock, instant=True)
        upstreams = Upstreams(real=played, simulated=played, keys={}, bases={})
        self.state = State(
            store=store,
            clock=self.clock,
            upstreams=upstreams,
            faults=Faults(),
            exports=Exports(FastWire()),
        )
        self.state.add(GatewayPolicy(id="g", cache_ttl=300))
        self.repeats = Repeats(self.state, limit=limit)
        self.pipeline = Pipeline(self.state, self.repeats)

    def ask(self, raw=RAW, *, path=OPENAI, body=BODY, headers=None):
        """Send one request the whole way."""
        request = Request(
            route=route_of(f"/v1/a/g/{path}", ""),
            method="POST",
            headers={"content-type": "application/json", **(headers or {})},
            body=body,
            raw=raw,
        )
        client = Client()
        asyncio.run(self.pipeline.serve(request, client))
        return client

    def repeat(self, raw=RAW, **how):
        """Ask until the request is known, and return the last answer."""
        return [self.ask(raw, **how) for _ in range(3)][-1]

    def change(self, **settings):
        self.state.add(replace(self.state.gateways["g"].policy, **settings))


@pytest.fixture
def desk(tmp_path):
    store = Store.open(tmp_path)
    yield Desk(store, 100_000)
    store.close()


def id_of(head):
    return dict(head)[b"cf-aig-request-id"].decode()


def pairs(head):
    """Return the headers that stand in an answer's head."""
    return [tuple(line.split(b": ", 1)) for line in head.split(b"\r\n") if line]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"headers": {"cf-aig-event-id": "100% mine", "user-agent": "me"}},
        {"headers": {"cf-aig-metadata": '{"team":"x"}', "cf-aig-collect-log-payload": "false"}},
        {"headers": {"authorization": "Bearer sk-1", "cf-aig-cache-ttl": "90"}},
        {"headers": {"cf-aig-cache-key": "own"}},
        {"path": "", "body": json.dumps([STEP, STEP]).encode()},
        {
            "path": "compat/chat/completions",
            "body": json.dumps({**HELLO, "model": "openai/gpt-5-mini"}).encode(),
        },
    ],
    ids=["plain", "event id", "metadata", "credential", "custom key", "universal", "compat"],
)
def test_repeated_hit_leaves_what_any_hit_leaves(desk, how):
    """The answer, the log row and the account differ in ids and nothing else."""
    whole = desk.repeat(**how)
    status, head, body = desk.repeats.answer(RAW)
    old, new = id_of(whole.headers), id_of(pairs(head))
    rows = [desk.state.store.log("g", log_id) for log_id in (old, new)]
    told = [desk.state.accounts.explain(log_id, desk.clock.now()) for log_id in (old, new)]

    assert (status, body) == (whole.status, whole.body)
    assert old != new
    text = json.dumps([repr(each) for each in (whole.headers, rows[0], told[0])])
    assert text.replace(old, new) == json.dumps(
        [repr(each) for each in (pairs(head), rows[1], told[1])]
    )
    assert rows[1]["cached"]
    assert told[1]["reason"] == "hit"


def test_hit_without_a_log_has_none_when_repeated(desk):
    """The request says so each time."""
    desk.repeat(headers={"cf-aig-collect-log": "false"})
    _, head, _ = desk.repeats.answer(RAW)

    assert desk.state.store.log("g", id_of(pairs(head))) is None


def test_times_are_those_of_the_repetition(desk):
    """And ids go on in their order."""
    desk.repeat()
    desk.s += 10
    _, first, _ = desk.repeats.answer(RAW)
    _, second, _ = desk.repeats.answer(RAW)
    row = desk.state.store.log("g", id_of(pairs(first)))

    assert row["created_s"] == 1010.0
    assert id_of(pairs(first)) < id_of(pairs(second))
    assert desk.state.accounts.explain(row["id"], 1010.0)["age_s"] == 10.0


CHANGES = {
    "settings": lambda desk: desk.change(collect_logs=False),
    "authentication": lambda desk: desk.change(authentication=True),
    "checks": lambda desk: desk.change(
        other={"dlp": {"enabled": True, "action": "BLOCK", "profiles": ["credentials"]}}
    ),
    "exporters": lambda desk: desk.change(
        other={"otel": [{"url": "http://127.0.0.1:9/", "headers": {}, "content_type": "json"}]}
    ),
    "no gateway": lambda desk: desk.state.remove("g"),
    "no cache": lambda desk: desk.state.clear_cache("g"),
    "no provider": lambda desk: desk.state.forget_provider("openai"),
    "time": lambda desk: setattr(desk, "s", desk.s + 301),
    "another answer": lambda desk: desk.state.cache.put(
        replace(next(iter(desk.state.cache._entries.values())), body=b"{}")
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_any_change_sends_the_request_the_whole_way(desk, change):
    """On the very next request, as settings take effect."""
    desk.repeat()
    assert desk.repeats.answer(RAW) is not None

    change(desk)

    assert desk.repeats.answer(RAW) is None


def test_rate_limit_counts_repeated_hits(desk):
    """Three pass on the way there, two more as repetitions; the pipeline refuses the sixth."""
    desk.change(rate_limiting_limit=5, rate_limiting_interval=60)
    desk.repeat()

    answers = [desk.repeats.answer(RAW) for _ in range(3)]

    assert [answer is not None for answer in answers] == [True, True, False]


def test_hit_is_known_once_it_came_a_second_time(desk):
    """A miss and a first hit leave nothing behind: most requests never come again."""
    desk.ask()
    desk.ask()
    assert desk.repeats.answer(RAW) is None

    desk.ask()

    assert desk.repeats.answer(RAW) is not None


@pytest.mark.parametrize(
    ("how"),
    [
        {"raw": b""},
        {
            "path": "compat/chat/completions",
            "body": json.dumps({**HELLO, "model": AUTO}).encode(),
            "headers": {"cf-aig-cache-key": "own"},
        },
        {"headers": {"cf-aig-skip-cache": "true"}},
        {"body": json.dumps({**HELLO, "stream": True}).encode()},
    ],
    ids=["in pieces", "auto router", "no hit", "stream"],
)
def test_what_depends_on_more_than_its_bytes_is_not_known(desk, how):
    """Nor what isn't a hit."""
    desk.repeat(**how)

    assert desk.repeats.answer(how.get("raw", RAW)) is None


def test_what_was_not_used_for_long_is_dropped(desk):
    """The memory has an end; heads are known as long as one of their requests is."""
    raws = [b"POST %d\r\n\r\nbody" % number for number in range(200)]
    for raw in raws:
        desk.repeat(raw)
        desk.repeats.answer(raws[0])

    assert desk.repeats.answer(raws[0]) is not None
    assert desk.repeats.answer(raws[1]) is None
    assert desk.repeats.answer(raws[-1]) is not None
    assert desk.repeats.is_head(b"POST 199\r\n\r\n")
    assert not desk.repeats.is_head(b"POST 1\r\n\r\n")


def test_large_requests_are_not_kept(desk):
    """They would push out all others."""
    raw = b"POST x\r\n\r\n" + bytes(200_000)
    desk.repeat(raw)

    assert desk.repeats.answer(raw) is None


def asked(event_id):
    """Return the bytes of a request that is a hit from the second time on."""
    content = json.dumps({**HELLO, "user": "repeats"}).encode()
    lines = [
        f"POST /v1/someone/demo/{OPENAI} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Length: {len(content)}",
        f"cf-aig-event-id: {event_id}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def heard(connection):
    """Return head and body of the next answer."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += connection.recv(65536)
    head, _, body = text.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head, body


@pytest.fixture
def connection(gateway):
    """A connection over which the same request was a hit twice, so that it is known."""
    host, port = gateway.server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as opened:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(4):
            opened.sendall(asked("known"))
            heard(opened)
        yield opened


@pytest.mark.parametrize("at", [10_000, -1, -20, "head", 10], ids=str)
def test_known_request_may_come_in_pieces(gateway, connection, at):
    """Head and body apart, as most clients in Python send them, or cut anywhere, or whole."""
    request = asked("known")
    cut = request.index(b"\r\n\r\n") + 4 if at == "head" else at
    for piece in (request[:cut], request[cut:]):
        connection.sendall(piece)
        gateway.http.get("/_local/health")  # by then the piece has arrived

    head, body = heard(connection)

    assert b"\r\ncf-aig-cache-status: HIT\r\n" in head
    assert json.loads(body)["object"] == "chat.completion"


def test_known_head_may_be_followed_by_another_body(gateway, connection):
    """Of the same length, so that nothing but the body tells."""
    request = asked("known")
    cut = request.index(b"\r\n\r\n") + 4
    connection.sendall(request[:cut])
    gateway.http.get("/_local/health")
    connection.sendall(request[cut:].replace(b"repeats", b"another"))

    head, _ = heard(connection)

    assert b"\r\ncf-aig-event-id: known\r\n" in head
    assert b"\r\ncf-aig-cache-status: MISS\r\n" in head


def test_known_and_new_requests_are_answered_in_their_order(connection):
    """Pipelined, a known one behind one that the parser has."""
    connection.sendall(asked("new") + asked("known"))
    connection.sendall(asked("known"))

    events = [heard_event(connection) for _ in range(3)]

    assert events == [b"new", b"known", b"known"]


def heard_event(connection):
    """Read one answer to its end and return its event id."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += connection.recv(1)
    length = int(text.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while length:
        length -= len(connection.recv(length))
    return text.partition(b"cf-aig-event-id: ")[2].split(b"\r\n")[0]
