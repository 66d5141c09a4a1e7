"""effective: each setting with its level, and why an endpoint doesn't listen."""

import pytest

from gateway.chat import Step
from gateway.draft import Draft, Keys, cache_verdict, credential_verdict, honours, settings
from gateway.headers import HEADERS, Options
from gateway.policy import GatewayPolicy

CACHING = GatewayPolicy(id="g", cache_ttl=300)
HELLO = Draft(provider="openai", model="gpt-4o-mini", policy=CACHING)
DEAF = [
    ("gateway_id", {}, "no", "Only the rest route"),
    ("gateway_id", {"route": "rest"}, "yes", ""),
    ("byok_alias", {}, "yes", ""),
    ("byok_alias", {"route": "rest"}, "no", "Only the native route"),
    ("byok_alias", {"route": "universal"}, "no", "Only the native route"),
    ("session_id", {"route": "compat"}, "no", "Only the model cloudflare/auto"),
    ("session_id", {"route": "compat", "model": "cloudflare/auto"}, "yes", ""),
    ("zdr", {}, "yes", ""),
    ("zdr", {"provider": "groq"}, "no", "Only OpenAI and Anthropic"),
    ("custom_cost", {"route": "rest"}, "unlisted", "doesn't list it"),
    ("cache_ttl", {"route": "rest"}, "yes", ""),
]
UNCACHED = [
    ({"options": Options(skip_cache=True)}, "cf-aig-skip-cache"),
    ({"stream": True}, "streamed"),
    ({"options": Options(cache_ttl=0)}, "lifetime of 0"),
    ({"policy": GatewayPolicy(id="g")}, "caching is off"),
    (
        {"policy": GatewayPolicy(id="g"), "options": Options(cache_ttl=60)},
        "A lifetime alone doesn't switch it on",
    ),
]
STORED = {"openai": frozenset({"default", "team"})}
CREDENTIALS = [
    ({}, "unknown", 402, 2021, "stored as 'default', else with Unified Billing"),
    ({"provider": "workers-ai"}, "unknown", 401, None, "needs no key"),
    ({"options": Options(no_wholesale=True)}, "unknown", 400, None, "forbidden"),
    ({"options": Options(byok_alias="team")}, "unknown", 400, 2040, "stored as 'team'"),
    ({"provider": "mistral"}, "unknown", 401, None, "no key at all"),
    ({"keys": Keys(own=frozenset({"openai"}))}, "request", 401, None, "the request carries"),
    ({"keys": Keys(stored=STORED)}, "stored", 401, None, "as 'default'"),
    ({"keys": Keys(stored={})}, "unified", 402, 2021, "paid from credits"),
    ({"keys": Keys(stored={}, credits=False)}, "refused", 402, 2021, "buy credits"),
    (
        {"keys": Keys(stored=STORED), "options": Options(byok_alias="other")},
        "refused",
        400,
        2040,
        "Configured aliases: default, team",
    ),
    (
        {"keys": Keys(stored={}), "options": Options(no_wholesale=True)},
        "refused",
        400,
        None,
        "or store one in the gateway",
    ),
    ({"keys": Keys(stored={}), "provider": "mistral"}, "none", 401, None, "without any key"),
    ({"keys": Keys(stored={}), "provider": "workers-ai"}, "none", 401, None, "needs no provider"),
    (
        {"policy": GatewayPolicy(id="g", authentication=True)},
        "refused",
        401,
        2009,
        "authentication",
    ),
    ({"route": "rest"}, "refused", 401, 10000, "REST"),
    ({"provider": "nobody"}, "refused", 400, 2008, "no provider 'nobody'"),
    ({"route": "compat", "model": "dynamic/x"}, "route", 400, 2005, "gateway chooses"),
]


def made(**changes):
    """The usual draft, with changes."""
    return Draft(**{"provider": "openai", "model": "gpt-4o-mini", "policy": CACHING, **changes})


def setting(draft, name, step=0):
    """One setting of a draft."""
    return next(found for found in settings(draft, step) if found.name == name)


def test_every_setting_is_there_once():
    """The panel shows what isn't stated too, with its default."""
    assert [found.name for found in settings(HELLO)] == list(HEADERS)


def test_most_specific_level_is_in_force_and_says_what_it_overrode():
    """Step over request over gateway."""
    draft = made(
        route="universal",
        options=Options(cache_ttl=600),
        steps=(
            Step(provider="openai", model="a", options=Options(cache_ttl=3600)),
            Step(provider="groq", model="b"),
        ),
    )

    first, second = setting(draft, "cache_ttl"), setting(draft, "cache_ttl", 1)

    assert (first.level, first.shown) == ("step", "1 h")
    assert first.overrode == (("request", "10 min"), ("gateway", "5 min"))
    assert (second.level, second.shown) == ("request", "10 min")


def test_unstated_setting_shows_its_default():
    """None of the levels speaks: the header's own default holds."""
    found = setting(HELLO, "byok_alias")

    assert (found.level, found.value, found.shown) == (None, None, "default")


def test_old_names_and_wild_values_count_as_the_gateway_counts_them():
    """A deprecated name is honoured, a number outside its limits is clamped (contract: headers)."""
    draft = made(raw=(("cf-cache-ttl", "3600"), ("cf-aig-max-attempts", "9")))

    assert setting(draft, "cache_ttl").shown == "1 h"
    assert setting(draft, "max_attempts").value == 5


@pytest.mark.parametrize(("name", "changes", "honour", "words"), DEAF)
def test_endpoint_listens_or_says_why_not(name, changes, honour, words):
    """Some headers mean something on one route only."""
    found, note = honours(made(**changes), HEADERS[name])

    assert found == honour
    assert words in note


@pytest.mark.parametrize(("changes", "words"), UNCACHED)
def test_uncached_draft_says_why(changes, words):
    """The first question of everybody: why is this never a hit?"""
    verdict = cache_verdict(made(**changes))

    assert not verdict.cached
    assert verdict.ttl_s is None
    assert words in verdict.sentence


def test_cached_draft_says_how_long_and_under_which_key():
    """The gateway's lifetime, or the header's; the whole request, or the custom key."""
    plain = cache_verdict(HELLO)
    keyed = cache_verdict(made(policy=GatewayPolicy(id="g"), options=Options(cache_key="faq")))

    assert (plain.cached, plain.ttl_s, plain.key) == (True, 300, None)
    assert "5 min, under a key of provider" in plain.sentence
    assert (keyed.cached, keyed.ttl_s, keyed.key) == (True, 300, "faq")
    assert 'under the key "faq" alone' in keyed.sentence


@pytest.mark.parametrize(("changes", "source", "status", "code", "words"), CREDENTIALS)
def test_credential_and_what_fails_without_it(changes, source, status, code, words):
    """The order is: request, stored, Unified Billing (contract: behaviour, 2)."""
    verdict = credential_verdict(made(**changes))

    assert (verdict.source, verdict.status, verdict.code) == (source, status, code)
    assert words in verdict.sentence
    assert verdict.sentence.endswith(".")


def test_key_in_a_value_is_masked():
    """Lint says that it doesn't belong there; the panel doesn't repeat it."""
    secret = "sk-" + "a" * 20 + "wxyz"
    draft = made(options=Options(cache_key=secret, metadata={"note": secret}))
    shown = [setting(draft, "cache_key").shown, setting(draft, "metadata").shown]

    assert shown[0] == "…wxyz"
    assert "aaaa" not in "".join([*shown, cache_verdict(draft).sentence])
