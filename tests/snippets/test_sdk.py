"""snippets.sdk: how a package is set up so that it sends this very call."""

import pytest

from gateway.headers import Options
from gateway.snippets.call import CannotSay, call_of
from gateway.snippets.sdk import CHAT, MESSAGES, setup_of
from tests.snippets.conftest import CALLS, chat, target_of


def setup(name, path, keys=True):
    asked, options, _ = CALLS[name]
    return setup_of(call_of(asked, options, target_of("http://gateway", keys)), path)


def test_package_s_own_headers_are_left_to_it():
    """It writes its key and the type of the body; the rest is ours to give."""
    found = setup("openai", CHAT)

    assert found.base_url == "http://gateway/v1/acc/demo/openai"
    assert found.key is not None
    assert [name for name, _ in found.headers] == ["cf-aig-authorization"]


def test_without_a_key_none_is_given():
    """The gateway's stored key is meant: a placeholder would bypass it."""
    assert setup("openai", CHAT, keys=False).key is None


def test_query_of_the_address_stays():
    """Azure's version of the API stands in the query."""
    asked = chat("azure-openai", "resource/deployment")

    found = setup_of(call_of(asked, Options(), target_of("http://gateway", True)), CHAT)

    assert [name for name, _ in found.query] == ["api-version"]
    assert "?" not in found.base_url


def test_members_that_no_argument_takes_stand_beside():
    """Mistral's own name for the seed isn't one of the package's."""
    asked = chat("mistral", "mistral-large-latest", seed=7)

    found = setup_of(call_of(asked, Options(), target_of("http://gateway", True)), CHAT)

    assert found.extra == {"random_seed": 7}


@pytest.mark.parametrize(
    ("name", "path", "words"),
    [
        ("google-stream", CHAT, "compat route"),
        ("openai", MESSAGES, "Anthropic, native"),
        ("universal", CHAT, "list of steps"),
    ],
)
def test_reason_says_what_can_be_done(name, path, words):
    """A package that can't make a call names the way that is left."""
    with pytest.raises(CannotSay, match=words):
        setup(name, path)
