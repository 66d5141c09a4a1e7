"""meaning: messages as objects, samples in pieces."""

import pytest

from gateway.realtime.meaning import (
    SOUND_CHUNK,
    base64_of,
    bytes_of,
    chunks,
    kind_of,
    object_of,
    spelled,
)


@pytest.mark.parametrize("frame", ["", "{", "[1]", b"\xff", "[" * 5000])
def test_what_holds_no_object_is_an_empty_one(frame):
    """A provider may send anything."""
    assert object_of(frame) == {}


def test_event_goes_and_comes_unchanged():
    """Also in other scripts."""
    assert object_of(spelled({"type": "x", "text": "Grüße"})) == {"type": "x", "text": "Grüße"}


def test_samples_are_cut_and_put_together():
    """Nothing is lost between the pieces."""
    samples = bytes(range(256)) * 300

    pieces = chunks(samples)

    assert [len(piece) for piece in pieces] == [SOUND_CHUNK, SOUND_CHUNK, 76_800 - 2 * SOUND_CHUNK]
    assert b"".join(bytes_of(base64_of(piece)) for piece in pieces) == samples


@pytest.mark.parametrize(
    ("frame", "kind"),
    [('{"type":"done"}', "done"), (b"\1\2", "sound"), ("hello", "text"), ('{"a":{"b":1}}', "a.b")],
)
def test_event_has_a_name(frame, kind):
    """Its own where it has one."""
    assert kind_of(frame) == kind
