"""Drafts for the tests of rules, and what rules say about them."""

from gateway.chat import Step
from gateway.draft import Draft, Keys
from gateway.headers import Options
from gateway.lint import check
from gateway.policy import GatewayPolicy

CACHING = GatewayPolicy(id="g", cache_ttl=300)
LIMITED = GatewayPolicy(id="g", rate_limiting_limit=10, rate_limiting_interval=60)
OWN = Keys(own=frozenset({"openai"}))
KEY = "sk-" + "a" * 24
TOKEN = "cfut_" + "b" * 20


def made(**changes):
    """A draft that no rule speaks about, with changes."""
    return Draft(**{"provider": "openai", "model": "gpt-4o-mini", **changes})


def said(**options):
    """A draft whose request says this."""
    return made(options=Options(**options))


def typed(*pairs, **changes):
    """A draft with these raw headers."""
    return made(raw=pairs, **changes)


def stepping(*steps, **changes):
    """A universal draft with these steps."""
    return made(route="universal", steps=steps, **changes)


def step(model="a", provider="openai", **options):
    """One step."""
    return Step(provider=provider, model=model, options=Options(**options))


def metadata(text):
    """A draft with metadata as typed."""
    return typed(("cf-aig-metadata", text))


def settings(**other):
    """A policy with settings that have no name of their own."""
    return GatewayPolicy(id="g", other=other)


def findings(rule, draft):
    """What one rule finds."""
    return [finding for finding in check(draft) if finding.rule == rule]
