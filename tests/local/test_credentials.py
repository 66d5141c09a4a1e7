"""credentials: who may use a gateway, and with whose key its provider is asked."""

import pytest

from gateway.local.credentials import bare, caller, credential, same
from gateway.local.reading import settle
from gateway.local.refusals import Refusal
from gateway.policy import GatewayPolicy
from gateway.providers import PROVIDERS

TOKEN = "local-0123456789"
OPEN = GatewayPolicy(id="open")
CLOSED = GatewayPolicy(id="closed", authentication=True)
BYOK = GatewayPolicy(id="byok", byok_only=True)

CALLERS = [
    (OPEN, {}, False),
    (OPEN, {"cf-aig-authorization": f"Bearer {TOKEN}"}, False),
    (OPEN, {"cf-aig-authorization": "Bearer wrong"}, False),
    (OPEN, {"authorization": "Bearer sk-provider"}, False),
    (CLOSED, {"cf-aig-authorization": f"Bearer {TOKEN}"}, True),
    (CLOSED, {"cf-aig-authorization": TOKEN}, True),
    (CLOSED, {"cf-aig-authorization": f"bearer  {TOKEN} "}, True),
    (CLOSED, {"authorization": f"Bearer {TOKEN}"}, True),
    (CLOSED, {"x-goog-api-key": TOKEN}, True),
]
REFUSED = [
    {},
    {"cf-aig-authorization": ""},
    {"cf-aig-authorization": "Bearer undefined"},
    {"cf-aig-authorization": f"Bearer {TOKEN}x"},
    {"cf-aig-authorization": "Bearer ключ"},
    {"cf-aig-authorization": "Bearer wrong", "authorization": f"Bearer {TOKEN}"},
    {"authorization": "Bearer sk-provider"},
]


@pytest.mark.rule("auth.on_valid", "auth.off", "auth.off_token")
@pytest.mark.parametrize(("policy", "headers", "authenticated"), CALLERS)
def test_caller_is_served(policy, headers, authenticated):
    """With or without ``Bearer``; a gateway with authentication off serves everybody."""
    assert caller(headers, policy, TOKEN).authenticated == authenticated


@pytest.mark.rule("auth.on_missing", "auth.on_invalid", "clients.bearer_undefined")
@pytest.mark.parametrize("headers", REFUSED)
def test_caller_without_a_valid_token_is_refused(headers):
    """The token counts, not the header's presence; an explicit wrong one isn't saved by another."""
    with pytest.raises(Refusal) as refused:
        caller(headers, CLOSED, TOKEN)

    assert (refused.value.status, refused.value.code) == (401, 2009)


@pytest.mark.rule("auth.token_in_provider_header")
def test_token_in_the_providers_header_never_reaches_the_provider():
    """Several documented examples put it there; sent on, it would leak."""
    found = caller({"authorization": f"Bearer {TOKEN}", "accept": "*/*"}, CLOSED, TOKEN)

    assert found.headers == {"accept": "*/*"}


@pytest.mark.rule("auth.bare_token")
@pytest.mark.parametrize(
    ("value", "token"), [("Bearer abc", "abc"), ("abc", "abc"), (" bearer abc ", "abc"), ("", "")]
)
def test_bare_drops_the_scheme(value, token):
    """Realtime examples send the token alone."""
    assert bare(value) == token
    assert same(bare(value), token)


def choose(slug, headers=None, *, policy=OPEN, options=(), native=True, keys=(), credits=True):
    return credential(
        PROVIDERS[slug],
        headers or {},
        settle(policy, tuple(options)),
        native=native,
        stored=lambda provider, alias: dict(keys).get((provider, alias)),
        aliases=lambda provider: [alias for (name, alias), _ in keys if name == provider],
        credits=credits,
    )


STORED = [(("openai", "default"), "sk-stored"), (("openai", "spare"), "sk-spare")]
SPARE = [("cf-aig-byok-alias", "spare")]
CHOSEN = [
    ("openai", {"authorization": "Bearer sk-own"}, {"keys": STORED}, "request", "Bearer sk-own"),
    ("openai", {}, {"keys": STORED}, "stored", "Bearer sk-stored"),
    ("openai", {}, {"keys": STORED, "options": SPARE}, "stored", "Bearer sk-spare"),
    (
        "openai",
        {},
        {"keys": STORED, "options": SPARE, "native": False},
        "stored",
        "Bearer sk-stored",
    ),
    ("openai", {}, {}, "unified", "Bearer cloudflare"),
    ("mistral", {}, {}, "none", None),
    ("workers-ai", {}, {"policy": BYOK}, "none", "Bearer cloudflare"),
]


@pytest.mark.rule(
    "keys.request_first",
    "keys.stored_second",
    "keys.unified_third",
    "keys.workers_ai",
    "keys.others",
)
@pytest.mark.parametrize(("slug", "headers", "how", "source", "authorization"), CHOSEN)
def test_first_credential_that_there_is(slug, headers, how, source, authorization):
    """Request, then stored key, then Unified Billing; Workers AI needs none."""
    found = choose(slug, headers, **how)

    assert (found.source, found.headers.get("authorization")) == (source, authorization)


DENIED = [
    ({"options": [("cf-aig-byok-alias", "nope")], "keys": STORED}, 400, 2040, "default, spare"),
    ({"policy": BYOK}, 400, None, "requires a provider key"),
    ({"options": [("cf-aig-no-wholesale", "true")]}, 400, None, "requires a provider key"),
    ({"credits": False}, 402, 2021, ""),
]


@pytest.mark.rule("keys.alias_unknown")
@pytest.mark.parametrize(("how", "status", "code", "words"), DENIED)
def test_no_credential_is_said_by_the_gateway(how, status, code, words):
    """Before any provider is asked, with the code that clients know."""
    with pytest.raises(Refusal) as refused:
        choose("openai", **how)

    assert (refused.value.status, refused.value.code) == (status, code)
    assert words in refused.value.message
