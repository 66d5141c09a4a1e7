"""checks: which gateways have any, and that they change with the settings."""

from gateway.local.checks import Checks
from gateway.local.clock import Clock
from gateway.local.exports import Exports
from gateway.local.faults import Faults
from gateway.local.simulated import Simulated
from gateway.local.state import State
from gateway.local.store import Store
from gateway.local.upstreams import Upstreams
from gateway.policy import GatewayPolicy
from gateway.wire.fast import FastWire

RULE = {
    "id": "r",
    "limit": 1,
    "limitType": "cost",
    "window": 60,
    "technique": "fixed",
    "enabled": True,
}
LIMITED = {"spend_limits": {"enabled": True, "rules": [RULE]}}


def state_over(store):
    clock = Clock()
    played = Simulated(clock, instant=True)
    upstreams = Upstreams(real=played, simulated=played, keys={}, bases={})
    return State(
        store=store, clock=clock, upstreams=upstreams, faults=Faults(), exports=Exports(FastWire())
    )


def test_only_a_gateway_that_asks_for_checks_has_any(tmp_path):
    """Others aren't even looked up twice."""
    store = Store.open(tmp_path)
    state = state_over(store)
    state.add(GatewayPolicy(id="plain"))
    state.add(GatewayPolicy(id="limited", other=LIMITED))
    made = sorted(state.checks)
    state.add(GatewayPolicy(id="limited"))
    changed = sorted(state.checks)
    store.close()

    assert made == ["limited"]
    assert changed == []


def test_checks_are_there_again_after_a_restart(tmp_path):
    """And gone with their gateway."""
    store = Store.open(tmp_path)
    state_over(store).add(GatewayPolicy(id="limited", other=LIMITED))
    store.close()
    store = Store.open(tmp_path)
    state = state_over(store)
    found = sorted(state.checks)
    state.remove("limited")
    left = sorted(state.checks)
    store.close()

    assert found == ["limited"]
    assert left == []


def test_policies_are_in_force_after_a_restart(tmp_path):
    """What was committed; drafts are not."""
    live = {
        "name": "p",
        "actor": "all",
        "resource": "*",
        "condition": "true",
        "action": {"type": "block"},
    }
    store = Store.open(tmp_path)
    state = state_over(store)
    for name, row in (("ruled", {"live": live, "draft": None}), ("drafted", {"live": None})):
        state.add(GatewayPolicy(id=name))
        state.documents.put("policy", {"id": "1", "gateway_id": name, **row}, name)
    store.close()
    store = Store.open(tmp_path)
    found = sorted(state_over(store).checks)
    store.close()

    assert found == ["ruled"]


def test_checks_without_a_setting_have_nothing_to_do():
    """What a gateway's settings don't ask for isn't there."""
    assert not Checks(clock=Clock(), later=set()).any
