"""snippets.javascript: what differs from Python; see test_languages for what is sent."""

import pytest

from gateway.chat import Message
from gateway.headers import Options
from gateway.snippets import call_of, write
from tests.snippets.conftest import WEATHER, chat, target_of

HELLO = chat("openai", "gpt-5-mini", seed=2**60)


def written(language, asked, keys=True):
    return write(language, call_of(asked, Options(), target_of("http://gateway", keys)))


def test_number_too_long_is_sent_as_text():
    """fetch takes the body as it is, so that no digit is lost."""
    assert "1152921504606846976" in written("js-fetch", HELLO).code
    assert "JSON.stringify" not in written("js-fetch", HELLO).code


@pytest.mark.parametrize("language", ["js-openai", "js-ai-sdk", "js-websocket"])
def test_number_too_long_is_refused_elsewhere(language):
    """A package would round it."""
    assert "take fetch" in written(language, HELLO).why


def test_key_stored_at_the_gateway_is_not_bypassed():
    """The package insists on a key; it is told not to send it."""
    assert "Authorization: null" in written("js-openai", chat("openai", "m"), keys=False).code
    assert "Authorization" not in written("js-openai", chat("openai", "m")).code


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (chat("google-ai-studio", "gemini-2.5-flash"), "compat route"),
        (chat("azure-openai", "resource/deployment"), "no query"),
        (
            Message(role="tool", text="7 degrees", tool_call_id="1"),
            "tools look different",
        ),
        (Message(role="system", text="Be kind."), "one system prompt"),
    ],
)
def test_ai_sdk_says_what_it_can_t(asked, words):
    """It writes its own bodies: texts in OpenAI's format are what both say alike."""
    if isinstance(asked, Message):
        base = chat("openai", "m", tools=(WEATHER,))
        asked = type(base)(
            provider="openai", model="m", messages=(*base.messages, asked), stream=False
        )

    assert words in written("js-ai-sdk", asked).why
