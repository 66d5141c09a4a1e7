"""messages: what clients send is read, and what the pipeline answers becomes messages."""

import base64
import contextlib
import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import BadAnswer
from gateway.local.messages import Answering, Create, Unreadable, read

STEP = {"eventId": "mine", "provider": "openai", "endpoint": "chat/completions", "query": {}}
OWN = [(b"cf-aig-cache-status", b"MISS"), (b"cf-aig-log-id", b"log"), (b"cf-aig-step", b"1")]
METADATA = {"cacheStatus": "MISS", "eventId": "mine", "logId": "log", "step": "1"}

UNREADABLE = [
    ("", None),
    ("{", None),
    ("[]", None),
    ("null", None),
    ('{"type":"universal.create"}', None),
    ('{"type":"universal.create","request":[]}', None),
    ('{"type":"universal.create","request":"text"}', None),
    ('{"type":"universal.create","request":[1]}', None),
    ('{"request":{"eventId":"mine"}}', "mine"),
    ('{"type":"universal.delete","request":{"eventId":"mine"}}', "mine"),
    ('{"type":"universal.create","request":{"eventId":7}}', None),
    (b"\xff\xfe", None),
    ("[" * 5000, None),
    ('{"type":"universal.create","request":{"eventId":"mine","query":' + "[" * 400
     + "]" * 400 + "}}", "mine"),
]  # fmt: skip

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=12,
)
near = st.fixed_dictionaries(
    {},
    optional={
        "type": st.just("universal.create") | plain,
        "request": st.dictionaries(
            st.sampled_from(["eventId", "provider", "headers", "query", "config"]) | st.text(),
            plain,
        )
        | st.lists(plain, max_size=3)
        | plain,
    },
)


def create(request):
    """Return a message that asks for one thing."""
    return json.dumps({"type": "universal.create", "request": request})


async def said(kind, *chunks, limit=2**20):
    """Return the messages of an answer with this content type and these pieces."""
    out = []

    async def put(message):
        out.append(json.loads(message))

    answering = Answering(put, "mine", limit=limit)
    await answering.start(200, [(b"content-type", kind.encode()), *OWN])
    for chunk in chunks:
        await answering.send(chunk)
    await answering.end()
    return out


def test_one_step_is_a_list_of_one():
    """The universal endpoint takes lists."""
    found = read(create(STEP))

    assert found == Create(event_id="mine", body=orjson.dumps([STEP]))


@pytest.mark.rule("ws.array")
def test_list_of_steps_is_named_by_its_first():
    """ASSUMPTION of the contract: ``eventId`` comes from the first element."""
    found = read(create([STEP, {**STEP, "eventId": "other"}]))

    assert found.event_id == "mine"
    assert len(json.loads(found.body)) == 2


@pytest.mark.parametrize("missing", [None, ""])
def test_without_an_event_id_there_is_none(missing):
    """The gateway makes one then."""
    assert read(create({**STEP, "eventId": missing})).event_id is None


def test_binary_message_is_read_as_text():
    """Some clients send bytes."""
    assert read(create(STEP).encode()).event_id == "mine"


def test_fault_of_a_message_stands_in_its_first_step():
    """A message has no headers of its own."""
    assert read(create({**STEP, "headers": {"X-Local-Fault": "503"}})).fault == "503"


@pytest.mark.parametrize(("message", "event_id"), UNREADABLE)
def test_unreadable_message_says_so(message, event_id):
    """And under the id that it was sent with, where it has one."""
    with pytest.raises(Unreadable) as unreadable:
        read(message)

    assert unreadable.value.event_id == event_id
    assert unreadable.value.refusal.status == 400


@settings(max_examples=150, deadline=None)
@given(st.text() | st.binary() | near.map(json.dumps) | plain.map(json.dumps))
def test_any_message_is_read_or_refused(message):
    """Never anything else: one client's nonsense must not end its connection."""
    with contextlib.suppress(Unreadable):
        assert isinstance(json.loads(read(message).body), list)


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.none() | st.integers(-(2**60), 2**60) | st.text(), st.lists, max_leaves=8))
def test_query_arrives_as_it_was_sent(query):
    """The provider gets what the client wrote."""
    found = read(orjson.dumps({"type": "universal.create", "request": {**STEP, "query": query}}))

    assert json.loads(found.body)[0]["query"] == query


@pytest.mark.rule("ws.whole")
@pytest.mark.anyio
async def test_whole_answer_is_one_message():
    """With ``response``, and nothing follows."""
    [message] = await said("application/json; charset=utf-8", b'{"big": 12345678901234', b"567}")

    assert message == {
        "type": "universal.created",
        "metadata": {**METADATA, "contentType": "application/json"},
        "response": {"big": 12345678901234567},
    }


@pytest.mark.rule("ws.stream", "ws.done_not_relayed")
@pytest.mark.anyio
async def test_stream_is_announced_told_and_ended():
    """One ``universal.stream`` for each event, wherever the pieces are cut; no ``[DONE]``."""
    chunks = (
        b'event: x\r\ndata: {"a"',
        b': "\xc3',
        b'\xa4"}\r\n\r\ndata: text\n\nda',
        b"ta: [DONE]",
    )

    first, *events, last = await said("text/event-stream", *chunks, b"\n\n")

    metadata = {**METADATA, "contentType": "text/event-stream"}
    assert first == {"type": "universal.created", "metadata": metadata}
    assert [event["response"] for event in events] == [{"a": "ä"}, "text"]
    assert all(event["metadata"] == {"eventId": "mine"} for event in events)
    assert last == {"type": "universal.done", "metadata": metadata}


@pytest.mark.rule("ws.other_bodies")
@pytest.mark.parametrize(
    ("kind", "body", "response"),
    [
        ("text/plain", b"no JSON", "no JSON"),
        ("text/plain", b"", ""),
        ("audio/mpeg", b"123", base64.b64encode(b"123").decode()),
        ("application/x-unknown", b"\xff\x00", base64.b64encode(b"\xff\x00").decode()),
    ],
)
@pytest.mark.anyio
async def test_other_bodies_become_text(kind, body, response):
    """ASSUMPTION of the contract: as they are, or Base64."""
    [message] = await said(kind, body)

    assert message["response"] == response


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
@pytest.mark.anyio
async def test_too_large_for_a_message_is_given_up(kind):
    """An upstream that never ends, or never ends its line, fills no memory."""
    with pytest.raises(BadAnswer):
        await said(kind, *[b"x" * 300] * 4, limit=1000)
