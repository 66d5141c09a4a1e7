"""state: what calls share, made from a data directory."""

from dataclasses import replace

import pytest

from gateway.local.clock import Clock
from gateway.local.exports import Exports
from gateway.local.faults import Faults
from gateway.local.simulated import Simulated
from gateway.local.state import SIMULATED_KEY, State, rfc3339
from gateway.local.store import Store
from gateway.local.upstreams import Upstreams
from gateway.policy import GatewayPolicy
from gateway.wire.fast import FastWire


def state_of(store, keys=()):
    clock = Clock()
    upstreams = Upstreams(
        real=Simulated(clock), simulated=Simulated(clock), keys=dict(keys), bases={}
    )
    return State(
        store=store,
        clock=clock,
        upstreams=upstreams,
        faults=Faults(seed=0),
        exports=Exports(FastWire()),
    )


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def test_fresh_directory_is_furnished_once(store):
    """What the user changed or deleted isn't put back at the next start."""
    first = state_of(store)
    first.add(replace(first.gateways["demo"].policy, cache_ttl=60))
    first.remove("default")

    second = state_of(store)

    assert second.gateways.keys() == {"demo"}
    assert second.gateways["demo"].policy.cache_ttl == 60


def test_simulated_providers_have_a_stored_key_in_the_first_gateways_only(store):
    """So no key is needed there, and a new gateway begins as a real one would."""
    state = state_of(store)
    state.add(GatewayPolicy(id="new"))

    assert state.stored_key("demo", "openai", "default") == SIMULATED_KEY
    assert state.stored_key("demo", "openai", "other") is None
    assert state.stored_key("new", "openai", "default") is None
    assert state.aliases("demo", "openai") == ["default"]
    assert state.aliases("new", "openai") == []


def test_real_key_stands_for_the_default_alias_of_every_gateway(store):
    """It comes from the environment and is written nowhere."""
    state = state_of(store, {"openai": "sk-real-1234"})
    state.add(GatewayPolicy(id="new"))
    store.flush()

    assert state.stored_key("new", "openai", "default") == "sk-real-1234"
    assert state.aliases("new", "openai") == ["default"]
    for file in store.directory.iterdir():
        assert b"sk-real-1234" not in file.read_bytes()


@pytest.mark.rule("keys.unified_cap", "keys.unified_cap_slides")
def test_unified_billing_has_a_cap_for_each_gateway(store):
    """200 requests in 60 s (contract: limits); a gateway made anew begins anew."""
    state = state_of(store)
    state.add(GatewayPolicy(id="one"))

    admitted = [state.admits_unified("one") for _ in range(201)]
    state.remove("one")

    assert admitted == [True] * 200 + [False]
    assert state.admits_unified("other")
    assert state.admits_unified("one")


def test_times_are_rfc3339():
    """UTC, with Z."""
    assert rfc3339(1_764_000_000.1234) == "2025-11-24T16:00:00.123Z"
