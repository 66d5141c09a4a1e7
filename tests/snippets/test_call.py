"""snippets.call: what is sent, with marks where keys stand."""

import pytest

from gateway.chat import Target
from gateway.errors import BadRequest
from gateway.headers import Options
from gateway.snippets import write
from gateway.snippets.call import Variable, call_of, variable_of
from tests.snippets.conftest import CALLS, KEYS, TOKEN, chat, target_of

HELLO = chat("openai", "gpt-5-mini")


def test_keys_become_variables():
    """A call knows that keys travel, not which."""
    call = call_of(HELLO, Options(), target_of("http://gateway", keys=True))

    headers = dict(call.headers)
    assert call.parts(headers["Authorization"]) == ("Bearer ", Variable("OPENAI_API_KEY"))
    assert call.parts(headers["cf-aig-authorization"]) == ("Bearer ", Variable("CF_AIG_TOKEN"))
    assert call.variables == ("OPENAI_API_KEY", "CF_AIG_TOKEN")


@pytest.mark.parametrize("name", CALLS)
def test_no_key_is_in_a_call(name):
    """Nothing that is derived from a call can show a key."""
    asked, options, _ = CALLS[name]

    call = call_of(asked, options, target_of("http://gateway", keys=True))

    assert not [secret for secret in (*KEYS.values(), TOKEN) if secret in repr(call)]


def test_text_that_looks_like_a_mark_stays_text():
    """What a visitor typed never becomes a variable."""
    said = "⟦OPENAI_API_KEY⟧ ⟦·CF_AIG_TOKEN⟧"

    call = call_of(chat("openai", "m", said), Options(), target_of("http://gateway", keys=True))

    assert call.parts(call.body["messages"][1]["content"]) == (said,)
    assert call.variables == ("OPENAI_API_KEY", "CF_AIG_TOKEN")


def test_call_that_can_t_be_sent_is_refused():
    """The reason is our client's own."""
    nobody = chat("no-such-provider", "m")

    with pytest.raises(BadRequest, match="Nobody knows the provider"):
        call_of(nobody, Options(), target_of("http://gateway", keys=False))


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("google-ai-studio", "GOOGLE_AI_API_KEY"),
        ("custom-my.llm", "CUSTOM_MY_LLM_API_KEY"),
    ],
)
def test_variables_have_the_names_of_env(slug, name):
    """A provider that isn't in the table gets a name like theirs."""
    assert variable_of(slug) == name


@pytest.mark.parametrize(
    ("language", "can"),
    [
        ("curl", True),
        ("python-anthropic", True),
        ("worker", False),
        ("universal", False),
        ("python-websocket", False),
        ("js-websocket", False),
    ],
)
def test_provider_asked_without_a_gateway(language, can):
    """Its own address and key, nothing that is meant for a gateway; what needs one says so."""
    direct = Target(name="direct", base_url="direct", bases={}, keys=KEYS)
    call = call_of(chat("anthropic", "claude-opus-5"), Options(cache_ttl=60), direct)

    snippet = write(language, call)

    assert call.url == "https://api.anthropic.com/v1/messages"
    assert not [name for name, _ in call.headers if name.startswith("cf-")]
    assert (snippet.code is not None) == can
    assert can or "only a gateway" in snippet.why
