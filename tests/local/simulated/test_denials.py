"""denials: every provider says no in its own shape, and the words can be found in it."""

import re

import orjson
import pytest

from gateway.local.simulated.denials import SHAPES, denial
from gateway.providers import PROVIDERS

SHAPES_OF = [
    ("openai", "chat/completions", lambda body: body["error"]["message"]),
    ("anthropic", "v1/messages", lambda body: body["error"]["message"]),
    ("anthropic", "nowhere", lambda body: body["error"]["message"]),
    ("google-ai-studio", "nowhere", lambda body: body["error"]["status"] and "Slow down"),
    ("workers-ai", "@cf/m", lambda body: body["errors"][0]["message"]),
    ("workers-ai", "v1/chat/completions", lambda body: body["error"]["message"]),
    ("mistral", "v1/chat/completions", lambda body: body["message"]),
    ("cohere", "v1/chat", lambda body: body["message"]),
    ("replicate", "predictions", lambda body: body["detail"]),
    ("deepgram", "v1/listen", lambda body: body["err_msg"]),
    ("custom-mine", "x", lambda body: body["error"]["message"]),
]


@pytest.mark.parametrize(("provider", "path", "words"), SHAPES_OF)
def test_shape_is_the_providers(provider, path, words):
    """A client's error handling meets what it was written for."""
    answer = denial(provider, path, 429, "Slow down")

    assert answer.status == 429
    assert words(orjson.loads(answer.body)) == "Slow down"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_status_has_words(provider):
    """Faults use any status, and nobody has to think of a sentence."""
    answers = [denial(provider, "x", status) for status in (400, 401, 404, 418, 429, 500, 529)]
    words = [orjson.dumps(orjson.loads(answer.body)).decode() for answer in answers]

    assert len(set(words)) == len(answers)
    assert all(re.search(r"[A-Z][^\"]{9,}", text) for text in words)


def test_shapes_belong_to_providers():
    """A misspelled slug would be a shape that nobody uses."""
    assert set(SHAPES) <= set(PROVIDERS)
