"""draft: three levels and what stands beside them, changed only into new drafts."""

import pytest

from gateway.chat import Step
from gateway.draft import Draft, Keys
from gateway.errors import HeaderError
from gateway.headers import Options

HELLO = Draft(provider="openai", model="gpt-4o-mini")


def test_steps_are_never_empty():
    """A plain call has one step, without settings of its own."""
    assert HELLO.all_steps == (Step(provider="openai", model="gpt-4o-mini"),)


def test_only_the_universal_route_has_steps():
    """A draft keeps its list when another route is tried, and has one step there."""
    steps = (Step(provider="openai", model="a"), Step(provider="groq", model="b"))

    assert Draft(provider="x", model="y", route="universal", steps=steps).all_steps == steps
    assert len(Draft(provider="x", model="y", steps=steps).all_steps) == 1


def test_stating_makes_another_draft():
    """Fixes hand back new drafts, so that they can be undone."""
    changed = HELLO.stating(cache_ttl=3600)

    assert changed.options == Options(cache_ttl=3600)
    assert changed.stating(cache_ttl=None) == HELLO


def test_stating_refuses_what_a_header_refuses():
    """A draft is valid from birth."""
    with pytest.raises(HeaderError):
        HELLO.stating(max_attempts=9)


def test_raw_headers_are_found_in_any_case():
    """HTTP's names have none."""
    draft = Draft(provider="openai", model="m", raw=(("CF-Cache-TTL", "60"), ("x-y", "1")))

    assert draft.header("cf-cache-ttl") == "60"
    assert draft.header("other") is None
    assert draft.without("cf-cache-ttl").raw == (("x-y", "1"),)


def test_raw_headers_are_not_in_the_repr():
    """A pasted key must not reach a log through a repr."""
    draft = Draft(provider="openai", model="m", raw=(("authorization", "Bearer sk-secret"),))

    assert "sk-secret" not in repr(draft)


@pytest.mark.parametrize(
    ("route", "name"),
    [("native", "x-api-key"), ("compat", "authorization"), ("universal", "x-api-key")],
)
def test_own_key_travels_where_its_route_wants_it(route, name):
    """What a gateway looks for is the header, not the letters of the key."""
    draft = Draft(
        provider="anthropic", model="m", route=route, keys=Keys(own=frozenset({"anthropic"}))
    )

    assert draft.headers_at(0)[name]


def test_rest_takes_no_provider_key():
    """There the only key looked at is the gateway's (contract: endpoints, 5)."""
    draft = Draft(
        provider="openai",
        model="m",
        route="rest",
        keys=Keys(own=frozenset({"openai"})),
        raw=(("x-api-key", "k"), ("x-mine", "1")),
    )

    assert draft.headers_at(0) == {"x-mine": "1"}


def test_a_step_can_state_something():
    """Only that step changes."""
    steps = (Step(provider="openai", model="a"), Step(provider="groq", model="b"))
    draft = Draft(provider="x", model="y", route="universal", steps=steps)

    changed = draft.stating(step=1, cache_ttl=60)

    assert [step.options.cache_ttl for step in changed.steps] == [None, 60]
    assert changed.options == Options()


def test_silence_reaches_every_level_and_every_name():
    """Typed, per step, and by the header's old name."""
    draft = Draft(
        provider="x",
        model="y",
        options=Options(cache_ttl=60, cache_key="k"),
        steps=(Step(provider="openai", model="a", options=Options(cache_ttl=90)),),
        raw=(("cf-cache-ttl", "60"), ("CF-AIG-Cache-TTL", "x"), ("x-y", "1")),
    )

    quiet = draft.silent("cache_ttl")

    assert quiet.options == Options(cache_key="k")
    assert quiet.steps[0].options == Options()
    assert quiet.raw == (("x-y", "1"),)
