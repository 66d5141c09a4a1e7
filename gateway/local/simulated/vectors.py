"""Embeddings: unit vectors that are the same for the same text, and closer for similar ones."""

import base64
import math
import re
from array import array
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

MOST_READ = 4000
"""Characters of a text that count."""
SPREAD = 21
"""Places of the vector that one feature touches."""
SIZES = (
    (re.compile(r"3-large|gemini-embedding"), 3072),
    (re.compile(r"3-small|ada-002|embed-v4"), 1536),
    (re.compile(r"text-embedding-00|bge-base|embeddinggemma|minilm-l12|multilingual-e5-base"), 768),
    (re.compile(r"bge-small|light|minilm"), 384),
)
USUAL_SIZE = 1024
_WORD = re.compile(r"\w+")


def size_of(model: str) -> int:
    """Return how many numbers a model's vectors have."""
    return next((size for pattern, size in SIZES if pattern.search(model.lower())), USUAL_SIZE)


@lru_cache(maxsize=512)
def vector(text: str, size: int) -> tuple[float, ...]:
    """Return the vector of a text: its words, their beginnings and neighbours, hashed."""
    values = [0.0] * size
    words = [word.lower() for word in _WORD.findall(text[:MOST_READ])] or [text or " "]
    features = [(word, 1.0) for word in words]
    features += [(f"{word[:4]}~", 0.6) for word in words]
    features += [(f"{a} {b}", 0.5) for a, b in pairwise(words)]
    for feature, weight in features:
        digest = blake2b(feature.encode("utf-8", "replace"), digest_size=3 * SPREAD).digest()
        for at in range(0, 3 * SPREAD, 3):
            place = int.from_bytes(digest[at : at + 2], "little") % size
            values[place] += weight if digest[at + 2] & 1 else -weight
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return tuple(round(value / length, 8) for value in values)


def base64_of(values: tuple[float, ...]) -> str:
    """Return a vector as base64 of little-endian 32-bit floats, as OpenAI's clients ask for it."""
    return base64.b64encode(array("f", values).tobytes()).decode()
