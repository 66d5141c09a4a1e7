"""masking: a secret shows its last four characters, wherever it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.masking import (
    SECRET_HEADERS,
    described,
    holds_key,
    is_cloudflare_token,
    mask,
    mask_headers,
    mask_keys,
    mask_text,
    mask_url,
    mask_value,
)

VALUES = [
    ("Bearer sk-0123456789", "Bearer …6789"),
    ("bearer  sk-0123456789", "bearer …6789"),
    ("Token sk-0123456789", "Token …6789"),
    ("Basic dXNlcjpwYXNz", "Basic …YXNz"),
    ("sk-0123456789", "…6789"),
    ("seven77", "…"),
    ("Bearer short", "Bearer …"),
    ("", "…"),
]
URLS = [
    ("http://g/v1?key=sk-0123456789", "http://g/v1?key=…6789"),
    ("http://g/v1?a=1&api_key=sk-0123456789&b=2", "http://g/v1?a=1&api_key=…6789&b=2"),
    ("wss://g/?ACCESS_TOKEN=sk-0123456789", "wss://g/?ACCESS_TOKEN=…6789"),
    ("http://g/v1?monkey=banana-banana", "http://g/v1?monkey=banana-banana"),
    ("http://g/v1", "http://g/v1"),
]


@pytest.mark.parametrize(("value", "masked"), VALUES)
def test_value(value, masked):
    """The scheme tells what kind of secret it is; a short secret is hidden whole."""
    assert mask_value(value) == masked


@pytest.mark.parametrize("name", [*SECRET_HEADERS, "Authorization", "X-API-Key"])
def test_secret_header(name):
    """Names in any case."""
    assert mask_headers([(name, "sk-0123456789")]) == ((name, "…6789"),)


def test_other_headers_stay():
    """Order and repetition too."""
    headers = (("a", "sk-0123456789"), ("b", "2"), ("a", "3"))

    assert mask_headers(headers) == headers


@pytest.mark.parametrize(("url", "masked"), URLS)
def test_url(url, masked):
    """Google and others take keys in the query."""
    assert mask_url(url) == masked


def test_text():
    """Errors of providers repeat the key; the longest secret goes first."""
    text = "Key sk-01234567 is wrong, and so is sk-01234567-89ab"

    masked = mask_text(text, ["sk-01234567", "sk-01234567-89ab", ""])

    assert masked == "Key …4567 is wrong, and so is …89ab"


@given(secret=st.text(min_size=8))
def test_at_most_four_characters_show(secret):
    """Half of the shortest secret that shows any."""
    masked = mask(secret)

    assert masked in (f"…{secret[-4:]}", "…")
    assert mask(masked) == masked


KEYS = ["sk-" + "a" * 40, "sk-ant-api03-" + "b" * 20, "gsk_" + "c" * 20, "AIza" + "d" * 35]
NO_KEYS = ["sk-short", "risk-assessment-of-gateways", "task_force_number_seventeen", "Hello"]


@pytest.mark.parametrize("text", KEYS)
def test_key_is_seen_in_a_text(text):
    """A key in a link, a log label or a metadata value is a leak."""
    assert holds_key(f"my key is {text}, keep it")


@pytest.mark.parametrize("text", NO_KEYS)
def test_words_are_no_keys(text):
    """Ordinary words stay ordinary words."""
    assert not holds_key(text)


def test_described_value_shows_its_kind_and_four_characters():
    """A pasted token in the wrong header is still known as one, though nobody can use it."""
    token, key = described("Bearer cfut_" + "a" * 20 + "wxyz"), described("sk-" + "b" * 20 + "wxyz")

    assert token == "Bearer …wxyz (a Cloudflare token)"
    assert key == "…wxyz (an API key)"
    assert is_cloudflare_token(token)
    assert not is_cloudflare_token(key)
    assert holds_key(token)
    assert holds_key(key)
    assert described("Bearer something-else") == "Bearer …else"


def test_key_of_nobody_we_know_is_masked_by_its_shape():
    """Somebody else's key, typed into a question."""
    text = "Use sk-marker-0123456789abcdef, not sk-short."

    assert mask_keys(text) == "Use …cdef, not sk-short."
