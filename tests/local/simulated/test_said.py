"""said: what endpoints are asked and say."""

import pytest

from gateway.errors import BadRequest
from gateway.local.simulated.said import Asked, one_chunk, parsed, said, tokens_of
from gateway.providers import PROVIDERS


def asked(raw):
    return Asked(
        provider=PROVIDERS["fal"],
        path="x",
        query={},
        headers={},
        raw=raw,
        id="0" * 32,
        created=0,
        seed=0,
    )


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "JSON"),
        (b"[1]", "object"),
        (b"{}", "prompt"),
        (b'{"prompt": 3}', "prompt"),
        (b'{"prompt": " "}', "prompt"),
    ],
)
def test_bad_body_names_what_is_missing(raw, word):
    """Endpoints of every shape refuse in the same way."""
    with pytest.raises(BadRequest, match=word):
        asked(raw).text("prompt", "text")


def test_first_given_member_counts():
    """Several endpoints differ only in the member's name."""
    assert asked(b'{"prompt": null, "text": "hi"}').text("prompt", "text") == "hi"


@pytest.mark.parametrize(("text", "tokens"), [("", 1), ("abcd", 1), ("abcde", 2), ("x" * 400, 100)])
def test_token_is_about_four_characters(text, tokens):
    """An estimate, the same everywhere."""
    assert tokens_of(text) == tokens


@pytest.mark.anyio
async def test_whole_body_is_one_chunk():
    """What isn't streamed arrives in one piece."""
    assert [chunk async for chunk in one_chunk(said({"a": 1}).body)] == [b'{"a":1}']


@pytest.mark.parametrize("depth", [248, 900])
def test_body_that_could_not_be_written_again_is_refused(depth):
    """JSON may be read four times as deep as it may be written; answers repeat parts of it."""
    with pytest.raises(BadRequest, match="nested too deeply"):
        parsed(b"[" * depth + b"]" * depth)


def test_deep_and_wide_bodies_are_read():
    """Many brackets don't make it deep."""
    assert len(parsed(b"[" + b"[]," * 900 + b"[]]")) == 901
    assert parsed(b"[" * 240 + b"]" * 240)
