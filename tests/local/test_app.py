"""app: the data plane's bytes, and clients that go away or send what nobody should."""

import asyncio
import json
import socket
import time

import httpx
import pytest

from gateway.local.app import BODY_LIMIT, Gone, _body
from gateway.local.refusals import Refusal
from tests.local.conftest import HELLO, OPENAI

LONG = {
    "model": "gpt-4o-mini",
    "stream": True,
    "messages": [{"role": "user", "content": "Tell me a long story"}],
}


def raw(gateway, text, *, whole=False):
    """Send bytes as they are and return all that comes back; hang up unless they are whole."""
    host, port = gateway.server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(text)
        if not whole:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 404), ("/v1", 404), ("/v1/", 400), ("/v1/a", 400), ("/v3/a/g/openai/x", 404)],
)
def test_unknown_paths_are_answered_in_json(gateway, path, status):
    """Never with a traceback, never with HTML."""
    answer = gateway.http.get(path)

    assert answer.status_code == status
    assert answer.json()["success"] is False


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1,2", b"\xff\xfe", b"null", b'{"model":"gpt-4o-mini"}', b"{" * 2000],
    ids=["empty", "open object", "open array", "no utf-8", "null", "no messages", "deep"],
)
def test_bad_bodies_get_the_providers_own_error(gateway, content):
    """A native path hands the body on; the provider says what is wrong with it."""
    answer = gateway.http.post(
        f"/v1/a/demo/{OPENAI}", content=content, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


@pytest.mark.rule("cache.size")
def test_a_25_mb_body_is_served_but_not_cached(gateway):
    """It is over the size that may be cached, and otherwise a call like any other."""
    body = {**HELLO, "messages": [{"role": "user", "content": "x" * (25 * 1024 * 1024)}]}

    answers = [gateway.ask(body=body, cf_aig_collect_log_payload="false") for _ in range(2)]

    assert [a.headers.get("cf-aig-cache-status") for a in answers] == ["MISS", "MISS"]


@pytest.mark.rule("limits.body")
@pytest.mark.anyio
async def test_larger_than_we_take_is_refused_before_it_is_all_there():
    """413, in the gateway's envelope, and the rest isn't read."""
    chunk = b"x" * (1024 * 1024)
    read = 0

    async def receive():
        nonlocal read
        read += 1
        return {"type": "http.request", "body": chunk, "more_body": True}

    with pytest.raises(Refusal) as refused:
        await _body(receive)

    assert refused.value.status == 413
    assert read == BODY_LIMIT // len(chunk) + 1


@pytest.mark.anyio
async def test_client_that_leaves_while_sending_is_let_go():
    """There is nobody to answer."""

    async def receive():
        return {"type": "http.disconnect"}

    with pytest.raises(Gone):
        await _body(receive)


@pytest.mark.parametrize(
    "text",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/a/demo/openai/models\r\n\r\n",
        b"POST /v1/a/demo/openai/x HTTP/1.1\r\nHost: h\r\nContent-Length: minus\r\n\r\n",
    ],
    ids=["TLS", "no version", "bad length"],
)
def test_what_is_no_http_does_not_stop_the_server(gateway, text):
    """The next call is answered as ever."""
    raw(gateway, text)

    assert gateway.ask().status_code == 200


def test_header_values_of_any_kind_are_survived(gateway):
    """Bytes above 127 and very long values are ignored, not answered with 500."""
    host, port = gateway.server.url.removeprefix("http://").split(":")
    body = json.dumps(HELLO).encode()
    head = (
        f"POST /v1/a/demo/{OPENAI} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    ).encode()

    bad = b"cf-aig-metadata: \xff\xfe\r\ncf-aig-cache-key: \xe9\r\n\r\n"
    answer = raw(gateway, head + bad + body, whole=True)

    assert answer.startswith(b"HTTP/1.1 200")


def test_leaving_mid_stream_closes_the_upstream(own_gateway):
    """Within a second nothing of the call is open any more; the journal says who left."""
    with own_gateway(upstreams={}) as caller:
        with caller.http.stream("POST", f"/v1/a/demo/{OPENAI}", json=LONG) as answer:
            log_id = answer.headers["cf-aig-log-id"]
            next(answer.iter_raw())
        attempt = _settled(caller, log_id)
        row = caller.manage("GET", f"/gateways/demo/logs/{log_id}").json()["result"]

    assert attempt["state"] == "aborted"
    assert attempt["cause"] == "the client went away"
    assert row["success"] is False


def test_leaving_before_the_first_byte_closes_the_upstream(own_gateway):
    """Also while the provider is still thinking."""
    with own_gateway() as caller:
        with pytest.raises(httpx.ReadTimeout):
            caller.http.post(
                f"/v1/a/demo/{OPENAI}",
                json=LONG,
                headers={"x-local-fault": "slow=20000"},
                timeout=0.2,
            )
        open_ = caller.attempts()[0]["request_id"]
        attempt = _settled(caller, open_)

    assert attempt["state"] == "aborted"


def test_many_calls_at_once_do_not_mix(gateway):
    """Each caller gets the answer to the own question."""

    async def one(http, number):
        text = f"question number {number}"
        body = {**HELLO, "messages": [{"role": "user", "content": text}]}
        answer = await http.post(
            f"{gateway.server.url}/v1/a/demo/{OPENAI}",
            json=body,
            headers={"cf-aig-event-id": f"event-{number}"},
        )
        return answer.headers["cf-aig-event-id"]

    async def all_of_them():
        async with httpx.AsyncClient() as http:
            return await asyncio.gather(*(one(http, number) for number in range(40)))

    assert asyncio.run(all_of_them()) == [f"event-{number}" for number in range(40)]


def _settled(caller, request_id, patience_s=1.0):
    """Return the attempt of a request once it has ended, within a second."""
    end = time.perf_counter() + patience_s
    while time.perf_counter() < end:
        [attempt] = caller.journal(request_id)
        if attempt["state"] != "open":
            return attempt
        time.sleep(0.01)
    raise AssertionError(f"still open after {patience_s} s")
