"""terms: one name for each setting, and chats asked on them."""

import pytest

from gateway.chat import Message, Step
from gateway.conversation import SETTINGS, Terms
from gateway.errors import BadRequest, HeaderError
from gateway.headers import HEADERS, Options

HI = (Message(role="user", text="Hi"),)
FALLBACK = Step(provider="anthropic", model="claude")


def test_every_header_is_a_setting_of_its_own():
    """A column can differ in one header only."""
    assert set(HEADERS) < set(SETTINGS)
    assert "options" not in SETTINGS
    assert len(set(SETTINGS)) == len(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_a_value(name):
    """Whatever can be set can be read by the same name."""
    assert Terms().changed({name: Terms().value(name)}) == Terms()


def test_headers_and_settings_change_by_name():
    """A header that is stated for all can be unstated in one column."""
    shared = Terms(options=Options(cache_ttl=600, skip_cache=True))

    own = shared.changed({"skip_cache": None, "route": "compat"})

    assert own == Terms(options=Options(cache_ttl=600), route="compat")
    assert (own.value("cache_ttl"), own.value("route")) == (600, "compat")


def test_chat_carries_every_parameter():
    """What is set is part of what is asked."""
    terms = Terms(
        route="compat",
        transport="websocket",
        stream=False,
        temperature=1,
        top_p=0.5,
        max_tokens=9,
        stop=("END",),
        seed=7,
        schema={"type": "object"},
    )

    chat = terms.chat("openai", "m", HI)

    assert (chat.provider, chat.model, chat.messages) == ("openai", "m", HI)
    assert (chat.route, chat.transport, chat.stream) == ("compat", "websocket", False)
    assert (chat.temperature, chat.top_p, chat.max_tokens, chat.seed) == (1, 0.5, 9, 7)
    assert (chat.stop, chat.schema) == (("END",), {"type": "object"})


def test_fallbacks_go_over_the_universal_endpoint():
    """Only that one takes a list; the column's own model comes first."""
    chat = Terms(route="rest", fallbacks=(FALLBACK,)).chat("openai", "m", HI)

    assert chat.route == "universal"
    assert chat.all_steps == (Step(provider="openai", model="m"), FALLBACK)


@pytest.mark.parametrize("values", [{"temperature": 2.1}, {"top_p": -0.1}, {"max_tokens": 0}])
def test_values_that_no_provider_takes_are_refused(values):
    """The sentence says what would be accepted."""
    with pytest.raises(BadRequest, match=r"must be (from|at least)"):
        Terms().changed(values)


def test_header_that_the_gateway_refuses_is_refused():
    """As everywhere else."""
    with pytest.raises(HeaderError):
        Terms().changed({"cache_ttl": 5})


def test_unknown_setting_is_a_slip():
    """Names come from the table, not from users."""
    with pytest.raises(KeyError, match="volume"):
        Terms().changed({"volume": 11})
