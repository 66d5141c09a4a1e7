"""sharing: what goes into a link comes out of it, and secrets never go in."""

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadDocument
from gateway.sharing import DOCUMENT_LIMIT, TOKEN_LIMIT, VERSION, pack, unpack

NAMES = st.text(alphabet='abc -"\\ä日\n', max_size=8)
DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
SECRETS = [
    ({"headers": {"Authorization": "Bearer abc"}}, "headers.Authorization"),
    ({"steps": [{}, {"x-api-key": "abc"}]}, "steps[2].x-api-key"),
    ({"metadata": {"note": "sk-" + "a" * 20}}, "metadata.note"),
    (["gsk_" + "a" * 20], "[1]"),
    ("AIza" + "a" * 35, "the text"),
    ({"table": {"sk-" + "a" * 20: 1}}, "a name in table"),
]
UNREADABLE = [
    ("", "characters"),
    ("1abc def", "characters"),
    ("https://x/?s=1abc", "characters"),
    ("9abc", "another version"),
    ("1abc", "changed on its way"),
    ("1" + "A" * TOKEN_LIMIT, "too long"),
]


def token_of(raw, version=VERSION):
    """A token made by hand, as a stranger could make it."""
    return version + base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")


@given(DOCUMENTS)
def test_what_is_packed_comes_back(document):
    """Any JSON document survives the way through a URL, and its token needs no escaping."""
    token = pack(document)

    assert unpack(token) == document
    assert token.replace("-", "").replace("_", "").isalnum()
    assert token.isascii()


@pytest.mark.parametrize(("document", "place"), SECRETS)
def test_secret_is_refused_at_its_place(document, place):
    """Links end up in chats and logs: nothing that opens a door goes in, nor into the message."""
    with pytest.raises(BadDocument) as caught:
        pack(document)

    assert place in str(caught.value)
    assert "aaaa" not in str(caught.value)


def test_empty_secret_header_is_no_secret():
    """A form whose key field is empty can be shared."""
    assert unpack(pack({"authorization": "", "x-api-key": None})) == {
        "authorization": "",
        "x-api-key": None,
    }


@pytest.mark.parametrize("document", [{"a": float("nan")}, {"a": object()}, b"bytes"])
def test_what_json_cannot_say_is_refused(document):
    """Half a document in a link would be worse than none."""
    with pytest.raises(BadDocument, match="more than JSON"):
        pack(document)


def test_large_document_is_refused_with_its_size():
    """A link that gets cut on its way opens nothing."""
    with pytest.raises(BadDocument, match=r"too large for a link: [\d,]+ characters"):
        pack([str(number**9) for number in range(2000)])


def test_long_but_plain_document_is_refused_too():
    """What compresses well is still too much when unpacked."""
    with pytest.raises(BadDocument, match="too large"):
        pack("a" * DOCUMENT_LIMIT)


@pytest.mark.parametrize(("token", "reason"), UNREADABLE)
def test_unreadable_token_says_why(token, reason):
    """A pasted link that isn't ours ends in a sentence."""
    with pytest.raises(BadDocument, match=reason):
        unpack(token)


def test_token_cut_off_says_so():
    """Mail programs cut links; the visitor is told to copy it once more."""
    token = pack({"prompt": "What is a gateway?", "numbers": list(range(100))})

    with pytest.raises(BadDocument, match=r"cut off|changed"):
        unpack(token[:-8])


def test_bomb_does_not_go_off():
    """A short token that unpacks into megabytes stops at the limit."""
    with pytest.raises(BadDocument, match="more than a link"):
        unpack(token_of(b"0" * (DOCUMENT_LIMIT * 8)))


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"[" * 100_000])
def test_token_without_a_document_is_refused(raw):
    """Well packed rubbish is rubbish."""
    with pytest.raises(BadDocument, match="no document of ours"):
        unpack(token_of(raw))


def test_token_is_shorter_than_its_document():
    """Packing pays for a usual set of headers."""
    document = {"options": {"cache_ttl": 3600, "max_attempts": 3}, "text": "gateway " * 40}

    assert len(pack(document)) < len(json.dumps(document))
