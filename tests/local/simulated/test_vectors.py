"""vectors: unit length, always the same, and closer for texts that have more in common."""

import base64
import math
import struct

import pytest

from gateway.local.simulated.vectors import base64_of, size_of, vector


def cosine(one, other):
    return sum(a * b for a, b in zip(vector(one, 512), vector(other, 512), strict=True))


@pytest.mark.parametrize("text", ["cats", "", "\u00e9t\u00e9", "\ud800", "!!!", "word " * 10_000])
def test_vector_has_unit_length(text):
    """Cosine and dot product agree only then."""
    assert math.hypot(*vector(text, 256)) == pytest.approx(1, abs=1e-4)


def test_similar_texts_are_closer():
    """A search demo finds what it should."""
    question = "How do I reset my password?"

    assert cosine(question, "resetting a password") > cosine(question, "opening hours of the shop")
    assert cosine(question, question) == pytest.approx(1, abs=1e-4)


def test_base64_holds_the_same_numbers():
    """OpenAI's clients ask for it and unpack it themselves."""
    values = vector("cats", 8)

    unpacked = struct.unpack("<8f", base64.b64decode(base64_of(values)))

    assert unpacked == pytest.approx(values)


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("text-embedding-3-small", 1536),
        ("text-embedding-3-large", 3072),
        ("@cf/baai/bge-small-en-v1.5", 384),
        ("mistral-embed", 1024),
    ],
)
def test_size_is_the_models(model, size):
    """Databases are made for one size."""
    assert size_of(model) == size
