"""sse: bytes in any split become the same events."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import BadAnswer
from gateway.sse import Decoder, Event, encode

STREAMS = [
    (b"data: one\n\n", [Event("one")]),
    (b"data:one\n\n", [Event("one")]),
    (b"data: one\r\n\r\ndata: two\r\n\r\n", [Event("one"), Event("two")]),
    (b"data: one\r\rdata: two\r\r", [Event("one"), Event("two")]),
    (b"data: one\ndata: two\n\n", [Event("one\ntwo")]),
    (b"event: ping\ndata: {}\n\n", [Event("{}", "ping")]),
    (b"id: 7\ndata: one\n\ndata: two\n\n", [Event("one", id="7"), Event("two", id="7")]),
    (b": a comment\n\ndata: one\n\n", [Event("one")]),
    (b"event: ping\n\n", []),
    (b"retry: 10\n\n", []),
    (b"\xef\xbb\xbfdata: one\n\n", [Event("one")]),
    ("data: \u2028\u0085é🎈\n\n".encode(), [Event("\u2028\u0085é🎈")]),
    (b"data: \xff\n\n", [Event("\ufffd")]),
    (b"data: [DONE]\n", [Event("[DONE]")]),
    (b'data: {"cut": "in the mid', []),
    (b"", []),
]
some = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(("stream", "events"), STREAMS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_split_makes_no_difference(stream, events, size):
    """The network cuts where it likes: inside characters, between CR and LF."""
    decoder = Decoder()

    found = [
        event
        for at in range(0, len(stream), size)
        for event in decoder.feed(stream[at : at + size])
    ]

    assert [*found, *decoder.close()] == events


def test_event_comes_as_soon_as_it_is_complete():
    """Time to first token depends on it: nothing waits for the next chunk."""
    decoder = Decoder()

    assert decoder.feed(b"data: one\n\nda") == [Event("one")]
    assert decoder.feed(b"ta: two\r\n\r") == [Event("two")]
    assert decoder.feed(b"\ndata: three\n\n") == [Event("three")]


@some
@given(data=st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1))
def test_encoded_event_is_decoded(data):
    """What the gateway sends, the client reads."""
    assert Decoder().feed(encode(data, "message_start")) == [Event(data, "message_start")]


@pytest.mark.parametrize("data", ["one\ntwo", "one\r\ntwo", "one\rtwo"])
def test_lines_of_data_stay_one_event(data):
    """A line break in the data must not end the event."""
    assert Decoder().feed(encode(data)) == [Event("one\ntwo")]


@pytest.mark.rule("clients.sse_form")
def test_wire_form():
    """Some clients need the space after the colon, others the event's name (contract: clients)."""
    assert encode("{}") == b"data: {}\n\n"
    assert encode("{}", "ping") == b"event: ping\ndata: {}\n\n"


@pytest.mark.parametrize("line", [b"x" * 65536, b"data: " + b"x" * 65529 + b"\n"])
def test_event_that_never_ends_is_refused(line):
    """One endless line, and endless lines without the blank one that ends an event."""
    decoder = Decoder()
    for _ in range(256):
        assert decoder.feed(line) == []

    with pytest.raises(BadAnswer, match="larger than 16 MB"):
        decoder.feed(line)


def test_many_small_events_may_be_as_large_as_they_like():
    """Only what one event holds back counts."""
    decoder = Decoder()
    event = encode("x" * 1_000_000)

    assert sum(len(decoder.feed(event)) for _ in range(40)) == 40
